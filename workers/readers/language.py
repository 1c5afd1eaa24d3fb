"""The language of a text where nobody tells it, by py3langid's own small model (Lui and Baldwin 2012), offline."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any

from workers.readers.reading import DETECTED, Reading, Told

TAG = "[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*"
"""A language as BCP 47 writes it, by its form."""
LOOKED_AT = 20_000
LEAST = 200
"""Characters, below which a language is more guessed than told."""
CERTAIN = 0.9


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def load() -> None:
    """Loads the model, so that the first text need not wait for it."""
    _identifier()


def detect(text: str) -> str | None:
    """The code of ISO 639-1, or None for a text that is too short or tells too little."""
    if len(text) < LEAST:
        return None
    code, certainty = _identifier().classify(text[:LOOKED_AT])
    return str(code) if certainty >= CERTAIN else None


def told(reading: Reading) -> Reading:
    """With the language that the text is in, over what the document says of itself: pages often say it wrongly."""
    code = detect(reading.text)
    if code is None:
        return reading
    return dataclasses.replace(reading, told={**reading.told, "language": Told(code, DETECTED)})
