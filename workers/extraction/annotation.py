"""What a parser says about a text, in our own terms, so that the core never sees the parser.

Words follow Universal Dependencies: `id` counts from 1 within the sentence, `head` is the id of the governor and
0 for the root, `deprel` may carry a subtype ("nsubj:pass"). `start` and `end` are code points into the document.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any


@dataclass(frozen=True, slots=True)
class Word:
    """One syntactic word; parts of a multi-word token ("don't") have the offsets of the part they stand for."""

    id: int
    text: str
    lemma: str
    upos: str
    xpos: str
    feats: str
    head: int
    deprel: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Entity:
    """A named entity. `label` is one of Person, Location, Organization, NORP, Date, Money, Facility, Misc, Product."""

    label: str
    start: int
    end: int


@dataclass(frozen=True)
class Sentence:
    """A parsed sentence with the entities inside it."""

    words: tuple[Word, ...]
    entities: tuple[Entity, ...] = ()

    @property
    def start(self) -> int:
        return self.words[0].start

    @property
    def end(self) -> int:
        return self.words[-1].end

    def word(self, id: int) -> Word:
        return self.words[id - 1]

    def head_of(self, word: Word) -> Word | None:
        return self.words[word.head - 1] if word.head else None

    @cached_property
    def _children(self) -> dict[int, tuple[Word, ...]]:
        found: dict[int, list[Word]] = {}
        for word in self.words:
            found.setdefault(word.head, []).append(word)
        return {head: tuple(words) for head, words in found.items()}

    def children(self, word: Word) -> tuple[Word, ...]:
        return self._children.get(word.id, ())

    def subtree(self, word: Word) -> Iterator[Word]:
        """The word and all that depends on it, in no particular order."""
        waiting = [word]
        while waiting:
            current = waiting.pop()
            yield current
            waiting.extend(self.children(current))


@dataclass(frozen=True)
class Annotation:
    """A parsed document: `text[word.start:word.end]` is the word as written; `model` names the parser."""

    text: str
    sentences: tuple[Sentence, ...]
    model: str

    def to_json(self) -> dict[str, Any]:
        """A form for recordings; words and entities as plain lists in field order keep the files small."""
        return {
            "model": self.model,
            "sentences": [
                {
                    "words": [list(asdict(w).values()) for w in s.words],
                    "entities": [list(asdict(e).values()) for e in s.entities],
                }
                for s in self.sentences
            ],
        }

    @classmethod
    def from_json(cls, text: str, recorded: Mapping[str, Any]) -> Annotation:
        sentences = tuple(
            Sentence(tuple(Word(*w) for w in s["words"]), tuple(Entity(*e) for e in s["entities"]))
            for s in recorded["sentences"]
        )
        return cls(text, sentences, recorded["model"])
