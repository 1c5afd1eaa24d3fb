"""The people of a document: every form of a name with the office and country that some sentence gives them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from workers.extraction import gazetteers
from workers.extraction.annotation import Annotation, Entity, Sentence, Word
from workers.extraction.arguments import base
from workers.extraction.spans import Span

PRIVATE_TITLES = frozenset({"mr", "mr.", "mrs", "mrs.", "ms", "ms.", "dr", "dr.", "sir", "professor", "prof."})
DESCRIBING = frozenset({"nmod:desc", "compound", "amod", "flat", "appos", "nmod:poss", "nmod", "conj", "list"})
DESCRIBED = frozenset({"appos", "flat", "compound", "nmod:desc", "nmod", "list", "dep"})


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom the document names; `name` is the fullest form, `office` as written."""

    name: str
    country: str | None = None
    office: str | None = None
    office_span: Span | None = None

    @property
    def words(self) -> tuple[str, ...]:
        return name_words(self.name)


@dataclass(frozen=True)
class Cast:
    """The people of one document, in order of appearance."""

    people: tuple[Person, ...]

    def named(self, name: str) -> Person:
        """The person that a form of a name means; a new one when the document never says more."""
        sought = set(name_words(name))
        matching = [p for p in self.people if sought and sought <= set(p.words)]
        return max(matching, key=lambda p: len(p.words), default=Person(name))

    def in_office(self, office: str, country: str | None) -> Person | None:
        """ "the Russian president", "the president": the one whose office and country agree, if only one does."""
        fitting = [
            p
            for p in self.people
            if p.office and _same_office(p.office, office) and (country is None or p.country == country)
        ]
        return fitting[0] if len(fitting) == 1 else None


def name_words(name: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[a-z0-9]+", gazetteers.fold(re.sub(r"['’]s?$", "", name))))


def _same_office(one: str, other: str) -> bool:
    """ "leader" fits every head of state and government; otherwise one phrase must end with the other."""
    a, b = gazetteers.fold(one), gazetteers.fold(other)
    if {"leader", "head of state"} & {a, b}:
        return bool({a, b} & HEADS) and ({a, b} <= HEADS)
    return a.endswith(b) or b.endswith(a)


HEADS = frozenset(
    ["president", "leader", "king", "queen", "emir", "amir", "sultan", "monarch", "chancellor", "premier", "ruler"]
    + ["prime minister", "supreme leader", "crown prince", "head of state", "head of government", "dictator"]
)


def assemble_cast(annotation: Annotation) -> Cast:
    people: list[Person] = []
    for sentence in annotation.sentences:
        for entity in sentence.entities:
            if entity.label == "Person":
                _admit(people, _describe(annotation.text, sentence, entity))
    return Cast(tuple(people))


def _admit(people: list[Person], person: Person) -> None:
    """Join the person to the one already known by a longer or shorter form of the name, or add them."""
    for index, known in enumerate(people):
        if _same_person(known, person):
            fuller = max((known, person), key=lambda p: len(p.words))
            people[index] = replace(
                fuller,
                country=known.country or person.country,
                office=known.office or person.office,
                office_span=known.office_span or person.office_span,
            )
            return
    people.append(person)


def _same_person(one: Person, other: Person) -> bool:
    a, b = one.words, other.words
    if not a or not b:
        return False
    if one.country and other.country and one.country != other.country:
        return False
    short, long = sorted((a, b), key=len)
    return set(short) <= set(long) and (len(short) > 1 or short[0] in {long[0], long[-1], *long[1:]})


def _describe(text: str, sentence: Sentence, entity: Entity) -> Person:
    name = re.sub(r"['’]s?$", "", text[entity.start : entity.end]).strip()
    words = describing_words(sentence, entity)
    office = office_in(text, words)
    country = country_in(text, words)
    span = Span(*office) if office else None
    return Person(name, country, span.of(text) if span else None, span)


def describing_words(sentence: Sentence, entity: Entity) -> list[Word]:
    """The words that say who a named person is: titles before the name, appositions after it."""
    inside = [w for w in sentence.words if entity.start <= w.start and w.end <= entity.end]
    if not inside:
        return []
    ids = {w.id for w in inside}
    head = next((w for w in inside if w.head not in ids), inside[0])
    found = {w.id: w for w in _phrase(sentence, head) if w.id not in ids}
    governor = sentence.head_of(head)
    while governor is not None and base(head) in DESCRIBED and governor.upos in {"NOUN", "PROPN"}:
        if base(head) == "nmod":
            break
        found |= {w.id: w for w in (governor, *_phrase(sentence, governor)) if w.id not in ids}
        head, governor = governor, sentence.head_of(governor)
    found |= {w.id: w for w in _titles_before(sentence, inside[0])}
    return sorted(found.values(), key=lambda w: w.id)


def _phrase(sentence: Sentence, head: Word) -> Iterator[Word]:
    for child in sentence.children(head):
        if child.deprel in DESCRIBING and base(child) != "conj":
            yield child
            yield from _phrase(sentence, child)


def _titles_before(sentence: Sentence, first: Word) -> Iterator[Word]:
    """Capitalised words right before the name, whatever the parse: "Chinese Foreign Affairs Minister" Wang Yi."""
    for word in reversed(sentence.words[: first.id - 1]):
        if not (word.text[:1].isupper() or word.lemma in gazetteers.public_words("offices")) or word.upos == "VERB":
            return
        yield word


def runs(words: Iterable[Word], longest: int = 5) -> Iterator[tuple[Word, ...]]:
    """All stretches of neighbouring words, longest first."""
    ordered = sorted({w.id: w for w in words}.values(), key=lambda w: w.id)
    for size in range(min(longest, len(ordered)), 0, -1):
        for start in range(len(ordered) - size + 1):
            run = ordered[start : start + size]
            if run[-1].id - run[0].id == size - 1:
                yield tuple(run)


def office_in(text: str, words: Iterable[Word]) -> tuple[int, int] | None:
    offices = gazetteers.public_words("offices")
    for run in runs(words, 4):
        if gazetteers.fold(text[run[0].start : run[-1].end]) in offices:
            return run[0].start, run[-1].end
    return None


def country_in(text: str, words: Iterable[Word]) -> str | None:
    """The first country, by name or adjective, among the words."""
    best: tuple[int, int, str] | None = None
    for run in runs(words, 4):
        quote = text[run[0].start : run[-1].end]
        key = gazetteers.fold(quote)
        code = gazetteers.adjectives().get(key) or gazetteers.countries().get(key) or gazetteers.capitals().get(key)
        if code and quote[:1].isupper() and (best is None or (-len(run), run[0].start) < best[:2]):
            best = (-len(run), run[0].start, code)
    return best[2] if best else None
