"""The queue that the benchmark fills is one that the product can work on."""

from __future__ import annotations

from sqlalchemy import func, make_url, select

from bench.backlog import RECORDS, Backlog
from service.embedded.postgres import EmbeddedPostgres
from service.operations import claims, records, reviews
from service.operations.actor import Actor
from service.operations.claims import Wanted
from service.operations.reviews import Verdict
from service.services import Services
from service.store.models import ReviewItem


def test_a_backlog_has_as_many_items_as_asked_for_and_each_can_be_decided(
    postgres: EmbeddedPostgres, services: Services, administrator: Actor, reviewer: Actor
) -> None:
    database = make_url(services.settings.database_url).database
    assert database
    backlog = Backlog.begin(postgres.address("postgres", database), services, administrator)
    for items in (2 * RECORDS, 4 * RECORDS):
        backlog.fill(items)
        with services.sessions() as session:
            assert session.scalar(select(func.count()).select_from(ReviewItem)) == items
    with services.sessions() as session:
        lease = claims.claim_next(session, by=reviewer, seconds=60, wanted=Wanted(order="oldest"))
        assert lease
        copied = records.get(session, lease.event_id, by=reviewer)
        assert copied.current.evidence[0].quote == "arrived"
        reviews.decide(session, lease.event_id, Verdict("approve"), revision=1, by=reviewer, lease=lease.number)
        assert records.get(session, lease.event_id, by=reviewer).event.state == "approved"
