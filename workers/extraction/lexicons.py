"""Word lists of the families, read from seeds/lexicons/<family>.toml.

A file has groups of trigger terms, `[groups.<name>]` with `action`, and `verbs`, `nouns` and `adjectives` in their
dictionary form, and `[words]`: plain lists that the family's rules look things up in. A term of several words ("open
fire") names its head first; the others must depend on it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

UPOS_OF = {
    "verbs": frozenset({"VERB", "AUX"}),
    "nouns": frozenset({"NOUN", "PROPN"}),
    "adjectives": frozenset({"ADJ", "VERB", "ADV"}),
}


class LexiconError(ValueError):
    """A lexicon file does not have the form that docs/adding-an-event-family.md tells."""


@dataclass(frozen=True, slots=True)
class Term:
    """A trigger: `lemmas[0]` is the head; the group decides which rules read it."""

    lemmas: tuple[str, ...]
    upos: frozenset[str]
    group: str
    action: str


@dataclass(frozen=True)
class Lexicon:
    """The terms of one family by the lemma of their head, longest first, and its plain word lists."""

    terms: Mapping[str, tuple[Term, ...]]
    words: Mapping[str, frozenset[str]]
    forms: Mapping[str, str] = field(default_factory=dict)  # written form -> dictionary form

    def list(self, name: str) -> frozenset[str]:
        return self.words.get(name, frozenset())


@cache
def load_lexicon(family: str) -> Lexicon:
    return parse_lexicon((files("seeds") / "lexicons" / f"{family}.toml").read_text("utf-8"))


def parse_lexicon(toml: str) -> Lexicon:
    content = tomllib.loads(toml)
    by_head: dict[str, list[Term]] = {}
    for group, table in content.get("groups", {}).items():
        for term in _terms(group, table):
            by_head.setdefault(term.lemmas[0], []).append(term)
    ordered = {head: tuple(sorted(terms, key=lambda t: -len(t.lemmas))) for head, terms in by_head.items()}
    words = {name: frozenset(entries) for name, entries in content.get("words", {}).items()}
    return Lexicon(ordered, words, content.get("forms", {}))


def _terms(group: str, table: Mapping[str, Any]) -> Iterator[Term]:
    unknown = set(table) - {"action", *UPOS_OF}
    if unknown or "action" not in table:
        raise LexiconError(f"group {group!r}: needs 'action', and has unknown {sorted(unknown)}")
    for part_of_speech, upos in UPOS_OF.items():
        for phrase in table.get(part_of_speech, ()):
            yield Term(tuple(phrase.split()), upos, group, table["action"])
