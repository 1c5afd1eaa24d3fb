"""Several people at one queue, one step after the other, in orders that nobody thought of: the database does what the
model (model.py) says, and what the model refuses changes nothing.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TypeVar
from uuid import UUID

import hypothesis
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import Executable, Select, func, select, text, update
from sqlalchemy.orm import Session

from service import errors
from service.embedded.postgres import EmbeddedPostgres
from service.embedded.valkey import EmbeddedValkey
from service.operations import (
    accounts,
    additions,
    audit_chain,
    claims,
    documents,
    drafting,
    lifecycle,
    records,
    reviews,
    settling,
    undoing,
)
from service.operations.actor import Actor
from service.operations.claims import ORDERS, Lease, Wanted
from service.operations.disputes import Settlement
from service.operations.drafting import Drafts
from service.operations.reviews import Verdict
from service.services import Services
from service.settings import Settings
from service.store.models import AuditEntry, Decision, Event, ReviewItem, ReviewRule, Revision, Skip, User, new_id
from tests.conftest import SECRET_KEY, create_actor, fresh_database
from tests.factories import create_drafted_document, evidence
from tests.feed import check_feed
from tests.property.review import model
from tests.property.review.model import Content, Errors, Item, Model
from workers.extraction.records import EventRecord, Participant, keys_of

ROLES = {"ada": "administrator", "ines": "adjudicator", "rosa": "reviewer", "theo": "reviewer", "rhea": "reader"}
THEOS = "visit"
READ_TWICE = "border_incident"
DOCUMENTS = 2
NEWS = (
    "{}: President Ada Larsen and Minister Bo Berg of Norvale arrived in Sudmark on Tuesday for talks.\n\n"
    "Queen Cleo of Estmark visited Sudmark, too. Hours later, soldiers of Norvale crossed the Grey Line.\n"
)
MODALITIES = ("occurred", "planned", "alleged")
FAMILIES: tuple[tuple[str, ...], ...] = ((), (), (THEOS,), (READ_TWICE,), (THEOS, READ_TWICE))
LEASE = 60
MANY = 6
EXAMPLES, STEPS = 15, 60
PAST = func.now() - dt.timedelta(seconds=1)
T = TypeVar("T")

people = st.sampled_from(["rosa", "theo", "ines", "ada", "rosa", "theo", "ines", "ada", "rhea"])
orders = st.sampled_from([*ORDERS])
stages = st.sampled_from([None, None, None, "first", "second", "adjudication"])
picks = st.integers(0, 255)
modalities = st.sampled_from(MODALITIES)


def drafts(text: str, modality: str = "occurred") -> list[EventRecord]:
    """Two visits and a border incident. The border incident is always drafted alike."""
    return [
        _record(text, "visit", "arrived", modality, ("visitor", "Ada Larsen"), ("visitor", "Bo Berg"), sure=0.5),
        _record(text, "visit", "visited", modality, ("visitor", "Cleo"), sure=0.9),
        _record(text, "border_incident", "crossed", "occurred", ("initiator", "soldiers of Norvale"), sure=0.2),
    ]


def _record(text: str, family: str, trigger: str, modality: str, *who: tuple[str, str], sure: float) -> EventRecord:
    named = [evidence(text, f"participants/{i}", name) for i, (_, name) in enumerate(who)]
    return EventRecord(
        type=family,
        modality=modality,
        participants=tuple(Participant(role, name, "person") for role, name in who),
        details={"action": "crossing" if family == "border_incident" else "arrived"},
        evidence=(evidence(text, "trigger", trigger), *named),
        confidence={"record": sure, "modality": sure},
        rules=("test",),
    )


@pytest.fixture(scope="module")
def story(postgres: EmbeddedPostgres, valkey: EmbeddedValkey, template: str) -> Iterator[str]:
    """The name of a database with people and drafted documents, to copy for each walk."""
    with fresh_database(postgres, template) as url:
        settings = Settings(database_url=url, redis_url=valkey.url, secret_key=SECRET_KEY)
        services = Services.start(settings)
        actors = {name: create_actor(services, name, role) for name, role in ROLES.items()}
        with services.sessions() as session, session.begin():
            session.execute(update(User).where(User.username == "theo").values(families=[THEOS]))
            session.add(ReviewRule(family=READ_TWICE, second_share=1.0, gold_share=0.0))
        for i in range(DOCUMENTS):
            news = NEWS.format(i)
            create_drafted_document(services, actors["ada"], news, drafts(news))
        name = services.engine.url.database
        services.engine.dispose()
        assert name
        yield name


class Queue(RuleBasedStateMachine):
    """Steps of people (and of the machine and the clock), each done to the database and to the model."""

    def __init__(self, services: contextlib.AbstractContextManager[Services]) -> None:
        super().__init__()
        self.closing = contextlib.ExitStack()
        self.services = self.closing.enter_context(services)
        with self.services.sessions() as session:
            found = session.scalars(select(User)).all()
            actors = {user.username: accounts.actor_of(user) for user in found}
            self.model = Model(actors, frozenset({READ_TWICE}))
            for event, item, revision, *_ in session.execute(everything()):
                self.model.items[event.id] = new_item(event, item, revision)
            self.model.noted.update(audited(session))
        self.names = {actor.user_id: name for name, actor in actors.items()}

    def teardown(self) -> None:
        with self.closing, self.services.sessions() as session:
            audit_chain.verify(session)

    def attempt(self, refused: Errors, step: Callable[[Session], T]) -> T | None:
        """Takes the step, or sees it refused."""
        with self.services.sessions() as session:
            if not refused:
                return step(session)
            with pytest.raises(tuple(refused)):
                step(session)
            return None

    def item(self, pick: int) -> Item:
        items = list(self.model.items.values())
        return items[pick % len(items)]

    def by(self, who: str) -> Actor:
        return self.model.people[who]

    def choose(self, pick: int, refuses: Callable[[str, Item], Errors]) -> tuple[str, Item]:
        """A person and a record: mostly such that the step can be taken, now and then any."""
        every = [(who, item) for item in self.model.items.values() for who in sorted(self.model.people)]
        can = [(who, item) for who, item in every if not refuses(who, item)]
        chosen = can if can and pick % 4 else every
        return chosen[pick // 4 % len(chosen)]

    def token(self, pick: int) -> tuple[Item, int, str]:
        """A lease that was given at some time, newest first."""
        given = list(self.model.given.items())
        (event_id, number), who = given[-1 - pick % len(given)]
        return self.model.items[event_id], number, who

    def newest(self, who: str, item: Item) -> int | None:
        return item.number if item.holder == who else None

    def name(self, user_id: UUID | None) -> str:
        return self.names[user_id] if user_id else ""

    # Claims

    @rule(who=people, order=orders, families=st.sampled_from(FAMILIES), stage=stages, pick=st.none() | picks)
    def next(self, who: str, order: str, families: tuple[str, ...], stage: str | None, pick: int | None) -> None:
        document_id = None if pick is None else self.item(pick).document_id
        wanted = Wanted(families, order, document_id, stage)
        refused = self.model.refuses_scope(who, "adjudicate" if stage == "adjudication" else "review")
        lease = self.attempt(refused, lambda s: claims.claim_next(s, by=self.by(who), seconds=LEASE, wanted=wanted))
        expected = None if refused else self.model.next_for(who, wanted)
        assert (lease and lease.event_id) == (expected and expected.event_id)
        if lease and expected:
            self.model.claim(who, expected, anew=True)
            self.check_lease(lease, who)

    @rule(pick=picks)
    def claim(self, pick: int) -> None:
        who, item = self.choose(pick, self.model.refuses_claim)
        refused = self.model.refuses_claim(who, item)
        if lease := self.attempt(refused, lambda s: claims.claim(s, item.event_id, by=self.by(who), seconds=LEASE)):
            self.model.claim(who, item)
            self.check_lease(lease, who)

    @rule(pick=picks)
    def take_over(self, pick: int) -> None:
        who, item = self.choose(pick, self.model.refuses_reading)
        refused = self.model.refuses_reading(who, item)
        if lease := self.attempt(refused, lambda s: claims.take_over(s, item.event_id, by=self.by(who), seconds=LEASE)):
            self.model.take_over(who, item)
            self.check_lease(lease, who)

    def check_lease(self, lease: Lease, who: str) -> None:
        item = self.model.items[lease.event_id]
        assert (lease.holder, lease.number, item.holder) == (who, item.number, who)
        assert self.model.given[lease.event_id, lease.number] == who

    @precondition(lambda self: self.model.given)
    @rule(
        step=st.sampled_from(["renew", "release", "skip", "snooze"]),
        pick=st.integers(0, 3),
        somebody=st.none() | people,
    )
    def use_lease(self, step: str, pick: int, somebody: str | None) -> None:
        """By the person that it was given to, or by somebody else who learned its number."""
        item, number, given_to = self.token(pick)
        who = somebody or given_to
        refused = self.model.refuses_token(who, item, number)
        self.attempt(refused, lambda s: self._use(s, step, item, number, self.by(who)))
        if not refused:
            self._used(step, who, item)

    def _use(self, session: Session, step: str, item: Item, number: int, by: Actor) -> None:
        match step:
            case "renew":
                claims.renew(session, item.event_id, number, by=by, seconds=LEASE)
            case "release":
                claims.release(session, item.event_id, number, by=by)
            case "skip":
                claims.skip(session, item.event_id, number, by=by)
            case "snooze":
                tomorrow = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
                claims.snooze(session, item.event_id, number, tomorrow, by=by)

    def _used(self, step: str, who: str, item: Item) -> None:
        match step:
            case "renew":
                self.model.claim(who, item)
            case "release":
                item.free()
                self.model.note("review.released", item)
            case "skip":
                self.model.skip(who, item)
            case "snooze":
                self.model.snooze(item)

    @rule(who=people, pick=picks)
    def assign(self, who: str, pick: int) -> None:
        to, item = self.choose(pick, lambda to, item: self.model.refuses_assignment(item, to))
        to = "" if to == "ada" else to
        refused = self.model.refuses_scope(who, "review") or self.model.refuses_assignment(item, to)
        self.attempt(refused, lambda s: claims.assign(s, item.event_id, to or None, by=self.by(who)))
        if not refused:
            item.assignee = to
            self.model.note("review.assigned", item)

    @rule(who=people, pick=picks, priority=st.integers(-1, 1))
    def prioritize(self, who: str, pick: int, priority: int) -> None:
        item = self.item(pick)
        refused = self.model.refuses_scope(who, "review")
        if not item.waits:
            refused.add(errors.AlreadyDecidedError)
        self.attempt(refused, lambda s: claims.prioritize(s, item.event_id, priority, by=self.by(who)))
        if not refused:
            item.priority = priority
            self.model.note("review.prioritized", item)

    # Decisions

    @rule(
        pick=picks,
        action=st.sampled_from(["approve", "approve", "fix", "fix", "reject", "send_back"]),
        modality=modalities,
        is_stale=st.sampled_from([False, False, False, True]),
        lease=st.sampled_from(["none", "newest", "newest", "any"]),
    )
    def decide(self, pick: int, action: str, modality: str, is_stale: bool, lease: str) -> None:
        who, item = self.choose(pick, lambda who, item: self.model.refuses_decision(who, item, action))
        revision = item.revision - 1 if is_stale else item.revision
        number = {"none": None, "newest": self.newest(who, item), "any": item.number}[lease]
        self._decide(who, item, action, modality, revision, number)

    @precondition(lambda self: self.is_any("second"))
    @rule(pick=picks, action=st.sampled_from(["approve", "approve", "fix", "reject"]), modality=modalities)
    def read_second(self, pick: int, action: str, modality: str) -> None:
        who, item = self.choose(pick, lambda who, item: self.model.refuses_second(who, item, action))
        self._decide(who, item, action, modality, item.revision)

    def is_any(self, standing: str) -> bool:
        return any(item.standing == standing for item in self.model.items.values())

    def _decide(
        self,
        who: str,
        item: Item,
        action: str,
        modality: str,
        revision: int,
        number: int | None = None,
        batch: UUID | None = None,
    ) -> None:
        changes = {"modality": modality} if action == "fix" else {}
        reason = "duplicate" if action == "reject" else None
        verdict = Verdict(action, changes, reason=reason)
        refused = self.model.refuses_decision(who, item, action, revision, number)
        if batch:
            refused |= self.model.refuses_for_many(who, item)
        if action == "fix" and item.place.content.fields["modality"] == modality:
            refused.add(errors.InvalidInputError)
        self.attempt(
            refused,
            lambda s: reviews.decide(
                s, item.event_id, verdict, revision=revision, by=self.by(who), lease=number, batch=batch
            ),
        )
        if not refused:
            self.model.decide(who, item, action, changes, batch)

    @rule(who=people, first=picks, second=picks)
    def approve_together(self, who: str, first: int, second: int) -> None:
        batch = new_id()
        for item in {self.item(pick).event_id: self.item(pick) for pick in (first, second)}.values():
            self._decide(who, item, "approve", "", item.revision, batch=batch)

    @precondition(lambda self: self.is_any("adjudication"))
    @rule(pick=picks, rejects=st.booleans(), modality=modalities, is_stale=st.sampled_from([False, False, True]))
    def settle(self, pick: int, rejects: bool, modality: str, is_stale: bool) -> None:
        who, item = self.choose(pick, lambda who, item: self.model.refuses_decision(who, item, "settle"))
        revision = item.revision - is_stale
        refused = self.model.refuses_decision(who, item, "settle", revision, self.newest(who, item))
        settlement, accepted = Settlement({}, {}, "duplicate" if rejects else None), None
        if not refused and not rejects:
            settlement, accepted = self.settlement(who, item, modality)
        made = self.attempt(
            refused,
            lambda s: settling.settle(
                s, item.event_id, settlement, revision=revision, by=self.by(who), lease=self.newest(who, item)
            ),
        )
        if made:
            self.model.settle(who, item, accepted)

    def settlement(self, who: str, item: Item, modality: str) -> tuple[Settlement, Content | None]:
        """The reader who accepts is right, or, where both accept, neither is; and what becomes of the record."""
        with self.services.sessions() as session:
            dispute = settling.to_settle(session, item.event_id, by=self.by(who)).dispute
        accepting = [answer.content for answer in item.place.answers if answer.accepts]
        if len(accepting) == 2:
            return Settlement({}, {"modality": modality}), accepting[0].changed({"modality": modality})
        return Settlement({"decision": "b" if dispute.a.is_rejection else "a"}, {}), accepting[0]

    @rule(pick=picks, moved=st.integers(0, 2), is_stale=st.sampled_from([False, False, True]))
    def split(self, pick: int, moved: int, is_stale: bool) -> None:
        who, item = self.choose(pick, lambda who, item: self.model.refuses_split(who, item, moved))
        revision = item.revision - is_stale
        refused = self.model.refuses_split(who, item, moved, revision, self.newest(who, item))
        leases = self.attempt(
            refused,
            lambda s: additions.split(
                s, item.event_id, [f"participants/{moved}"], revision=revision, by=self.by(who), seconds=LEASE
            ),
        )
        if leases:
            new = Item(leases[1].event_id, item.document_id, item.family, item.place, None, None, item.priority)
            self.model.split(who, item, moved, new)
            for lease in leases:
                self.check_lease(lease, who)

    @rule(pick=picks, other=picks)
    def merge(self, pick: int, other: int) -> None:
        who, taken = self.choose(other, lambda who, item: self.model.refuses_decision(who, item, "absorb"))
        _, item = self.choose(pick, lambda _, item: self.model.refuses_merger(who, item, taken))
        refused = self.model.refuses_merger(who, item, taken)
        number = self.attempt(
            refused,
            lambda s: additions.merge(s, item.event_id, taken.event_id, revision=item.revision, by=self.by(who)),
        )
        if number:
            self.model.merge(who, item, taken, self.content(item.event_id))

    def content(self, event_id: UUID) -> Content:
        """As it is in the database now."""
        with self.services.sessions() as session:
            record = records.get(session, event_id, by=self.by("ada"))
            return Content.of(record.current.body, record.current.evidence)

    @rule(who=people, pick=picks, family=st.sampled_from([THEOS, READ_TWICE]))
    def add(self, who: str, pick: int, family: str) -> None:
        document_id = self.item(pick).document_id
        refused = self.model.refuses_scope(who, "review") | self.model.refuses_family(who, family)
        action = "arrived" if family == "visit" else "crossing"
        wanted = {"details/action": action, "evidence": [{"field": "trigger", "start": 0, "end": 1}]}
        lease = self.attempt(
            refused, lambda s: additions.add(s, document_id, family, wanted, by=self.by(who), seconds=LEASE)
        )
        if lease:
            place = model.Place("draft", self.content(lease.event_id))
            self.model.add(who, Item(lease.event_id, document_id, family, place, None, None))
            self.check_lease(lease, who)

    @precondition(lambda self: self.model.decisions)
    @rule(pick=picks, is_named=st.booleans(), somebody=st.none() | st.none() | people)
    def undo(self, pick: int, is_named: bool, somebody: str | None) -> None:
        """The last decision of somebody who can take one back, or any one of the decisions; now and then by another."""
        made = self.model.decisions
        can = [one for one in made if not self.model.refuses_undo(one.by, one)]
        chosen = (can if can and pick % 4 else made)[pick // 4 % len(can or made)]
        who = somebody or chosen.by
        decision = chosen if is_named else next(iter(self.model.can_undo(who)), None)
        named = chosen.id if is_named else None
        refused = self.model.refuses_undo(who, decision)
        undone = self.attempt(refused, lambda s: undoing.undo(s, by=self.by(who), seconds=LEASE, decision_id=named))
        if undone and decision:
            items = self.model.undo(decision)
            assert {*undone.event_ids} == {item.event_id for item in items}
            back = next((item for item in items if item.waits and item.standing != "redraft"), None)
            assert (undone.lease and undone.lease.event_id) == (back and back.event_id)
            if undone.lease and back:
                self.model.claim(who, back)
                self.check_lease(undone.lease, who)

    # The machine and the clock

    @rule(modality=modalities, found=st.sampled_from([(0, 1, 2), (0, 1, 2), (0, 2), (1,)]), asked=st.none() | picks)
    def draft(self, modality: str, found: tuple[int, ...], asked: int | None) -> None:
        """The machine drafts what was sent back, and a document that the administrator wants drafted anew."""
        with self.services.sessions() as session:
            if asked is not None:
                self.ask_for_drafts(session, self.item(asked).document_id)
            for job in drafting.take(session, documents=9, characters=99_999, lease=LEASE, attempts=3):
                drafted = [drafts(job.source.text, modality)[i] for i in found]
                new = drafting.record(session, job, Drafts(drafted, (), "test", "no parser"))
                assert new == []
                contents = [Content.of(one.to_json(), one.evidence) for one in drafted]
                self.model.draft(job.document_id, dict(zip(keys_of(drafted), contents, strict=True)))

    def ask_for_drafts(self, session: Session, document_id: UUID) -> None:
        with contextlib.suppress(errors.NotReplayableError):
            documents.redraft(session, document_id, by=self.by("ada"), dispatch=self.services.dispatch)

    @precondition(lambda self: any(item.holder for item in self.model.items.values()))
    @rule()
    def leases_run_out(self) -> None:
        self.change(update(ReviewItem).where(ReviewItem.holder_id.is_not(None)).values(lease_until=PAST))
        for item in self.model.items.values():
            item.ran_out = bool(item.holder)

    @precondition(lambda self: any(item.is_snoozed or item.skips for item in self.model.items.values()))
    @rule()
    def skips_and_snoozes_end(self) -> None:
        self.change(update(ReviewItem).values(ready_at=PAST), update(Skip).values(until=PAST))
        for item in self.model.items.values():
            item.is_snoozed = False
            for skipped in item.skips.values():
                skipped.is_over = True

    @precondition(lambda self: sum(not one.is_old for one in self.model.decisions) > MANY)
    @rule()
    def decisions_get_old(self) -> None:
        self.change(
            text("alter table decisions disable trigger decisions_append_only"),
            text("update decisions set at = at - interval '16 minutes'"),
            text("alter table decisions enable trigger decisions_append_only"),
        )
        for decision in self.model.decisions:
            decision.is_old = True

    def change(self, *statements: Executable) -> None:
        with self.services.sessions() as session, session.begin():
            for statement in statements:
                session.execute(statement)

    @rule()
    def read_what_is_published(self) -> None:
        approved = sorted(item.event_id for item in self.model.items.values() if item.place.is_published)
        with self.services.sessions() as session:
            listed = records.find(session, by=self.by("rhea"), state="approved")
            assert [record.event.id for record in listed] == approved
            exported = [record.to_json()["id"] for record in records.export(session, by=self.by("rhea"))]
        assert exported == [str(event_id) for event_id in approved]

    # What holds after each step

    @invariant()
    def the_database_is_as_the_model_says(self) -> None:
        with self.services.sessions() as session:
            self.check_records(session)
            self.check_decisions(session)
            assert audited(session) == self.model.noted
        check_feed(self.services, self.by("rhea"))

    def check_records(self, session: Session) -> None:
        rows = session.execute(everything()).all()
        assert [event.id for event, *_ in rows] == sorted(self.model.items)
        for event, row, revision, is_held, is_snoozed in rows:
            item = self.model.items[event.id]
            assert lifecycle.standing(event, row) == item.standing
            assert (event.state == "approved") == item.place.is_published
            assert Content.of(revision.body, revision.evidence) == item.place.content
            assert (event.revision > item.revision) if item.moves else (event.revision == item.revision)
            assert (self.name(row.holder_id), row.lease_number) == (item.holder, item.number)
            assert is_held == (bool(item.holder) and not item.ran_out)
            assert sorted(map(self.name, row.readers)) == sorted(item.place.readers)
            assert (self.name(row.assignee_id), is_snoozed) == (item.assignee, item.is_snoozed)
            item.revision, item.moves, item.due = event.revision, False, row.due

    def check_decisions(self, session: Session) -> None:
        """Each that was accepted is there once, and nothing else."""
        made = session.scalars(select(Decision).order_by(Decision.id)).all()
        undone = {one.undoes for one in made if one.undoes}
        assert len(undone) == sum(one.decision == "undo" for one in made)
        kept = [one for one in made if one.decision != "undo"]
        for row, decision in zip(kept, self.model.decisions, strict=True):
            decision.id = row.id
            assert (row.event_id, self.name(row.by)) == (decision.event_id, decision.by)
            assert (row.decision, row.on_revision, row.round) == (
                decision.decision,
                decision.on_revision,
                decision.round,
            )
            assert (row.id in undone) == decision.is_undone


def audited(session: Session) -> Counter[tuple[str, UUID]]:
    """How many entries there are of each action on each record."""
    entries = select(AuditEntry.action, AuditEntry.subject_id).where(AuditEntry.subject_kind == "event")
    return Counter((action, subject_id) for action, subject_id in session.execute(entries))


def everything() -> Select[Event, ReviewItem, Revision, bool, bool]:
    is_held = func.coalesce(ReviewItem.lease_until > func.now(), False)
    return (
        select(Event, ReviewItem, Revision, is_held, ReviewItem.ready_at > func.now())
        .join(ReviewItem, ReviewItem.event_id == Event.id)
        .join(Revision, (Revision.event_id == Event.id) & (Revision.number == Event.revision))
        .order_by(Event.id)
    )


def new_item(event: Event, row: ReviewItem, revision: Revision) -> Item:
    content = Content.of(revision.body, revision.evidence)
    return Item(event.id, event.document_id, event.type, model.Place("draft", content), content, event.key)


def test_the_queue_does_what_the_model_says(postgres: EmbeddedPostgres, valkey: EmbeddedValkey, story: str) -> None:
    @contextlib.contextmanager
    def opened() -> Iterator[Services]:
        with fresh_database(postgres, story) as url:
            services = Services.start(Settings(database_url=url, redis_url=valkey.url, secret_key=SECRET_KEY))
            yield services
            services.engine.dispose()

    run_state_machine_as_test(
        lambda: Queue(opened()),
        settings=hypothesis.settings(max_examples=EXAMPLES, stateful_step_count=STEPS),
    )
