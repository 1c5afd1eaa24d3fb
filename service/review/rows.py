"""The rows of a record's form: each field with its number, its words in the text, how sure the machine is of it, and
what the draft said. The rows come from the family's roles and details; no family is named here.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.operations.filters import CHECK_BELOW
from service.review import words
from service.review.fields import Body, Typed, Value, blank_item, shown
from service.review.reasons import missing
from service.review.runs import Mark
from service.review.signs import Piece, Sign, cut, signs
from workers.extraction.families import FAMILY_OF
from workers.extraction.family import DetailField, Family
from workers.extraction.records import KINDS, MODALITIES, Evidence

EVIDENCE_KINDS = {
    "trigger": "trigger",
    "participants": "participant",
    "date": "date",
    "place": "place",
    "details": "detail",
    "attributed_to": "source",
    "modality": "modality",
}


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Control:
    """One input. `draft` is the value that the record has, by which the page sees a change."""

    path: str
    label: str
    kind: str  # text, country, count, choice, segments, tick, choices
    value: Value
    draft: Value
    choices: tuple[Choice, ...] = ()
    errors: tuple[str, ...] = ()
    hint: str = ""

    @property
    def id(self) -> str:
        return "c-" + self.path.replace("/", "-")

    @property
    def signs(self) -> list[Sign]:
        """What an input cannot show of its text: hidden characters, and letters that look like others."""
        return signs(self.value, among_latin=True) if self.kind == "text" and isinstance(self.value, str) else []

    @property
    def pieces(self) -> list[Piece]:
        """The text of an input as it is shown below it, where it has signs."""
        return list(cut(str(self.value), self.signs))


@dataclass(frozen=True, slots=True)
class Row:
    """A field. `path` is what evidence and confidence call it; `label_control` stands in the label's place. `own` are
    the words that the record has for it, `pointed` those that somebody pointed at in the form, in place of them.
    """

    number: int
    path: str
    label: str
    controls: tuple[Control, ...]
    label_control: Control | None = None
    confidence: float | None = None
    own: tuple[Evidence, ...] = ()
    pointed: tuple[Evidence, ...] = ()
    note: str = ""
    is_changed: bool = False
    is_removed: bool = False
    is_new: bool = False
    is_to_check: bool = False
    errors: tuple[str, ...] = ()

    @property
    def is_touched(self) -> bool:
        return self.is_changed or self.is_removed or bool(self.pointed)

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        return self.pointed or self.own

    @property
    def draft_in_words(self) -> str:
        return in_words(self._telling, typed=False)

    @property
    def typed_in_words(self) -> str:
        return in_words(self._telling, typed=True)

    @property
    def _telling(self) -> tuple[Control, ...]:
        """The role is the label already, unless it was changed."""
        role = self.label_control
        return self.every_control if role and role.value != role.draft else self.controls

    @property
    def found_by(self) -> str:
        """What chose the words that back the field."""
        if self.pointed:
            return "Pointed at by you"
        rule = next((item.rule for item in self.own), None)
        return f"Found by {rule}" if rule else "Pointed at by a reviewer"

    @property
    def every_control(self) -> tuple[Control, ...]:
        return (self.label_control, *self.controls) if self.label_control else self.controls

    @property
    def in_list(self) -> str:
        """The list that the row is an item of."""
        name = self.path.partition("/")[0]
        return name if name in ("participants", "attributed_to") else ""

    @property
    def kind(self) -> str:
        return EVIDENCE_KINDS.get(self.path.partition("/")[0], "detail")


@dataclass(frozen=True, slots=True)
class Sources:
    """What rows are made of: the record as it is, the form as typed, the record's evidence and the words that were
    pointed at in the form, complaints about the form, and whether the record still waits for somebody to check it.
    """

    family: Family
    body: Body
    typed: Typed
    evidence: Sequence[Evidence]
    pointed: Sequence[Evidence]
    errors: Mapping[str, Sequence[str]]
    was: Typed
    waits: bool = True

    @classmethod
    def of(
        cls,
        body: Body,
        evidence: Sequence[Evidence],
        typed: Typed | None = None,
        errors: Mapping[str, Sequence[str]] | None = None,
        *,
        text: str = "",
        waits: bool = True,
    ) -> Sources:
        """`text` is the document's, for words that were pointed at."""
        was = shown(body)
        typed = typed or was
        pointed = [
            Evidence.at(path, text, start, end)
            for path, spans in typed.evidence.items()
            for start, end in spans
            if end <= len(text)
        ]
        return cls(FAMILY_OF[body["type"]], body, typed, evidence, pointed, errors or {}, was, waits)


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that belong together; to a list of participants or of sources, more can be added."""

    rows: tuple[Row, ...]
    add: str = ""
    add_label: str = ""
    blank: Row | None = None


def groups(sources: Sources) -> list[Group]:
    """Rows that are new in the form are numbered after all others, so that no number changes while somebody types."""
    found = [
        Group(tuple(_heading_rows(sources))),
        Group(
            tuple(_item_rows("participants", sources)),
            "participants",
            "Add a participant",
            _blank("participants", sources),
        ),
        Group(tuple(_detail_rows(sources))),
        Group(
            tuple(_item_rows("attributed_to", sources)),
            "attributed_to",
            "Add a source",
            _blank("attributed_to", sources),
        ),
    ]
    in_order = sorted(rows_of(found), key=lambda row: row.is_new)
    numbers = {row.path: number for number, row in enumerate(in_order, 1)}
    return [
        dataclasses.replace(group, rows=tuple(dataclasses.replace(row, number=numbers[row.path]) for row in group.rows))
        for group in found
    ]


def rows_of(found: Iterable[Group]) -> list[Row]:
    return [row for group in found for row in group.rows]


def marks(rows: Iterable[Row], family: str) -> list[Mark]:
    """The rows' evidence, to be marked in the text."""
    return [
        Mark(item.start, item.end, row.number, row.kind, family, row.is_to_check)
        for row in rows
        for item in row.evidence
        if not row.is_removed
    ]


def _heading_rows(sources: Sources) -> Iterator[Row]:
    family = sources.family
    action = _detail_control(family.details[0], sources)
    yield _row(sources, "trigger", "Action", (action,))
    modality = _control(sources, "modality", "Modality", "segments", choices=_choices(MODALITIES, required=True))
    background = _control(sources, "background", "Older event, told as background", "tick")
    yield _row(sources, "modality", "Modality", (modality, background))
    edtf = _control(sources, "date/edtf", "Date in EDTF", "text", hint="2024-06-18")
    text = _control(sources, "date/text", "Words of the text", "text")
    yield _row(sources, "date", "Date", (edtf, text), note=_date_note(sources.body))
    place = (_control(sources, "place/name", "Name", "text"), _control(sources, "place/country", "Country", "country"))
    yield _row(sources, "place", family.place_label, place, note=_place_note(sources.body))


def _date_note(body: Body) -> str:
    date = body["date"] or {}
    if not (date.get("edtf") and date.get("resolved_from")) or re.search(r"\b\d{4}\b", date.get("text") or ""):
        return ""
    return f"Counted from {words.date(date['resolved_from'])}"


def _place_note(body: Body) -> str:
    place = body["place"] or {}
    if place.get("lat") is None or place.get("lon") is None:
        return ""
    north, east = ("N" if place["lat"] >= 0 else "S"), ("E" if place["lon"] >= 0 else "W")
    return f"Found at {abs(place['lat']):.2f}° {north}, {abs(place['lon']):.2f}° {east}"


def _item_rows(name: str, sources: Sources) -> Iterator[Row]:
    for i in sources.typed.items(name):
        yield _item_row(name, i, sources)


def _item_row(name: str, i: int, sources: Sources) -> Row:
    path = f"{name}/{i}"
    maker = _participant_controls if name == "participants" else _source_controls
    label_control, controls = maker(path, sources)
    label = words.field_label(sources.family, path, sources.body) if i < len(sources.body[name]) else "New"
    if label_control:
        label = next((c.label for c in label_control.choices if c.value == label_control.value), label)
    return _row(sources, path, label, controls, label_control, is_new=i >= len(sources.body[name]))


def _participant_controls(path: str, sources: Sources) -> tuple[Control | None, tuple[Control, ...]]:
    roles = tuple(Choice(role.name, role.label) for role in sources.family.roles)
    role = _control(sources, f"{path}/role", "Role", "choice", choices=roles)
    kinds = _choices(KINDS, required=True)
    return role, (
        _control(sources, f"{path}/name", "Name", "text"),
        _control(sources, f"{path}/kind", "Kind", "choice", choices=kinds),
        _control(sources, f"{path}/country", "Country", "country"),
        _control(sources, f"{path}/office", "Office", "text"),
    )


def _source_controls(path: str, sources: Sources) -> tuple[Control | None, tuple[Control, ...]]:
    return None, (
        _control(sources, f"{path}/name", "Name", "text"),
        _control(sources, f"{path}/cue", "Word that says so", "text"),
        _control(sources, f"{path}/country", "Country", "country"),
    )


def _blank(name: str, sources: Sources) -> Row:
    """A row to be copied for a new item; the page writes its number in the place of {i}."""
    values = {f"{name}/0/{part}": value for part, value in blank_item(name, sources.family).items()}
    body = {**sources.body, name: []}
    blank = Sources(sources.family, body, Typed(values), (), (), {}, shown(body))
    return _item_row(name, 0, blank)


def _detail_rows(sources: Sources) -> Iterator[Row]:
    for detail in sources.family.details[1:]:
        control = _detail_control(detail, sources)
        yield _row(sources, f"details/{detail.name}", detail.label, (control,))


def _detail_control(detail: DetailField, sources: Sources) -> Control:
    required = detail.name == "action"
    choices = _choices(detail.choices, required=required or detail.kind == "choices")
    return _control(sources, f"details/{detail.name}", detail.label, detail.kind, choices=choices)


def _choices(values: Sequence[str], *, required: bool) -> tuple[Choice, ...]:
    found = tuple(Choice(value, words.word(value)) for value in values)
    return found if required or not found else (Choice("", "not told"), *found)


def _control(
    sources: Sources,
    path: str,
    label: str,
    kind: str,
    *,
    choices: tuple[Choice, ...] = (),
    hint: str = "",
) -> Control:
    empty: Value = () if kind == "choices" else ""
    return Control(
        path,
        label,
        kind,
        value=sources.typed.values.get(path, empty),
        draft=sources.was.values.get(path, empty),
        choices=choices,
        errors=tuple(sources.errors.get(path, ())),
        hint=hint or label.lower(),
    )


def _row(
    sources: Sources,
    path: str,
    label: str,
    controls: tuple[Control, ...],
    label_control: Control | None = None,
    *,
    note: str = "",
    is_new: bool = False,
) -> Row:
    every = (label_control, *controls) if label_control else controls
    known: dict[str, Any] = sources.body["confidence"]
    confidence = None if is_new else known.get(path, known.get("details/action") if path == "trigger" else None)
    unsure = confidence is not None and confidence < CHECK_BELOW
    return Row(
        0,
        path,
        label,
        controls,
        label_control,
        confidence=confidence,
        own=tuple(item for item in sources.evidence if item.field == path),
        pointed=tuple(item for item in sources.pointed if item.field == path),
        note=note,
        is_changed=is_new or any(control.value != control.draft for control in every),
        is_removed=path in sources.typed.removed,
        is_new=is_new,
        is_to_check=sources.waits and not is_new and (unsure or path in missing(sources.body)),
        errors=tuple(sources.errors.get(path, ())),
    )


def in_words(controls: Sequence[Control], *, typed: bool) -> str:
    """The values of a field, as drafted or as typed: "southern troops, armed forces, KOR"."""
    values = ((control, control.value if typed else control.draft) for control in controls)
    return ", ".join(filter(None, (_value_in_words(control, value) for control, value in values)))


def _value_in_words(control: Control, value: Value) -> str:
    if control.kind == "tick":
        return control.label.lower() if value else ""
    labels = {choice.value: choice.label for choice in control.choices if choice.value}
    return ", ".join(labels.get(one, one) for one in (value if isinstance(value, tuple) else (value,)))
