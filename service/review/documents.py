"""Documents: the list, one document with its records beside its text, and the upload."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import PurePath
from uuid import UUID

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service import web
from service.errors import (
    BinaryContentError,
    DocumentTooLargeError,
    InvalidInputError,
    NotFoundError,
    UnreadableDocumentError,
)
from service.operations import documents
from service.operations.documents import DocumentFilter, Upload
from service.review import paper
from service.review.asked import LONGEST_LINE, cursors_of, day_of_form, line_of_form, place_asked_for
from service.review.viewer import viewer
from service.store.models import DOCUMENT_STATES
from workers import readers
from workers.extraction.families import FAMILIES
from workers.readers import kinds, sandbox

PAGE_SIZE = 50
WITH_PAGES = (kinds.PDF, *kinds.IMAGES)
PIXELS_A_POINT = 1.75
_drawing = threading.Lock()
# What a form may have beside its file: the other fields and the boundaries.
ENVELOPE_BYTES = 64 * 1024

pages = Blueprint("documents", __name__, url_prefix="/documents")


@pages.get("")
def index() -> ResponseReturnValue:
    return _index()


def _index(errors: dict[str, str] | None = None) -> ResponseReturnValue:
    session, state = web.session(), request.args.get("state")
    state = state if state in DOCUMENT_STATES else None
    cursors = cursors_of("documents", {"state": state})
    before = place_asked_for("before", cursors, UUID)
    found = documents.find(session, DocumentFilter(state=state), by=viewer(), before=before, limit=PAGE_SIZE + 1)
    shown = found[:PAGE_SIZE]
    page = render_template(
        "documents.html",
        documents=shown,
        counts=documents.count_events(session, [document.id for document in shown], by=viewer()),
        state=state,
        states=DOCUMENT_STATES,
        before=before,
        last=cursors.make(shown[-1].id) if len(found) > PAGE_SIZE else None,
        now=dt.datetime.now(dt.UTC),
        errors=errors or {},
        may_upload="upload" in viewer().scopes,
        limit=web.services().settings.upload_limit,
    )
    return page, 422 if errors else 200


@pages.post("")
def submit() -> ResponseReturnValue:
    viewer().require("upload")
    try:
        upload = _upload()
    except InvalidInputError as error:
        return _index(error.facts["errors"])
    except BinaryContentError as error:
        return _index({"file": f"This is not plain text. {error}"})
    except (UnreadableDocumentError, DocumentTooLargeError) as error:
        return _index({"file": str(error)})
    submission = documents.submit(web.session(), upload, by=viewer(), dispatch=web.services().dispatch)
    known = None if submission.is_new else 1
    return redirect(url_for(".show", document_id=submission.document.id, known=known), 303)


def allow_large_body() -> None:
    """Runs before the form is read: an upload may be larger than other forms."""
    if request.endpoint == "review.documents.submit":
        request.max_content_length = web.services().settings.upload_limit + ENVELOPE_BYTES


def _upload() -> Upload:
    """Raises InvalidInputError, UnreadableDocumentError, DocumentTooLargeError."""
    filename, original, charset = _original()
    limit = web.services().settings.upload_limit
    if len(original) > limit:
        raise DocumentTooLargeError(f"Documents may have {limit:,} bytes; this one has {len(original):,}.")
    kind, reading = readers.read_at_once(original, charset=charset)
    return Upload(
        original=original,
        text=reading.text if reading else None,
        encoding=reading.encoding if reading else None,
        media_type=kind,
        filename=filename,
        title=line_of_form("title"),
        source=line_of_form("source"),
        published=day_of_form("published"),
    )


def _original() -> tuple[str | None, bytes, str | None]:
    """A file's name, bytes and charset, or a pasted text's; browsers send its line ends as CR LF."""
    file = request.files.get("file")
    if file and file.filename and request.form.get("text", "").strip():
        raise InvalidInputError({"file": "Give a file or a pasted text, not both: one document is one text."})
    if file and file.filename:
        name = PurePath(file.filename.replace("\\", "/")).name
        return name[:LONGEST_LINE], file.stream.read(), file.mimetype_params.get("charset")
    if text := request.form.get("text", ""):
        return None, text.replace("\r\n", "\n").encode(), "utf-8"
    raise InvalidInputError({"file": "Choose a file, or paste a text."})


@pages.get("/<uuid:document_id>")
def show(document_id: UUID) -> ResponseReturnValue:
    lease = web.services().settings.review_lease
    part = request.args.get("part", 1, type=int)
    shown = paper.paper(web.session(), document_id, by=viewer(), lease=lease, part=part)
    return render_template(
        "document.html",
        paper=shown,
        is_known="known" in request.args,
        may_replay="admin" in viewer().scopes,
        may_review="review" in viewer().scopes,
        may_describe=documents.may_change(shown.document, documents.FOUND, viewer()),
        is_describing="describe" in request.args,
        all_families=FAMILIES,
    )


@pages.get("/<uuid:document_id>/pages/<int:number>.png")
def picture(document_id: UUID, number: int) -> Response:
    """A page of the original as it is shown, drawn in a process that may die; one at a time in each web process."""
    document, original = documents.get_original(web.session(), document_id, by=viewer())
    if document.media_type not in WITH_PAGES:
        raise NotFoundError("page", number)
    with _drawing:
        drawn = sandbox.picture(original, number, PIXELS_A_POINT)
    return Response(drawn, content_type="image/png")


@pages.get("/<uuid:document_id>/state")
def state(document_id: UUID) -> Response:
    """How far the document is, for the page that waits for its drafts."""
    return jsonify(state=documents.get(web.session(), document_id, by=viewer()).state)


@pages.post("/<uuid:document_id>/replay")
def replay(document_id: UUID) -> ResponseReturnValue:
    documents.replay(web.session(), document_id, by=viewer(), dispatch=web.services().dispatch)
    return redirect(url_for(".show", document_id=document_id), 303)
