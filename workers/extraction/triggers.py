"""Where a text speaks of an act: words of a lexicon, by lemma, part of speech and the words that depend on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workers.extraction.annotation import Sentence, Word
from workers.extraction.lexicons import Lexicon, Term
from workers.extraction.spans import Span, span_of


@dataclass(frozen=True)
class Trigger:
    """A term found at a word; `parts` are the words that make up the term, head first."""

    sentence: Sentence
    word: Word
    term: Term
    parts: tuple[Word, ...]

    @property
    def span(self) -> Span:
        """The head word alone when the parts are far apart, so that the quote stays short."""
        whole = span_of(self.parts)
        return whole if whole.end - whole.start <= 40 else Span(self.word.start, self.word.end)

    @property
    def event_word(self) -> Word:
        """The word whose clause tells the event: of "was in Beijing" the place, which the copula depends on."""
        head = self.sentence.head_of(self.word)
        return head if head is not None and self.word.deprel == "cop" else self.word

    @property
    def is_noun(self) -> bool:
        return "NOUN" in self.term.upos


def find_triggers(sentence: Sentence, lexicon: Lexicon) -> Iterator[Trigger]:
    """One trigger for each word that is the head of a term, the longest term first."""
    for word in sentence.words:
        for term in terms_of(word, lexicon):
            parts = _parts(sentence, word, term) if word.upos in term.upos else None
            if parts:
                yield Trigger(sentence, word, term, parts)
                break


def terms_of(word: Word, lexicon: Lexicon) -> tuple[Term, ...]:
    """By lemma, or by the stem of the written form where the parser made up a lemma ("vetoe")."""
    found = lexicon.terms.get(word.lemma.casefold(), ())
    if word.upos == "NOUN" and word.text.casefold() != word.lemma.casefold():  # "easing", whose lemma is a verb's
        return found + lexicon.terms.get(word.text.casefold(), ())
    if found or word.upos != "VERB":
        return found
    form = word.text.casefold()
    stems = [form.removesuffix(ending) for ending in ("ed", "d", "es", "s", "ing") if form.endswith(ending)]
    return next((lexicon.terms[stem] for stem in stems if stem in lexicon.terms), ())


def is_in_group(word: Word, lexicon: Lexicon, group: str) -> bool:
    """Whether a word may be the head of a term of one of the lexicon's groups."""
    return any(term.group == group for term in terms_of(word, lexicon))


def _parts(sentence: Sentence, word: Word, term: Term) -> tuple[Word, ...] | None:
    near = [c for child in sentence.children(word) for c in (child, *sentence.children(child))]
    parts = [word]
    for lemma in term.lemmas[1:]:
        match = next((w for w in near if w.lemma.casefold() == lemma or w.text.casefold() == lemma), None)
        if match is None:
            return None
        parts.append(match)
    return tuple(parts)
