"""Values as people read them: labels, dates, ages, what a record is about."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.operations.worklist import Count
from workers.extraction.families import FAMILY_OF
from workers.extraction.family import Family

NAMED_AT_MOST = 3
_MONTHS, _SHORT_MONTHS = list(calendar.month_name), list(calendar.month_abbr)
_OPEN = ("", "..")
_DAY = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")


@dataclass(frozen=True, slots=True)
class Names:
    """Each on its own, since each may be written in another direction; `more` are not told."""

    told: tuple[str, ...]
    more: int = 0

    def __str__(self) -> str:
        return ", ".join(self.told) + (f" and {self.more} more" if self.more else "")


@dataclass(frozen=True, slots=True)
class Headline:
    """What a record is about: who, towards whom, and where. For a family with one role there is no `towards`."""

    who: Names
    towards: Names | None = None
    where: str | None = None

    def __str__(self) -> str:
        return f"{self.who} to {self.towards}" if self.towards else str(self.who)


def headline(body: Mapping[str, Any]) -> Headline:
    family = FAMILY_OF[body["type"]]
    names = [_names(body["participants"], role.name) for role in family.roles]
    nobody = [f"no {role.label.lower()} named" for role in family.roles]
    place = (body["place"] or {}).get("name")
    who = names[0] or Names((nobody[0].capitalize(),))
    if len(names) == 1:
        return Headline(who, where=place)
    towards = names[1] or Names((place or nobody[1],))
    return Headline(who, towards, place if place != str(towards) else None)


def _names(participants: Sequence[Mapping[str, Any]], role: str) -> Names | None:
    names = [line(item["name"]) for item in participants if item["role"] == role]
    return Names(tuple(names[:NAMED_AT_MOST]), max(0, len(names) - NAMED_AT_MOST)) if names else None


def line(value: str | None) -> str:
    """A value on one line, as an input field shows it."""
    return " ".join((value or "").split())


def word(code: str) -> str:
    """A code of the record as words: "armed_forces" is "armed forces"."""
    return code.replace("_", " ")


def percent(confidence: float) -> str:
    return f"{confidence:.0%}"


def count(number: int | Count, noun: str, plural: str | None = None) -> str:
    """ "1 item", "2,000 items", "10,000+ items"."""
    told = number if isinstance(number, Count) else Count(number)
    return f"{told} {noun if told == Count(1) else plural or noun + 's'}"


def field_label(family: Family, path: str, body: Mapping[str, Any]) -> str:
    """What a field is called, by its path: "Target", "Date", "Killed"."""
    first, rest = [*path.split("/"), ""][:2]
    if first == "participants":
        return _role_label(family, rest, body)
    if first == "details":
        return next((detail.label for detail in family.details if detail.name == rest), word(rest).capitalize())
    labels = {"trigger": "Action", "place": family.place_label, "attributed_to": "Attributed to"}
    return labels.get(first, word(first).capitalize())


def _role_label(family: Family, index: str, body: Mapping[str, Any]) -> str:
    participants = body["participants"]
    role = participants[int(index)]["role"] if index.isdecimal() and int(index) < len(participants) else ""
    return next((known.label for known in family.roles if known.name == role), "Participant")


_ORIGINS = {
    "sender": "the sender",
    "corrected": "put right by hand",
    "text:dateline": "the dateline",
    "text:detected": "the words of the text",
}
_CARRIERS = {"html": "the page", "mail": "the message", "pdf": "the PDF", "epub": "the book"}


def origin(code: str) -> str:
    """Where something that is told of a document is from, as in "Subject of the message"."""
    carrier, _, name = code.partition(":")
    return _ORIGINS.get(code) or f"{name} of {_CARRIERS.get(carrier, 'the file')}"


def date(edtf: str | None) -> str:
    """An EDTF date in words where it is a plain one: "18 June 2024", "19 June 2024 to 20 June 2024"."""
    if not edtf:
        return "no date"
    first, slash, last = edtf.partition("/")
    if not slash:
        return _day(edtf)
    if first in _OPEN or last in _OPEN:
        return f"until {_day(last)}" if first in _OPEN else f"from {_day(first)}"
    return f"{_day(first)} to {_day(last)}"


def short_date(edtf: str | None) -> str:
    """The same for a narrow column: "18 Jun 2024", "19 Jun – 2 Jul 2024", "19–20 Jun 2024"."""
    first, slash, last = (edtf or "").partition("/")
    if not (slash and _DAY.fullmatch(first) and _DAY.fullmatch(last)):
        return _day(first, _SHORT_MONTHS) if edtf and not slash else date(edtf)
    start, end = _day(first, _SHORT_MONTHS).split(), _day(last, _SHORT_MONTHS).split()
    shared = 0
    while shared < min(len(start), len(end)) - 1 and start[-1 - shared] == end[-1 - shared]:
        shared += 1
    start = start[: len(start) - shared]
    return " ".join(start) + ("–" if len(start) == 1 else " – ") + " ".join(end)


def _day(text: str, names: Sequence[str] = _MONTHS) -> str:
    found = _DAY.fullmatch(text)
    if not found or int(found[2] or 1) >= len(names):
        return text
    year, month, day = found.groups()
    return " ".join(part for part in (day and str(int(day)), month and names[int(month)], year) if part)


def age(since: dt.datetime, now: dt.datetime) -> str:
    """How long ago, in its largest unit: "3 min", "2 h", "4 d"."""
    minutes = int((now - since).total_seconds() // 60)
    if minutes < 1:
        return "now"
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} d"


def seconds(value: float) -> str:
    """How long something took: "31 s", "2 min 5 s"."""
    minutes, rest = divmod(round(value), 60)
    return " ".join(part for part in (minutes and f"{minutes} min", (rest or not minutes) and f"{rest} s") if part)


def clock(seconds: float) -> str:
    """Time left: "2:05"."""
    whole = max(0, int(seconds))
    return f"{whole // 60}:{whole % 60:02d}"
