"""What went wrong, as RFC 9457 problem details: one table from errors to problems, and the answers made from it.

Programs get `application/problem+json`; people, on the pages, get the same as HTML.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, Response, json, render_template, request
from gunicorn.http.errors import ParseException
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException

from service import errors
from service.errors import LegationError

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
FOR_PROGRAMS = ("/api/", "/healthz", "/readyz", "/metrics")
RETRY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class ProblemType:
    """A kind of problem. `cure` says what the caller can do. `status_default` marks the one for a bare HTTP status."""

    slug: str
    status: int
    title: str
    cure: str
    errors: tuple[type[LegationError], ...] = ()
    status_default: bool = False

    @property
    def uri(self) -> str:
        """The same in every deployment, and a page that the service shows."""
        return f"/problems/{self.slug}"

    @property
    def meanings(self) -> list[str]:
        told = [error.__doc__ or "" for error in self.errors if error is not LegationError]
        return [sentence for sentence in told if sentence != f"{self.title}."]


# fmt: off
PROBLEM_TYPES: tuple[ProblemType, ...] = (
    ProblemType(
        "bad-request", 400, "The request is malformed",
        "Check the syntax of the request; `detail` says where it ends to make sense. JSON must be valid and in UTF-8.",
        status_default=True,
    ),
    ProblemType(
        "idempotency-key-missing", 400, "The request needs an Idempotency-Key",
        "Send a header `Idempotency-Key` with a new random string, as in "
        '`"8e03978e-40d5-43dd-bc93-6894a57f9324"`, and the same one when you send the request again.',
        (errors.IdempotencyKeyMissingError,),
    ),
    ProblemType(
        "not-signed-in", 401, "No valid API key",
        "Send `Authorization: Bearer lgn_…` with a key that is not revoked. An administrator makes keys.",
        (errors.NotSignedInError, errors.UnknownUserError), status_default=True,
    ),
    ProblemType(
        "scope-missing", 403, "The key does not allow this",
        "Use a key with the scope that `scope` names. A key never has more than its owner's role allows.",
        (errors.ScopeMissingError, errors.IdentityRefusedError), status_default=True,
    ),
    ProblemType(
        "family-not-yours", 403, "You do not review this family",
        "Take the next item: it is of a family that you review. An administrator sets which these are.",
        (errors.FamilyNotYoursError,),
    ),
    ProblemType(
        "not-owner", 403, "This belongs to somebody else",
        "Only its owner may change or delete it. Save one of your own.",
        (errors.NotOwnerError,),
    ),
    ProblemType(
        "not-found", 404, "There is nothing here",
        "Check the address and the id.",
        (errors.NotFoundError,), status_default=True,
    ),
    ProblemType(
        "method-not-allowed", 405, "The method is not allowed here",
        "Use one of the methods that the header `Allow` names.",
        status_default=True,
    ),
    ProblemType(
        "own-account", 409, "This cannot be done to your own account",
        "Ask another administrator.",
        (errors.OwnAccountError,),
    ),
    ProblemType(
        "identity-taken", 409, "The sign-in belongs to somebody else",
        "Link another one, or ask an administrator.",
        (errors.IdentityTakenError,),
    ),
    ProblemType(
        "last-administrator", 409, "This is the last administrator",
        "Make somebody else an administrator first.",
        (errors.LastAdministratorError,),
    ),
    ProblemType(
        "key-ended", 409, "The key has been revoked",
        "Nothing can be changed about it any more. Make another one.",
        (errors.KeyEndedError,),
    ),
    ProblemType(
        "name-taken", 409, "The name is taken",
        "Choose another name.",
        (errors.NameTakenError,),
    ),
    ProblemType(
        "request-in-progress", 409, "The same request is being carried out",
        "Send it again, with the same `Idempotency-Key`, after the seconds that `Retry-After` names.",
        (errors.RequestInProgressError,),
    ),
    ProblemType(
        "held-by-another", 409, "Another reviewer holds this item",
        "Wait until the lease of `holder` runs out at `until`, or take the next item.",
        (errors.HeldByAnotherError,),
    ),
    ProblemType(
        "lease-lost", 409, "The claim has been lost",
        "The lease ran out and somebody else claimed the item, or it was given back. Claim it again.",
        (errors.LeaseLostError, errors.DraftLeaseLostError),
    ),
    ProblemType(
        "already-decided", 409, "The record has been decided",
        "Read the record; its `review` says what was decided, by whom and when.",
        (errors.AlreadyDecidedError,),
    ),
    ProblemType(
        "being-drafted", 409, "The machine drafts this record again",
        "Wait until it is back in the queue, as a draft.",
        (errors.BeingDraftedError,),
    ),
    ProblemType(
        "own-reading", 409, "You have read this record already",
        "Somebody else has to read it, or to settle what two readers answered. Take the next item.",
        (errors.OwnReadingError,),
    ),
    ProblemType(
        "not-for-many", 409, "The record is not decided together with others",
        "Read it, and decide on it alone.",
        (errors.NotForManyError,),
    ),
    ProblemType(
        "nothing-to-undo", 409, "There is nothing to undo",
        "Decisions can be undone for 15 minutes by who made them, as long as nothing was decided on the record since.",
        (errors.NothingToUndoError,),
    ),
    ProblemType(
        "not-mergeable", 409, "These records cannot be made into one",
        "Merge two records of the same document and the same family.",
        (errors.NotMergeableError,),
    ),
    ProblemType(
        "not-gold", 409, "The record cannot be a hidden check",
        "Choose an approved or rejected record that has a `draft`; not one that is open, or that people added.",
        (errors.NotGoldError,),
    ),
    ProblemType(
        "transition-impossible", 409, "The record cannot take this decision",
        "Read the record: `state` says where it stands. What is possible there is drawn in the architecture page.",
        (errors.TransitionError,),
    ),
    ProblemType(
        "not-replayable", 409, "The document has not failed",
        "Only a document whose `state` is `failed` can be drafted again.",
        (errors.NotReplayableError,),
    ),
    ProblemType(
        "retracted", 410, "The record has been retracted",
        "Drop your copy. `reason` says what for, `superseded_by` which record took it in, `change` is its row of the "
        "feed. A key with the scope `review` still reads it, and everybody its history.",
        (errors.RetractedError,), status_default=True,
    ),
    ProblemType(
        "revision-changed", 412, "The record has changed",
        "Read the record again, look at what changed, and decide on the revision that it has now.",
        (errors.RevisionChangedError,),
    ),
    ProblemType(
        "version-changed", 412, "It has changed",
        "Read it again, look at what changed, and send its `ETag` of now as `If-Match`.",
        (errors.VersionChangedError,), status_default=True,
    ),
    ProblemType(
        "too-large", 413, "The body is too large",
        "Send less: `limit` names the most bytes that are read.",
        (errors.DocumentTooLargeError, errors.TooMuchInsideError), status_default=True,
    ),
    ProblemType(
        "unsupported-type", 415, "The media type is not read",
        "Set `Content-Type` to one that `detail` or the header `Accept-Post` names.",
        (errors.UnsupportedTypeError, errors.NoReaderError), status_default=True,
    ),
    ProblemType(
        "invalid-input", 422, "A value cannot be accepted",
        "`errors` says for each field what is wrong with it.",
        (errors.InvalidInputError,), status_default=True,
    ),
    ProblemType(
        "idempotency-key-reused", 422, "The Idempotency-Key belongs to another request",
        "Give each request a key of its own. Only the very same document, metadata and options may come with it again.",
        (errors.IdempotencyKeyReusedError,),
    ),
    ProblemType(
        "unreadable-document", 422, "The document has no text that can be read",
        "Send a document with text in it.",
        (errors.UnreadableDocumentError,),
    ),
    ProblemType(
        "empty-document", 422, "The document is empty",
        "Send a document with more than blanks in it.",
        (errors.EmptyDocumentError,),
    ),
    ProblemType(
        "binary-content", 422, "The document is binary data",
        "Send the text of the document. Control characters other than tabs and line and page breaks are not text.",
        (errors.BinaryContentError,),
    ),
    ProblemType(
        "unknown-encoding", 422, "The encoding of the text is unknown",
        "Send UTF-8, or name the encoding: `Content-Type: text/plain; charset=…`.",
        (errors.UnknownEncodingError,),
    ),
    ProblemType(
        "encrypted", 422, "The document is protected by a password",
        "Save it without a password, and send that.",
        (errors.EncryptedError,),
    ),
    ProblemType(
        "no-text-layer", 422, "The document is pictures without text",
        "Send the document that it was printed from, or one with a text layer. Where Tesseract is installed beside "
        "the workers (Debian: `tesseract-ocr`), pictures are read.",
        (errors.NoTextLayerError,),
    ),
    ProblemType(
        "bomb", 422, "The document unpacks to far more than it is",
        "Save it anew, in the program that it was made with. Documents that people write are not of this kind.",
        (errors.BombError,),
    ),
    ProblemType(
        "corrupt", 422, "The document is damaged",
        "Open it, save it anew, and send that; or send it as PDF or plain text.",
        (errors.RefusedError, errors.CorruptError),
    ),
    ProblemType(
        "unsupported-language", 422, "The document is not in English",
        "Events are drafted from English. Send a translation, or say that it is English with `language`.",
        (errors.UnsupportedLanguageError,),
    ),
    ProblemType(
        "timeout", 422, "The document takes too long",
        "Send it in parts, or as plain text.",
        (errors.ReadingTimeoutError,),
    ),
    ProblemType(
        "revision-missing", 428, "The request does not say which revision it decides on",
        'Send the record\'s `ETag` back as `If-Match`, as in `If-Match: "1"`. One strong tag is needed. `*` is '
        "refused: a decision counts for what its maker has seen.",
        (errors.RevisionMissingError,),
    ),
    ProblemType(
        "version-missing", 428, "The request does not say which version it changes",
        "Read it, and send its `ETag` back as `If-Match`; or `If-Match: *` where any version will do.",
        (errors.VersionMissingError,), status_default=True,
    ),
    ProblemType(
        "too-many-requests", 429, "Too many requests",
        "Wait for the seconds that `Retry-After` names. `RateLimit` tells with each answer how many are left.",
        (errors.RateLimitedError,), status_default=True,
    ),
    ProblemType(
        "too-many-attempts", 429, "Too many attempts to sign in",
        "Wait for the seconds that `Retry-After` names, or ask an administrator for another password.",
        (errors.TooManyAttemptsError,),
    ),
    ProblemType(
        "too-many-in-work", 429, "Too many documents of this key are in work",
        "Send more when some are drafted: try again after the seconds that `Retry-After` names.",
        (errors.TooManyInWorkError,),
    ),
    ProblemType(
        "too-many-readers", 429, "Too many readers wait for changes",
        "Read without `wait`, or try again after `Retry-After` seconds.",
        (errors.TooManyReadersError,),
    ),
    ProblemType(
        "internal-error", 500, "Something went wrong here",
        "It is our fault and it is logged. Tell an administrator the `request_id`.",
        (LegationError, errors.AuditBrokenError, errors.SettingsError), status_default=True,
    ),
    ProblemType(
        "format-missing", 501, "This format is not installed",
        "Have an administrator install the optional dependency that `extra` names, or export in another format.",
        (errors.FormatMissingError,), status_default=True,
    ),
    ProblemType(
        "unavailable", 503, "The service cannot answer now",
        "Its database does not answer or is not migrated. Nothing was saved. Try again after `Retry-After` seconds.",
        status_default=True,
    ),
)
# fmt: on

# What is said where Werkzeug says something for people at an address bar.
DETAILS = {
    400: "The request cannot be read: it is broken, or ends too early.",
    404: "Nothing is at this address.",
    405: "This address does not know the method.",
    413: "The body has more bytes than are read here.",
}

OF_SLUG = {known.slug: known for known in PROBLEM_TYPES}
OF_ERROR = {error: known for known in PROBLEM_TYPES for error in known.errors}
OF_STATUS = {known.status: known for known in PROBLEM_TYPES if known.status_default}


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem. `type` is None for an HTTP status that has no entry in the table (RFC 9457's about:blank)."""

    status: int
    type: ProblemType | None
    detail: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return self.type.title if self.type else HTTPStatus(self.status).phrase

    @property
    def request_id(self) -> str | None:
        return structlog.contextvars.get_contextvars().get("request_id")

    def to_json(self) -> dict[str, Any]:
        uri = self.type.uri if self.type else "about:blank"
        told = {"type": uri, "title": self.title, "status": self.status, "detail": self.detail}
        return {**told, "request_id": self.request_id, **self.facts}


def of_error(error: LegationError) -> Problem:
    known = next(OF_ERROR[kind] for kind in type(error).__mro__ if kind in OF_ERROR)
    return Problem(known.status, known, str(error), error.facts, _headers(error))


def _headers(error: LegationError) -> dict[str, str]:
    match error:
        case errors.NotSignedInError():
            return {"WWW-Authenticate": 'Bearer realm="legation"'}
        case errors.ScopeMissingError():
            scope = error.facts.get("scope", "")
            return {"WWW-Authenticate": f'Bearer realm="legation", error="insufficient_scope", scope="{scope}"'}
        case (
            errors.RequestInProgressError()
            | errors.RateLimitedError()
            | errors.TooManyInWorkError()
            | errors.TooManyAttemptsError()
            | errors.TooManyReadersError()
        ):
            return {"Retry-After": str(error.facts["retry_after"])}
        case errors.UnsupportedTypeError() if "accepted" in error.facts:
            return {"Accept-Post": ", ".join(error.facts["accepted"])}
    return {}


def of_http(error: HTTPException) -> Problem:
    status = error.code or 500
    own = {name: value for name, value in error.get_headers() if name != "Content-Type"}
    facts = {"limit": request.max_content_length} if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE else {}
    said = error.description if error.description != type(error).description else DETAILS.get(status)
    return Problem(status, OF_STATUS.get(status), said or HTTPStatus(status).phrase, facts, own)


def unavailable(detail: str) -> Problem:
    return Problem(503, OF_SLUG["unavailable"], detail, headers={"Retry-After": str(RETRY_SECONDS)})


def unexpected() -> Problem:
    return Problem(500, OF_SLUG["internal-error"], "The request could not be answered.")


def answer(problem: Problem) -> Response:
    """The problem in the form that the asker reads: JSON for programs, the template error.html for people."""
    if request.path.startswith(FOR_PROGRAMS):
        response = Response(json.dumps(problem.to_json()), problem.status, content_type=MEDIA_TYPE)
    else:
        page = render_template("error.html", problem=problem)
        response = Response(page, problem.status)
    response.headers.update(problem.headers)
    return response


def register(app: Flask) -> None:
    """Makes every error of the application a problem."""
    app.register_error_handler(LegationError, _answer_legation_error)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(ParseException, _answer_broken_body)
    for lost in (OperationalError, InterfaceError, PoolTimeoutError):
        app.register_error_handler(lost, _answer_lost_database)
    app.register_error_handler(Exception, _answer_unexpected)


def _answer_legation_error(error: LegationError) -> Response:
    problem = of_error(error)
    if problem.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("request.failed", exc_info=error)
        problem = unexpected()
    return answer(problem)


def _answer_http(error: HTTPException) -> Any:
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST or error.response is not None:
        return error  # a redirect, or an answer somebody has made already
    return answer(of_http(error))


def _answer_broken_body(error: ParseException) -> Response:
    return answer(Problem(400, OF_SLUG["bad-request"], f"The body's chunks cannot be read: {error}."))


def _answer_lost_database(error: Exception) -> Response:
    log.warning("database.unreachable", error=type(error).__name__)
    return answer(unavailable("The database does not answer."))


def _answer_unexpected(error: Exception) -> Response:
    log.error("request.failed", exc_info=error)
    return answer(unexpected())
