"""The page on which somebody settles what two readers differ in: A, B or another value, beside the text."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from service.operations import documents, records, settling
from service.operations.actor import Actor
from service.operations.disputes import DECISION, SIDES, Answer, Difference, Dispute, Settlement, Side, evidence_field
from service.operations.records import Record
from service.operations.reviews import REJECT_REASONS
from service.operations.settling import ToSettle
from service.review import desk, fields, merging, rows, told, words
from service.review.conflict import other_name, typed_value
from service.review.fields import Body, Typed, Value
from service.review.fixes import fixes
from service.review.holds import Hold
from service.review.rows import Control, Row
from service.review.runs import Mark, Paragraph
from service.review.told import Told
from service.review.words import Headline
from service.store.models import Document
from workers.extraction.families import FAMILY_OF
from workers.extraction.family import Family


@dataclass(frozen=True, slots=True)
class Choice:
    """A field that differs: both values, which is chosen, and the controls for another one, if there can be one."""

    number: int
    label: str
    a: Told
    b: Told
    chosen: str
    controls: tuple[Control, ...]
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SettlingPage:
    """`told` is what stood in the way of a settlement that was sent, `errors` what could not be accepted of it."""

    event_id: UUID
    revision: int
    family: Family
    headline: Headline
    document: Document
    hold: Hold
    choices: list[Choice]
    same: list[tuple[str, Told]]
    excerpt: tuple[int, int] | None
    paragraphs: list[tuple[Paragraph, tuple[()]]]
    told: str
    errors: tuple[str, ...]

    @property
    def waits(self) -> int:
        """How many fields still wait for a choice."""
        return sum(not one.chosen for one in self.choices)


def settling_page(
    session: Session,
    event_id: UUID,
    form: MultiDict[str, str],
    *,
    by: Actor,
    lease: int,
    told: str = "",
    errors: Mapping[str, Any] | None = None,
) -> SettlingPage:
    """With the choices of a form that was not accepted. Raises what `settling.to_settle` raises."""
    found = settling.to_settle(session, event_id, by=by)
    record = records.get(session, event_id, by=by)
    document = documents.get_with_text(session, record.current.document_id, by=by)
    complaints = _at_fields(errors or {}, found)
    present = _Presenter.of(found.dispute, document.text, form)
    numbered = list(enumerate(found.differences, 1))
    triggers = ((item.start, item.end) for item in found.dispute.base.evidence if item.field == "trigger")
    excerpt, paragraphs = desk.marked_text(document.text, list(_marks(numbered, record)), next(triggers, None))
    return SettlingPage(
        event_id,
        found.revision,
        FAMILY_OF[record.event.type],
        words.headline(record.current.body),
        document,
        desk.hold_of_event(session, event_id, by=by, lease=lease),
        [present.choice(number, one, complaints.get(one.field, ())) for number, one in numbered],
        list(present.same({one.field for one in found.differences})),
        excerpt,
        [(one, ()) for one in paragraphs],
        told,
        tuple(complaints.get("", ())),
    )


def _at_fields(errors: Mapping[str, Any], found: ToSettle) -> dict[str, list[str]]:
    """Complaints at the fields that they are about; "" has those about none of them."""
    names = [one.field for one in found.differences]
    placed: dict[str, list[str]] = {}
    for path, complaints in fields.flatten(errors):
        at = next((name for name in names if path == name or path.startswith(f"{name}/")), "")
        placed.setdefault(at, []).extend(complaints)
    return placed


def _marks(numbered: Sequence[tuple[int, Difference]], record: Record) -> Iterator[Mark]:
    """The words behind both values of each field."""
    family = record.event.type
    for number, one in numbered:
        kind = rows.EVIDENCE_KINDS.get(evidence_field(one.field).partition("/")[0], "detail")
        for item in {(item.start, item.end): item for side in (one.a, one.b) for item in side.evidence}.values():
            yield Mark(item.start, item.end, number, kind, family)


@dataclass(frozen=True, slots=True)
class _Presenter:
    """A dispute in words."""

    dispute: Dispute
    text: str
    form: MultiDict[str, str]
    a: Mapping[str, Row]
    b: Mapping[str, Row]

    @classmethod
    def of(cls, dispute: Dispute, text: str, form: MultiDict[str, str]) -> _Presenter:
        return cls(dispute, text, form, told.rows_by_path(dispute.a.body), told.rows_by_path(dispute.b.body))

    def choice(self, number: int, one: Difference, errors: Sequence[str]) -> Choice:
        chosen = self.form.get(f"choose:{number}", "")
        if one.field == DECISION:
            a, b = self._verdict(self.dispute.a), self._verdict(self.dispute.b)
            return Choice(number, "Record", a, b, chosen, (), tuple(errors))
        a, b = (self._side(side, shown, one) for side, shown in ((one.a, self.a), (one.b, self.b)))
        if (a.value, a.more) == (b.value, b.more):
            a, b = self._looked_up(a, self.a, one.a), self._looked_up(b, self.b, one.b)
        return Choice(number, self._label(one), a, b, chosen, tuple(self._other(number, one)), tuple(errors))

    def same(self, differing: set[str]) -> Iterator[tuple[str, Told]]:
        """What the record has whatever is chosen; of a rejection and a record, all that the record has."""
        shown = self.b if self.dispute.a.is_rejection else self.a
        for path, row in shown.items():
            if not {path, "details/action" if path == "trigger" else path} & differing:
                yield row.label, told.in_words(shown, path, ())

    def _verdict(self, answer: Answer) -> Told:
        if answer.is_rejection:
            reason = REJECT_REASONS[answer.reason or "other"]
            return Told("Reject it", ". ".join(filter(None, (reason, answer.reason_text))))
        made = fixes(answer.changes, FAMILY_OF[answer.body["type"]], answer.body, self.text)
        if not made:
            return Told("Accept it as drafted")
        listed = "; ".join(f"{fix.label}: {fix.was} → {fix.now}" for fix in made)
        return Told(f"Accept it with {words.count(len(made), 'fix', 'fixes')}", listed)

    def _side(self, side: Side, shown: Mapping[str, Row], one: Difference) -> Told:
        quotes = tuple(dict.fromkeys(words.line(item.quote) for item in side.evidence))
        path = row_of(side.path) if side.path else None
        return dataclasses.replace(told.in_words(shown, path, self._roles(one)), quotes=quotes)

    def _roles(self, one: Difference) -> set[Value]:
        """The roles that a participant has in the two answers."""
        if not one.field.startswith("participants"):
            return set()
        return {side.value["role"] for side in (one.a, one.b) if side.value}

    def _looked_up(self, side: Told, shown: Mapping[str, Row], at: Side) -> Told:
        """With what the form shows below a field, where the fields themselves say the same."""
        note = shown[at.path].note if at.path and at.path in shown else ""
        return dataclasses.replace(side, more=". ".join(filter(None, (side.more, note or "Nothing looked up"))))

    def _label(self, one: Difference) -> str:
        shown, path = self._where(one)
        return told.controls_of(shown, path)[0].label if path == "background" else shown[path].label

    def _where(self, one: Difference) -> tuple[Mapping[str, Row], str]:
        if one.a.path:
            return self.a, row_of(one.a.path)
        assert one.b.path
        return self.b, row_of(one.b.path)

    def _other(self, number: int, one: Difference) -> Iterator[Control]:
        """The controls for another value, with what was typed in them."""
        shown, path = self._where(one)
        values = dict(zip(merging.form_paths(path), other_values(self.dispute, number, one, self.form), strict=True))
        role = shown[path].label_control if path in shown else None
        for control in sorted(told.controls_of(shown, path), key=lambda control: control is role):
            name = other_name(number, control.path)
            yield dataclasses.replace(control, path=name, value=values[control.path], errors=())


def row_of(path: str) -> str:
    """What the form calls a field of the record."""
    return "trigger" if path == "details/action" else path


# What the form says


def settlement(found: ToSettle, form: MultiDict[str, str]) -> Settlement:
    """What was chosen on the page, or a rejection. "Another value" that is A's own is A's."""
    if form.get("decision") == "reject":
        return Settlement({}, {}, form.get("reason", ""), form.get("reason_text", "").strip() or None)
    choices: dict[str, str] = {}
    changes: dict[str, Any] = {}
    for number, one in enumerate(found.differences, 1):
        chosen = form.get(f"choose:{number}", "")
        if chosen in SIDES:
            choices[one.field] = chosen
        elif chosen == "other" and one.field != DECISION:
            typed = _typed(found.dispute.base.body, one, other_values(found.dispute, number, one, form))
            changes |= typed
            choices |= {} if typed else {one.field: "a"}
    return Settlement(choices, changes)


def other_values(dispute: Dispute, number: int, one: Difference, form: MultiDict[str, str]) -> tuple[Value, ...]:
    """What was typed as another value, in the order of merging.form_paths; what the form lacks is as A or B has it."""
    answer, path = (dispute.a, one.a.path) if one.a.path else (dispute.b, one.b.path)
    assert path
    shown = fields.shown(answer.body).values
    paths = merging.form_paths(row_of(path))
    return tuple(typed_value(form, other_name(number, name), shown.get(name, "")) for name in paths)


def _typed(body: Body, one: Difference, values: Sequence[Value]) -> dict[str, Any]:
    """Another value as changes of A's record; what only B has is new there."""
    was = fields.shown(body).values
    if one.a.path:
        paths = merging.form_paths(row_of(one.a.path))
        return fields.changes(body, Typed({**was, **dict(zip(paths, values, strict=True))}))
    name = one.field.partition("/")[0]
    new = f"{name}/{len(body[name])}"
    made = fields.changes(body, Typed({**was, **dict(zip(merging.form_paths(new), values, strict=True))}))
    return {one.field: made[new]} if new in made else {}
