"""The event record as the core drafts it. The shape is told field by field in docs/record.md.

A field without evidence cannot be built: `EventRecord` refuses a value that no evidence item points at, unless the
value is derived from one that has (an ISO code from a name, an EDTF date from a phrase).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

MODALITIES = ("occurred", "planned", "possible", "alleged", "denied")
KINDS = ("state", "organization", "person", "armed_forces", "armed_group", "company", "vessel", "other")
CONTEXT_CHARACTERS = 32

DetailValue = str | int | tuple[str, ...]


class UnsupportedFieldError(ValueError):
    """A field has a value, but no evidence in the text."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A stretch of the document that backs one field: "trigger", "date", "place", "participants/0", "details/killed",
    "modality", "attributed_to/0". Position and quote are the W3C TextPositionSelector and TextQuoteSelector. `rule` is
    what chose it, several names joined by "+" (docs/record.md); None where a person pointed at it.
    """

    field: str
    start: int
    end: int
    quote: str
    prefix: str = ""
    suffix: str = ""
    rule: str | None = None

    @classmethod
    def at(cls, field: str, text: str, start: int, end: int, rule: str | None = None) -> Evidence:
        before, after = text[max(0, start - CONTEXT_CHARACTERS) : start], text[end : end + CONTEXT_CHARACTERS]
        return cls(field, start, end, text[start:end], before, after, rule)


@dataclass(frozen=True, slots=True)
class EventDate:
    """When: the words of the text, and their EDTF level 1 value counted from `resolved_from` (an ISO day)."""

    text: str
    edtf: str | None = None
    resolved_from: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where: the name as written; ISO 3166-1 alpha-3, GeoNames id and WGS 84 coordinates where known (derived)."""

    name: str
    country: str | None = None
    geonames_id: int | None = None
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True)
class Participant:
    """Who, in which role of the family. `country` is ISO 3166-1 alpha-3 of the state it is or belongs to."""

    role: str
    name: str
    kind: str
    country: str | None = None
    office: str | None = None


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who makes the claim, and the word that says so ("according to")."""

    name: str
    cue: str
    country: str | None = None


@dataclass(frozen=True)
class EventRecord:
    """One event that one document reports, as drafted.

    `details` always holds "action". `rules` are the names of the rules that fired, best first. `confidence` maps
    "record" and field paths to 0..1. Raises UnsupportedFieldError when a field has a value and no evidence.
    """

    type: str
    modality: str
    participants: tuple[Participant, ...]
    details: Mapping[str, DetailValue]
    evidence: tuple[Evidence, ...]
    background: bool = False
    date: EventDate | None = None
    place: Place | None = None
    attributed_to: tuple[Attribution, ...] = ()
    confidence: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    rules: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        backed = {item.field for item in self.evidence}
        missing = [path for path in self._paths_that_need_evidence() if path not in backed]
        if missing:
            raise UnsupportedFieldError(f"{self.type}: no evidence for {', '.join(missing)}")

    def _paths_that_need_evidence(self) -> list[str]:
        paths = ["trigger"]
        paths += ["date"] if self.date else []
        paths += ["place"] if self.place else []
        paths += [f"participants/{i}" for i in range(len(self.participants))]
        paths += [f"attributed_to/{i}" for i in range(len(self.attributed_to))]
        paths += [f"details/{name}" for name in self.details if name != "action"]
        return paths

    @property
    def trigger(self) -> Evidence:
        return next(item for item in self.evidence if item.field == "trigger")

    def to_json(self) -> dict[str, Any]:
        """The published form of the drafted part of a record (no id, state or review: the service adds those)."""
        return {
            "type": self.type,
            "modality": self.modality,
            "background": self.background,
            "date": _plain(self.date),
            "place": _plain(self.place),
            "participants": [_plain(p) for p in self.participants],
            "details": {k: list(v) if isinstance(v, tuple) else v for k, v in self.details.items()},
            "attributed_to": [_plain(a) for a in self.attributed_to],
            "evidence": [_plain(e) for e in self.evidence],
            "confidence": dict(self.confidence),
            "rules": list(self.rules),
        }


def _plain(value: Any) -> dict[str, Any] | None:
    return None if value is None else {name: getattr(value, name) for name in value.__slots__}


def keys_of(records: Sequence[EventRecord]) -> list[str]:
    """A key for each record of one document, which finds the same event again when the document is drafted anew.

    It is made from places in the text, never from values or the order of the list: family and trigger, and where one
    trigger reports several events ("visited Berlin and Rome"), the words that tell them apart.
    """
    plain = [f"{record.type}@{record.trigger.start}" for record in records]
    shared = {key for key, number in Counter(plain).items() if number > 1}
    told_apart = [
        f"{key}/{_where_told_apart(record)}" if key in shared else key
        for key, record in zip(plain, records, strict=True)
    ]
    seen: Counter[str] = Counter()
    keys = []
    for key in told_apart:
        seen[key] += 1
        keys.append(key if seen[key] == 1 else f"{key}#{seen[key]}")
    return keys


def _where_told_apart(record: EventRecord) -> str:
    places = [item.start for item in record.evidence if item.field == "place"]
    people = [item.start for item in record.evidence if item.field.startswith("participants/")]
    return "+".join(str(start) for start in (places[:1] or sorted(people)))
