"""When: phrases of time and their EDTF level 1 value, counted from the day of the document.

`PHRASES` lists the kinds of phrase, the most telling first; each has a function from the match and the anchor day to
an EDTF string, or None when the phrase stays vague.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

from workers.extraction.numerals import NUMBERS, number_of
from workers.extraction.spans import Span

MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
SEASONS = {"spring": 21, "summer": 22, "autumn": 23, "fall": 23, "winter": 24}  # EDTF level 1 codes
STEPS = {"last": -1, "past": -1, "previous": -1, "this": 0, "next": 1, "coming": 1}
DAYS_IN = {"day": 1, "week": 7, "fortnight": 14}

# What the calendar has: years 1 to 9999, as in EDTF without signs.
_CALENDAR_DAY = r"(?!0000)\d{4}(?:-\d\d(?:-\d\d)?)?"
IN_CALENDAR = re.compile(rf"{_CALENDAR_DAY}~?(?:/{_CALENDAR_DAY})?", re.ASCII)

Resolver = Callable[["re.Match[str]", "dt.date | None"], "str | None"]


@dataclass(frozen=True, slots=True)
class DatePhrase:
    """Words that say when, and their EDTF value if they can be resolved. `rule`: why they date this event."""

    span: Span
    text: str
    edtf: str | None
    rule: str = ""


def date_phrases(text: str, span: Span, anchor: dt.date | None) -> tuple[DatePhrase, ...]:
    """The phrases inside a stretch of text, left to right; the kinds of phrase do not overlap."""
    found: list[DatePhrase] = []
    for pattern, resolver in compiled_phrases():
        for match in pattern.finditer(text, span.start, span.end):
            here = Span(*match.span())
            if not any(here.overlaps(known.span) for known in found):
                found.append(DatePhrase(here, match.group(), _resolved(resolver, match, anchor)))
    return tuple(sorted(found, key=lambda phrase: phrase.span))


def _resolved(resolver: Resolver, match: re.Match[str], anchor: dt.date | None) -> str | None:
    try:
        edtf = resolver(match, anchor)
    except (ValueError, OverflowError):  # "February 30", a day beyond the calendar
        return None
    return edtf if edtf and IN_CALENDAR.fullmatch(edtf) else None


def still_to_come(phrase: DatePhrase, anchor: dt.date | None) -> DatePhrase:
    """The phrase as one of a plan: "will arrive on Friday" means the next Friday, "in March" the next March."""
    if anchor is None or phrase.edtf is None:
        return phrase
    if bare_weekday().fullmatch(phrase.text):
        day = dt.date.fromisoformat(phrase.edtf)
        week_on = day.toordinal() + 7
        to_come = day < anchor and week_on <= dt.date.max.toordinal()
        return replace(phrase, edtf=dt.date.fromordinal(week_on).isoformat()) if to_come else phrase
    past = phrase.edtf < anchor.isoformat()[: len(phrase.edtf)]
    return _in_other_year(phrase, 1) if past else phrase


def gone_by(phrase: DatePhrase, anchor: dt.date | None) -> DatePhrase:
    """The phrase as one of what happened: "in July it signed", written in June, means the July before."""
    if anchor is None or phrase.edtf is None:
        return phrase
    to_come = phrase.edtf > anchor.isoformat()[: len(phrase.edtf)]
    return _in_other_year(phrase, -1) if to_come else phrase


def _in_other_year(phrase: DatePhrase, years: int) -> DatePhrase:
    """A month or a day of a month that the text names without its year."""
    told = re.search(r"\d{4}|\b(?:this|last|next|coming|past)\b|[’']\d\d", phrase.text, re.IGNORECASE)
    day = re.fullmatch(r"(\d{4})-(\d\d)(-\d\d)?", phrase.edtf or "")
    named = re.search(rf"\b(?:{'|'.join(month[:3] for month in MONTHS)})", phrase.text, re.IGNORECASE)
    if told or day is None or not named or day[2] + (day[3] or "") == "02-29":
        return phrase
    edtf = f"{int(day[1]) + years:04d}-{day[2]}{day[3] or ''}"
    return replace(phrase, edtf=edtf) if IN_CALENDAR.fullmatch(edtf) else phrase


def anchor_day(text: str) -> dt.date | None:
    """The day of a document that came without one: in its web address, or a full date in its first lines."""
    address = re.match(r"\s*https?://\S*?/((?:19|20)\d\d)[/-]?(\d\d)[/-]?(\d\d)\b", text)
    if address:
        return _day(*(int(part) for part in address.groups()))
    for phrase in date_phrases(text, Span(0, min(len(text), 400)), None):
        if phrase.edtf and len(phrase.edtf) == 10:
            return dt.date.fromisoformat(phrase.edtf)
    return None


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


# --- resolvers ----------------------------------------------------------------------------------------------------


def _full_date(match: re.Match[str], anchor: dt.date | None) -> str | None:
    month, day = _month(match["month"]), int(match["day"])
    year = _told_year(match, anchor) or _nearest_year(month, day, anchor)
    if year is None:
        return None
    first = dt.date(year, month, day)
    if match["until"]:
        return f"{first.isoformat()}/{first.replace(day=int(match['until'])).isoformat()}"
    return first.isoformat()


def _iso_date(match: re.Match[str], anchor: dt.date | None) -> str | None:
    return dt.date(int(match["year"]), int(match["month"]), int(match["day"])).isoformat()


def _told_year(match: re.Match[str], anchor: dt.date | None) -> int | None:
    """ "2021", "last year"; None where the text tells none."""
    if match["year"]:
        return int(match["year"])
    return anchor.year + STEPS[match["relative"].casefold()] if match["relative"] and anchor else None


def _nearest_year(month: int, day: int, anchor: dt.date | None) -> int | None:
    """News leaves out the year of dates within about half a year."""
    if anchor is None:
        return None
    years = (anchor.year - 1, anchor.year, anchor.year + 1)
    return min(years, key=lambda year: abs((dt.date(year, month, min(day, 28)) - anchor).days))


def _month_date(match: re.Match[str], anchor: dt.date | None) -> str | None:
    month = _month(match["month"])
    year = _told_year(match, anchor)
    if year is None and ((match["which"] or "").casefold() == "that" or "that year" in match.group()):
        return None  # of a year that the text has spoken of
    if year is None and anchor is not None:
        year = _year_of_month(month, (match["which"] or "").casefold(), anchor)
    return f"{year:04d}-{month:02d}" if year else None


def _year_of_month(month: int, which: str, anchor: dt.date) -> int:
    """ "last March" is before the anchor, "next March" after it, a bare "in March" the nearest that has begun."""
    if which == "next":
        return anchor.year if month > anchor.month else anchor.year + 1
    if which == "last":
        return anchor.year if month < anchor.month else anchor.year - 1
    return anchor.year if month <= anchor.month + 6 else anchor.year - 1


def _year(match: re.Match[str], anchor: dt.date | None) -> str | None:
    return match["year"]


def _year_range(match: re.Match[str], anchor: dt.date | None) -> str | None:
    first, last = match["year"], match["until"]
    until = f"{first[: -len(last)]}{last}"
    return f"{first}/{until}" if first < until else None


def _decade(match: re.Match[str], anchor: dt.date | None) -> str | None:
    return f"{match['decade']}0/{match['decade']}9"


def _month_range(match: re.Match[str], anchor: dt.date | None) -> str | None:
    year = int(match["year"]) if match["year"] else anchor and _year_of_month(_month(match["until"]), "", anchor)
    first, last = _month(match["month"]), _month(match["until"])
    return f"{year:04d}-{first:02d}/{year:04d}-{last:02d}" if year and first < last else None


def _season(match: re.Match[str], anchor: dt.date | None) -> str | None:
    """ "in the autumn of 2021"; without a year it stays vague."""
    return f"{match['year']}-{SEASONS[match['season'].casefold()]}" if match["year"] else None


def _weekend(match: re.Match[str], anchor: dt.date | None) -> str | None:
    if anchor is None:
        return None
    saturday = anchor - dt.timedelta(days=(anchor.weekday() - 5) % 7)
    return f"{saturday.isoformat()}/{(saturday + dt.timedelta(days=1)).isoformat()}"


def _weekday(match: re.Match[str], anchor: dt.date | None) -> str | None:
    if anchor is None:
        return None
    wanted, which = WEEKDAYS.index(match["weekday"].casefold()), (match["which"] or "").casefold()
    if "next" in which or "coming" in which:
        return (anchor + dt.timedelta(days=(wanted - anchor.weekday() - 1) % 7 + 1)).isoformat()
    back = (anchor.weekday() - wanted) % 7
    if "last" in which and back == 0:
        back = 7
    return (anchor - dt.timedelta(days=back)).isoformat()


def _near_day(match: re.Match[str], anchor: dt.date | None) -> str | None:
    offsets = {"before yesterday": -2, "yesterday": -1, "today": 0, "tonight": 0, "tomorrow": 1, "last night": -1}
    days = next((offset for word, offset in offsets.items() if word in match.group().casefold()), 0)
    return (anchor + dt.timedelta(days=days)).isoformat() if anchor else None


def _period(match: re.Match[str], anchor: dt.date | None) -> str | None:
    if anchor is None:
        return None
    step = STEPS.get(match["which"].casefold(), 0)
    unit = match["unit"].casefold()
    if unit == "year":
        return f"{anchor.year + step:04d}"
    if unit == "month":
        return _shifted_month(anchor, step)
    if unit == "week":
        monday = anchor + dt.timedelta(days=7 * step - anchor.weekday())
        return f"{monday.isoformat()}/{(monday + dt.timedelta(days=6)).isoformat()}"
    if unit in SEASONS:
        return f"{anchor.year + step:04d}-{SEASONS[unit]}"
    return None


def _shifted_month(anchor: dt.date, months: int) -> str:
    count = anchor.year * 12 + anchor.month - 1 + months
    return f"{count // 12:04d}-{count % 12 + 1:02d}"


def _ago(match: re.Match[str], anchor: dt.date | None) -> str | None:
    count, unit = number_of(match["count"]), match["unit"].casefold().removesuffix("s")
    if anchor is None or count is None:
        return None
    if unit in DAYS_IN:
        return (anchor - dt.timedelta(days=count * DAYS_IN[unit])).isoformat()
    if unit == "month":
        return _shifted_month(anchor, -count)
    return f"{anchor.year - count * {'year': 1, 'decade': 10, 'century': 100}[unit]:04d}~"


def _vague(match: re.Match[str], anchor: dt.date | None) -> str | None:
    return None


def _month(name: str) -> int:
    return next(i for i, month in enumerate(MONTHS, 1) if month.startswith(name.casefold().rstrip(".")[:3]))


# --- phrases ------------------------------------------------------------------------------------------------------

_MONTH = (
    r"(?P<month>January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan\.|Feb\.|Mar\.|Apr\.|Jun\.|Jul\.|Aug\.|Sept\.|Sep\.|Oct\.|Nov\.|Dec\.)"
)
_WEEKDAY = rf"(?P<weekday>{'|'.join(day.capitalize() for day in WEEKDAYS)})"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_OF_YEAR = rf"(?:,? (?:of )?{_YEAR}|,? (?:of )?(?i:(?P<relative>last|this|next)) year)?(?! \d{{4}}\b)"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?(?:(?: ?[-–] ?| and )(?P<until>\d{1,2}))?"
_COUNT = rf"(?P<count>\d{{1,3}}(?:,\d{{3}})+|\d+|{'|'.join(sorted(NUMBERS, key=len, reverse=True))})"
_SOME = rf"(?:the|several|few|a few|some|many|\d+|{'|'.join(sorted(NUMBERS, key=len, reverse=True))})"
_ABOUT = r"(?:about |nearly |almost |some |over |more than )?"
_UNIT = r"(?:hours?|days?|weeks?|months?|years?|decades?|century|centuries)"
_BEFORE_DAY = r"\b(?i:(?:early|late|later|earlier|on|by) )?"
_PART_OF_DAY = r"(?i: (?:morning|afternoon|evening|night))?"
_PERIOD = (
    r"(?P<unit>week|month|year|spring|summer|autumn|winter|decade|weekend|quarter|night"
    r"|days|day|weeks|months|years)"
)

# The kind of phrase that tells most comes first: a later kind may not overlap what an earlier one has taken.
PHRASES: tuple[tuple[str, Resolver], ...] = (
    # March 3, 2021; Thursday, March 23-24; March 3 last year
    (rf"(?:\w+day,? )?\b{_MONTH} {_DAY}\b{_OF_YEAR}", _full_date),
    # 3 March 2021; Monday, 4 March; 2nd of May; 27 February of last year
    (rf"(?:\b\w+day,? )?\b{_DAY} (?:of )?{_MONTH}{_OF_YEAR}", _full_date),
    # 2021-03-04
    (rf"\b{_YEAR}-(?P<month>\d\d)-(?P<day>\d\d)\b", _iso_date),
    # from 2010 to 2012; between 1998 and 2000
    (
        r"\b(?i:from|between) (?P<year>(?:19|20)\d\d) (?i:to|and|until|through) (?P<until>(?:19|20)\d\d)\b",
        _year_range,
    ),
    # between March and May 2020
    (
        rf"\b(?i:from|between) {_MONTH} (?i:to|and|until|through) {_MONTH.replace('month', 'until')}"
        rf"(?:,? (?:of )?{_YEAR})?\b",
        _month_range,
    ),
    # in the early 1990s
    (
        r"\b(?i:(?:in|since|during|of) )?(?i:the )?(?i:(?:early|mid|late|later)[ -])?(?P<decade>(?:19|20)\d)0[’']?s\b",
        _decade,
    ),
    # 1995-96
    (r"\b(?P<year>(?:19|20)\d\d)[-–](?P<until>(?:19|20)?\d\d)\b(?!-)", _year_range),
    # in the last days of January
    (
        r"\b(?i:in |during )?(?i:the (?P<which>first|last|final|opening|closing) (?:days?|weeks?) of) "
        rf"{_MONTH}{_OF_YEAR}\b",
        _month_date,
    ),
    # in March; last November; early June 2016; November last year
    (
        r"\b(?i:(?:in|since|by|during) )?(?i:(?:early|late|mid|the end of|the beginning of)[ -])?"
        rf"(?i:(?P<which>last|next|this|that) )?{_MONTH}{_OF_YEAR}\b(?! \d)(?i: of that year)?",
        _month_date,
    ),
    # early Wednesday; last Monday night; on Friday
    (
        rf"{_BEFORE_DAY}(?i:(?P<which>last|next|this|this past|the coming|the following) )?{_WEEKDAY}{_PART_OF_DAY}\b",
        _weekday,
    ),
    # the day before yesterday; yesterday; tonight; tomorrow morning; this afternoon
    (r"\b(?i:the day before yesterday)\b", _near_day),
    (rf"\b(?i:yesterday|today|tonight|tomorrow|last night){_PART_OF_DAY}\b", _near_day),
    (r"(?i:\b(?:(?:early|late|earlier|later) )?this (?:morning|afternoon|evening)\b)", _near_day),
    # the next day; that same morning; the following February; the same day of 1963
    (
        r"(?i:\b(?:the|that) (?:next|following|same|previous) "
        rf"(?:day|night|morning|week|month|year|evening|spring|summer|autumn|winter|{'|'.join(MONTHS)})\b"
        rf"(?: of {_YEAR})?)",
        _year,
    ),
    # last month; earlier this week; over the past years
    (
        r"(?i:\b(?:(?:early|late|earlier|later|by the end of|over the|during the|in the) )?"
        rf"(?P<which>last|next|this|past|coming|previous|current|following) {_PERIOD}\b)",
        _period,
    ),
    # nearly a quarter of a century ago
    (rf"(?i:\b{_ABOUT}(?:a quarter of a|half a) (?:century|decade|year) ago\b)", _vague),
    # two years ago; about a decade ago
    (rf"(?i:\b{_ABOUT}{_COUNT} (?P<unit>days?|weeks?|fortnight|months?|years?|decades?|century) ago\b)", _ago),
    # nine months after; a few hours before; several weeks later
    (rf"(?i:\b{_ABOUT}{_SOME}(?: \w+)? {_UNIT} (?:ago|after|before|earlier|later|previously|since)\b)", _vague),
    # in less than two weeks; within hours; in the near future
    (
        r"(?i:\b(?:in|within) (?:less than |more than |the (?:next|coming|past|last|near) )?"
        rf"(?:{_SOME} )?(?:hours|days?|weeks?|months?|years?|future)\b)",
        _vague,
    ),
    # over the past few years
    (r"(?i:\b(?:over|in|during) the (?:past|last|coming|next) (?:\w+ )?(?:days|weeks|months|years|decades)\b)", _vague),
    # in the autumn of 2021; in the autumn
    (
        r"\b(?i:(?:in|during|by|since) (?:the )?(?:early |late )?(?P<season>spring|summer|autumn|winter))\b"
        rf"(?: (?:of )?{_YEAR})?",
        _season,
    ),
    # in 1960; 2021
    (rf"\b(?i:(?:in|since|of|during|by) )?{_YEAR}\b(?![-–/]\d)", _year),
    # over the weekend
    (r"(?i:\b(?:over|at|during|on) the weekend\b)", _weekend),
    # recently; soon; that spring
    (
        r"(?i:\b(?:recently|recent|soon|shortly|upcoming|forthcoming|overnight|previously"
        r"|(?:days|weeks|months|years) ago|that (?:spring|summer|autumn|winter))\b)",
        _vague,
    ),
)


@cache
def compiled_phrases() -> tuple[tuple[re.Pattern[str], Resolver], ...]:
    return tuple((re.compile(pattern), resolver) for pattern, resolver in PHRASES)


@cache
def bare_weekday() -> re.Pattern[str]:
    """A day of the week of which nothing says whether it was or is to come."""
    return re.compile(rf"{_BEFORE_DAY}(?i:this )?{_WEEKDAY}{_PART_OF_DAY}")
