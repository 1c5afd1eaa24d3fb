"""The status line: what the reviewer did last, as the page that follows tells it, with a way to take it back."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from flask import request

from service import web
from service.operations import reviews, undoing, worklist
from service.review.listing import Entry
from service.review.viewer import viewer

# What the address of the page that follows says was done to a record: the parameter, and how it is told.
DONE = {
    "was_skipped": "Skipped; you get it again later",
    "was_snoozed": "Snoozed for all",
    "was_undone": "Undone; it is yours again",
}
DECIDED = {
    "approve": "Approved",
    "fix": "Fixed and approved",
    "reject": "Rejected",
    "send_back": "Sent back to be drafted again",
    "settle": "Settled",
    "split": "Split",
    "merge": "Merged",
    "add": "Added",
}
SNOOZES = {
    "hour": ("In an hour", dt.timedelta(hours=1)),
    "day": ("In a day", dt.timedelta(days=1)),
    "days": ("In three days", dt.timedelta(days=3)),
    "week": ("In a week", dt.timedelta(days=7)),
}
FIRST_OF_TWO = "Your answer is kept; a second person reads it now"
SECOND_OF_TWO = "Your answer is kept; somebody settles what differs from the first"


@dataclass(frozen=True, slots=True)
class Status:
    """`entry` is the record that it is about. `undoes` is the decision that can be taken back."""

    told: str
    entry: Entry | None = None
    undoes: UUID | None = None
    is_refusal: bool = False


def status_asked_for() -> Status | None:
    """What the address of this page says was done before."""
    if "nothing_to_undo" in request.args:
        return Status("Nothing to undo: the last 15 minutes have no decision of yours that still can be.")
    if decided := request.args.get("decided", type=UUID):
        return status_of_decision(decided)
    for name, told in DONE.items():
        if event_id := request.args.get(name, type=UUID):
            return status_of(event_id, told)
    return None


def status_of(event_id: UUID, told: str) -> Status | None:
    record = worklist.records_of(web.session(), [event_id], by=viewer()).get(event_id)
    return Status(told, Entry.of(record)) if record else None


def status_of_decision(event_id: UUID) -> Status | None:
    """The reviewer's own last decision on this record, as long as it can be taken back."""
    if "review" not in viewer().scopes:
        return None
    found = undoing.undoable(web.session(), by=viewer())
    decision = next((one for one in found if one.event_id == event_id), None)
    record = worklist.records_of(web.session(), [event_id], by=viewer()).get(event_id)
    if decision is None or record is None:
        return Status(SECOND_OF_TWO, Entry.of(record)) if record and _is_being_settled(event_id) else None
    is_pending = record.event.state == "draft" and decision.decision in ("approve", "fix", "reject")
    told = FIRST_OF_TWO if is_pending else DECIDED[decision.decision]
    return Status(told, Entry.of(record), decision.id, decision.decision == "reject")


def _is_being_settled(event_id: UUID) -> bool:
    """Whether this person has read a record that waits to be settled."""
    item = reviews.item_of(web.session(), event_id, by=viewer())
    return item.stage == "adjudication" and item.decided_at is None and viewer().user_id in item.readers
