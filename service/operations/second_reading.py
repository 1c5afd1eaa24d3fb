"""Two pairs of eyes: a share of each family's records is read by a second person, who does not see the first answer.

Both answers are kept as revisions that are not current. When they agree, the first becomes current; else somebody who
adjudicates settles the fields that differ (operations/settling.py). Nobody reads a record twice, and nobody settles
what he has read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import NAMESPACE_OID, UUID, uuid5

from sqlalchemy import Exists, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from service.errors import InvalidInputError
from service.operations import audit, claims
from service.operations.actor import Actor
from service.operations.answers import as_text
from service.operations.record_schema import EDITABLE
from service.operations.revisions import add_revision, evidence_in
from service.operations.versions import ANY, Seen, version_of
from service.store.models import Decision, Event, ReviewItem, ReviewRule, Revision
from workers.extraction.families import FAMILIES, FAMILY_OF

RULES_LOCK = 7236044


@dataclass(frozen=True, slots=True)
class Rules:
    """How a family is checked: the share of its records that two people read, and the share of hand-outs that are
    hidden checks (operations/gold_items.py).
    """

    family: str
    second_share: float = 0.0
    gold_share: float = 0.0


def rules(session: Session, *, by: Actor) -> Sequence[Rules]:
    """The rules of every family."""
    by.require("admin")
    with session.begin():
        return _all_rules(session)


def _all_rules(session: Session) -> list[Rules]:
    return [_rules_of(session, family.name) for family in FAMILIES]


def _locked_rules(session: Session) -> list[Rules]:
    """The rules, which nobody else sets until the transaction ends; rows to lock need not be there yet."""
    session.execute(select(func.pg_advisory_xact_lock(RULES_LOCK)))
    return _all_rules(session)


def _rules_of(session: Session, family: str) -> Rules:
    row = session.get(ReviewRule, family, populate_existing=True)
    return Rules(family, row.second_share, row.gold_share) if row else Rules(family)


def version(rules: Sequence[Rules]) -> str:
    """That of all rules together: who sets one has seen the others beside it."""
    return version_of(*map(asdict, rules))


def set_rules(
    session: Session, family: str, second_share: float, gold_share: float, *, by: Actor, seen: Seen = ANY
) -> None:
    """Sets those of one family. Raises InvalidInputError, VersionChangedError."""
    set_all_rules(session, [Rules(family, second_share, gold_share)], by=by, seen=seen)


def set_all_rules(session: Session, wanted: Sequence[Rules], *, by: Actor, seen: Seen = ANY) -> None:
    """Sets those of some families, from now on. Records that wait for a second reader already go on waiting for him.

    Raises InvalidInputError, VersionChangedError.
    """
    by.require("admin")
    for rules in wanted:
        _check_rules(rules.family, {"second_share": rules.second_share, "gold_share": rules.gold_share})
    with session.begin():
        seen.check(version(_locked_rules(session)))
        for rules in wanted:
            before = _rules_of(session, rules.family)
            session.merge(ReviewRule(**asdict(rules)))
            subject = ("family", id_of_family(rules.family))
            audit.note(session, "review_rules.set", subject, by=by, before=asdict(before), after=asdict(rules))


def _check_rules(family: str, shares: dict[str, float]) -> None:
    errors = {name: ["Must be from 0 to 1."] for name, share in shares.items() if not 0 <= share <= 1}
    if family not in FAMILY_OF:
        errors["family"] = [f"Must be one of {', '.join(FAMILY_OF)}."]
    if errors:
        raise InvalidInputError(errors)


def id_of_family(family: str) -> UUID:
    """What the audit calls a family, whose only key is its name."""
    return uuid5(NAMESPACE_OID, f"legation:family:{family}")


def is_asked_for(session: Session, item: ReviewItem) -> bool:
    """Whether a second person is to read this record: a matter of its lot, which was drawn when it came into the
    review and is shown nowhere, so that nobody can know or steer it. Hidden checks are read once.
    """
    rule = session.get(ReviewRule, item.family)
    return rule is not None and item.only_for is None and item.lot < rule.second_share


def is_hidden(event_id: InstrumentedAttribute[UUID]) -> Exists:
    """Whether the answers to a record are to be told to nobody yet: others read or settle it. For statistics, too."""
    return exists().where(
        ReviewItem.event_id == event_id,
        ReviewItem.decided_at.is_(None),
        ReviewItem.stage.in_(("second", "adjudication")),
    )


def begin(item: ReviewItem, decision: Decision, revision: int) -> None:
    """The first reading is done: the item goes to a second reader, without what the first noted for himself."""
    claims.free(item)
    item.stage, item.first_revision, item.assignee_id, item.note = "second", revision, None, None
    item.readers = [*item.readers, decision.by]


def conclude(session: Session, item: ReviewItem, event: Event, decision: Decision, revision: int) -> None:
    """The second reading is done: where both agree the record is decided, else somebody settles it."""
    assert item.first_revision is not None
    item.second_revision = revision
    item.readers = [*item.readers, decision.by]
    claims.free(item)
    first = session.get_one(Revision, (event.id, item.first_revision))
    second = session.get_one(Revision, (event.id, revision))
    if not agree(session, first, second):
        item.stage, item.assignee_id, item.note = "adjudication", None, None
        return
    event.revision = _made_current(session, event, first)
    event.state = "rejected" if is_rejection(session, first) else "approved"
    item.decided_at = claims.now(session)


def _made_current(session: Session, event: Event, first: Revision) -> int:
    """The number of the agreed answer. Where a second reading was undone, that answer was current before: it becomes a
    new revision, so that nobody can decide on what he saw then.
    """
    if first.number > event.revision:
        return first.number
    return add_revision(session, event.id, first.body, evidence_in(first), decision_id=first.decision_id)


def agree(session: Session, first: Revision, second: Revision) -> bool:
    """Whether two answers are the same: both reject, or both accept the same record, whatever their evidence and the
    order of their lists.
    """
    if is_rejection(session, first) or is_rejection(session, second):
        return is_rejection(session, first) and is_rejection(session, second)
    return all(as_text(first.body[name]) == as_text(second.body[name]) for name in EDITABLE)


def is_rejection(session: Session, answer: Revision) -> bool:
    assert answer.decision_id is not None
    return session.get_one(Decision, answer.decision_id).decision == "reject"
