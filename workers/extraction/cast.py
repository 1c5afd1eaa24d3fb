"""The people of a document: every form of a name with the office and country that some sentence gives them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from workers.extraction import gazetteers
from workers.extraction.annotation import Annotation, Entity, Sentence, Word
from workers.extraction.arguments import base, case_of
from workers.extraction.spans import Span

DESCRIBING = frozenset({"nmod:desc", "compound", "amod", "flat", "appos", "nmod:poss", "nmod", "list"})
DEPUTIES = frozenset({"deputy", "vice", "former", "acting"})
DESCRIBED = frozenset({"appos", "flat", "compound", "nmod:desc", "nmod", "list", "dep"})


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom the document names; `name` is the fullest form, `office` as written."""

    name: str
    country: str | None = None
    office: str | None = None
    office_span: Span | None = None
    private: bool = False  # serves a firm or a society: "president of the Mars Society"

    @property
    def words(self) -> tuple[str, ...]:
        return gazetteers.name_words(self.name)

    @property
    def public(self) -> bool:
        """Acts for a state or an international body."""
        return (self.holds_office and not self.private) or gazetteers.leader(self.name)[0]

    @property
    def leads(self) -> bool:
        """A head of state or government, or a minister."""
        if self.office is None:
            return gazetteers.leader(self.name)[0]
        words = set(gazetteers.fold(self.office or "").split())
        heads = gazetteers.public_words("heads") | {"minister", "prince", "counterpart"}
        return self.public and (bool(words & heads) or gazetteers.fold(self.office or "") in heads)

    @property
    def holds_office(self) -> bool:
        return self.office is not None and is_public_office(self.office, self.country)


@dataclass(frozen=True)
class Cast:
    """The people of one document, in order of appearance."""

    people: tuple[Person, ...]

    @cached_property
    def _by_word(self) -> dict[str, list[Person]]:
        named: dict[str, list[Person]] = {}
        for person in self.people:
            for word in set(person.words):
                named.setdefault(word, []).append(person)
        return named

    def named(self, name: str) -> Person:
        """The person that a form of a name means; a new one when the document never says more. Only those who bear its
        rarest word are looked at: of a long list, many have a first name in common.
        """
        sought = gazetteers.name_words(name)
        bearers = min((self._by_word.get(word, []) for word in sought), key=len, default=[])
        matching = [p for p in bearers if set(sought) <= set(p.words)]
        return max(matching, key=lambda p: len(p.words)) if matching else _with_known_country(Person(name))

    def in_office(self, office: str, countries: frozenset[str] | None) -> Person | None:
        """ "the Russian president", "the president": the one whose office and country agree, if only one does."""
        fitting = [
            p
            for p in self.people
            if p.office and _same_office(p.office, office) and (countries is None or p.country in countries)
        ]
        return fitting[0] if len(fitting) == 1 else None


def _same_office(one: str, other: str) -> bool:
    """ "leader" fits every head of state and government; otherwise one phrase must end with the other."""
    a, b = gazetteers.fold(one), gazetteers.fold(other)
    if DEPUTIES & set(a.split()) != DEPUTIES & set(b.split()):  # "the defence minister" is not his deputy
        return False
    if {"leader", "head of state"} & {a, b}:
        return {a, b} <= gazetteers.public_words("heads")
    return a.endswith(b) or b.endswith(a)


def assemble_cast(annotation: Annotation) -> Cast:
    people: list[Person] = []
    by_word: dict[str, set[int]] = {}
    for sentence in annotation.sentences:
        for entity in sentence.entities:
            if is_person(annotation.text, entity):
                _admit(people, by_word, _describe(annotation.text, sentence, entity))
    return Cast(tuple(_with_known_country(person) for person in people))


def is_person(text: str, entity: Entity) -> bool:
    """A person by the parser's word, or a leader's full name that it took for something else."""
    if entity.label == "Person":
        return True
    name = text[entity.start : entity.end]
    return entity.label in {"Misc", "Organization", "Product"} and " " in name and gazetteers.leader(name)[0]


def is_public_office(office: str, country: str | None) -> bool:
    """A "leader" or "official" is one of a state only where the text says of which."""
    return country is not None or gazetteers.fold(office) not in gazetteers.public_words("weak_offices")


def _with_known_country(person: Person) -> Person:
    """What the document does not say of a well-known leader, the gazetteer does; "King Abdullah" before "Abdullah"."""
    if person.country:
        return person
    titled = gazetteers.leader(f"{person.office} {person.name}")[1] if person.office else None
    return replace(person, country=titled or gazetteers.leader(person.name)[1])


def _admit(people: list[Person], by_word: dict[str, set[int]], person: Person) -> None:
    """Join the person to the one already known by a longer or shorter form of the name, or add them. `by_word`: where
    in `people` the bearers of each word of a name are.
    """
    for index in sorted({i for word in person.words for i in by_word.get(word, ())}):
        known = people[index]
        if _same_person(known, person):
            fuller = max((known, person), key=lambda p: len(p.words))
            people[index] = replace(
                fuller,
                country=known.country or person.country,
                office=known.office or person.office,
                office_span=known.office_span or person.office_span,
                private=known.private or person.private,
            )
            _note_words(by_word, people[index], index)
            return
    _note_words(by_word, person, len(people))
    people.append(person)


def _note_words(by_word: dict[str, set[int]], person: Person, index: int) -> None:
    for word in person.words:
        by_word.setdefault(word, set()).add(index)


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
    country = None if office and _serves_abroad(text, office) else country_in(text, words)
    bodies = bodies_in(text, sentence, words)
    private = bool(bodies) and not any(map(is_public_body, bodies))
    if office is None and bodies and not private:
        office = post_in(text, words)
    span = Span(*office) if office else None
    return Person(name, country, span.of(text) if span else None, span, private)


def _serves_abroad(text: str, office: tuple[int, int]) -> bool:
    """ "the special envoy for Yemen" is not Yemen's."""
    sent = {"envoy", "representative", "rapporteur", "coordinator", "mediator"}
    return bool(sent & set(text[slice(*office)].casefold().split())) and text[office[1] :].startswith((" for ", " to "))


def bodies_in(text: str, sentence: Sentence, words: list[Word]) -> list[str]:
    """The organisations among the words that describe somebody."""
    described = [Span(w.start, w.end) for w in words]
    return [
        text[e.start : e.end]
        for e in sentence.entities
        if e.label == "Organization" and any(Span(e.start, e.end).contains(span) for span in described)
    ]


def is_public_body(name: str) -> bool:
    """A state's or an international body, by its name."""
    name = re.sub(r"['’]s?$", "", name)
    if gazetteers.named_actor(name):
        return True
    words = {gazetteers.fold(word) for word in name.split()}
    if any(gazetteers.state_word(word) or gazetteers.fold(word) in gazetteers.organizations() for word in name.split()):
        return True
    return bool(words & (gazetteers.public_words("governments") | gazetteers.public_words("bodies")))


def describing_words(sentence: Sentence, entity: Entity) -> list[Word]:
    """The words that say who a named person is: titles before the name, appositions after it."""
    inside = [w for w in sentence.words if entity.start <= w.start and w.end <= entity.end]
    if not inside:
        return []
    ids = {w.id for w in inside}
    head = next((w for w in inside if w.head not in ids), inside[0])
    found = {w.id: w for w in _phrase(sentence, head) if w.id not in ids}
    governor, apposed = sentence.head_of(head), base(head) == "appos"
    while governor is not None and base(head) in DESCRIBED and governor.upos in {"NOUN", "PROPN"}:
        if base(head) == "nmod" and any(base(c) == "case" for c in sentence.children(head)):
            if apposed and governor.lemma.casefold() in gazetteers.public_words("offices"):
                found |= {w.id: w for w in (governor, *_phrase(sentence, governor)) if w.id not in ids}
            break  # "the president of Peru, Ana Soto": parsers hang the name on the land
        found |= {w.id: w for w in (governor, *_phrase(sentence, governor)) if w.id not in ids}
        head, governor = governor, sentence.head_of(governor)
    found |= {w.id: w for w in _titles_before(sentence, inside[0])}
    return sorted(found.values(), key=lambda w: w.id)


def _phrase(sentence: Sentence, head: Word) -> Iterator[Word]:
    for child in sentence.children(head):
        if child.deprel in DESCRIBING and (
            base(child) != "nmod" or case_of(sentence, child) in {"of", "for", "", "'s", "’s", "'", "’"}
        ):
            yield child
            yield from _phrase(sentence, child)


def _titles_before(sentence: Sentence, first: Word) -> Iterator[Word]:
    """Title words right before the name, whatever the parse: "Minister of Energy and Resources" Fatih Dönmez."""
    named = [e for e in sentence.entities if e.label in {"Person", "Location"}]
    for word in reversed(sentence.words[: first.id - 1]):
        owner = next((e for e in named if e.start <= word.start < e.end and word.upos == "PROPN"), None)
        leads_the_title = word.id < first.id - 1 and sentence.words[word.id].text != "and"
        if owner is not None and owner.label == "Location" and leads_the_title:
            yield from (w for w in sentence.words if owner.start <= w.start < owner.end)  # "U.S. Secretary of State"
        if not is_title_word(word) or owner is not None:
            return
        yield word


def is_title_word(word: Word) -> bool:
    """A word that may stand inside a title before a name."""
    if word.upos in {"VERB", "AUX", "PUNCT"}:
        return False
    joining = word.text in {"of", "and", "for", "the"}
    return joining or word.text[:1].isupper() or word.lemma in gazetteers.public_words("offices")


def runs(words: Iterable[Word], longest: int = 5) -> Iterator[tuple[Word, ...]]:
    """All stretches of neighbouring words, longest first."""
    ordered = sorted({w.id: w for w in words}.values(), key=lambda w: w.id)
    for size in range(min(longest, len(ordered)), 0, -1):
        for start in range(len(ordered) - size + 1):
            run = ordered[start : start + size]
            if run[-1].id - run[0].id == size - 1:
                yield tuple(run)


def office_in(text: str, words: Iterable[Word]) -> tuple[int, int] | None:
    return _longest_of(text, words, gazetteers.public_words("offices"))


def post_in(text: str, words: Iterable[Word]) -> tuple[int, int] | None:
    """Words that name a public office only together with a public body: "director" of UNICEF."""
    return _longest_of(text, words, gazetteers.public_words("posts"))


def _longest_of(text: str, words: Iterable[Word], listed: frozenset[str]) -> tuple[int, int] | None:
    for run in runs(words, 4):
        if gazetteers.fold(" ".join(text[run[0].start : run[-1].end].split())) in listed:
            return run[0].start, run[-1].end
    return None


def country_in(text: str, words: Iterable[Word]) -> str | None:
    """The first country, by name or adjective, among the words; the longest form wins ("South African")."""
    taken: list[tuple[Word, ...]] = []
    found: list[tuple[int, str]] = []
    for run in runs(words, 4):
        quote = text[run[0].start : run[-1].end]
        code = gazetteers.state_word(quote) if quote[:1].isupper() else None
        if code is not None and not any(set(run) & set(other) for other in taken):
            taken.append(run)
            found += [(run[0].start, code)] if code else []
    return min(found)[1] if found else None
