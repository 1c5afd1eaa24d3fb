"""What a webhook is sent of the feed, in which order, how often it is tried, and when it is given up."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text, update
from standardwebhooks import Webhook as Verifier

from service.errors import NotFoundError
from service.operations import deliveries, webhooks
from service.operations.actor import Actor
from service.operations.deliveries import Lease, Logged, Message, Outcome
from service.operations.versions import seen
from service.operations.webhooks import Made, Wanted
from service.sealing import Sealer
from service.services import Services
from service.store.models import AuditEntry, Delivery, Webhook
from tests.factories import create_decision, create_drafted_document, many_visits
from tests.feed import read_feed
from tests.receivers import ANYWHERE, create_webhook

URL = "http://127.0.0.1:9/hook"
PLANNED = {"modality": "planned"}
LEASE = Lease(uuid4(), 60)
AT = dt.datetime(2024, 6, 19, tzinfo=dt.UTC)
FINE = Outcome(at=AT, seconds=0.1, status=204, answer="")
BROKEN = Outcome(at=AT, seconds=0.1, status=500, answer="oh")


@pytest.fixture
def events(services: Services, administrator: Actor, reviewer: Actor) -> list[UUID]:
    """Three records, all approved, the first corrected and then retracted: changes 1 to 5."""
    texts, records = many_visits(3)
    _, ids = create_drafted_document(services, administrator, texts, records)
    for event_id in ids:
        create_decision(services, event_id, by=reviewer)
    create_decision(services, ids[0], "fix", changes=PLANNED, by=reviewer, revision=2)
    create_decision(services, ids[0], "reject", reason="duplicate", by=reviewer, revision=3)
    return ids


def fan_out(services: Services) -> None:
    with services.sessions() as session:
        for webhook_id in deliveries.behind(session):
            deliveries.fan_out(session, webhook_id)


def claim(services: Services, webhook_id: UUID, lease: Lease = LEASE, limit: int = 100) -> list[Message]:
    with services.sessions() as session:
        if webhook_id not in deliveries.ready(session):
            return []
        return deliveries.claim(
            session, webhook_id, lease, limit=limit, sealer=services.sealer, public_url="https://legation.example"
        )


def finish(
    services: Services, message: Message, outcome: Outcome, lease: Lease = LEASE, patience_days: int = 5
) -> bool:
    with services.sessions() as session:
        return deliveries.finish(session, message, outcome, lease, patience_days=patience_days, chance=lambda: 0.5)


def pass_time(services: Services, **of: Any) -> None:
    """As if everything that was planned, leased, begun or ended had been so much earlier."""
    earlier = dt.timedelta(**of)
    with services.sessions.begin() as session:
        for column in (Delivery.due_at, Delivery.lease_until, Delivery.ended_at):
            session.execute(update(Delivery).values({column: column - earlier}))
        for column in (Webhook.failing_since, Webhook.previous_until):
            session.execute(update(Webhook).values({column: column - earlier}))


def now(services: Services) -> dt.datetime:
    with services.sessions() as session:
        return session.scalars(select(func.now())).one()


def seqs(messages: Sequence[Message]) -> list[int]:
    return [json.loads(message.body)["data"]["seq"] for message in messages]


def state_of(services: Services, message: Message) -> tuple[str, int]:
    with services.sessions() as session:
        delivery = session.get_one(Delivery, message.delivery_id)
        return delivery.state, delivery.tries


def webhook_of(services: Services, made: Made) -> Webhook:
    with services.sessions() as session:
        return session.get_one(Webhook, made.webhook.id)


def test_a_message_is_the_row_of_the_feed_signed_by_the_secret(
    services: Services, administrator: Actor, events: list[UUID]
) -> None:
    made = create_webhook(services, administrator, URL, from_seq=1)
    fan_out(services)
    told = {row["seq"]: row for row in read_feed(services, administrator)}
    messages = claim(services, made.webhook.id)
    for message in messages:
        said = json.loads(message.body)
        row = told[said["data"]["seq"]]
        assert said == {"type": f"event.{row['op']}", "timestamp": row["at"], "data": row}
        assert message.secrets == (Verifier(made.secret)._whsecret,)
    assert seqs(messages) == [1, 2, 3], "what tells more of the first record waits until its first message has ended"


def test_only_wanted_changes_are_sent_from_the_wanted_one_on(
    services: Services, administrator: Actor, reviewer: Actor, events: list[UUID]
) -> None:
    retractions = create_webhook(services, administrator, URL, from_seq=1, ops=["retract"])
    treaties = create_webhook(services, administrator, URL, from_seq=1, families=["treaty"])
    late = create_webhook(services, administrator, URL, from_seq=3)
    new = create_webhook(services, administrator, URL)
    fan_out(services)
    assert seqs(claim(services, retractions.webhook.id)) == [5]
    assert seqs(claim(services, treaties.webhook.id)) == []
    assert seqs(claim(services, late.webhook.id)) == [3, 4]
    assert seqs(claim(services, new.webhook.id)) == []
    create_decision(services, events[1], "fix", changes=PLANNED, by=reviewer, revision=2)
    fan_out(services)
    assert seqs(claim(services, new.webhook.id)) == [6]


def test_fanning_out_again_or_at_once_doubles_nothing(
    services: Services, administrator: Actor, events: list[UUID]
) -> None:
    made = create_webhook(services, administrator, URL, from_seq=1)
    with services.sessions() as first, services.sessions() as second, first.begin():
        first.execute(select(Webhook).with_for_update())
        assert deliveries.fan_out(second, made.webhook.id) == 0, "somebody else is at it"
    with services.sessions() as session:
        assert deliveries.fan_out(session, made.webhook.id) == 5
        assert deliveries.fan_out(session, made.webhook.id) == 0
        assert session.scalars(select(Delivery.seq).order_by(Delivery.seq)).all() == [1, 2, 3, 4, 5]


def test_a_process_that_dies_in_fanning_out_leaves_nothing_half_done(
    services: Services, administrator: Actor, events: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Position and deliveries are one transaction: either both are there, or neither."""
    made = create_webhook(services, administrator, URL, from_seq=1)
    with services.sessions.begin() as session:
        session.execute(text("alter table webhooks add constraint broken check (position = 0) not valid"))
    with services.sessions() as session, pytest.raises(Exception, match="broken"):
        deliveries.fan_out(session, made.webhook.id)
    with services.sessions.begin() as session:
        assert session.scalars(select(Delivery)).all() == []
        session.execute(text("alter table webhooks drop constraint broken"))
    fan_out(services)
    assert seqs(claim(services, made.webhook.id)) == [1, 2, 3]


def test_messages_about_a_record_wait_for_the_earlier_ones_and_others_do_not(
    services: Services, administrator: Actor, events: list[UUID]
) -> None:
    made = create_webhook(services, administrator, URL, from_seq=1)
    other = create_webhook(services, administrator, URL, from_seq=1)
    fan_out(services)
    first, second, _ = claim(services, made.webhook.id)
    assert claim(services, made.webhook.id) == []
    finish(services, first, BROKEN)
    finish(services, second, FINE)
    assert claim(services, made.webhook.id) == [], "the fourth is about the first's record, which is tried again"
    assert seqs(claim(services, other.webhook.id)) == [1, 2, 3], "another webhook is not held up"
    pass_time(services, seconds=6)
    (again,) = claim(services, made.webhook.id, limit=1)
    assert again == first, "the same id and body"
    finish(services, again, FINE)
    assert seqs(claim(services, made.webhook.id)) == [4]


def test_retries_follow_the_table_of_the_standard_and_end(
    services: Services, administrator: Actor, events: list[UUID]
) -> None:
    made = create_webhook(services, administrator, URL, from_seq=5)
    fan_out(services)
    hours = [5 / 3600, 5 / 60, 0.5, 2, 5, 10, 14, 20, 24]
    for hour in hours:
        (message,) = claim(services, made.webhook.id, limit=1)
        began = now(services)
        finish(services, message, BROKEN)
        ended, wait = now(services), dt.timedelta(hours=hour * 1.05)
        with services.sessions() as session:
            due_at = session.scalars(select(Delivery.due_at).where(Delivery.id == message.delivery_id)).one()
        assert began + wait <= due_at <= ended + wait
        pass_time(services, hours=hour * 1.05)
    (message,) = claim(services, made.webhook.id, limit=1)
    finish(services, message, BROKEN)
    assert state_of(services, message) == ("failed", 10)


outcomes = st.builds(
    Outcome,
    at=st.just(AT),
    seconds=st.just(0.1),
    status=st.sampled_from([None, 301, 400, 429, 500, 503]),
    retry_after=st.none() | st.floats(0, 1e9),
)


@given(tries=st.integers(1, 9), outcome=outcomes, chance=st.floats(0, 1, exclude_max=True))
def test_no_try_comes_before_the_table_says_nor_long_after(tries: int, outcome: Outcome, chance: float) -> None:
    planned, delay = deliveries.DELAYS[tries - 1], deliveries.delay(tries, outcome, lambda: chance)
    asked = (outcome.status in (429, 503) and outcome.retry_after) or 0
    assert max(planned, min(asked, 86_400)) <= delay <= max(planned * 1.1, min(asked, 86_400))


def test_a_receiver_that_is_gone_disables_its_webhook(
    services: Services, administrator: Actor, events: list[UUID]
) -> None:
    made = create_webhook(services, administrator, URL, from_seq=1)
    fan_out(services)
    first, second, _ = claim(services, made.webhook.id)
    finish(services, second, FINE)
    finish(services, first, Outcome(at=AT, seconds=0, status=410, answer="bye"))
    gone = webhook_of(services, made)
    assert (gone.disabled_reason, gone.version) == ("gone", 2)
    assert state_of(services, first) == ("failed", 1)
    assert claim(services, made.webhook.id) == []
    with services.sessions() as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.number.desc())).first()
        assert entry is not None
        assert (entry.action, entry.actor_id, entry.subject_id) == ("webhook.disabled", None, made.webhook.id)
    with services.sessions() as session:
        webhooks.change(session, gone.id, Wanted(is_enabled=True), seen=seen("2"), by=administrator, receivers=ANYWHERE)
    assert seqs(claim(services, made.webhook.id)) == [4], "enabled again, it goes on where it stood"


def test_a_webhook_to_which_nothing_comes_through_for_days_is_disabled(
    services: Services, administrator: Actor, events: list[UUID]
) -> None:
    made = create_webhook(services, administrator, URL, from_seq=1)
    fan_out(services)
    first, second, third = claim(services, made.webhook.id)
    finish(services, first, BROKEN)
    assert webhook_of(services, made).failing_since is not None
    finish(services, second, FINE)
    assert webhook_of(services, made).failing_since is None, "something came through"
    finish(services, third, BROKEN)
    pass_time(services, days=4, hours=23)
    first, third = claim(services, made.webhook.id)
    finish(services, first, BROKEN)
    assert webhook_of(services, made).disabled_at is None
    pass_time(services, days=1)
    finish(services, third, BROKEN)
    assert webhook_of(services, made).disabled_reason == "failing"
    assert state_of(services, third)[0] == "waiting", "what waits is kept for who enables it again"


def test_the_attempt_of_who_lost_the_lease_does_not_count(
    services: Services, administrator: Actor, events: list[UUID]
) -> None:
    made = create_webhook(services, administrator, URL, from_seq=2)
    fan_out(services)
    (message, _, _) = claim(services, made.webhook.id)
    other = Lease(uuid4(), 60)
    assert claim(services, made.webhook.id, other) == []
    pass_time(services, seconds=61)
    assert message in claim(services, made.webhook.id, other)
    with services.sessions() as session:
        deliveries.renew(session, [message.delivery_id], LEASE)  # too late, and changes nothing
    assert not finish(services, message, BROKEN)
    assert finish(services, message, FINE, other)
    assert state_of(services, message) == ("delivered", 1)


def test_a_lease_that_is_renewed_does_not_run_out(services: Services, administrator: Actor, events: list[UUID]) -> None:
    made = create_webhook(services, administrator, URL, from_seq=2)
    fan_out(services)
    (message,) = claim(services, made.webhook.id, limit=1)
    pass_time(services, seconds=59)
    with services.sessions() as session:
        deliveries.renew(session, [message.delivery_id], LEASE)
    pass_time(services, seconds=59)
    assert message not in claim(services, made.webhook.id, Lease(uuid4(), 60))


def test_what_is_given_back_is_due_at_once(services: Services, administrator: Actor, events: list[UUID]) -> None:
    made = create_webhook(services, administrator, URL, from_seq=2)
    fan_out(services)
    messages = claim(services, made.webhook.id)
    other = Lease(uuid4(), 60)
    with services.sessions() as session:
        deliveries.release(session, [one.delivery_id for one in messages], other)  # who does not have it gives nothing
    assert claim(services, made.webhook.id, other) == []
    with services.sessions() as session:
        deliveries.release(session, [one.delivery_id for one in messages], LEASE)
    assert claim(services, made.webhook.id, other) == messages


def test_both_secrets_sign_until_the_old_one_ends(services: Services, administrator: Actor, events: list[UUID]) -> None:
    made = create_webhook(services, administrator, URL, from_seq=1)
    with services.sessions() as session:
        rotated = webhooks.rotate(
            session, made.webhook.id, seen=seen("1"), by=administrator, sealer=services.sealer, hours=24
        )
    fan_out(services)
    old, new = (Verifier(one.secret)._whsecret for one in (made, rotated))
    assert claim(services, made.webhook.id, limit=1)[0].secrets == (new, old)
    pass_time(services, hours=24, seconds=1)
    assert claim(services, made.webhook.id, limit=1)[0].secrets == (new,)


def test_a_secret_that_cannot_be_read_any_more_disables_the_webhook_until_it_is_rotated(
    services: Services, administrator: Actor, events: list[UUID]
) -> None:
    made = create_webhook(services, administrator, URL, from_seq=1)
    with services.sessions.begin() as session:
        sealed = Sealer("the key before this one", "secrets of webhooks").seal(b"x" * 32)
        session.execute(update(Webhook).values(secret=sealed))
    fan_out(services)
    assert claim(services, made.webhook.id) == []
    assert webhook_of(services, made).disabled_reason == "secret_lost"
    with services.sessions() as session:
        pinged = deliveries.ping(session, made.webhook.id, by=administrator)
    assert claim(services, made.webhook.id) == []
    with services.sessions() as session:
        told = deliveries.get(session, made.webhook.id, pinged.id, by=administrator)
        assert told.state == "failed"
        assert "Rotate it" in (told.log[0].error or "")
        rotated = webhooks.rotate(
            session, made.webhook.id, seen=seen("2"), by=administrator, sealer=services.sealer, hours=24
        )
        enabled = Wanted(is_enabled=True)
        webhooks.change(session, made.webhook.id, enabled, seen=seen("3"), by=administrator, receivers=ANYWHERE)
    assert claim(services, made.webhook.id, limit=1)[0].secrets == (Verifier(rotated.secret)._whsecret,)


def test_a_large_record_comes_as_the_address_where_it_is_read(
    services: Services, administrator: Actor, reviewer: Actor
) -> None:
    _, (event_id, *_) = create_drafted_document(services, administrator)
    many = [{"role": "visitor", "name": f"Ada Larsen {'of Norvale ' * 15}{i}", "kind": "person"} for i in range(90)]
    create_decision(services, event_id, "fix", changes={"participants": many}, by=reviewer)
    made = create_webhook(services, administrator, URL, from_seq=1)
    fan_out(services)
    (message,) = claim(services, made.webhook.id)
    said = json.loads(message.body)
    assert said["data"] == {
        "seq": 1,
        "op": "put",
        "event": {"id": str(event_id), "revision": 2},
        "at": said["timestamp"],
        "url": "https://legation.example/api/v1/changes/1",
    }


def test_replayed_deliveries_have_the_same_id_and_their_retries_begin_anew(
    services: Services, administrator: Actor, events: list[UUID]
) -> None:
    made = create_webhook(services, administrator, URL, from_seq=2)
    fan_out(services)
    first, second, third = claim(services, made.webhook.id)
    gone = Outcome(at=AT, seconds=0, status=410, answer="")
    for message in (first, second):
        finish(services, message, gone)
    finish(services, third, FINE)
    with services.sessions() as session:
        wanted = Wanted(is_enabled=True)
        webhooks.change(session, made.webhook.id, wanted, seen=seen("2"), by=administrator, receivers=ANYWHERE)
        assert deliveries.replay(session, made.webhook.id, third.delivery_id, by=administrator).state == "waiting"
        assert deliveries.replay_failed(session, made.webhook.id, by=administrator) == 2
        assert deliveries.replay_failed(session, made.webhook.id, by=administrator) == 0
    again = claim(services, made.webhook.id)
    assert {one.delivery_id for one in again} >= {first.delivery_id, second.delivery_id, third.delivery_id}
    finish(services, first, BROKEN)
    assert state_of(services, first) == ("waiting", 1)
    with services.sessions() as session:
        log = deliveries.get(session, made.webhook.id, first.delivery_id, by=administrator).log
        assert [(one.number, one.status) for one in log] == [(1, 410), (2, 500)]
        deliveries.replay(session, made.webhook.id, first.delivery_id, by=administrator)
    assert first in claim(services, made.webhook.id), "one that waits is sent at once"
    with services.sessions() as session, pytest.raises(NotFoundError):
        deliveries.replay(session, uuid4(), first.delivery_id, by=administrator)


def test_a_ping_is_tried_once_and_says_nothing_of_the_webhook(
    services: Services, administrator: Actor, events: list[UUID]
) -> None:
    made = create_webhook(services, administrator, URL)
    with services.sessions() as session:
        off = Wanted(is_enabled=False)
        webhooks.change(session, made.webhook.id, off, seen=seen("1"), by=administrator, receivers=ANYWHERE)
        deliveries.ping(session, made.webhook.id, by=administrator)
    (message,) = claim(services, made.webhook.id)
    assert '"type": "ping"' in message.body
    finish(services, message, BROKEN)
    assert state_of(services, message) == ("failed", 1)
    assert webhook_of(services, made).failing_since is None


def test_the_log_forgets_what_ended_long_ago_and_nothing_that_waits(
    services: Services, administrator: Actor, events: list[UUID]
) -> None:
    made = create_webhook(services, administrator, URL, from_seq=1)
    fan_out(services)
    first, second, third = claim(services, made.webhook.id)
    finish(services, first, FINE)
    pass_time(services, days=20)
    finish(services, second, FINE)
    finish(services, third, BROKEN)
    pass_time(services, days=11)
    with services.sessions() as session:
        deliveries.forget(session, days=30)
        left = deliveries.find(session, made.webhook.id, Logged(), by=administrator, limit=10)
    assert [one.seq for one in left] == [5, 4, 3, 2]
    fan_out(services)
    assert sorted(seqs(claim(services, made.webhook.id))) == [3, 4], "what was forgotten is not sent again"


def test_deleting_a_webhook_deletes_its_deliveries_while_one_is_being_sent(
    services: Services, administrator: Actor, events: list[UUID]
) -> None:
    made = create_webhook(services, administrator, URL, from_seq=1)
    fan_out(services)
    message, *_ = claim(services, made.webhook.id)
    with services.sessions() as session:
        webhooks.delete(session, made.webhook.id, seen=seen("1"), by=administrator)
    assert not finish(services, message, FINE)
    with services.sessions() as session:
        assert session.scalars(select(Delivery)).all() == []
