"""What comes in with a request: strict JSON, strict schemas, nothing that the database could not keep."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import IO, Any, NoReturn

import flask_smorest
from flask import Request, Response, json
from flask import request as flask_request
from marshmallow import RAISE, Schema, ValidationError, fields
from webargs.fields import DelimitedList
from webargs.flaskparser import FlaskParser
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, ClientDisconnected, PreconditionFailed, RequestEntityTooLarge

from service.errors import DocumentTooLargeError, InvalidInputError, UnsupportedTypeError
from service.storable import check_storable

JSON = "application/json"
# A longer body is kept in a file while it is read.
SPOOLED_BYTES = 1_000_000


class Parser(FlaskParser):
    """Refuses unknown fields everywhere, and tells complaints by field."""

    DEFAULT_UNKNOWN_BY_LOCATION = dict.fromkeys(FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, RAISE)

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        """A filter given twice is refused where one is meant: half of an answer would look like the whole."""
        many = {name for name, field in schema.fields.items() if is_repeatable(field)}
        check_given_once(req.args, many)
        return super().load_querystring(req, schema)

    def load_json(self, req: Request, schema: Schema) -> Any:
        return read_json(req)

    def handle_error(
        self,
        error: ValidationError,
        req: Request,
        schema: Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        complaints = {field: told for by_field in error.messages_dict.values() for field, told in by_field.items()}
        raise InvalidInputError(complaints) from error


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]  # flask-smorest has no types
    ARGUMENTS_PARSER = Parser()

    def arguments(self, schema: Schema | type[Schema], *, location: str = "json", **options: Any) -> Any:
        """As in the base class. In a query nothing is null, whatever a field is where it is left out."""
        made = schema() if isinstance(schema, type) else schema
        if location == "query":
            for field in made.fields.values():
                field.allow_none = False
        return super().arguments(made, location=location, **options)

    def route(self, rule: str, **options: Any) -> Any:
        """As in the base class. The description calls the operation as its handler is called."""
        add = super().route(rule, **options)
        return lambda handler: add(self.doc(operationId=handler.__name__)(handler))


def conditional(response: Response) -> Response:
    """The answer, or 304 for who has it already (RFC 9110, 13.1.2). Raises PreconditionFailed for an `If-Match` that
    names another version, where Werkzeug would send the version that was not wanted.
    """
    response.make_conditional(flask_request)
    if response.status_code == HTTPStatus.PRECONDITION_FAILED:
        raise PreconditionFailed("It has another ETag than the request wants.")
    return response


def is_repeatable(field: fields.Field[Any]) -> bool:
    return isinstance(field, fields.List) and not isinstance(field, DelimitedList)


def check_query(handler: Callable[..., Any], given: MultiDict[str, str]) -> None:
    """Raises InvalidInputError for what the description of a handler does not have in its query; a handler whose query
    has a schema leaves that to the schema.
    """
    told = getattr(handler, "_apidoc", {})
    if any(one["in"] == "query" for one in told.get("arguments", {}).get("parameters", ())):
        return
    known = {one["name"] for one in told.get("manual_doc", {}).get("parameters", ()) if one["in"] == "query"}
    unknown = {name: ["Unknown field."] for name in given if name not in known}
    if unknown:
        raise InvalidInputError(unknown)


def check_given_once(given: MultiDict[str, str], many: Collection[str] = ()) -> None:
    """Raises InvalidInputError for fields of a form or query that are there more than once."""
    repeated = {name: ["Must be given once."] for name, values in given.lists() if len(values) > 1 and name not in many}
    if repeated:
        raise InvalidInputError(repeated)


def check_not_encoded(request: Request) -> None:
    """Bodies are read as they are. Raises UnsupportedTypeError for a compressed one."""
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise UnsupportedTypeError(f"Send the body without Content-Encoding ({encoding} is not read).")


def read_body(request: Request) -> bytes:
    """The whole body, and never a part of it. Raises DocumentTooLargeError over `request.max_content_length`, and
    ClientDisconnected when less comes than was announced.

    Werkzeug's stream tells neither: it ends at its limit, and where the client goes away, as if the body ended there.
    """
    check_not_encoded(request)
    limit = request.max_content_length
    assert limit is not None, "the application sets MAX_CONTENT_LENGTH"
    if (request.content_length or 0) <= limit:
        request.max_content_length = limit + 1
        body = request.get_data(cache=False)
        if len(body) < (request.content_length or 0):
            raise ClientDisconnected("The body is shorter than its Content-Length.")
        if len(body) <= limit:
            return body
    raise DocumentTooLargeError(f"A body may have {limit:,} bytes here.", limit=limit)


@contextmanager
def spool_body(request: Request, limit: int) -> Iterator[IO[bytes]]:
    """The whole body as a file, of which little is in memory. Raises what `read_body` raises."""
    check_not_encoded(request)
    announced = request.content_length or 0
    too_large = DocumentTooLargeError(f"A body may have {limit:,} bytes here.", limit=limit)
    if announced > limit:
        raise too_large
    request.max_content_length = limit + 1
    with tempfile.SpooledTemporaryFile(SPOOLED_BYTES) as body:
        try:
            shutil.copyfileobj(request.stream, body)
        except RequestEntityTooLarge as error:
            raise too_large from error
        if body.tell() < announced:
            raise ClientDisconnected("The body is shorter than its Content-Length.")
        yield body


def read_json(request: Request) -> Any:
    """The value of a JSON body. Raises DocumentTooLargeError, UnsupportedTypeError, BadRequest, InvalidInputError."""
    if request.mimetype != JSON:
        raise UnsupportedTypeError(f"Send {JSON}.", accepted=[JSON])
    return parse_json(read_body(request))


def parse_json(raw: bytes) -> Any:
    """One strict JSON value. Raises BadRequest, InvalidInputError."""
    try:
        value = json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise BadRequest(f"The JSON is not UTF-8 at byte {error.start}.") from error
    except ValueError as error:
        raise BadRequest(f"This is not JSON: {error}.") from error
    except RecursionError as error:
        raise BadRequest("The JSON is nested too deeply.") from error
    check_storable(value)
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")
