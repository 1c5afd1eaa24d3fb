"""The tables. PostgreSQL is the truth, and states the invariants that must hold whatever code runs.

Nothing that happened is overwritten: revisions, evidence, decisions and audit entries are only ever added. `events`
points at its current revision; `documents` and `review_items` carry the state of work in progress.
"""

from __future__ import annotations

import datetime as dt
from itertools import chain
from typing import Any, ClassVar
from uuid import UUID

import uuid_utils.compat
from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    DateTime,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR, aggregate_order_by
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedSQLExpression, column_property, mapped_column, relationship
from sqlalchemy.schema import SchemaItem

from workers.extraction.records import Evidence

DOCUMENT_STATES = ("received", "reading", "drafting", "drafted", "unpacked", "failed")
EVENT_STATES = ("draft", "approved", "rejected", "retracted", "superseded")
DECISIONS = (
    *("approve", "fix", "reject", "send_back"),
    *("add", "split", "merge", "absorb", "settle", "undo"),
)
ROUNDS = ("first", "second", "adjudication", "correction")
STAGES = ("first", "second", "adjudication", "redraft")
ROLES = ("administrator", "adjudicator", "reviewer", "reader")
SCOPES = ("upload", "read", "review", "adjudicate", "admin")
CHANGES = ("put", "retract")
DISABLED = ("administrator", "gone", "failing", "secret_lost")
DELIVERY_STATES = ("waiting", "delivered", "failed")
PING = "ping"
MESSAGES = ("event.put", "event.retract", PING)
RUN_OUTCOMES = ("drafted", "failed", "abandoned")
WAITS = "decided_at is null"
IN_WORK = "state in ('received', 'reading', 'drafting')"


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562): ids sort by the time they were made, so they page well and keep indexes compact."""
    return uuid_utils.compat.uuid7()


def one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} in ({', '.join(repr(value) for value in values)})"


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {
        dt.datetime: DateTime(timezone=True),
        str: Text,
        bytes: LargeBinary,
        dict[str, Any]: JSONB,
        list[dict[str, Any]]: JSONB,
        list[str]: ARRAY(Text),
    }


# Who may


class User(Base):
    """A person. Passwords are Argon2id hashes; a disabled user keeps what he decided. `families` are those that he
    reviews, none for all; `preferences` are his own, as in the keys that he uses. Who has no password, or another way
    in beside it, is signed in by the OpenID provider `oidc_issuer`, which knows him as `oidc_subject`.
    """

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint(one_of("role", ROLES), name="role"),
        CheckConstraint("username = lower(username) and username <> ''", name="username"),
        CheckConstraint("(oidc_issuer is null) = (oidc_subject is null)", name="identity_paired"),
        CheckConstraint("password_hash is not null or oidc_subject is not null", name="way_in"),
        UniqueConstraint("oidc_issuer", "oidc_subject"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    username: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str | None]
    oidc_issuer: Mapped[str | None]
    oidc_subject: Mapped[str | None]
    role: Mapped[str]
    families: Mapped[list[str]] = mapped_column(server_default="{}")
    preferences: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    disabled_at: Mapped[dt.datetime | None]


class SignIn(Base):
    """A signed-in browser. The cookie holds a random token, this row its SHA-256, so that it can be ended here.

    `id_token` is what an OpenID provider said, while the sign-in lasts, to sign out there, too.
    """

    __tablename__ = "sign_ins"

    token_sha256: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    id_token: Mapped[str | None]

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class ApiKey(Base):
    """A program's key: it acts for its owner, so that rules about persons hold for programs. Only a hash is kept.

    The secret was made at `secret_at`; the one before it lets in until `previous_until`. `rate_limit` and
    `documents_in_work` are the key's own, none for those of all. `version` grows with each change.
    """

    __tablename__ = "api_keys"
    __table_args__ = (
        CheckConstraint("(previous_sha256 is null) = (previous_until is null)", name="previous_paired"),
        CheckConstraint("rate_limit > 0 and documents_in_work > 0", name="limits"),
        CheckConstraint("expires_at > secret_at", name="expires_at"),
        CheckConstraint(f"scopes <@ array[{', '.join(repr(scope) for scope in SCOPES)}]", name="scopes"),
        CheckConstraint("cardinality(scopes) > 0", name="some_scope"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    prefix: Mapped[str] = mapped_column(unique=True)
    secret_sha256: Mapped[str]
    secret_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    previous_sha256: Mapped[str | None]
    previous_until: Mapped[dt.datetime | None]
    scopes: Mapped[list[str]]
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    rate_limit: Mapped[int | None]
    documents_in_work: Mapped[int | None]
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[dt.datetime | None]
    last_used_at: Mapped[dt.datetime | None]
    revoked_at: Mapped[dt.datetime | None]

    owner: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class IdempotencyKey(Base):
    """A request that is carried out once, by the key that its sender gave it: who carries it out (`token`, until
    `claimed_until`), what was done, and the answer.
    """

    __tablename__ = "idempotency_keys"
    __table_args__ = (
        CheckConstraint("(document_id is null) = (outcome is null)", name="outcome_paired"),
        CheckConstraint("(status is null) = (body is null) and (status is null) = (headers is null)", name="answer"),
        Index("ix_idempotency_keys_created_at", "created_at"),
    )

    api_key_id: Mapped[UUID] = mapped_column(ForeignKey("api_keys.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    token: Mapped[UUID]
    claimed_until: Mapped[dt.datetime]
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("documents.id"))
    outcome: Mapped[str | None]
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    body: Mapped[bytes | None]


# Documents


class Content(Base):
    """The bytes as they came, once, by their SHA-256."""

    __tablename__ = "contents"
    __table_args__ = (
        CheckConstraint("octet_length(original) > 0", name="not_empty"),
        CheckConstraint("sha256 = encode(sha256(original), 'hex')", name="sha256"),
    )

    sha256: Mapped[str] = mapped_column(primary_key=True)
    original: Mapped[bytes] = mapped_column(deferred=True)


class Document(Base):
    """A document and how far its reading and drafting are. A worker that is at it holds a lease; evidence points into
    `text`, which a document has once it is read: `text`, `characters` and `encoding` are None before, and for ever in
    one that is only unpacked. `origins` says of what is told of it where that is from. What is inside of a document has
    the outermost one as its `root_id`, `depth` levels above.

    It `replaces` the version before it; `series` is the first of its versions, itself where it replaces none.
    `revision` counts the changes of what its sender tells, `told` those of what the records published of it tell, too.
    """

    __tablename__ = "documents"
    __table_args__ = (
        CheckConstraint(one_of("state", DOCUMENT_STATES), name="state"),
        CheckConstraint("(state in ('reading', 'drafting')) = (lease_token is not null)", name="lease_while_drafting"),
        CheckConstraint("(lease_token is null) = (lease_until is null)", name="lease_paired"),
        CheckConstraint("(state = 'failed') = (failure is not null)", name="failure_when_failed"),
        CheckConstraint("(state = 'drafted') = (drafted_at is not null)", name="drafted_at_when_drafted"),
        CheckConstraint(
            "(text is null) = (characters is null) and "
            "(text is null or char_length(text) = characters and characters > 0)",
            name="characters",
        ),
        CheckConstraint("text is not null or state not in ('drafting', 'drafted')", name="read"),
        CheckConstraint("attempts >= 0", name="attempts"),
        CheckConstraint("revision > 0", name="revision"),
        CheckConstraint("(replaces is null) = (series = id) and replaces <> id", name="series"),
        Index("ix_documents_series", "series", "id"),
        Index("ix_documents_waiting", "id", postgresql_where=text(IN_WORK)),
        Index("ix_documents_external_id", "external_id", postgresql_where=text("external_id is not null")),
        Index("ix_documents_tags", "tags", postgresql_using="gin"),
        Index("ix_documents_in_work", "created_with", postgresql_where=text(IN_WORK)),
        Index("ix_documents_root_id", "root_id", postgresql_where=text("root_id is not null")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    content_sha256: Mapped[str] = mapped_column(ForeignKey("contents.sha256"), unique=True)
    media_type: Mapped[str]
    encoding: Mapped[str | None]
    filename: Mapped[str | None]
    title: Mapped[str | None]
    source: Mapped[str | None]
    published: Mapped[dt.date | None]
    language: Mapped[str | None]
    external_id: Mapped[str | None]
    priority: Mapped[int] = mapped_column(server_default="0")
    tags: Mapped[list[str]] = mapped_column(server_default="{}")
    replaces: Mapped[UUID | None] = mapped_column(ForeignKey("documents.id"), unique=True)
    series: Mapped[UUID] = mapped_column(ForeignKey("documents.id"))
    revision: Mapped[int] = mapped_column(server_default="1")
    told: Mapped[int] = mapped_column(server_default="1")
    text: Mapped[str] = mapped_column(deferred=True, nullable=True)
    text_sha256: Mapped[str] = mapped_column(Computed("text_sha256(text)", persisted=True), nullable=True)
    characters: Mapped[int] = mapped_column(nullable=True)
    origins: Mapped[dict[str, str]] = mapped_column(JSONB, server_default="{}")
    root_id: Mapped[UUID | None] = mapped_column(ForeignKey("documents.id"))
    depth: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_with: Mapped[UUID | None] = mapped_column(ForeignKey("api_keys.id"))

    state: Mapped[str] = mapped_column(default="received")
    attempts: Mapped[int] = mapped_column(default=0)
    lease_token: Mapped[UUID | None]
    lease_until: Mapped[dt.datetime | None]
    rung_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    failure: Mapped[str | None]
    failure_detail: Mapped[str | None]
    drafted_at: Mapped[dt.datetime | None]


class DocumentPart(Base):
    """A document inside of another one: an attachment of a message, a member of an archive, as its `part`-th."""

    __tablename__ = "document_parts"
    __table_args__ = (Index("ix_document_parts_document_id", "document_id"),)

    parent_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"))


class DocumentPlace(Base):
    """A stretch of a document's text, in code points, and where it stands in the original (workers/readers)."""

    __tablename__ = "document_places"

    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    start: Mapped[int] = mapped_column(primary_key=True)
    end: Mapped[int]
    kind: Mapped[str]
    number: Mapped[int]
    label: Mapped[str]


class DocumentPage(Base):
    """A page as it is shown, in points, and the boxes of its words: [start, end, x0, y0, x1, y1] of each."""

    __tablename__ = "document_pages"

    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    width: Mapped[float] = mapped_column(Float)
    height: Mapped[float] = mapped_column(Float)
    start: Mapped[int]
    end: Mapped[int]
    words: Mapped[list[list[float]]] = mapped_column(JSONB, deferred=True)


class DocumentSegment(Base):
    """The words of a stretch of a document's text (`start` to `end`, in code points), and of its title, for the search.
    A trigger adds these rows with their document.
    """

    __tablename__ = "document_segments"
    __table_args__ = (Index("ix_document_segments_vector", "vector", postgresql_using="gin"),)

    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    start: Mapped[int] = mapped_column(primary_key=True)
    end: Mapped[int]
    vector: Mapped[str] = mapped_column(TSVECTOR, deferred=True)


class Sketch(Base):
    """A sketch of a document's text (service/likeness.py), and its bands, by which those that are alike are found."""

    __tablename__ = "sketches"
    __table_args__ = (Index("ix_sketches_bands", "bands", postgresql_using="gin"),)

    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    numbers: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    bands: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))

    document: Mapped[Document] = relationship(innerjoin=True)


class Run(Base):
    """One attempt to draft a document: what drafted it, how it ended, what it noticed."""

    __tablename__ = "runs"
    __table_args__ = (
        CheckConstraint(f"outcome is null or {one_of('outcome', RUN_OUTCOMES)}", name="outcome"),
        CheckConstraint("(outcome is null) = (ended_at is null)", name="ended_with_outcome"),
        Index("ix_runs_document_id", "document_id"),
        Index("uq_runs_open", "document_id", unique=True, postgresql_where=text("outcome is null")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"))
    attempt: Mapped[int]
    started_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    ended_at: Mapped[dt.datetime | None]
    outcome: Mapped[str | None]
    extractor_version: Mapped[str | None]
    model: Mapped[str | None]
    notes: Mapped[list[str]] = mapped_column(server_default="{}")


# Events


class Event(Base):
    """An event that a document reports. `key` finds it again when the document is drafted anew.

    Without a run a person added it, or split it from `made_from`. `draft_revision` is the machine's newest draft.
    A record with `gold_of` is a hidden check of a reviewer on a record whose answer is known: it is never published.
    """

    __tablename__ = "events"
    __table_args__ = (
        CheckConstraint(one_of("state", EVENT_STATES), name="state"),
        CheckConstraint("revision > 0", name="revision"),
        UniqueConstraint("document_id", "key"),
        ForeignKeyConstraint(
            ["id", "revision"],
            ["revisions.event_id", "revisions.number"],
            name="fk_events_current_revision",
            deferrable=True,
            initially="DEFERRED",
            use_alter=True,
        ),
        CheckConstraint("(run_id is null) = (draft_revision is null)", name="drafted_by_run"),
        CheckConstraint("superseded_by is null or state = 'superseded'", name="superseded_by"),
        Index("ix_events_state", "state", "id"),
        Index("ix_events_gold_of", "gold_of", postgresql_where=text("gold_of is not null")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"))
    run_id: Mapped[UUID | None] = mapped_column(ForeignKey("runs.id"))
    key: Mapped[str]
    type: Mapped[str]
    state: Mapped[str] = mapped_column(default="draft")
    revision: Mapped[int] = mapped_column(default=1)
    draft_revision: Mapped[int | None]
    made_from: Mapped[UUID | None] = mapped_column(ForeignKey("events.id"))
    superseded_by: Mapped[UUID | None] = mapped_column(ForeignKey("events.id"))
    gold_of: Mapped[UUID | None] = mapped_column(ForeignKey("events.id"))

    document: Mapped[Document] = relationship(innerjoin=True)
    run: Mapped[Run | None] = relationship()


class Revision(Base):
    """A record as a run drafted it or as a person's decision left it. Never changed. Not every revision becomes the
    event's current one: the answers of a blind second reading, and drafts of a record that a person decided on, do not.
    Its evidence counts in the text of `document`, which can be an older version of the event's.
    """

    __tablename__ = "revisions"
    __table_args__: tuple[SchemaItem, ...] = (
        CheckConstraint("(run_id is null) <> (decision_id is null)", name="made_by_run_or_decision"),
        # What the database computes for the search and the filters of the list; objects do without it.
        Column("words", TSVECTOR, Computed("record_vector(body)", persisted=True)),
        Column("unsure", ARRAY(Text), Computed("record_unsure(body)", persisted=True)),
        Index("ix_revisions_words", "words", postgresql_using="gin"),
        Index("ix_revisions_unsure", "unsure", postgresql_using="gin"),
    )
    __mapper_args__ = {"exclude_properties": ["words", "unsure"]}  # noqa: RUF012 - the form that SQLAlchemy asks for

    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"))
    body: Mapped[dict[str, Any]]
    run_id: Mapped[UUID | None] = mapped_column(ForeignKey("runs.id"))
    decision_id: Mapped[UUID | None] = mapped_column(ForeignKey("decisions.id"))
    at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    document: Mapped[Document] = relationship(innerjoin=True)
    evidence: Mapped[list[EvidenceItem]] = relationship(order_by="EvidenceItem.position", lazy="selectin")
    backing: ClassVar[MappedSQLExpression[list[dict[str, Any]]]]  # the same as it is published


class EvidenceItem(Base):
    """A stretch of the document's text, in code points, that backs one field of one revision."""

    __tablename__ = "evidence"
    __table_args__ = (
        ForeignKeyConstraint(["event_id", "revision"], ["revisions.event_id", "revisions.number"]),
        CheckConstraint("start >= 0 and char_length(quote) = \"end\" - start and quote <> ''", name="quote_fits_span"),
    )

    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    field: Mapped[str]
    start: Mapped[int]
    end: Mapped[int]
    quote: Mapped[str]
    prefix: Mapped[str]
    suffix: Mapped[str]
    rule: Mapped[str | None]  # none where a person pointed at the words
    original: Mapped[dict[str, Any] | None] = mapped_column(JSON, deferred=True)  # where it stands there, as a Citation


# What is published of a revision's evidence, in order, read with the revision itself: as objects, it would take most of
# the time that an export takes.
_published = func.json_build_object(
    *chain.from_iterable((text(f"'{name}'"), getattr(EvidenceItem, name)) for name in (*Evidence.__slots__, "original"))
)
_in_order = func.json_agg(aggregate_order_by(_published, EvidenceItem.position))
Revision.backing = column_property(
    select(func.coalesce(_in_order, text("'[]'"), type_=JSON()))
    .where(EvidenceItem.event_id == Revision.event_id, EvidenceItem.revision == Revision.number)
    .correlate_except(EvidenceItem)
    .scalar_subquery(),
    deferred=True,
)


# Review


class ReviewItem(Base):
    """A record's place in the review. `lease_number` is the fencing token: it grows with every claim.

    `stage` is what it waits for while it is undecided; `readers` are the people who have read it blindly, with the
    revisions that they made of it. `ready_at` is when a snoozed item comes back, `due` its place among the uncertain:
    the time it came, put forward by what it is expected to need of work. `lot` decides whether a second person reads
    it; nobody is shown it. `only_for` is the reviewer whom a hidden check is for: for all others the item is not there.
    """

    __tablename__ = "review_items"
    __table_args__ = (
        CheckConstraint(one_of("stage", STAGES), name="stage"),
        CheckConstraint("(holder_id is null) = (lease_until is null)", name="lease_paired"),
        CheckConstraint("(holder_id is null) = (claimed_at is null)", name="claimed_paired"),
        CheckConstraint("decided_at is null or holder_id is null", name="decided_is_free"),
        CheckConstraint("lot >= 0 and lot < 1", name="lot"),
        CheckConstraint("stage <> 'redraft' or holder_id is null", name="redraft_is_free"),
        CheckConstraint(
            "stage <> 'second' or decided_at is not null or first_revision is not null", name="second_has_first"
        ),
        Index("ix_review_items_waiting", text("priority desc"), "event_id", postgresql_where=text(WAITS)),
        Index("ix_review_items_due", "due", "event_id", postgresql_where=text(WAITS)),
        Index("ix_review_items_oldest", "event_id", postgresql_where=text(WAITS)),
        Index("ix_review_items_family", "family", "event_id", postgresql_where=text(WAITS)),
        Index("ix_review_items_document", "document_id", "event_id", postgresql_where=text(WAITS)),
        Index("ix_review_items_stage", "stage", "event_id", postgresql_where=text(f"{WAITS} and stage <> 'first'")),
        Index(
            "ix_review_items_assignee",
            "assignee_id",
            "event_id",
            postgresql_where=text(f"{WAITS} and assignee_id is not null"),
        ),
        Index(
            "ix_review_items_holder",
            "holder_id",
            "lease_until",
            postgresql_where=text("holder_id is not null"),
        ),
        Index("ix_review_items_confidence", "confidence", postgresql_where=text(WAITS)),
        Index("ix_review_items_snoozed", "ready_at", postgresql_where=text(f"{WAITS} and ready_at > created_at")),
        Index("ix_review_items_only_for", "only_for", postgresql_where=text("only_for is not null")),
    )

    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), primary_key=True)
    family: Mapped[str]
    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"))
    stage: Mapped[str] = mapped_column(default="first")
    priority: Mapped[int] = mapped_column(default=0)
    confidence: Mapped[float] = mapped_column(Float)
    expected_edits: Mapped[float] = mapped_column(Float, default=0.0)
    due: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    ready_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    assignee_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    holder_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    claimed_at: Mapped[dt.datetime | None]
    lease_number: Mapped[int] = mapped_column(BigInteger, default=0)
    lease_until: Mapped[dt.datetime | None]
    decided_at: Mapped[dt.datetime | None]
    readers: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), server_default="{}")
    first_revision: Mapped[int | None]
    second_revision: Mapped[int | None]
    lot: Mapped[float] = mapped_column(Float, server_default=func.random())
    only_for: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    note: Mapped[str | None]  # why it came back, in words

    event: Mapped[Event] = relationship(innerjoin=True)
    holder: Mapped[User | None] = relationship(foreign_keys=[holder_id])
    assignee: Mapped[User | None] = relationship(foreign_keys=[assignee_id])


class Skip(Base):
    """An item that a person does not want now: it is not handed to him before `until`, each time for longer."""

    __tablename__ = "review_skips"
    __table_args__ = (CheckConstraint("times > 0", name="times"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), primary_key=True)
    times: Mapped[int]
    until: Mapped[dt.datetime]
    reason: Mapped[str | None]


class Decision(Base):
    """What a person decided on a revision of a record, and why. `seconds` is from the claim to the decision.

    `from_state` and `from_stage` are where the record stood; decisions made together share `batch_id`; an "undo" names
    in `undoes` what it takes back.
    """

    __tablename__ = "decisions"
    __table_args__ = (
        CheckConstraint(one_of("decision", DECISIONS), name="decision"),
        CheckConstraint(one_of("round", ROUNDS), name="round"),
        CheckConstraint(
            "(decision = 'reject') = (reason is not null) or decision = 'settle'", name="reason_when_rejected"
        ),
        CheckConstraint("decision <> 'fix' or changes <> '[]'::jsonb", name="changes_when_fixed"),
        CheckConstraint("decision not in ('approve', 'reject') or changes = '[]'::jsonb", name="no_changes_else"),
        CheckConstraint("(decision = 'undo') = (undoes is not null)", name="undo_names_what"),
        CheckConstraint("seconds is null or seconds >= 0", name="seconds"),
        Index("ix_decisions_event_id", "event_id"),
        Index("ix_decisions_by", "by", "id"),
        Index("ix_decisions_at", "at"),
        Index("ix_decisions_batch_id", "batch_id", postgresql_where=text("batch_id is not null")),
        Index("uq_decisions_undoes", "undoes", unique=True, postgresql_where=text("undoes is not null")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"))
    on_revision: Mapped[int]
    decision: Mapped[str]
    round: Mapped[str] = mapped_column(default="first")
    changes: Mapped[list[dict[str, Any]]]
    reason: Mapped[str | None]
    reason_text: Mapped[str | None]
    from_state: Mapped[str]
    from_stage: Mapped[str]
    seconds: Mapped[float | None] = mapped_column(Float)
    batch_id: Mapped[UUID | None]
    undoes: Mapped[UUID | None] = mapped_column(ForeignKey("decisions.id"))
    by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    key_id: Mapped[UUID | None] = mapped_column(ForeignKey("api_keys.id"))
    at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    # Not innerjoin: queries outer-join decisions, and an inner join behind them would drop rows without one.
    reviewer: Mapped[User] = relationship(lazy="joined")


class ReviewRule(Base):
    """How a family is checked: the share of its items that two people read, and of handed-out items that are checks."""

    __tablename__ = "review_rules"
    __table_args__ = (
        CheckConstraint("second_share between 0 and 1", name="second_share"),
        CheckConstraint("gold_share between 0 and 1", name="gold_share"),
    )

    family: Mapped[str] = mapped_column(primary_key=True)
    second_share: Mapped[float] = mapped_column(Float, default=0.0)
    gold_share: Mapped[float] = mapped_column(Float, default=0.0)


class GoldItem(Base):
    """A decided record whose answer is taken as right, to check reviewers with."""

    __tablename__ = "gold_items"

    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), primary_key=True)
    by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class Comment(Base):
    """What somebody noted on a record, or on one field of it, for the others."""

    __tablename__ = "comments"
    __table_args__ = (
        CheckConstraint("text <> ''", name="text"),
        CheckConstraint("(resolved_at is null) = (resolved_by is null)", name="resolved_paired"),
        Index("ix_comments_event_id", "event_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"))
    field: Mapped[str | None]
    text: Mapped[str]
    by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    resolved_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    resolved_at: Mapped[dt.datetime | None]

    author: Mapped[User] = relationship(lazy="joined", innerjoin=True, foreign_keys=[by])
    resolver: Mapped[User | None] = relationship(lazy="joined", foreign_keys=[resolved_by])


class SavedFilter(Base):
    """A filter of the queue under a name: its owner may rename or delete it, anybody may open it."""

    __tablename__ = "saved_filters"
    __table_args__ = (CheckConstraint("name <> ''", name="name"), UniqueConstraint("owner_id", "name"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str]
    query: Mapped[dict[str, Any]]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    owner: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class Change(Base):
    """What the feed tells: that a record is published so from now on ("put"), or no longer ("retract").

    The database makes it when a transaction commits that changed the record, whatever code that was, and numbers it in
    the order of the commits, without gaps. Of a "put", `draft_revision` and `run_id` are the machine's draft beside it,
    and `told` is the document's.
    """

    __tablename__ = "changes"
    __table_args__ = (
        ForeignKeyConstraint(["event_id", "revision"], ["revisions.event_id", "revisions.number"]),
        CheckConstraint(one_of("op", CHANGES), name="op"),
        CheckConstraint("(op = 'retract') = (reason is not null)", name="reason"),
        CheckConstraint("superseded_by is null or op = 'retract'", name="superseded_by"),
        Index("ix_changes_event_id", "event_id", "seq"),
    )

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    op: Mapped[str]
    event_id: Mapped[UUID]
    revision: Mapped[int]
    draft_revision: Mapped[int | None]
    told: Mapped[int] = mapped_column(server_default="1")
    run_id: Mapped[UUID | None] = mapped_column(ForeignKey("runs.id"))
    reason: Mapped[str | None]
    superseded_by: Mapped[UUID | None] = mapped_column(ForeignKey("events.id"))
    at: Mapped[dt.datetime]


class Webhook(Base):
    """Somebody who is sent the changes: of these families (none: all), of these kinds. `position` is the number of the
    last change of which it has its delivery, or needs none. Secrets are sealed; the one before signs, too, for a while.

    `version` grows with what people can change. `failing_since` is when the first delivery failed after the last that
    came through. A disabled one keeps its place in the feed.
    """

    __tablename__ = "webhooks"
    __table_args__ = (
        CheckConstraint("url <> ''", name="url"),
        CheckConstraint(f"ops <@ array{list(CHANGES)} and cardinality(ops) > 0", name="ops"),
        CheckConstraint("(previous_secret is null) = (previous_until is null)", name="previous_paired"),
        CheckConstraint("position >= 0", name="position"),
        CheckConstraint("version > 0", name="version"),
        CheckConstraint("(disabled_at is null) = (disabled_reason is null)", name="disabled_paired"),
        CheckConstraint(f"disabled_reason is null or {one_of('disabled_reason', DISABLED)}", name="disabled_reason"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    url: Mapped[str]
    families: Mapped[list[str]] = mapped_column(server_default="{}")
    ops: Mapped[list[str]]
    secret: Mapped[bytes]
    previous_secret: Mapped[bytes | None]
    previous_until: Mapped[dt.datetime | None]
    position: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(default=1)
    failing_since: Mapped[dt.datetime | None]
    disabled_at: Mapped[dt.datetime | None]
    disabled_reason: Mapped[str | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))

    creator: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class Delivery(Base):
    """A message for a webhook: a change of the feed, or a ping without one. Its id is the `webhook-id` of each attempt.

    While it is sent, the process that does so holds a lease. `tries` are those of the table of retries, which a replay
    begins anew; `due_at` is when the next one is due.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("webhook_id", "seq"),
        CheckConstraint(one_of("type", MESSAGES), name="type"),
        CheckConstraint(one_of("state", DELIVERY_STATES), name="state"),
        CheckConstraint("(type = 'ping') = (seq is null) and (seq is null) = (event_id is null)", name="tells_change"),
        CheckConstraint("(state = 'waiting') = (ended_at is null)", name="ended"),
        CheckConstraint("(lease_token is null) = (lease_until is null)", name="lease_paired"),
        CheckConstraint("lease_token is null or state = 'waiting'", name="lease_while_waiting"),
        CheckConstraint("tries >= 0 and attempts >= tries", name="tries"),
        Index("ix_deliveries_log", "webhook_id", "id"),
        Index("ix_deliveries_due", "webhook_id", "due_at", postgresql_where=text("state = 'waiting'")),
        Index("ix_deliveries_of_event", "webhook_id", "event_id", "seq", postgresql_where=text("state = 'waiting'")),
        Index("ix_deliveries_failed", "webhook_id", postgresql_where=text("state = 'failed'")),
        Index("ix_deliveries_ended_at", "ended_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    webhook_id: Mapped[UUID] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"))
    type: Mapped[str]
    seq: Mapped[int | None] = mapped_column(BigInteger)
    event_id: Mapped[UUID | None] = mapped_column(ForeignKey("events.id"))
    state: Mapped[str] = mapped_column(server_default="waiting")
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    due_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    tries: Mapped[int] = mapped_column(server_default="0")
    attempts: Mapped[int] = mapped_column(server_default="0")
    lease_token: Mapped[UUID | None]
    lease_until: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]

    log: Mapped[list[Attempt]] = relationship(order_by="Attempt.number", lazy="raise", viewonly=True)


class Attempt(Base):
    """One attempt at a delivery: the status of the answer with its first characters, or why there was no answer."""

    __tablename__ = "delivery_attempts"
    __table_args__ = (
        CheckConstraint("(status is null) <> (error is null)", name="outcome"),
        CheckConstraint("(status is null) = (answer is null)", name="answer"),
        CheckConstraint("seconds >= 0", name="seconds"),
    )

    delivery_id: Mapped[UUID] = mapped_column(ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime]
    seconds: Mapped[float] = mapped_column(Float)
    status: Mapped[int | None]
    error: Mapped[str | None]
    answer: Mapped[str | None]


class AuditNote(Base):
    """What a transaction noted for the audit. At its commit the database makes the next entry of each note: no row
    outlives its transaction.
    """

    __tablename__ = "audit_notes"
    __table_args__ = ({"prefixes": ["unlogged"]},)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    key_id: Mapped[UUID | None] = mapped_column(ForeignKey("api_keys.id"))
    action: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class AuditEntry(Base):
    """Who did what to what, before and after, chained to the entry before. No actor: the system itself.

    The database gives number, time and hashes, whatever code inserts, and lets nobody change an entry.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        CheckConstraint("action ~ '^[a-z0-9_.]+$' and subject_kind ~ '^[a-z_]+$'", name="names"),
        Index("ix_audit_entries_subject_id", "subject_id", "number"),
        Index("ix_audit_entries_actor_id", "actor_id", "number"),
    )

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[dt.datetime]
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    key_id: Mapped[UUID | None] = mapped_column(ForeignKey("api_keys.id"))
    action: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    previous_hash: Mapped[str]
    hash: Mapped[str]

    actor: Mapped[User | None] = relationship(viewonly=True)
    key: Mapped[ApiKey | None] = relationship(viewonly=True)
