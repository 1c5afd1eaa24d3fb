"""Documents: sending them in and following them until they are drafted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from flask import Response, request, url_for

from service.api import described, limits, once, paging, problems, sparse, uploads, versions, waiting
from service.api.authorization import actor, allow
from service.api.events import page_of_events
from service.api.input import Blueprint, conditional
from service.api.schemas import (
    ChangeDocumentSchema,
    DocumentFieldsSchema,
    DocumentPageSchema,
    DocumentQuerySchema,
    DocumentSchema,
    EventsOfDocumentQuerySchema,
    PagesOfDocumentSchema,
    PlacesSchema,
    RedraftedSchema,
    RedraftQuerySchema,
    SomeOfDocumentSchema,
    SubmittedDocumentSchema,
    TwinsSchema,
)
from service.api.versions import version_seen
from service.errors import NotFoundError
from service.headers import as_a_file
from service.operations import documents, reading, twins
from service.operations.documents import KNOWN, DocumentFilter, Submission
from service.operations.idempotency import Claim
from service.store.models import Document
from service.web import services, session

POLL_SECONDS = 1

blueprint = Blueprint("documents", __name__, url_prefix="/api/v1/documents", description=__doc__)


@blueprint.route("", methods=["POST"])
@allow("upload")
@blueprint.response(
    202, SubmittedDocumentSchema, description="Kept, and waiting to be drafted", headers=described.SUBMITTED
)
@blueprint.alt_response(
    201,
    schema=SubmittedDocumentSchema,
    description="Kept and drafted, as it was waited for",
    headers=described.SUBMITTED,
)
@blueprint.alt_response(
    200,
    schema=SubmittedDocumentSchema,
    description="A document with the same bytes is here",
    headers=described.SUBMITTED,
)
@described.leads_to("get_document", "get_text", "list_events_of_document", status=202, document_id="$response.body#/id")
@described.leads_to("get_document", "get_text", "list_events_of_document", status=200, document_id="$response.body#/id")
@described.problems(400, 409, 413, 415, 422)
@blueprint.doc(
    requestBody=described.UPLOAD_BODY,
    parameters=[*described.UPLOAD_QUERY, described.FORCE, described.IDEMPOTENCY_KEY, described.PREFER],
)
def submit_document() -> Response:
    """Send a document in"""
    force = uploads.read_force(request)
    key = once.key_of(request, required=force)
    upload = uploads.read_upload(request, services().settings.upload_limit)

    def submit(claim: Claim | None) -> Response:
        found = documents.submit(
            session(),
            upload,
            by=actor(),
            dispatch=services().dispatch,
            force=force,
            claim=claim,
            most_in_work=limits.documents_in_work(actor()),
        )
        applied = waiting.for_drafts(found.document, waiting.seconds_of(request))
        return _submitted(found, applied)

    return once.answer(key, once.fingerprint_of(upload, force=force), submit)


@blueprint.route("")
@allow("read")
@blueprint.arguments(DocumentQuerySchema, location="query")
@blueprint.response(200, DocumentPageSchema, headers=described.LINK)
@described.problems(422)
def list_documents(wanted: Mapping[str, Any]) -> tuple[dict[str, Any], int, dict[str, str]]:
    """List documents, the newest first unless asked otherwise"""
    limit, before, sort = wanted["limit"], wanted["cursor"], wanted["sort"]
    asked = DocumentFilter(**{name: wanted[name] for name in ("state", "source", "language", "external_id", "tag")})
    found = documents.find(session(), asked, by=actor(), before=before, limit=limit + 1, sort=sort)
    page = paging.cut(found, wanted, lambda document: (document.id,))
    return {"items": _present_all(page.items, wanted["shown"]), "next_cursor": page.next_cursor}, 200, page.headers


@blueprint.route("/<uuid:document_id>")
@allow("read")
@blueprint.arguments(DocumentFieldsSchema, location="query")
@blueprint.response(200, SomeOfDocumentSchema, headers=described.VERSION)
@described.not_modified
@described.problems(404, 412, 422)
def get_document(wanted: Mapping[str, Any], document_id: UUID) -> Response:
    """Read a document's state"""
    return _answer(documents.get(session(), document_id, by=actor()), wanted["shown"])


@blueprint.route("/<uuid:document_id>", methods=["PATCH"])
@allow("upload", "review")
@blueprint.arguments(ChangeDocumentSchema)
@blueprint.response(200, DocumentSchema, headers=described.VERSION)
@described.problems(400, 403, 404, 412, 413, 415, 422, 428)
@blueprint.doc(parameters=[described.IF_MATCH_VERSION])
def change_document(body: Mapping[str, Any], document_id: UUID) -> Response:
    """Change what is told of a document

    Who sent it may, and whose key has the scope `admin`; with the scope `review` anybody may put right `title`,
    `source`, `published` and `language`. With another `published` it is drafted again.
    """
    dispatch = services().dispatch
    return _answer(documents.change(session(), document_id, body, by=actor(), dispatch=dispatch, seen=version_seen()))


@blueprint.route("/<uuid:document_id>/text")
@allow("read")
@blueprint.response(200, {"type": "string"}, content_type="text/plain", headers=described.ETAG)
@described.not_modified
@described.problems(404, 412)
def get_text(document_id: UUID) -> Response:
    """Read a document's text, exactly as evidence points into it

    Offsets count code points. A byte order mark is part of the text, at offset 0.
    """
    document = documents.get_with_text(session(), document_id, by=actor())
    if document.text is None:
        raise NotFoundError("text of document", document_id)
    response = Response(document.text, content_type="text/plain; charset=utf-8")
    response.set_etag(document.content_sha256)
    return conditional(response)


@blueprint.route("/<uuid:document_id>/original")
@allow("read")
@blueprint.response(
    200, {"type": "string", "format": "binary"}, content_type="application/octet-stream", headers=described.ETAG
)
@described.not_modified
@described.problems(404, 412)
def get_original(document_id: UUID) -> Response:
    """Read a document's bytes as they came, to be kept as a file

    Whatever they are, they are sent as data that no browser shows or runs.
    """
    document, original = documents.get_original(session(), document_id, by=actor())
    response = as_a_file(original, document.filename or f"document-{document.id}")
    response.set_etag(document.content_sha256)
    return conditional(response)


@blueprint.route("/<uuid:document_id>/places")
@allow("read")
@blueprint.response(200, PlacesSchema)
@described.problems(404)
def list_places(document_id: UUID) -> dict[str, Any]:
    """Read where each stretch of a document's text stands in the original: its page, paragraph, row or footnote

    Of plain text, its paragraphs, and which bytes they are.
    """
    found = reading.places_of(session(), document_id, by=actor())
    return {"items": [{**asdict(place), "bytes": span and asdict(span)} for place, span in found]}


@blueprint.route("/<uuid:document_id>/pages")
@allow("read")
@blueprint.response(200, PagesOfDocumentSchema)
@described.problems(404)
def list_pages(document_id: UUID) -> dict[str, Any]:
    """Read the pages of a PDF or picture, with the box around each word"""
    return {"items": reading.pages_of(session(), document_id, by=actor())}


@blueprint.route("/<uuid:document_id>/events")
@allow("read")
@blueprint.arguments(EventsOfDocumentQuerySchema, location="query")
@blueprint.response(200, "EventPage", headers=described.LINK)
@described.leads_to("get_event", "claim", event_id="$response.body#/items/0/id")
@described.problems(404, 422)
def list_events_of_document(wanted: Mapping[str, Any], document_id: UUID) -> Response:
    """List the events that a document reports, in its order"""
    documents.get(session(), document_id, by=actor())
    return page_of_events({**wanted, "document": document_id})


@blueprint.route("/<uuid:document_id>/twins")
@allow("read")
@blueprint.response(200, TwinsSchema)
@described.problems(404)
def list_twins(document_id: UUID) -> dict[str, Any]:
    """List the documents that tell the same story, the most alike first

    As papers print what an agency sent: for the most part the same words. Versions of a document are not its twins.
    There are none before it is drafted, and no more than 20.
    """
    found = twins.find(session(), document_id, by=actor())
    shown = _present_all([twin.document for twin in found])
    pairs = zip(found, shown, strict=True)
    return {"items": [{"likeness": round(twin.likeness, 2), "document": told} for twin, told in pairs]}


@blueprint.route("/<uuid:document_id>/replay", methods=["POST"])
@allow("admin")
@blueprint.response(202, DocumentSchema)
@described.problems(404, 409)
def replay_document(document_id: UUID) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Have a failed document drafted again"""
    document = documents.replay(session(), document_id, by=actor(), dispatch=services().dispatch)
    return _present_all([document])[0], 202, _where_to_look(document)


@blueprint.route("/<uuid:document_id>/redraft", methods=["POST"])
@allow("admin")
@blueprint.response(202, DocumentSchema)
@described.problems(404, 409)
def redraft_document(document_id: UUID) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Have a drafted document drafted again, by the model and rules of today

    Records that come out as before are left alone; those that come out differently are to be reviewed again.
    """
    document = documents.redraft(session(), document_id, by=actor(), dispatch=services().dispatch)
    return _present_all([document])[0], 202, _where_to_look(document)


@blueprint.route("/redraft-outdated", methods=["POST"])
@allow("admin")
@blueprint.arguments(RedraftQuerySchema, location="query")
@blueprint.response(200, RedraftedSchema)
@described.problems(422)
def redraft_outdated_documents(wanted: Mapping[str, Any]) -> dict[str, int]:
    """Have documents drafted again that another version or model drafted than the one at work now"""
    return {"documents": documents.redraft_outdated(session(), by=actor(), limit=wanted["limit"])}


def _answer(document: Document, only: Sequence[str] = ()) -> Response:
    return versions.answer(DocumentSchema().dump(_present_all([document], only)[0]), document.revision)


def _submitted(submission: Submission, headers: Mapping[str, str]) -> Response:
    document = submission.document
    told = {**_present_all([document])[0], "duplicate_of": None if submission.is_new else document.id}
    response = versions.answer(SubmittedDocumentSchema().dump(told), document.revision)
    response.status_code = _status(submission)
    response.headers.update({**_where_to_look(document), **headers})
    return response


def _status(submission: Submission) -> int:
    if submission.outcome == KNOWN:
        return 200
    if submission.document.state in waiting.WAITS:
        return 202
    return 201 if submission.is_new else 200


def _where_to_look(document: Document) -> dict[str, str]:
    location = {"Location": url_for("documents.get_document", document_id=document.id)}
    return {**location, "Retry-After": str(POLL_SECONDS)} if document.state in waiting.WAITS else location


def _present_all(found: Sequence[Document], only: Sequence[str] = ()) -> list[dict[str, Any]]:
    ids = [document.id for document in found]
    # A key that may only send documents in is told of its document, but not what is in it.
    is_counted = "read" in actor().scopes and sparse.has("events", only)
    counts = documents.count_events(session(), ids, by=actor()) if is_counted else {id: {} for id in ids}
    notes = documents.notes(session(), ids)
    versions_of, inside = documents.versions(session(), found), reading.parts_of(session(), ids)
    outside = reading.parents_of(session(), ids)
    told = (
        {
            **_present(one, counts[one.id], notes[one.id], versions_of[one.id]),
            "parts": inside[one.id],
            "part_of": outside[one.id],
        }
        for one in found
    )
    return [sparse.narrow(one, only) for one in told]


def _present(
    document: Document, counts: Mapping[str, int], notes: Sequence[str], versions_of: Sequence[UUID]
) -> dict[str, Any]:
    computed = ("sha256", "failure", "notes", "events", "versions", "links", "parts", "part_of")
    plain = DocumentSchema(exclude=computed).fields
    links = {
        "self": url_for("documents.get_document", document_id=document.id),
        "text": url_for("documents.get_text", document_id=document.id),
        "events": url_for("documents.list_events_of_document", document_id=document.id),
        "twins": url_for("documents.list_twins", document_id=document.id),
        "original": url_for("documents.get_original", document_id=document.id),
        "places": url_for("documents.list_places", document_id=document.id),
        "pages": url_for("documents.list_pages", document_id=document.id),
    }
    told = {name: getattr(document, name) for name in plain}
    named = {"failure": _failure(document), "notes": notes, "events": counts, "versions": versions_of, "links": links}
    return {**told, "sha256": document.content_sha256, **named}


def _failure(document: Document) -> dict[str, str | None] | None:
    if document.failure is None:
        return None
    known = problems.OF_SLUG.get(document.failure.replace("_", "-"))
    return {
        "type": document.failure,
        "detail": document.failure_detail,
        "problem": known.uri if known else None,
    }
