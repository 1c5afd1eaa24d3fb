"""Who says it: the source of a claim and the word that marks it ("according to", "said")."""

from __future__ import annotations

from dataclasses import dataclass

from workers.extraction.annotation import Sentence, Word
from workers.extraction.arguments import actors, base, case_of, path_to_root
from workers.extraction.lexicons import load_lexicon
from workers.extraction.mentions import Mention, mentions_of
from workers.extraction.reading import Reading
from workers.extraction.spans import Span, span_of


@dataclass(frozen=True, slots=True)
class Claim:
    """A speaker, where their cue stands, and how the two were found."""

    speaker: Mention
    cue: Span
    rule: str


def claims(reading: Reading, sentence: Sentence, word: Word) -> tuple[Claim, ...]:
    """Those who say what the word reports; empty for the document's own voice."""
    for step in path_to_root(sentence, word):
        found = _according_to(reading, sentence, step) or _said_by(reading, sentence, word, step)
        if found:
            return found
    return ()


def _according_to(reading: Reading, sentence: Sentence, clause: Word) -> tuple[Claim, ...]:
    for child in sentence.children(clause):
        if base(child) in {"obl", "nmod"} and case_of(sentence, child) == "according to":
            cue = [w for w in sentence.words if w.head == child.id and base(w) == "case"]
            cue += [w for c in cue for w in sentence.children(c) if w.deprel == "fixed"]
            return _claims(reading, sentence, (child,), span_of(cue), "attribution.according_to")
    return ()


def _said_by(reading: Reading, sentence: Sentence, word: Word, step: Word) -> tuple[Claim, ...]:
    if step.lemma.casefold() not in load_lexicon("modality").list("says"):
        return ()
    inside = {w.id for c in sentence.children(step) if base(c) in {"ccomp", "parataxis"} for w in sentence.subtree(c)}
    if word.id not in inside:
        return ()
    return _claims(reading, sentence, actors(sentence, step), Span(step.start, step.end), "attribution.said_by")


def _claims(reading: Reading, sentence: Sentence, words: tuple[Word, ...], cue: Span, rule: str) -> tuple[Claim, ...]:
    return tuple(Claim(m, cue, rule) for m in mentions_of(reading, sentence, words))
