"""An upload, in whichever form it comes: a document as the body, a form with a file, JSON."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any

from flask import Request
from marshmallow import Schema, ValidationError
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge

from service.api.input import JSON, check_given_once, check_not_encoded, read_body, read_json
from service.api.schemas import JsonDocumentSchema, MetadataSchema, Strict, UploadOptionsSchema
from service.errors import DocumentTooLargeError, EmptyDocumentError, InvalidInputError, UnsupportedTypeError
from service.operations.documents import Upload
from workers import readers
from workers.readers import Reading, kinds

TEXT, FORM = "text/plain", "multipart/form-data"
# Browsers and curl call a file by this name when they do not know its ending.
UNTYPED = "application/octet-stream"
# What a body may have beside the document: a form's boundaries, JSON's escapes, title and source.
ENVELOPE_BYTES = 64 * 1024
LONGEST_NAME = 255
# Asked for by the query, in whatever form the document comes.
OPTIONS = tuple(UploadOptionsSchema().fields)
_NOT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def read_upload(request: Request, limit: int) -> Upload:
    """Reads no more than the limit allows, whatever the client announces.

    Raises DocumentTooLargeError, UnsupportedTypeError, InvalidInputError, UnreadableDocumentError, HTTP 400 and 413.
    """
    reader = READERS.get(request.mimetype)
    if reader is None:
        hint = f" ({request.mimetype} is not)" if request.mimetype else ""
        accepted = tuple(READERS)
        raise UnsupportedTypeError(f"Documents are read from {', '.join(accepted)}{hint}.", accepted=accepted)
    return reader(request, limit)


def read_force(request: Request) -> bool:
    """Whether a known document is to be drafted anew. Raises InvalidInputError."""
    given = MultiDict([(name, value) for name, value in request.args.items(multi=True) if name in OPTIONS])
    return bool(_load_fields(UploadOptionsSchema(), given)["force"])


def _metadata_in_query(request: Request) -> MultiDict[str, str]:
    return MultiDict([(name, value) for name, value in request.args.items(multi=True) if name not in OPTIONS])


def _read_text(request: Request, limit: int) -> Upload:
    request.max_content_length = limit
    metadata = _load_fields(MetadataSchema(), _metadata_in_query(request))
    original = read_body(request)
    return _upload(original, readers.read(original, request.mimetype_params.get("charset")), metadata)


def _read_form(request: Request, limit: int) -> Upload:
    request.max_content_length = limit + ENVELOPE_BYTES
    check_not_encoded(request)
    _load_fields(Strict(), _metadata_in_query(request))
    metadata = _load_fields(MetadataSchema(), _form_of(request, limit))
    file = _only_file(request)
    original = file.stream.read(limit + 1)
    _check_size(original, limit)
    return _upload_of(original, file.mimetype, file.mimetype_params.get("charset"), metadata, _name(file))


def _read_bytes(request: Request, limit: int) -> Upload:
    """A document of any kind as the whole body."""
    request.max_content_length = limit
    metadata = _load_fields(MetadataSchema(), _metadata_in_query(request))
    original = read_body(request)
    return _upload_of(original, request.mimetype, request.mimetype_params.get("charset"), metadata)


def _upload_of(
    original: bytes, declared: str, charset: str | None, metadata: Mapping[str, Any], filename: str | None = None
) -> Upload:
    """Plain text is read here and now, what looks like anything else by a worker."""
    if not original:
        raise EmptyDocumentError()
    kind, reading = readers.read_at_once(original, declared, charset)
    return _upload(original, reading, metadata, filename, kind)


def _read_json(request: Request, limit: int) -> Upload:
    request.max_content_length = limit + ENVELOPE_BYTES
    _load_fields(Strict(), _metadata_in_query(request))
    return of_json(read_json(request), limit)


def of_json(value: Any, limit: int) -> Upload:
    """A document with its metadata as one JSON value. Raises InvalidInputError, DocumentTooLargeError and
    UnreadableDocumentError.
    """
    body = _load(JsonDocumentSchema(), value)
    original = body["text"].encode()
    _check_size(original, limit)
    readers.check_text(body["text"])
    return _upload(original, Reading(body["text"], "utf-8"), body)


READERS: Mapping[str, Callable[[Request, int], Upload]] = {
    **dict.fromkeys((*kinds.KINDS, kinds.UNKNOWN), _read_bytes),
    TEXT: _read_text,
    FORM: _read_form,
    JSON: _read_json,
}


def _upload(
    original: bytes,
    reading: Reading | None,
    metadata: Mapping[str, Any],
    filename: str | None = None,
    media_type: str = TEXT,
) -> Upload:
    return Upload(
        original=original,
        text=reading.text if reading else None,
        encoding=reading.encoding if reading else None,
        media_type=media_type,
        filename=filename,
        **{name: metadata[name] for name in MetadataSchema().fields},
    )


def _load(schema: Schema, given: Any) -> dict[str, Any]:
    """Raises InvalidInputError."""
    try:
        return dict(schema.load(given))
    except ValidationError as error:
        raise InvalidInputError(dict(error.messages_dict)) from error


def _load_fields(schema: Schema, given: MultiDict[str, str]) -> dict[str, Any]:
    """Loads the fields of a form or query, where each may be given once. Raises InvalidInputError."""
    check_given_once(given)
    return _load(schema, given.to_dict())


def _form_of(request: Request, limit: int) -> MultiDict[str, str]:
    """Raises DocumentTooLargeError, and InvalidInputError when it is not the file that is too large."""
    try:
        return request.form
    except RequestEntityTooLarge as error:
        if request.content_length is not None and request.content_length <= limit:
            raise InvalidInputError({"form": ["Has too many fields, or too long ones."]}) from error
        raise DocumentTooLargeError(f"Documents may have {limit:,} bytes.", limit=limit) from error


def _only_file(request: Request) -> FileStorage:
    files = request.files.to_dict(flat=False)
    unknown = {name: ["Unknown file."] for name in files if name != "file"}
    if unknown or len(files.get("file", ())) != 1:
        raise InvalidInputError(unknown or {"file": ["One file is needed."]})
    file = files["file"][0]
    if file.mimetype not in (*kinds.KINDS, UNTYPED, ""):
        accepted = ", ".join(kinds.KINDS)
        raise UnsupportedTypeError(f"Files are read when they are {accepted} ({file.mimetype} is not).")
    return file


def _check_size(original: bytes, limit: int) -> None:
    if len(original) > limit:
        raise DocumentTooLargeError(f"Documents may have {limit:,} bytes.", limit=limit)


def _name(file: FileStorage) -> str | None:
    """The file's own name without folders: something to show, never a path to open."""
    name = PurePosixPath((file.filename or "").replace("\\", "/")).name
    return _NOT_IN_NAMES.sub("", name)[:LONGEST_NAME] or None
