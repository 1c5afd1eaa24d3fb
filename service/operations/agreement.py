"""How well two readers of the same records agree: Krippendorff's alpha for each family and field."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from service.operations import second_reading
from service.operations.actor import Actor
from service.operations.answers import ANSWERS, fields_of, values_of
from service.operations.undoing import is_undone
from service.store.models import Decision, Event, Revision
from workers.extraction.families import FAMILIES
from workers.extraction.family import Family

LONGEST_PERIOD = 366  # days
MOST_PAIRS = 2000  # the newest; more would say the same with a digit more
NO_PAIRS = "No record was read by two people."
NO_VARIATION = "All answers are the same, so that agreement cannot be told from chance."


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of one field: in how many `pairs` of answers, what share of them is `equal`, and `alpha`: 1 is perfect, 0 is what
    chance gives. Where there is no alpha, `why` says so.
    """

    family: str
    field: str
    label: str
    pairs: int
    equal: float | None
    alpha: float | None
    why: str | None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two answers to one record: a body, or None for a rejection."""

    first: dict[str, Any] | None
    second: dict[str, Any] | None


def agreement(session: Session, *, by: Actor, days: int) -> list[Agreement]:
    """Of each family, the decision first, then each field of the records that both readers accepted. Pairs whose second
    answer is of the last `days`, and that are not being settled: until then nobody is told anything of them.
    """
    by.require("read")
    pairs: dict[str, list[Pair]] = {family.name: [] for family in FAMILIES}
    with session.begin():
        for family, first, second, body, other in session.execute(_pairs(days)):
            pairs[family].append(Pair(body if first != "reject" else None, other if second != "reject" else None))
    return [found for family in FAMILIES for found in _of_family(family, pairs[family.name])]


def _pairs(days: int) -> Select[str, str, str, dict[str, Any], dict[str, Any]]:
    first, second = aliased(Decision, name="first"), aliased(Decision, name="second")
    one, other = aliased(Revision, name="one"), aliased(Revision, name="other")
    counts = second.decision.in_(ANSWERS) & ~is_undone(second) & ~second_reading.is_hidden(second.event_id)
    return (
        select(Event.type, first.decision, second.decision, one.body, other.body)
        .select_from(second)
        .join(Event, Event.id == second.event_id)
        .join(first, first.id == _first_of(second))
        .join(one, (one.event_id == first.event_id) & (one.decision_id == first.id))
        .join(other, (other.event_id == second.event_id) & (other.decision_id == second.id))
        .where(second.round == "second", second.at > func.now() - dt.timedelta(days=days), counts)
        .order_by(second.id.desc())
        .limit(MOST_PAIRS)
    )


def _first_of(second: type[Decision]) -> Any:
    """The first answer that a second one stands beside."""
    one = aliased(Decision)
    return (
        select(one.id)
        .where(one.event_id == second.event_id, one.id < second.id, one.round == "first")
        .where(one.decision.in_(ANSWERS), ~is_undone(one))
        .order_by(one.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def _of_family(family: Family, pairs: Sequence[Pair]) -> Iterator[Agreement]:
    decisions = [_accepted(pair) for pair in pairs]
    yield _measured(family, "decision", "Accepted or rejected", decisions)
    accepted = [(values_of(pair.first), values_of(pair.second)) for pair in pairs if pair.first and pair.second]
    for field, label in fields_of(family).items():
        yield _measured(family, field, label, [(one[field], other[field]) for one, other in accepted])


def _accepted(pair: Pair) -> tuple[str, str]:
    return ("reject" if pair.first is None else "accept", "reject" if pair.second is None else "accept")


def _measured(family: Family, field: str, label: str, pairs: Sequence[tuple[str, str]]) -> Agreement:
    equal = sum(one == other for one, other in pairs) / len(pairs) if pairs else None
    measured = alpha(pairs)
    why = None if measured is not None else NO_VARIATION if pairs else NO_PAIRS
    return Agreement(family.name, field, label, len(pairs), equal, measured, why)


def alpha(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Krippendorff's alpha of nominal values. None where it is not defined: without pairs, or when all values are the
    same, where NLTK says 1.
    """
    if len({value for pair in pairs for value in pair}) < 2:
        return None
    # Here, since it takes half a second and tens of megabytes that few processes need.
    from nltk.metrics.agreement import AnnotationTask

    class Nominal(AnnotationTask):  # type: ignore[misc]  # NLTK has no types
        def Disagreement(self, label_freqs: dict[str, int]) -> float:  # noqa: N802 - NLTK's name
            """What NLTK adds up over all pairs of values, which are too many where each record has a name of its own:
            of all pairs of answers, the share that are not the same value.
            """
            total = sum(label_freqs.values())
            return 1 - sum(number * (number - 1) for number in label_freqs.values()) / (total * (total - 1))

    told = [(reader, item, value) for item, pair in enumerate(pairs) for reader, value in zip("ab", pair, strict=True)]
    return float(Nominal(told).alpha())
