"""A document as the families read it: its sentences, its cast, its phrases, and who each phrase means."""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from heapq import nsmallest
from operator import itemgetter
from typing import TYPE_CHECKING, TypeVar

from workers.extraction import gazetteers
from workers.extraction.annotation import Annotation, Entity, Sentence, Word
from workers.extraction.cast import Cast, Person, assemble_cast, is_person
from workers.extraction.corrections import corrected
from workers.extraction.dates import anchor_day
from workers.extraction.source_text import SourceText
from workers.extraction.spans import Span

if TYPE_CHECKING:
    from workers.extraction.mentions import Mention

T = TypeVar("T")
MARGIN = 300  # characters before the first sentence in which a dateline may stand
EXPLAINED = re.compile(r"(?P<words>(?:[\w’'&-]{1,30} ){2,8})\((?P<short>[A-Z]{2,8})\)")
PLACE_NAMES = re.compile(r"[A-ZÀ-Þ][\w’'-]+(?: [A-ZÀ-Þ][\w’'-]+){0,2}")


@dataclass(frozen=True)
class Reading:
    """One annotated document with what holds for all of it; the same for every family. `resolved` remembers whom
    phrases mean, by start and number of their head word, once somebody has asked (mentions.py).
    """

    annotation: Annotation
    source: SourceText
    cast: Cast = field(repr=False)
    resolved: dict[tuple[int, int], tuple[Mention, ...]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def text(self) -> str:
        return self.annotation.text

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        return self.annotation.sentences

    @cached_property
    def anchor(self) -> dt.date | None:
        """The day that relative dates are counted from."""
        return self.source.published or anchor_day(self.text)

    @cached_property
    def dateline(self) -> Span | None:
        """The place before the first sentence: "(Seoul)". The parser is not shown it, so no word covers it."""
        first = self.sentences[0].start if self.sentences else 0
        margin = self.text[max(0, first - MARGIN) : first]
        lines = [line for line in margin.splitlines() if line.strip() and "://" not in line]
        if not lines:
            return None
        offset = first - MARGIN if first > MARGIN else 0
        start = offset + margin.rindex(lines[-1])
        for match in PLACE_NAMES.finditer(lines[-1]):
            if gazetteers.country_of(match.group()):
                return Span(start + match.start(), start + match.end())
        return None

    @cached_property
    def home(self) -> str | None:
        """Where the document was written, or else the country that it speaks of most: whose "the president" is."""
        if self.dateline:
            return gazetteers.country_of(self.quote(self.dateline))
        return self.states[0] if self.states else None

    @cached_property
    def _starts(self) -> list[int]:
        return [sentence.start for sentence in self.sentences]

    def index_of(self, sentence: Sentence) -> int:
        return max(0, bisect_right(self._starts, sentence.start) - 1)

    def before(self, sentence: Sentence, count: int) -> tuple[Sentence, ...]:
        """Up to `count` sentences before this one, nearest first."""
        index = self.index_of(sentence)
        return self.sentences[max(0, index - count) : index][::-1]

    def after(self, sentence: Sentence, count: int) -> tuple[Sentence, ...]:
        """Up to `count` sentences after this one."""
        index = self.index_of(sentence)
        return self.sentences[index + 1 : index + 1 + count]

    def entity_at(self, sentence: Sentence, word: Word) -> Entity | None:
        return next((e for e in sentence.entities if e.start < word.end and word.start < e.end), None)

    def quote(self, span: Span) -> str:
        """The words of a span, those that a line's end breaks made whole."""
        return gazetteers.whole_words(self.text[span.start : span.end])

    @cached_property
    def people(self) -> tuple[tuple[int, Span, Person], ...]:
        """Everybody named, in text order: index of the sentence, where, who."""
        return tuple(
            (index, Span(entity.start, entity.end), self.cast.named(self.text[entity.start : entity.end]))
            for index, sentence in enumerate(self.sentences)
            for entity in sentence.entities
            if is_person(self.text, entity)
        )

    @cached_property
    def _sentences_of_people(self) -> list[int]:
        return [index for index, _, _ in self.people]

    def people_near(self, sentence: int, within: int) -> tuple[tuple[int, Span, Person], ...]:
        """Those of `people` who are named at most `within` sentences away."""
        where = self._sentences_of_people
        return self.people[bisect_left(where, sentence - within) : bisect_right(where, sentence + within)]

    @cached_property
    def _places_of_nouns(self) -> dict[str, list[tuple[int, Word]]]:
        places: dict[str, list[tuple[int, Word]]] = {}
        for index, sentence in enumerate(self.sentences):
            for word in sentence.words:
                if word.upos in {"NOUN", "PROPN"}:
                    places.setdefault(word.lemma.casefold(), []).append((index, word))
        return places

    @cached_property
    def _places_of_forms(self) -> dict[str, set[int]]:
        places: dict[str, set[int]] = {}
        for word in (word for sentence in self.sentences for word in sentence.words):
            for form in (word.lemma.casefold(), word.text.casefold()):
                places.setdefault(form, set()).add(word.start)
        return places

    def times_said(self, listed: frozenset[str]) -> int:
        """How often the text has words of a list, by lemma or as written."""
        return len(set[int]().union(*(self._places_of_forms.get(word, ()) for word in listed)))

    def noun_near(self, lemma: str, sentence: int, most: int) -> list[tuple[Sentence, Word]]:
        """At most so many places of a noun, the nearest to a sentence first."""
        places = self._places_of_nouns.get(lemma.casefold(), [])
        return [(self.sentences[index], word) for index, word in _nearest(places, sentence, most)]

    @cached_property
    def _people_by_sentence(self) -> dict[int, frozenset[str]]:
        named: dict[int, set[str]] = {}
        for index, _, person in self.people:
            named.setdefault(index, set()).add(person.name)
        return {index: frozenset(names) for index, names in named.items()}

    def people_in(self, index: int) -> frozenset[str]:
        """The people named in a sentence, by their fullest names."""
        return self._people_by_sentence.get(index, frozenset())

    @cached_property
    def states(self) -> tuple[str, ...]:
        """The countries that the document speaks of, most often named first."""
        named = Counter(
            country
            for sentence in self.sentences
            for entity in sentence.entities
            if entity.label in {"Location", "NORP", "Organization"}
            and gazetteers.fold(self.text[entity.start : entity.end]) not in gazetteers.organizations()
            and (country := gazetteers.country_of(self.text[entity.start : entity.end]))
        )
        return tuple(country for country, _ in named.most_common())

    @cached_property
    def full_names(self) -> dict[str, str]:
        """Folded short name -> the fullest that the document has: "SFD" -> "Saudi Fund for Development", which it
        explains in brackets, "ECOWAS" by the gazetteer.
        """
        names: dict[str, str] = {}
        for match in EXPLAINED.finditer(self.text):
            full = _spelled_out(match["words"].split(), match["short"])
            if full:
                names.setdefault(gazetteers.fold(match["short"]), full)
        forms = {self.text[e.start : e.end] for s in self.sentences for e in s.entities if e.label == "Organization"}
        same, fullest = gazetteers.same_organization(), dict[str, str]()
        known = [form for form in sorted(forms, key=lambda f: (-len(f), f)) if gazetteers.fold(form) in same]
        for form in known:
            full = fullest.setdefault(same[gazetteers.fold(form)], form)
            names.setdefault(gazetteers.fold(form), full)
        for word, bearers in _bearers_of_words(fullest.values()).items():
            if len(bearers) == 1 and not gazetteers.named_actor(word):  # "the Council" of the European Union
                names.setdefault(word, bearers[0])
        return names

    def where_named(self, country: str, sentence: Sentence) -> Span | None:
        """Where the text names a state, or its people, nearest to a sentence."""
        here = self.index_of(sentence)
        named = _nearest(self._places_of_states.get(country, []), here, 1)
        return named[0][1] if named else None

    @cached_property
    def _places_of_states(self) -> dict[str, list[tuple[int, Span]]]:
        places: dict[str, list[tuple[int, Span]]] = {}
        for index, sentence in enumerate(self.sentences):
            for entity in sentence.entities:
                code = gazetteers.state_word(self.text[entity.start : entity.end])
                if code:
                    places.setdefault(code, []).append((index, Span(entity.start, entity.end)))
        return places

    @cached_property
    def people_names(self) -> dict[str, str]:
        """alpha-3 -> the adjective or name of a people by which the document speaks of the country first."""
        return self._first_names("NORP", gazetteers.adjectives())

    @cached_property
    def state_names(self) -> dict[str, str]:
        """alpha-3 -> the name by which the document calls the country itself."""
        return self._first_names("Location", gazetteers.countries())

    @cached_property
    def names_by_country(self) -> dict[str, str]:
        """alpha-3 -> the country's own name, or that of its people where the document has no other."""
        return {**self.people_names, **self.state_names}

    def _first_names(self, label: str, codes: Mapping[str, str]) -> dict[str, str]:
        names: dict[str, str] = {}
        for entity in (e for sentence in self.sentences for e in sentence.entities if e.label == label):
            name = self.text[entity.start : entity.end]
            code = codes.get(gazetteers.fold(name))
            if code and (code not in names or (_is_shouted(names[code]) and not _is_shouted(name))):
                names[code] = name
        return names


def _is_shouted(name: str) -> bool:
    """ "SAUDI ARABIA" of a headline or a dateline, not "UK"."""
    return name.isupper() and len(name) > 4


def _bearers_of_words(names: Iterable[str]) -> dict[str, list[str]]:
    """Folded capitalised word -> the names of several words that have it."""
    bearers: dict[str, list[str]] = {}
    for name in names:
        words = name.split()
        for word in {gazetteers.fold(w) for w in words if w[:1].isupper()} if len(words) > 1 else ():
            bearers.setdefault(word, []).append(name)
    return bearers


def _nearest(places: list[tuple[int, T]], sentence: int, most: int) -> list[tuple[int, T]]:
    """At most so many of what is at sentences, by their numbers and in text order: the nearest first, of two as near
    the earlier. However long the text is, only the surroundings are looked at.
    """
    if not places:
        return []
    here = bisect_left(places, sentence, key=itemgetter(0))
    first = bisect_left(places, places[max(0, here - most)][0], key=itemgetter(0))
    return nsmallest(most, places[first : here + most], key=lambda place: abs(place[0] - sentence))


def _spelled_out(words: Sequence[str], short: str) -> str | None:
    """The last of the words whose initials are the short name: "the Saudi Fund for Development" for "SFD"."""
    for start in range(len(words) - 1, -1, -1):
        initials = "".join(w[0] for w in words[start:] if w[0].isupper())
        if initials.casefold() == short.casefold() and words[start][0].isupper():
            return " ".join(words[start:])
    return None


def read(annotation: Annotation, source: SourceText) -> Reading:
    mended = corrected(annotation)
    return Reading(mended, source, assemble_cast(mended))
