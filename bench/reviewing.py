"""People at work on a queue, each a process of his own, as fast as can be or with a pause before each step."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

from service.operations import claims, reviews
from service.operations.actor import Actor
from service.operations.claims import ORDERS, Wanted
from service.operations.reviews import Verdict
from service.services import Services
from service.settings import Settings

WARM_UP = 10
LEASE = 180


@dataclass(frozen=True)
class Task:
    """What one person does: as many items in each order, with a pause of up to so many seconds before each step."""

    settings: Settings
    by: Actor
    items: int
    pause: float


@dataclass(frozen=True)
class Taken:
    """Milliseconds of each claim and each decision, and the seconds of all together."""

    claims: Sequence[float]
    decisions: Sequence[float]
    seconds: float


def work(settings: Settings, people: Sequence[Actor], items: int, pause: float) -> Taken:
    with ProcessPoolExecutor(len(people), mp_context=get_context("spawn")) as pool:
        taken = list(pool.map(_work, [Task(settings, by, items, pause) for by in people]))
    return Taken(
        [one for each in taken for one in each.claims],
        [one for each in taken for one in each.decisions],
        max(each.seconds for each in taken),
    )


def _work(task: Task) -> Taken:
    services = Services.start(task.settings)
    chance = random.Random(task.by.username)
    for _ in range(WARM_UP):
        _one(services, task, "priority", chance)
    time.sleep(1)  # until all have begun
    began = time.perf_counter()
    steps = [_one(services, task, order, chance) for _ in range(task.items // len(ORDERS)) for order in ORDERS]
    took = time.perf_counter() - began
    services.engine.dispose()
    return Taken([one for one, _ in steps], [one for _, one in steps], took)


def _one(services: Services, task: Task, order: str, chance: random.Random) -> tuple[float, float]:
    """Claims an item and approves it: the milliseconds of both."""
    time.sleep(chance.uniform(0, task.pause))
    began = time.perf_counter()
    with services.sessions() as session:
        lease = claims.claim_next(session, by=task.by, seconds=LEASE, wanted=Wanted(order=order))
    claimed = time.perf_counter()
    assert lease is not None, "the queue is empty"
    time.sleep(chance.uniform(0, task.pause))
    decided = time.perf_counter()
    with services.sessions() as session:
        reviews.decide(session, lease.event_id, Verdict("approve"), revision=1, by=task.by, lease=lease.number)
    return (claimed - began) * 1000, (time.perf_counter() - decided) * 1000


def p50(taken: Sequence[float]) -> float:
    return statistics.median(taken)


def p95(taken: Sequence[float]) -> float:
    return statistics.quantiles(taken, n=20)[18]
