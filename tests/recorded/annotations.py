"""What the carried models said about the sentences of tests/spec, so that the core is tested without them.

    python -m tests.recorded.annotations        records the sentences that are new, and drops those no longer used

tests/integration/test_recordings.py compares the recordings with the live models.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.spec.constructions import constructions
from workers.extraction.annotation import Annotation
from workers.extraction.source_text import SourceText

FILE = Path(__file__).with_name("annotations.json")
SPECS = ("visit", "treaty", "border_incident", "sanctions_action", "document")


def recordings() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
    return found


def recorded(text: str) -> Annotation:
    """The recorded annotation of a text; KeyError when `python -m tests.recorded.annotations` has not seen it."""
    return Annotation.from_json(text, recordings()[text])


def texts_of_specs() -> list[str]:
    """Every text that the spec tests draft: the strings named in upper case at the top of their modules, and the
    sentences of constructions.txt.
    """
    modules = [import_module(f"tests.spec.test_{name}") for name in SPECS]
    named = [value for m in modules for name, value in vars(m).items() if name.isupper() and isinstance(value, str)]
    return [*named, *constructions()]


def annotate(texts: Iterable[str]) -> dict[str, Any]:
    from service.settings import CARRIED_MODELS
    from workers.nlp.annotator import load_annotator

    wanted = list(texts)
    annotations = load_annotator(CARRIED_MODELS, "newswire").annotate([SourceText(text) for text in wanted])
    return {text: annotation.to_json() for text, annotation in zip(wanted, annotations, strict=True)}


def main() -> None:
    known, used = recordings(), texts_of_specs()
    known |= annotate([text for text in used if text not in known])
    kept = {text: known[text] for text in sorted(used)}
    FILE.write_text(json.dumps(kept, ensure_ascii=False, separators=(",", ":")).replace('},"', '},\n"') + "\n", "utf-8")


if __name__ == "__main__":
    main()
