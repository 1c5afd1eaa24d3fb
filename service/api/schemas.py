"""What goes in and comes out, document side; the event record's own schema is in record_json_schema.py."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from marshmallow import INCLUDE, RAISE, Schema, ValidationError, fields, validate

from service.api.paging import Cursor, PageSchema
from service.api.record_json_schema import RECORD_FIELDS
from service.api.sparse import FieldNames
from service.operations.agreement import LONGEST_PERIOD
from service.operations.claims import HIGHEST_PRIORITY, ORDERS
from service.operations.comments import LONGEST as LONGEST_COMMENT
from service.operations.disputes import SIDES
from service.operations.documents import NEWEST, OLDEST, SORTS
from service.operations.reviews import REJECT_REASONS, VERDICTS
from service.operations.search import KINDS, LONGEST_TEXT, Place
from service.operations.statistics import LONGEST_DAYS
from service.storable import unstorable
from service.store.models import DOCUMENT_STATES, EVENT_STATES, STAGES
from workers.extraction.families import FAMILY_OF
from workers.readers import language

LONGEST_LINE = 500
# Patterns tell as much of what is refused as a pattern can; in the syntax that Python and ECMAScript share.
SEEN = r"\S"
_CONTROL = r"\u0000-\u0008\u000e-\u001b\u007f-\u0084\u0086-\u009f"
LINE = rf"^[^{_CONTROL}]*$"
TAG = rf"^[^,{_CONTROL}]*[^,\s{_CONTROL}][^,{_CONTROL}]*$"
_NO_TEXT = r"\u0000-\u0008\u000e-\u001f"
DOCUMENT_TEXT = rf"^[^{_NO_TEXT}]*[^\s{_NO_TEXT}][^{_NO_TEXT}]*$"
OF_RECORDS = "Of records; leaves documents out"
LONGEST_TAG, MOST_TAGS = 50, 20
LANGUAGE = f"^{language.TAG}$"
_LANGUAGE = validate.Regexp(rf"^{language.TAG}\Z", error="Must be a language, as in en or pt-BR.")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class Line(fields.String):
    """A short text on one line, without control characters. Runs of blanks are one; nothing but blanks is null."""

    def __init__(self, metadata: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(metadata={"pattern": LINE, "maxLength": LONGEST_LINE, **(metadata or {})}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        line = " ".join(super()._deserialize(value, attr, data, **kwargs).split())
        if complaint := unstorable(line):
            raise ValidationError(complaint)
        if any(unicodedata.category(character) == "Cc" for character in line):
            raise ValidationError("Must not have control characters.")
        if len(line) > LONGEST_LINE:
            raise ValidationError(f"Must not be longer than {LONGEST_LINE} characters.")
        return line or None


class Day(fields.Date):
    """Strictly YYYY-MM-DD, where the base class also takes 2024-6-1."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            raise ValidationError("Must be a day, as in 2024-06-19.")
        try:
            return dt.date.fromisoformat(value)
        except ValueError as error:
            raise ValidationError("There is no such day.") from error


class Tags(fields.List[Any]):
    """Some words, as a list or, where there are no lists, between commas. None is there twice."""

    def __init__(self, **kwargs: Any) -> None:
        word = Line(metadata={"pattern": TAG, "maxLength": LONGEST_TAG})
        super().__init__(word, metadata={"maxItems": MOST_TAGS}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if isinstance(value, str):
            value = [tag for tag in value.split(",") if tag.strip()]
        tags = tuple(dict.fromkeys(super()._deserialize(value, attr, data, **kwargs)))
        if any(tag is None or "," in tag or len(tag) > LONGEST_TAG for tag in tags):
            raise ValidationError(f"Must be words of up to {LONGEST_TAG} characters without commas.")
        if len(tags) > MOST_TAGS:
            raise ValidationError(f"Must not be more than {MOST_TAGS}.")
        return tags


class Whole(fields.Integer):
    """A whole number of JSON, where the base class also takes 1.5, "1" and true. 1.0 is one (JSON Schema, 6.1.1)."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if isinstance(value, bool | str) or (isinstance(value, float) and not value.is_integer()):
            raise ValidationError("Must be a whole number.")
        return super()._deserialize(value, attr, data, **kwargs)


class Number(fields.Float):
    """A number of JSON, where the base class also takes "1" and true."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if isinstance(value, bool | str):
            raise ValidationError("Must be a number.")
        return super()._deserialize(value, attr, data, **kwargs)


class Flag(fields.Boolean):
    """true or false, where the base class also takes 0 and "off"."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if not isinstance(value, bool):
            raise ValidationError("Must be true or false.")
        return value


class FlagInQuery(fields.Boolean):
    """The words `true` or `false`, where there are only words."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(truthy={"true"}, falsy={"false"}, **kwargs)


class Strict(Schema):
    class Meta:
        unknown = RAISE


_PRIORITY: dict[str, Any] = {
    "load_default": 0,
    "validate": validate.Range(-HIGHEST_PRIORITY, HIGHEST_PRIORITY),
    "metadata": {"description": "That of its records in the review: before others, or below 0 behind them"},
}


class MetadataSchema(Strict):
    """What a sender tells about a document."""

    title = Line(load_default=None, allow_none=True, metadata={"examples": ["A treaty at Tartu"]})
    source = Line(
        load_default=None, allow_none=True, metadata={"description": "Who published it", "examples": ["Example wire"]}
    )
    published = Day(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "The day that relative dates (“last Tuesday”) are counted from",
            "examples": ["1920-02-02"],
        },
    )
    language = fields.String(
        load_default=None,
        allow_none=True,
        validate=_LANGUAGE,
        metadata={"pattern": LANGUAGE, "examples": ["en", "pt-BR"]},
    )
    external_id = Line(load_default=None, allow_none=True, metadata={"description": "The sender's own name for it"})
    priority = fields.Integer(**_PRIORITY)
    tags = Tags(load_default=())


class ChangeDocumentSchema(Strict):
    """What is told of a document differently from now on; what is not sent stays."""

    title = Line(allow_none=True)
    source = Line(allow_none=True)
    published = Day(allow_none=True)
    language = fields.String(allow_none=True, validate=_LANGUAGE, metadata={"pattern": LANGUAGE})
    external_id = Line(allow_none=True)
    priority = Whole(validate=validate.Range(-HIGHEST_PRIORITY, HIGHEST_PRIORITY))
    tags = Tags()


class UploadOptionsSchema(Strict):
    force = FlagInQuery(load_default=False)


class JsonDocumentSchema(MetadataSchema):
    priority = Whole(**_PRIORITY)
    text = fields.String(
        required=True,
        metadata={
            "description": "Kept exactly as it is sent; not blank",
            "pattern": DOCUMENT_TEXT,
            "examples": ["Estonia and Soviet Russia signed a peace treaty in Tartu on Monday."],
        },
    )


class FailureSchema(Schema):
    type = fields.String(
        required=True,
        metadata={
            "description": "Why it could not be read: encrypted, no_text_layer, too_large, bomb, corrupt, "
            "unsupported_type, unsupported_language, timeout; or drafted: worker_lost, parser_error, drafting_error, "
            "timeout"
        },
    )
    detail = fields.String(required=True, allow_none=True)
    problem = fields.String(
        required=True, allow_none=True, metadata={"description": "The page that tells what to do about it"}
    )


class PartSchema(Schema):
    part = fields.Integer(required=True)
    name = fields.String(required=True, metadata={"description": "As it is called there; nothing to open a file by"})
    document = fields.UUID(required=True, attribute="document_id")


class BytesSchema(Schema):
    start = fields.Integer(required=True)
    end = fields.Integer(required=True)


class PlaceSchema(Schema):
    start = fields.Integer(required=True, metadata={"description": "Code points into the text"})
    end = fields.Integer(required=True)
    kind = fields.String(required=True, metadata={"description": "As in page, paragraph, heading, item, row, footnote"})
    number = fields.Integer(required=True, metadata={"description": "Of its kind, from 1"})
    label = fields.String(required=True, metadata={"description": "As people would cite it"})
    bytes = fields.Nested(
        BytesSchema,
        required=True,
        allow_none=True,
        metadata={"description": "Of the original; null where the text is not its bytes, decoded"},
    )


class PlacesSchema(Schema):
    items = fields.List(fields.Nested(PlaceSchema), required=True)


class PageOfDocumentSchema(Schema):
    number = fields.Integer(required=True)
    width = fields.Float(required=True, metadata={"description": "Of the page as it is shown, in points (1/72 inch)"})
    height = fields.Float(required=True)
    start = fields.Integer(required=True)
    end = fields.Integer(required=True)
    words = fields.List(
        fields.List(fields.Float()),
        required=True,
        metadata={
            "description": "Of each word: start, end, and its box as left, top, right, bottom, in points from the "
            "upper left corner"
        },
    )


class PagesOfDocumentSchema(Schema):
    items = fields.List(fields.Nested(PageOfDocumentSchema), required=True)


class DocumentLinksSchema(Schema):
    self = fields.String(required=True)
    text = fields.String(required=True)
    events = fields.String(required=True)
    twins = fields.String(required=True)
    original = fields.String(required=True)
    places = fields.String(required=True)
    pages = fields.String(required=True)


class DocumentSchema(Schema):
    id = fields.UUID(required=True)
    state = fields.String(required=True, validate=validate.OneOf(DOCUMENT_STATES))
    title = fields.String(required=True, allow_none=True)
    source = fields.String(required=True, allow_none=True)
    published = fields.Date(required=True, allow_none=True)
    language = fields.String(required=True, allow_none=True)
    external_id = fields.String(required=True, allow_none=True)
    priority = fields.Integer(required=True)
    tags = fields.List(fields.String(), required=True)
    filename = fields.String(required=True, allow_none=True)
    media_type = fields.String(required=True)
    encoding = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The codec that made the text from the bytes, where one did"},
    )
    characters = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Code points of the text; null before it is read"}
    )
    origins = fields.Dict(
        keys=fields.String(validate=validate.OneOf(("title", "source", "published", "language"))),
        values=fields.String(),
        required=True,
        metadata={
            "description": "Where title, source, published and language are from: `sender`, `corrected` by a person "
            "later, or a place in the document, as in `pdf:Title`"
        },
    )
    parts = fields.List(
        fields.Nested(PartSchema),
        required=True,
        metadata={"description": "The documents inside of it: attachments of a message, members of an archive"},
    )
    part_of = fields.List(fields.UUID(), required=True, metadata={"description": "The documents that it is inside of"})
    sha256 = fields.String(required=True, metadata={"description": "Of the bytes as they came"})
    created_at = fields.DateTime(required=True)
    drafted_at = fields.DateTime(required=True, allow_none=True)
    attempts = fields.Integer(required=True, metadata={"description": "How often drafting was begun"})
    failure = fields.Nested(FailureSchema, required=True, allow_none=True)
    notes = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "What went wrong while it was drafted and cost it the records of one family"},
    )
    events = fields.Dict(
        keys=fields.String(validate=validate.OneOf(EVENT_STATES)),
        values=fields.Integer(),
        required=True,
        metadata={"description": "How many of its event records are in each state"},
    )
    replaces = fields.UUID(
        required=True, allow_none=True, metadata={"description": "The version before this one: what its sender sent"}
    )
    versions = fields.List(
        fields.UUID(),
        required=True,
        metadata={"description": "All its versions, the oldest first; itself among them"},
    )
    links = fields.Nested(DocumentLinksSchema, required=True)


class TwinSchema(Schema):
    likeness = fields.Float(
        required=True,
        validate=validate.Range(0.5, 1),
        metadata={
            "description": "The estimated share of what the two texts have in common, five words in a row at a time"
        },
    )
    document = fields.Nested(DocumentSchema, required=True)


class TwinsSchema(Schema):
    items = fields.List(fields.Nested(TwinSchema), required=True)


class SomeOfDocumentSchema(DocumentSchema):
    """A document, or what `fields` asked for of it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for name, field in self.fields.items():
            field.required = name == "id"


class DocumentFieldsSchema(Strict):
    shown = FieldNames(tuple(DocumentSchema().fields))


class DocumentQuerySchema(PageSchema):
    state = fields.String(load_default=None, validate=validate.OneOf(DOCUMENT_STATES))
    source = Line(load_default=None)
    language = fields.String(load_default=None, validate=_LANGUAGE, metadata={"pattern": LANGUAGE})
    external_id = Line(load_default=None)
    tag = Line(load_default=None, metadata={"description": "One of its tags"})
    shown = FieldNames(tuple(DocumentSchema().fields))
    sort = fields.String(load_default=NEWEST, validate=validate.OneOf(SORTS))


class SubmittedDocumentSchema(DocumentSchema):
    duplicate_of = fields.UUID(
        required=True,
        allow_none=True,
        metadata={"description": "The document that has the same bytes; null for a new one"},
    )


class BatchResultSchema(Schema):
    """What became of one line: a document's place, or the problem with it."""

    line = fields.Integer(required=True, metadata={"description": "Its number, from 1; blank lines have no result"})
    status = fields.Integer(required=True, metadata={"description": "As that of an upload by itself"})
    id = fields.UUID()
    state = fields.String(validate=validate.OneOf(DOCUMENT_STATES))
    duplicate_of = fields.UUID(allow_none=True)
    replaces = fields.UUID(allow_none=True)
    location = fields.String()
    problem = fields.Dict(metadata={"description": "A problem detail (RFC 9457)"})


class DocumentPageSchema(Schema):
    items = fields.List(fields.Nested(SomeOfDocumentSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class RedraftQuerySchema(Strict):
    limit = fields.Integer(load_default=1000, validate=validate.Range(1, 10_000))


class RedraftedSchema(Schema):
    documents = fields.Integer(required=True, metadata={"description": "How many are drafted again now"})


class RecordFieldsSchema(Strict):
    shown = FieldNames(RECORD_FIELDS)


class EventsOfDocumentQuerySchema(PageSchema):
    state = fields.String(load_default=None, validate=validate.OneOf(EVENT_STATES))
    type = fields.String(load_default=None, validate=validate.OneOf(tuple(FAMILY_OF)))
    sort = fields.String(load_default=OLDEST, validate=validate.OneOf(SORTS))
    shown = FieldNames(RECORD_FIELDS)


class EventQuerySchema(EventsOfDocumentQuerySchema):
    document = fields.UUID(load_default=None, metadata={"description": "Only events that this document reports"})


class SearchQuerySchema(PageSchema):
    q = fields.String(
        required=True,
        validate=validate.Length(max=LONGEST_TEXT),
        metadata={
            "description": "Words; “a phrase” in quotes, `or` between words, `-` before one that must not be there",
            "examples": ['"peace treaty" or armistice -ceasefire'],
        },
    )
    kind = fields.String(load_default=None, validate=validate.OneOf(KINDS))
    state = fields.String(
        load_default=None, validate=validate.OneOf(EVENT_STATES), metadata={"description": OF_RECORDS}
    )
    type = fields.String(
        load_default=None, validate=validate.OneOf(tuple(FAMILY_OF)), metadata={"description": OF_RECORDS}
    )
    cursor = Cursor(Place.of)


class PieceSchema(Schema):
    text = fields.String(required=True)
    is_found = fields.Boolean(required=True, metadata={"description": "Whether this is one of the words looked for"})


class ExcerptSchema(Schema):
    start = fields.Integer(
        required=True, metadata={"description": "Of a document: where it stands in the text, in code points"}
    )
    pieces = fields.List(fields.Nested(PieceSchema), required=True)


class FoundDocumentSchema(Schema):
    id = fields.UUID(required=True)
    title = fields.String(required=True, allow_none=True)
    source = fields.String(required=True, allow_none=True)
    published = fields.Date(required=True, allow_none=True)


class FoundEventSchema(Schema):
    id = fields.UUID(required=True)
    type = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(EVENT_STATES))


class FoundSchema(Schema):
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    document = fields.Nested(FoundDocumentSchema, required=True)
    event = fields.Nested(
        FoundEventSchema, required=True, allow_none=True, metadata={"description": "The record; null for a document"}
    )
    excerpt = fields.Nested(ExcerptSchema, required=True)


class FoundPageSchema(Schema):
    items = fields.List(fields.Nested(FoundSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class PublishedSchemaSchema(Schema):
    type = fields.String(required=True)
    schema_version = fields.Integer(required=True)
    is_current = fields.Boolean(required=True, metadata={"description": "Whether rows of today are of this version"})
    url = fields.String(required=True)


class SchemaListSchema(Schema):
    items = fields.List(fields.Nested(PublishedSchemaSchema), required=True)


class ExportQuerySchema(Strict):
    type = fields.List(
        fields.String(validate=validate.OneOf(tuple(FAMILY_OF))),
        load_default=list,
        metadata={"description": "Only records of these families; can be repeated"},
    )
    approved_from = Day(load_default=None, metadata={"description": "Only those approved on this day (UTC) or later"})
    approved_to = Day(load_default=None, metadata={"description": "Only those approved on this day (UTC) or earlier"})
    document = fields.UUID(load_default=None, metadata={"description": "Only events that this document reports"})
    after = fields.UUID(
        load_default=None,
        metadata={"description": "Go on behind this record: the `id` of the last one that was received whole"},
    )


class SignedExportQuerySchema(ExportQuerySchema):
    signed = FlagInQuery(
        load_default=False,
        metadata={"description": "One more line at the end, which signs the whole export; see docs/api.md"},
    )


class SigningKeySchema(Schema):
    """A JWK (RFC 8037)."""

    kty = fields.String(required=True)
    crv = fields.String(required=True)
    x = fields.String(required=True, metadata={"description": "The public key"})
    kid = fields.String(required=True, metadata={"description": "Its thumbprint (RFC 7638)"})
    alg = fields.String(required=True)
    use = fields.String(required=True)


class SigningKeysSchema(Schema):
    keys = fields.List(fields.Nested(SigningKeySchema), required=True)


class NextReviewQuerySchema(Strict):
    type = fields.List(
        fields.String(validate=validate.OneOf(tuple(FAMILY_OF))),
        load_default=list,
        metadata={"description": "Only items of these families; can be repeated"},
    )
    order = fields.String(load_default="priority", validate=validate.OneOf(tuple(ORDERS)))
    document = fields.UUID(
        load_default=None, metadata={"description": "With order `document`: its records before all others"}
    )
    stage = fields.String(
        load_default=None,
        validate=validate.OneOf(("first", "second", "adjudication")),
        metadata={"description": "Only first or second readings, or items whose two readings differ"},
    )


def _lease() -> Whole:
    told = "`lease.token` of the claim; it is refused when somebody took over since"
    return Whole(load_default=None, allow_none=True, metadata={"description": told})


class ReviewItemSchema(Schema):
    event = fields.UUID(required=True)
    stage = fields.String(required=True, validate=validate.OneOf(STAGES))
    holder = fields.String(required=True, allow_none=True, metadata={"description": "Who holds it now"})
    expires_at = fields.DateTime(required=True, allow_none=True, metadata={"description": "When the claim runs out"})
    assignee = fields.String(required=True, allow_none=True)
    priority = fields.Integer(required=True)
    confidence = fields.Float(required=True)
    expected_edits = fields.Float(
        required=True, metadata={"description": "How many of its fields are likely to be wrong"}
    )
    ready_at = fields.DateTime(required=True, metadata={"description": "When a snoozed item comes back"})
    note = fields.String(required=True, allow_none=True, metadata={"description": "Why it is here again"})
    created_at = fields.DateTime(required=True)
    decided_at = fields.DateTime(required=True, allow_none=True)


class SkipSchema(Strict):
    lease = Whole(required=True, metadata={"description": "`lease.token` of the claim"})
    reason = Line(load_default=None, allow_none=True)


class SnoozeSchema(Strict):
    lease = Whole(required=True, metadata={"description": "`lease.token` of the claim"})
    until = fields.AwareDateTime(required=True, metadata={"description": "In the future, within a year"})
    note = Line(load_default=None, allow_none=True)


class AssignmentSchema(Strict):
    assignee = Line(required=True, allow_none=True, metadata={"description": "A reviewer's user name; null for all"})


class PrioritySchema(Strict):
    priority = Whole(
        required=True,
        validate=validate.Range(-HIGHEST_PRIORITY, HIGHEST_PRIORITY),
        metadata={"description": "0 is the usual one; higher ones are handed out first"},
    )


class AdditionSchema(Strict):
    type = fields.String(required=True, validate=validate.OneOf(tuple(FAMILY_OF)))
    changes = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={
            "description": "Values by path, as for a fix, and `evidence`: [{`field`, `start`, `end`}]",
            "examples": [{"details/action": "signed", "evidence": [{"field": "trigger", "start": 25, "end": 31}]}],
        },
    )


class SplitSchema(Strict):
    moved = fields.List(
        fields.String(),
        required=True,
        validate=validate.Length(max=500),
        metadata={"description": "Participants of the new record, as in `participants/1`"},
    )
    lease = _lease()


class MergeSchema(Strict):
    other = fields.UUID(required=True, metadata={"description": "The record that becomes part of this one"})
    lease = _lease()


class UndoSchema(Strict):
    decision = fields.UUID(load_default=None, allow_none=True, metadata={"description": "Null for the last one"})


class DecisionMadeSchema(Schema):
    id = fields.UUID(required=True)
    event = fields.UUID(required=True)
    decision = fields.String(required=True)
    at = fields.DateTime(required=True)


class LeaseTokenSchema(Strict):
    token = fields.Integer(required=True, metadata={"description": "`lease.token` of the claim"})


class LeaseSchema(Schema):
    holder = fields.String(required=True)
    token = fields.Integer(required=True, metadata={"description": "Grows with every claim of the item"})
    expires_at = fields.DateTime(required=True)


class HeldRecordSchema(Schema):
    event = fields.UUID(required=True)
    lease = fields.Nested(LeaseSchema, required=True)


class SplitRecordSchema(Schema):
    items = fields.List(fields.Nested(HeldRecordSchema), required=True)


class UndoneSchema(Schema):
    events = fields.List(fields.UUID(), required=True, metadata={"description": "Records that stand as before"})
    event = fields.UUID(required=True, allow_none=True, metadata={"description": "The one that is claimed now"})
    lease = fields.Nested(LeaseSchema, required=True, allow_none=True)


class VerdictSchema(Strict):
    decision = fields.String(required=True, validate=validate.OneOf(VERDICTS))
    changes = fields.Dict(
        keys=fields.String(),
        load_default=dict,
        metadata={
            "description": "For a fix: new values by path; null empties a field or takes an item out of a list",
            "examples": [{"date/edtf": "2024-06-18", "participants/0/country": "NOR", "participants/1": None}],
        },
    )
    take_draft = Flag(
        load_default=False,
        metadata={"description": "Takes what the machine drafted last, also of a newer version of the document"},
    )
    reason = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(tuple(REJECT_REASONS)))
    reason_text = Line(load_default=None, allow_none=True)
    lease = _lease()


class ReviewRuleSchema(Strict):
    """How a family is checked."""

    family = fields.String(required=True, validate=validate.OneOf(tuple(FAMILY_OF)))
    second_share = Number(
        required=True, validate=validate.Range(0, 1), metadata={"description": "Of its records, that two people read"}
    )
    gold_share = Number(
        required=True, validate=validate.Range(0, 1), metadata={"description": "Of hand-outs, that are hidden checks"}
    )


class ReviewRulesSchema(Schema):
    items = fields.List(fields.Nested(ReviewRuleSchema), required=True)


class SpanSchema(Schema):
    start = fields.Integer(required=True)
    end = fields.Integer(required=True)
    quote = fields.String(required=True)


class SideSchema(Schema):
    value = fields.Raw(
        required=True, allow_none=True, metadata={"description": "Null where this answer has nothing there"}
    )
    evidence = fields.List(fields.Nested(SpanSchema), required=True)


class DifferenceSchema(Schema):
    field = fields.String(
        required=True,
        metadata={
            "description": "As in `date` or `participants/0`; `decision` where one rejects what the other accepts"
        },
    )
    a = fields.Nested(SideSchema, required=True)
    b = fields.Nested(SideSchema, required=True)


class DisputeSchema(Schema):
    event = fields.UUID(required=True)
    revision = fields.Integer(required=True, metadata={"description": "The one that both have read"})
    differences = fields.List(fields.Nested(DifferenceSchema), required=True)


class SettlementSchema(Strict):
    choices = fields.Dict(
        keys=fields.String(),
        values=fields.String(validate=validate.OneOf(SIDES)),
        load_default=dict,
        metadata={
            "description": "For each field that differs, whose answer is right",
            "examples": [{"date": "a", "participants/1": "b"}],
        },
    )
    changes = fields.Dict(
        keys=fields.String(),
        load_default=dict,
        metadata={"description": "Other values for fields that differ, by path as for a fix"},
    )
    reason = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf(tuple(REJECT_REASONS)),
        metadata={"description": "Rejects the record"},
    )
    reason_text = Line(load_default=None, allow_none=True)
    lease = _lease()


class PeriodSchema(Strict):
    days = fields.Integer(load_default=30, validate=validate.Range(1, LONGEST_PERIOD))


class AgreementSchema(Schema):
    family = fields.String(required=True)
    field = fields.String(required=True)
    label = fields.String(required=True)
    pairs = fields.Integer(required=True, metadata={"description": "How many records have two answers"})
    equal = fields.Float(required=True, allow_none=True, metadata={"description": "The share of equal answers"})
    alpha = fields.Float(required=True, allow_none=True, metadata={"description": "Krippendorff's, nominal"})
    why = fields.String(required=True, allow_none=True, metadata={"description": "Why there is no alpha"})


class AgreementsSchema(Schema):
    items = fields.List(fields.Nested(AgreementSchema), required=True)


class ScoreSchema(Schema):
    reviewer = fields.String(required=True)
    checks = fields.Integer(required=True, metadata={"description": "Hidden checks that he answered"})
    decisions_right = fields.Integer(required=True)
    fields_right = fields.Integer(required=True, metadata={"description": "Of the records that are rightly accepted"})
    fields_wrong = fields.Integer(required=True)
    missed = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "How often each field was wrong, by its label"},
    )


class ScoresSchema(Schema):
    items = fields.List(fields.Nested(ScoreSchema), required=True)


class StatisticsQuerySchema(Strict):
    days = fields.Integer(
        load_default=30,
        validate=validate.Range(1, LONGEST_DAYS),
        metadata={"description": "How many days, today among them"},
    )


class DaySchema(Schema):
    day = fields.Date(required=True)
    family = fields.String(required=True)
    drafted = fields.Integer(required=True)
    approved = fields.Integer(required=True)
    fixed = fields.Integer(required=True)
    rejected = fields.Integer(required=True)


class SecondsSchema(Schema):
    """Percentiles of the seconds that decisions took."""

    family = fields.String(required=True)
    decisions = fields.Integer(required=True)
    p10 = fields.Float(required=True)
    p25 = fields.Float(required=True)
    median = fields.Float(required=True)
    p75 = fields.Float(required=True)
    p90 = fields.Float(required=True)


class ReadingsSchema(Schema):
    approved = fields.Integer(required=True)
    fixed = fields.Integer(required=True)
    rejected = fields.Integer(required=True)
    fixed_fields = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "In how many readings something was changed in the field"},
    )


class TakenBackSchema(Schema):
    undone = fields.Integer(required=True, attribute="right")
    decisions = fields.Integer(required=True, attribute="judged")


class ConfidenceBinSchema(Schema):
    low = fields.Float(required=True)
    high = fields.Float(required=True)
    judged = fields.Integer(required=True)
    right = fields.Integer(required=True, metadata={"description": "Records not rejected, fields left unchanged"})
    said = fields.Float(required=True, metadata={"description": "The mean of the confidences"})


class CalibrationSchema(Schema):
    records = fields.List(fields.Nested(ConfidenceBinSchema), required=True)
    fields_ = fields.List(fields.Nested(ConfidenceBinSchema), required=True, data_key="fields", attribute="fields")


class StatisticsSchema(Schema):
    since = fields.Date(required=True)
    until = fields.Date(required=True)
    days = fields.List(fields.Nested(DaySchema), required=True, metadata={"description": "Where something happened"})
    seconds = fields.List(fields.Nested(SecondsSchema), required=True)
    readings = fields.Nested(
        ReadingsSchema, required=True, metadata={"description": "What people made of drafts; the newest 20,000"}
    )
    undone = fields.Nested(TakenBackSchema, required=True)
    waiting = fields.Dict(
        keys=fields.String(), values=fields.Integer(), required=True, metadata={"description": "Now, by family"}
    )
    oldest = fields.DateTime(required=True, allow_none=True, metadata={"description": "Since when the oldest waits"})
    calibration = fields.Nested(CalibrationSchema, required=True)


class NewCommentSchema(Strict):
    text = fields.String(
        required=True,
        validate=validate.Length(max=LONGEST_COMMENT),
        metadata={"description": "Not blank", "minLength": 1, "pattern": SEEN},
    )
    field = fields.String(
        load_default=None,
        allow_none=True,
        metadata={"description": "As evidence calls it: `date`, `participants/0`; null for the record"},
    )


class CommentSchema(Schema):
    id = fields.UUID(required=True)
    field = fields.String(required=True, allow_none=True)
    text = fields.String(required=True)
    author = fields.String(required=True)
    at = fields.DateTime(required=True)
    resolved_by = fields.String(required=True, allow_none=True)
    resolved_at = fields.DateTime(required=True, allow_none=True)


class CommentPageSchema(Schema):
    items = fields.List(fields.Nested(CommentSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class AuditQuerySchema(PageSchema):
    cursor = Cursor(int)
    subject = fields.UUID(load_default=None, metadata={"description": "Only what was done to this record, document, …"})
    actor = Line(load_default=None, metadata={"description": "Only what this person did, by user name"})
    action = Line(load_default=None, metadata={"description": "As in `event.decided`"})


class AuditActorSchema(Schema):
    id = fields.UUID(required=True)
    username = fields.String(required=True)


class AuditKeySchema(Schema):
    id = fields.UUID(required=True)
    prefix = fields.String(required=True)


class AuditSubjectSchema(Schema):
    kind = fields.String(required=True, metadata={"description": "As in event, document, user, key"})
    id = fields.UUID(required=True)


class AuditEntrySchema(Schema):
    number = fields.Integer(required=True, metadata={"description": "Without gaps, in the order of the commits"})
    at = fields.DateTime(required=True)
    actor = fields.Nested(
        AuditActorSchema, required=True, allow_none=True, metadata={"description": "Null: the system itself"}
    )
    key = fields.Nested(
        AuditKeySchema, required=True, allow_none=True, metadata={"description": "The key that acted for the actor"}
    )
    action = fields.String(required=True)
    subject = fields.Nested(AuditSubjectSchema, required=True)
    before = fields.Dict(required=True, allow_none=True)
    after = fields.Dict(
        required=True,
        allow_none=True,
        metadata={"description": "Of a record: `state`, `revision`, and in `revisions` the SHA-256 of each by number"},
    )
    previous_hash = fields.String(required=True)
    hash = fields.String(required=True, metadata={"description": "SHA-256 of all the other fields; see docs/audit.md"})


class AuditPageSchema(Schema):
    items = fields.List(fields.Nested(AuditEntrySchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class ProblemSchema(Schema):
    """RFC 9457. Some kinds have more members, which a client that does not know them passes over."""

    class Meta:
        unknown = INCLUDE

    type = fields.String(required=True, metadata={"format": "uri-reference"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    request_id = fields.String(required=True, allow_none=True)
    errors = fields.Dict(metadata={"description": "For invalid-input: complaints by field"})
