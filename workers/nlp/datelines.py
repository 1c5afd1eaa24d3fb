"""Datelines: the place, the date and the agency that stand before the first sentence of a report.

"(Seoul) President X arrived" gets two subjects from a parser that was not told; so datelines are found here, blanked
before parsing, and their place and date offered to whoever wants to know where and when a text was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from workers.extraction import gazetteers
from workers.nlp.layout import paragraphs


@dataclass(frozen=True, slots=True)
class Dateline:
    """`start` and `end` span all of it up to the first sentence; the spans of its parts are None where it has none."""

    start: int
    end: int
    place: tuple[int, int] | None = None
    date: tuple[int, int] | None = None


def find_datelines(text: str) -> tuple[Dateline, ...]:
    """The datelines at the beginnings of a text's paragraphs, in order; spans are code points into the text."""
    return tuple(found for start, end in paragraphs(text) if (found := _dateline_at(text, start, end)) is not None)


# Agencies that sign without a place: "(Reuters) - The minister said".
_AGENCIES = (
    "AAP|AFP|ANI|ANSA|AP|APA|APP|Agence France-Presse|Agencies|Agency|Anadolu|Anadolu Agency|Armenpress"
    "|Associated Press|BBC|BNO|BTA|Belta|Bernama|Bloomberg|CNA|CNN|CTK|DPA|dpa|EFE|Fana|GNA|IANS|INA|IPS|IRNA|ISNA"
    "|Interfax|KCNA|KUNA|Kyodo|Kyodo News|Lusa|MENA|MTI|NAN|PA|PNA|PTI|Petra|Prensa Latina|QNA|RFE/RL|RIA Novosti"
    "|Reuters|SANA|SPA|TASS|Tanjug|Trend|UNB|UPI|Ukrinform|VOA|WAFA|WAM|Xinhua|Yonhap"
)

# Words in capitals or brackets that open a paragraph and are no places.
_NO_PLACE = re.compile(
    r"\b(?:adds|advertisement|analysis|applause|breaking|caption|clarification|continued|correction|corrects|editor"
    r"|exclusive|explainer|factbox|fact|files?|graphic|he|her|his|how|i|images?|in|interview|it|laughter|live|more|mrs?"
    r"|ms|my|new|news|notes?|on|opinion|our|photos?|pictures?|please|q|question|read|related|see|she|source|subscribe"
    r"|that|the(?! hague)|their|there|these|they|this|those|top|updated?|updates|video|warning|watch|we|what|when|where"
    r"|who|why|you|your|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b",
    re.IGNORECASE,
)

_CAPITALISED = r"[A-Z\u00c0-\u00de\u0100-\u017f][\w’'.-]*"
_SMALL = r"(?:of|the|de|del|des|di|do|da|du|el|la|le|and|am|an|der|sur|upon|al-\w+|as-\w+|es-\w+)"
_PLACE = rf"{_CAPITALISED}(?:[ /-](?:{_SMALL} ){{0,2}}{_CAPITALISED}){{0,3}}"
_PLACES = rf"{_PLACE}(?:, {_PLACE})?"
_CAPITALS = r"[A-Z\u00c0-\u00de][A-Z\u00c0-\u00de’'.-]+"
_UPPER = rf"{_CAPITALS}(?:[ /-](?:of |the |de |du |la |el )?{_CAPITALS}){{0,3}}"

_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_WEEKDAY = r"(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?\.?"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_DATE = (
    rf"(?:{_WEEKDAY},? )?(?:{_MONTH} {_DAY}(?:,? \d{{4}}| \(\d{{4}}\))?|{_DAY} {_MONTH}(?:,? \d{{4}})?"
    rf"|\d{{4}}-\d\d-\d\d|\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}})"
)
_AGENCY = rf"(?:{_AGENCIES}|{_CAPITALISED}(?:[ /-]{_CAPITALISED}){{0,3}})"
_DASH = r"(?:\s+-{1,2}\s+|\s*--\s*|\s*[–—―]\s*)"
_SENTENCE = r"(?=[\"'“‘«(\[]*[A-Z\u00c0-\u00de\d])"

# In order of preference. Each needs two signs of its kind, lest ordinary sentences lose their beginning.
_FORMS = tuple(
    re.compile(form)
    for form in (
        # (Seoul) President X arrived; [Geneva, 3 March] The delegation; (Reuters) - Ministers
        rf"[(\[](?:(?:{_AGENCIES})|(?P<place>{_PLACES})(?:[,:;]? (?P<date>{_DATE}))?)(?:[,;]? (?:{_AGENCIES}))?[)\]]"
        rf"(?:{_DASH}|:?\s+){_SENTENCE}",
        # KYIV, June 3 (Agency) — The president; Moscow (Interfax) - Officials
        rf"(?P<place>{_PLACES}) ?,? (?:(?P<date>{_DATE}),? )?\({_AGENCY}\)(?:{_DASH}|:\s+){_SENTENCE}",
        # SEOUL (AFP) The president
        rf"(?P<place>{_PLACES}),? (?:(?P<date>{_DATE}),? )?\((?:{_AGENCIES})\)\s+{_SENTENCE}",
        # Geneva, 12 March 2024 – The parties; CAIRO – 25 July 2022: The minister
        rf"(?P<place>{_PLACES})(?:[,:]? |{_DASH})\(?(?P<date>{_DATE})\)?(?:,? \(?(?:{_AGENCIES})\)?)?"
        rf"(?:{_DASH}|:\s+){_SENTENCE}",
        # TODAY NICARAGUA (Voz de America) The State Department: an outlet, and whom it has the report from
        rf"{_CAPITALS}(?: {_CAPITALS}){{1,3}} \((?![A-Z]+\))[^()\n]{{3,40}}\)\s+{_SENTENCE}(?=.{{0,60}}[a-z]{{2}})",
        # WASHINGTON, D.C. — The secretary; ISLAMABAD: The foreign office
        rf"(?=\w[^:–—]{{3}})(?P<place>{_UPPER}(?:, {_PLACE})?)(?:{_DASH}|:\s+){_SENTENCE}(?=.{{0,60}}[a-z]{{2}})",
    )
)

# Doha: The forum; Mumbai, India – In; ALGIERS- President. One sign alone, so that the place must be one of the world's
# and the paragraph among the first.
_KNOWN_PLACE = re.compile(rf"(?=\w{{4}})(?P<place>{_PLACES})(?::\s+|{_DASH}|-\s+){_SENTENCE}(?=.{{0,60}}[a-z]{{2}})")
_OPENING = 400

# No dateline is longer; looking no further keeps the search linear in the number of paragraphs.
_LONGEST = 160


def _dateline_at(text: str, start: int, end: int) -> Dateline | None:
    head = text[start : min(end, start + _LONGEST)]
    for match in _matches(head):
        place = match.groupdict().get("place")
        if place is None or not _NO_PLACE.search(place):
            return Dateline(start, start + match.end(), _part(match, "place", start), _part(match, "date", start))
    known = _KNOWN_PLACE.match(head) if start < _OPENING else None
    if known and gazetteers.country_of(known["place"].split(",")[0]):
        return Dateline(start, start + known.end(), _part(known, "place", start))
    return None


def _matches(head: str) -> Iterator[re.Match[str]]:
    for form in _FORMS:
        if match := form.match(head):
            yield match


def _part(match: re.Match[str], name: str, offset: int) -> tuple[int, int] | None:
    start, end = match.span(name) if name in match.re.groupindex else (-1, -1)
    return (offset + start, offset + end) if start >= 0 else None
