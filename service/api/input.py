"""What comes in with a request: strict JSON, strict schemas, nothing that the database could not keep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

import flask_smorest
from flask import Request, json
from marshmallow import RAISE, Schema, ValidationError
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, ClientDisconnected

from service.errors import DocumentTooLargeError, InvalidInputError, UnsupportedTypeError
from service.storable import check_storable

JSON = "application/json"


class Parser(FlaskParser):
    """Refuses unknown fields everywhere, and tells complaints by field."""

    DEFAULT_UNKNOWN_BY_LOCATION = dict.fromkeys(FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, RAISE)

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


def read_body(request: Request) -> bytes:
    """The whole body, and never a part of it. Raises DocumentTooLargeError over `request.max_content_length`, and
    ClientDisconnected when less comes than was announced.

    Werkzeug's stream tells neither: it ends at its limit, and where the client goes away, as if the body ended there.
    """
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


def read_json(request: Request) -> Any:
    """The value of a JSON body. Raises DocumentTooLargeError, UnsupportedTypeError, BadRequest, InvalidInputError."""
    if request.mimetype != JSON:
        raise UnsupportedTypeError(f"Send {JSON}.", accepted=[JSON])
    try:
        value = json.loads(read_body(request).decode("utf-8"), parse_constant=_refuse_constant)
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
