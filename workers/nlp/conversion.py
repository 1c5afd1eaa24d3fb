"""Stanza's sentences turned into our own, once, so that nothing behind this module knows the parser.

Offsets: `text[word.start:word.end]` is always `word.text`, but for the parts of a contraction whose letters are not
there ("des" read as "de les"): such a part keeps the parser's text and has the span of the whole token.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from workers.extraction.annotation import Entity, Sentence, Word
from workers.nlp.cutting import Block

# What the carried models, OntoNotes (18 classes) and CoNLL 2003 (4) call the classes of `Entity.label`. Numbers and
# times of day are no entities to us.
LABELS: Mapping[str, str] = {
    **{label: label for label in ("Person", "Location", "Organization", "NORP", "Date", "Money", "Facility", "Misc")},
    "Product": "Product",
    "PERSON": "Person",
    "PER": "Person",
    "GPE": "Location",
    "LOC": "Location",
    "ORG": "Organization",
    "DATE": "Date",
    "MONEY": "Money",
    "FAC": "Facility",
    "PRODUCT": "Product",
    "EVENT": "Misc",
    "LAW": "Misc",
    "LANGUAGE": "Misc",
    "WORK_OF_ART": "Misc",
    "MISC": "Misc",
}

_STRAIGHT = str.maketrans("’‘ʼ`´", "'''''")

Span = tuple[int, int]


def sentence(text: str, block: Block, parsed: Any, named: Any) -> Sentence:
    """A parsed sentence of a block, with the entities that the recogniser found in its words."""
    words = tuple(_words(text, block, parsed))
    return Sentence(words, tuple(_entities(words, named)))


def _words(text: str, block: Block, parsed: Any) -> Iterator[Word]:
    for token in parsed.tokens:
        whole = token.start_char, token.end_char
        parts = token.words
        # The block and not the text is searched: it has no characters without width between the letters.
        spans = part_spans(block.text[slice(*whole)], [part.text for part in parts]) if len(parts) > 1 else [None]
        for part, span in zip(parts, spans, strict=True):
            start, end = block.span(*whole) if span is None else block.span(whole[0] + span[0], whole[0] + span[1])
            there = span is not None or len(parts) == 1
            yield _word(part, text[start:end] if there else part.text, start, end)


def _word(part: Any, text: str, start: int, end: int) -> Word:
    return Word(
        id=part.id,
        text=text,
        lemma=part.lemma or text,
        upos=part.upos or "X",
        xpos=part.xpos or "",
        feats=part.feats or "",
        head=part.head,
        deprel=part.deprel,
        start=start,
        end=end,
    )


def part_spans(token: str, parts: Sequence[str]) -> list[Span | None]:
    """Where each part of a contraction stands in the token as written; None for a part that is not there.

    Curly and straight apostrophes and upper and lower case count as the same, since the expander may choose either.
    """
    plain = _plain(token)
    spans: list[Span | None] = []
    at = 0
    for part in map(_plain, parts):
        found = plain.find(part, at)
        spans.append((found, found + len(part)) if found >= 0 and part else None)
        at = spans[-1][1] if spans[-1] else at
    return spans


def _plain(text: str) -> str:
    """Folded for comparison, of the same length."""
    return "".join(low if len(low := letter.lower()) == 1 else letter for letter in text.translate(_STRAIGHT))


def _entities(words: Sequence[Word], named: Any) -> Iterator[Entity]:
    """Entities from the recogniser's sentence, whose tokens are our words in the same order."""
    for found in named.ents:
        label = LABELS.get(found.type)
        if label is not None:
            first, last = found.tokens[0].id[0], found.tokens[-1].id[0]
            yield Entity(label, words[first - 1].start, words[last - 1].end)
