"""A record's life in the review, as a table: where it can stand, what can be done there, and where that leads.

docs/architecture.md draws it; a test run keeps the drawing true.
"""

from __future__ import annotations

import datetime as dt

from service.errors import TransitionError
from service.store.models import Event, ReviewItem

# Where a record can stand. The first four wait for somebody; "reopened" is decided, and looked at again.
STANDINGS = {
    "draft": "waits for a first reader",
    "second": "waits for a second reader, who does not see what the first one answered",
    "adjudication": "two readers differ; somebody else settles it",
    "redraft": "is with the machine, to be drafted again",
    "reopened": "is decided, but the machine or the newest version of the document says it differently now",
    "approved": "is published",
    "rejected": "is no record of an event",
    "retracted": "was published and is no longer",
    "superseded": "has become part of another record, or was not drafted again, or is of an older version",
}
# So long who decided can take it back.
UNDO_WITHIN = dt.timedelta(minutes=15)
ENDS = ("approved", "rejected", "retracted", "superseded")

# (where it stands, what is done) -> where it can stand then. What is not here cannot happen. Where two answers are
# asked for, the first leads to "second", and the second to an end only when both agree.
TRANSITIONS: dict[tuple[str, str], tuple[str, ...]] = {
    ("draft", "approve"): ("approved", "second"),
    ("draft", "fix"): ("approved", "second"),
    ("draft", "reject"): ("rejected", "second"),
    ("draft", "send_back"): ("redraft",),
    ("draft", "split"): ("draft",),
    ("draft", "merge"): ("draft",),
    ("draft", "absorb"): ("superseded",),
    ("second", "approve"): ("approved", "adjudication"),
    ("second", "fix"): ("approved", "adjudication"),
    ("second", "reject"): ("rejected", "adjudication"),
    ("adjudication", "settle"): ("approved", "rejected"),
    ("redraft", "drafted"): ("draft", "superseded"),
    ("reopened", "approve"): ("approved",),
    ("reopened", "fix"): ("approved",),
    ("reopened", "reject"): ("rejected", "retracted"),
    ("approved", "fix"): ("approved",),
    ("approved", "reject"): ("retracted",),
    ("approved", "drafted"): ("reopened",),
    ("rejected", "approve"): ("approved",),
    ("rejected", "fix"): ("approved",),
    ("rejected", "drafted"): ("reopened",),
    # A newer version of the document has been drafted.
    ("draft", "replaced"): ("superseded",),
    ("second", "replaced"): ("superseded",),
    ("adjudication", "replaced"): ("superseded",),
    ("redraft", "replaced"): ("superseded",),
    ("reopened", "replaced"): ("reopened",),
    ("approved", "replaced"): ("approved", "reopened"),
    ("rejected", "replaced"): ("rejected", "reopened"),
    ("retracted", "replaced"): ("retracted",),
    # Undo leads back to where the record stood.
    ("draft", "undo"): ("draft", "superseded"),
    ("second", "undo"): ("draft",),
    ("redraft", "undo"): ("draft",),
    ("approved", "undo"): ("draft", "second", "adjudication", "approved", "rejected", "reopened"),
    ("rejected", "undo"): ("draft", "second", "adjudication", "reopened"),
    ("retracted", "undo"): ("approved", "reopened"),
    ("superseded", "undo"): ("draft",),
}


def standing(event: Event, item: ReviewItem) -> str:
    """Where a record stands, as one of STANDINGS."""
    if event.state == "draft":
        return "draft" if item.stage == "first" else item.stage
    return "reopened" if item.decided_at is None else event.state


def check(event: Event, item: ReviewItem, action: str) -> str:
    """Where the record stands, if the action is possible there. Raises TransitionError."""
    here = standing(event, item)
    if (here, action) not in TRANSITIONS:
        raise TransitionError(f"The record is {here}; {action.replace('_', ' ')} is not possible.", state=event.state)
    return here


def check_led(here: str, action: str, event: Event, item: ReviewItem) -> None:
    """States that an action led where the table says; anything else is a mistake of ours."""
    there = standing(event, item)
    assert there in TRANSITIONS[here, action], f"{action} led from {here} to {there}"
