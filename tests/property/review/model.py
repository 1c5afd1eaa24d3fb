"""What the review should do, kept simple: plain values, one person at a time, no clock but "ran out" and "old".

It is written from docs/reviewing.md and the table in operations/lifecycle.py. Each method does to the model what an
operation does to the database; those named `refuses_…` give the errors that the operation may answer with: any one of
them, or none when it must succeed.
"""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from service import errors
from service.operations.actor import Actor
from service.operations.claims import Wanted
from service.operations.lifecycle import TRANSITIONS
from service.operations.record_schema import EDITABLE
from service.store.models import new_id

Errors = set[type[errors.LegationError]]
WAIT = ("draft", "second", "adjudication", "redraft", "reopened")
STAGES = {
    None: ("draft", "second", "reopened"),
    "first": ("draft", "reopened"),
    "second": ("second",),
    "adjudication": ("adjudication",),
}
INSEPARABLE = ("split", "merge", "absorb")


@dataclass(frozen=True)
class Content:
    """A revision: the fields that people can change, and the words behind them."""

    fields: dict[str, Any]
    evidence: tuple[tuple[str, int, int], ...]

    @classmethod
    def of(cls, body: dict[str, Any], evidence: Iterable[Any]) -> Content:
        words = tuple((item.field, item.start, item.end) for item in evidence)
        return cls({name: body[name] for name in EDITABLE}, words)

    def without(self, gone: set[int]) -> Content:
        """Without some participants; the others move up, with their words."""
        people = self.fields["participants"]
        moves = {f"participants/{i}": f"participants/{i - sum(g < i for g in gone)}" for i in range(len(people))}
        kept = [one for i, one in enumerate(people) if i not in gone]
        lost = {f"participants/{i}" for i in gone}
        words = tuple((moves.get(name, name), start, end) for name, start, end in self.evidence if name not in lost)
        return Content({**self.fields, "participants": kept}, words)

    def changed(self, changes: dict[str, Any]) -> Content:
        """With values at paths of at most two steps; their words stay."""
        fields = copy.deepcopy(self.fields)
        for path, value in changes.items():
            first, _, rest = path.partition("/")
            if rest:
                fields[first][rest] = value
            else:
                fields[first] = value
        return Content(fields, self.evidence)


@dataclass(frozen=True)
class Answer:
    """What a blind reader said: the content that he accepts, or that the record is none."""

    accepts: bool
    content: Content

    def agrees(self, other: Answer) -> bool:
        if self.accepts and other.accepts:
            return self.content.fields == other.content.fields
        return self.accepts == other.accepts


@dataclass(frozen=True)
class Place:
    """Where a record stands, with all that undo has to bring back."""

    standing: str
    content: Content
    readers: frozenset[str] = frozenset()
    answers: tuple[Answer, ...] = ()
    is_published: bool = False


@dataclass
class Skipped:
    times: int
    step: int
    is_over: bool = False

    @property
    def until(self) -> tuple[int, int]:
        return min(2 ** (self.times - 1), 24), self.step  # in hours; the steps of a test take no time


@dataclass
class Item:
    event_id: UUID
    document_id: UUID
    family: str
    place: Place
    draft: Content | None  # the machine's newest
    key: str | None  # by which the machine finds it again
    priority: int = 0
    revision: int = 1
    moves: bool = False  # what was done last made another revision the current one
    is_as_drafted: bool = True  # the current revision is the machine's newest draft
    holder: str = ""
    number: int = 0
    ran_out: bool = False
    assignee: str = ""
    is_snoozed: bool = False
    skips: dict[str, Skipped] = field(default_factory=dict)  # by whom
    due: dt.datetime | None = None  # as the database has it

    @property
    def standing(self) -> str:
        return self.place.standing

    @property
    def waits(self) -> bool:
        return self.standing in WAIT

    @property
    def is_free(self) -> bool:
        return not self.holder or self.ran_out

    def free(self) -> None:
        self.holder, self.ran_out = "", False

    def stands(self, standing: str, **what: Any) -> None:
        self.place = dataclasses.replace(self.place, standing=standing, **what)

    def ends(self, standing: str, content: Content) -> None:
        """By a decision, which makes a revision."""
        self.stands(standing, content=content, is_published=standing == "approved")
        self.moves, self.is_as_drafted = True, False


@dataclass
class Decision:
    event_id: UUID
    decision: str
    by: str
    on_revision: int
    before: Place | None  # None for the decision that made the record
    round: str = "first"
    batch: UUID | None = None
    id: UUID | None = None  # as the database has it
    is_undone: bool = False
    is_old: bool = False


@dataclass
class Model:
    people: dict[str, Actor]
    read_twice: frozenset[str]  # families of which two people read each record
    items: dict[UUID, Item] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)
    given: dict[tuple[UUID, int], str] = field(default_factory=dict)  # to whom each lease number was given
    noted: Counter[tuple[str, UUID]] = field(default_factory=Counter)  # audit entries, by action and record

    # Claims

    def refuses_claim(self, who: str, item: Item) -> Errors:
        return self.refuses_reading(who, item) | self._refuses_held(who, item)

    def refuses_reading(self, who: str, item: Item) -> Errors:
        found = self.refuses_scope(who, "adjudicate" if item.standing == "adjudication" else "review")
        found |= self._refuses_not_his(who, item)
        if not item.waits:
            found.add(errors.AlreadyDecidedError)
        if item.standing == "redraft":
            found.add(errors.BeingDraftedError)
        return found

    def refuses_token(self, who: str, item: Item, number: int) -> Errors:
        """A lease counts while it is the newest and its holder's, also when it has run out."""
        is_his = item.holder == who and item.number == number
        return self.refuses_scope(who, "review") | (set() if is_his else {errors.LeaseLostError})

    def refuses_scope(self, who: str, scope: str) -> Errors:
        return set() if scope in self.people[who].scopes else {errors.ScopeMissingError}

    def _refuses_not_his(self, who: str, item: Item) -> Errors:
        found = self.refuses_family(who, item.family)
        return found | ({errors.OwnReadingError} if item.waits and who in item.place.readers else set())

    def refuses_family(self, who: str, family: str) -> Errors:
        families = self.people[who].families
        return {errors.FamilyNotYoursError} if families and family not in families else set()

    def _refuses_held(self, who: str, item: Item) -> Errors:
        return set() if item.is_free or item.holder == who else {errors.HeldByAnotherError}

    def claim(self, who: str, item: Item, *, anew: bool = False) -> None:
        """A new claim, or more time for one's own; `anew` where the item was handed out by the queue."""
        if item.holder == who and not anew:
            item.ran_out = False
            return
        item.holder, item.number, item.ran_out, item.is_snoozed = who, item.number + 1, False, False
        assert (item.event_id, item.number) not in self.given, "a lease number was given twice"
        self.given[item.event_id, item.number] = who
        self.note("review.claimed", item)

    def take_over(self, who: str, item: Item) -> None:
        if not item.is_free and item.holder != who:
            self.note("review.taken_over", item)
            item.free()
        self.claim(who, item)

    def skip(self, who: str, item: Item) -> None:
        item.free()
        times = item.skips[who].times if who in item.skips else 0
        item.skips[who] = Skipped(times + 1, self.noted.total())
        self.note("review.skipped", item)

    def snooze(self, item: Item) -> None:
        item.free()
        item.is_snoozed = True
        self.note("review.snoozed", item)

    def refuses_assignment(self, item: Item, to: str) -> Errors:
        """To nobody: ""."""
        if not item.waits:
            return {errors.AlreadyDecidedError}
        if not to:
            return set()
        refused = self.refuses_reading(to, item) - {errors.BeingDraftedError}
        return {errors.InvalidInputError} if refused else set()

    def next_for(self, who: str, wanted: Wanted) -> Item | None:
        """The item that is to be handed out."""
        found = [item for item in self.items.values() if self._is_wanted(item, who, wanted)]
        return min(found, key=lambda item: self._rank(item, who, wanted), default=None)

    def _is_wanted(self, item: Item, who: str, wanted: Wanted) -> bool:
        return (
            item.standing in STAGES[wanted.stage]
            and (not wanted.families or item.family in wanted.families)
            and item.is_free
            and not item.is_snoozed
            and item.assignee in ("", who)
            and not self.refuses_reading(who, item)
        )

    def _rank(self, item: Item, who: str, wanted: Wanted) -> tuple[Any, ...]:
        skipped = item.skips.get(who)
        if skipped and not skipped.is_over:
            return True, skipped.until
        is_elsewhere = wanted.order == "document" and wanted.document_id not in (None, item.document_id)
        by_order = {"priority": (-item.priority,), "uncertain": (item.due,)}.get(wanted.order, ())
        return False, item.assignee != who, not item.assignee and is_elsewhere, *by_order, item.event_id

    # Decisions

    def refuses_decision(
        self, who: str, item: Item, action: str, revision: int | None = None, number: int | None = None
    ) -> Errors:
        found = self.refuses_scope(who, "adjudicate" if action == "settle" else "review")
        found |= self._refuses_not_his(who, item) | self._refuses_held(who, item)
        if revision not in (None, item.revision):
            found.add(errors.RevisionChangedError)
        if (item.standing, action) not in TRANSITIONS:
            found.add(errors.TransitionError)
        if action == "send_back" and item.key is None:
            found.add(errors.TransitionError)
        return found | (self.refuses_token(who, item, number) if number is not None else set())

    def refuses_for_many(self, who: str, item: Item) -> Errors:
        """A decision together with others."""
        if not item.waits:
            return {errors.AlreadyDecidedError}
        is_anybodys = item.standing in ("draft", "reopened") and item.assignee in ("", who)
        return set() if is_anybodys else {errors.NotForManyError}

    def refuses_second(self, who: str, item: Item, action: str) -> Errors:
        """A decision as a second reading."""
        elsewhere: Errors = set() if item.standing == "second" else {errors.TransitionError}
        return self.refuses_decision(who, item, action) | elsewhere

    def decide(self, who: str, item: Item, action: str, changes: dict[str, Any], batch: UUID | None = None) -> None:
        here = item.place
        self._add(Decision(item.event_id, action, who, item.revision, here, round_of(item), batch))
        self.note("event.decided", item)
        item.free()
        if action == "send_back":
            item.stands("redraft")
            return
        answer = Answer(action != "reject", here.content.changed(changes))
        if here.standing == "second" or (here.standing == "draft" and item.family in self.read_twice):
            self._read(who, item, answer)
        else:
            rejected = "retracted" if here.is_published else "rejected"
            item.ends("approved" if answer.accepts else rejected, answer.content)

    def _read(self, who: str, item: Item, answer: Answer) -> None:
        answers = (*item.place.answers, answer)
        item.stands("second", readers=item.place.readers | {who}, answers=answers)
        if len(answers) == 1:
            item.assignee = ""
        elif answers[0].agrees(answers[1]):
            item.ends("approved" if answer.accepts else "rejected", answers[0].content)
        else:
            item.assignee = ""
            item.stands("adjudication")

    def settle(self, who: str, item: Item, accepted: Content | None) -> None:
        self._add(Decision(item.event_id, "settle", who, item.revision, item.place, round_of(item)))
        self.note("event.settled", item)
        item.free()
        item.ends("approved" if accepted else "rejected", accepted or item.place.content)

    def split(self, who: str, item: Item, moved: int, new: Item) -> None:
        """`new` is the record that the participant `moved` goes to."""
        batch = new_id()
        self._add(Decision(item.event_id, "split", who, item.revision, item.place, "first", batch))
        self._add(Decision(new.event_id, "split", who, 0, None, "first", batch))
        role = item.place.content.fields["participants"][moved]["role"]
        others = [i for i, one in enumerate(item.place.content.fields["participants"]) if one["role"] == role]
        new.place = dataclasses.replace(new.place, content=item.place.content.without({*others} - {moved}))
        self._revise(item, item.place.content.without({moved}))
        self.items[new.event_id] = new
        self.note("event.split", item)
        self.note("event.added", new)
        self.claim(who, item)
        self.claim(who, new)

    def refuses_split(
        self, who: str, item: Item, moved: int, revision: int | None = None, number: int | None = None
    ) -> Errors:
        is_there = moved < len(item.place.content.fields["participants"])
        found = self.refuses_decision(who, item, "split", revision, number)
        return found | (set() if is_there else {errors.InvalidInputError})

    def refuses_merger(self, who: str, item: Item, other: Item) -> Errors:
        found = self.refuses_decision(who, item, "merge") | self.refuses_decision(who, other, "absorb")
        if (item.document_id, item.family) != (other.document_id, other.family) or item is other:
            found.add(errors.NotMergeableError)
        return found

    def merge(self, who: str, item: Item, other: Item, joined: Content) -> None:
        batch = new_id()
        self._add(Decision(item.event_id, "merge", who, item.revision, item.place, "first", batch))
        self._add(Decision(other.event_id, "absorb", who, other.revision, other.place, "first", batch))
        self._revise(item, joined)
        other.stands("superseded")
        other.free()
        self.note("event.merged", item)
        self.note("event.absorbed", other)

    def add(self, who: str, new: Item) -> None:
        self._add(Decision(new.event_id, "add", who, 0, None))
        self.items[new.event_id] = new
        self.note("event.added", new)
        self.claim(who, new)

    def _revise(self, item: Item, content: Content) -> None:
        item.stands("draft", content=content)
        item.moves, item.is_as_drafted = True, False

    def _add(self, decision: Decision) -> None:
        readers = decision.before.readers if decision.before else ()
        assert decision.round == "correction" or decision.by not in readers, "somebody read a record twice"
        self.decisions.append(decision)

    # Undo

    def can_undo(self, who: str) -> list[Decision]:
        """His decisions that can be taken back, the newest first."""
        own = [one for one in self.decisions if one.by == who and not one.is_old and self._is_last(one)]
        return [one for one in reversed(own) if not self._is_torn(one)]

    def _is_last(self, decision: Decision) -> bool:
        """Whether it still counts, and nothing that counts came after it on its record."""
        later = self.decisions[self.decisions.index(decision) + 1 :]
        is_followed = any(one.event_id == decision.event_id and not one.is_undone for one in later)
        is_left_to_others = self.items[decision.event_id].standing in ("reopened", "adjudication")
        return not decision.is_undone and not is_followed and not is_left_to_others

    def _is_torn(self, decision: Decision) -> bool:
        """Whether others have gone on from the other record of a split or a merger."""
        return decision.decision in INSEPARABLE and not all(map(self._is_last, self._batch(decision)))

    def _batch(self, decision: Decision) -> list[Decision]:
        return [one for one in self.decisions if one is decision or (one.batch and one.batch == decision.batch)]

    def together(self, decision: Decision) -> list[Decision]:
        can = self.can_undo(decision.by)
        return [one for one in self._batch(decision) if one in can]

    def refuses_undo(self, who: str, decision: Decision | None) -> Errors:
        refused = self.refuses_scope(who, "review")
        if decision is None or decision not in self.can_undo(who):
            return refused | {errors.NothingToUndoError}
        for one in self.together(decision):
            refused |= self._refuses_held(who, self.items[one.event_id])
        return refused

    def undo(self, decision: Decision) -> list[Item]:
        """The items that it brings back, that of the decision first."""
        together = self.together(decision)
        for one in together:
            self._take_back(one, self.items[one.event_id])
        events = dict.fromkeys([decision.event_id, *(one.event_id for one in together)])
        return [self.items[event_id] for event_id in events]

    def _take_back(self, decision: Decision, item: Item) -> None:
        decision.is_undone = True
        self.note("event.undone", item)
        if decision.before is None:
            item.stands("superseded")
            item.free()
            return
        item.place = decision.before
        if item.revision != decision.on_revision:
            item.moves, item.is_as_drafted = True, False

    # The machine

    def draft(self, document_id: UUID, found: dict[str, Content]) -> None:
        for item in self.items.values():
            if item.document_id == document_id and item.key is not None:
                self._draft(item, found.get(item.key))

    def _draft(self, item: Item, found: Content | None) -> None:
        here = item.standing
        if found is None:
            if here == "redraft":
                item.stands("superseded")
                self.note("event.redrafted", item)
            return
        assert item.draft
        if here != "redraft" and found.fields == item.draft.fields:
            return
        item.draft = found
        self.note("event.redrafted", item)
        if here in ("draft", "redraft"):
            item.moves = item.is_as_drafted
            item.stands("draft", content=found if item.is_as_drafted else item.place.content)
            return
        item.is_as_drafted = False
        if here in ("approved", "rejected"):
            item.stands("reopened", readers=frozenset(), answers=())

    def note(self, action: str, item: Item) -> None:
        self.noted[action, item.event_id] += 1


def round_of(item: Item) -> str:
    if not item.waits:
        return "correction"
    return item.standing if item.standing in ("second", "adjudication") else "first"
