"""Pages by key: a cursor is the last id of a page, so that new rows shift nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from flask import request, url_for
from marshmallow import RAISE, Schema, ValidationError, fields, validate

from service import cursors

LONGEST_PAGE = 200

Item = TypeVar("Item")


class Cursor(fields.Field[Any]):
    """Opaque to clients, who send back what they were given; `read` makes a key of it again."""

    def __init__(self, read: Callable[[bytes], Any] = lambda packed: UUID(bytes=packed), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._read = read

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        try:
            return self._read(cursors.decode(str(value)))
        except ValueError as error:
            raise ValidationError("Is not a cursor of this service.") from error


class PageSchema(Schema):
    class Meta:
        unknown = RAISE

    cursor = Cursor(load_default=None, metadata={"description": "`next_cursor` of the page before"})
    limit = fields.Integer(load_default=50, validate=validate.Range(1, LONGEST_PAGE))


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    items: Sequence[Item]
    next_cursor: str | None

    @property
    def headers(self) -> dict[str, str]:
        """A link to the next page (RFC 8288)."""
        if self.next_cursor is None or request.endpoint is None:
            return {}
        address: dict[str, Any] = {
            **(request.view_args or {}),
            **request.args.to_dict(flat=False),
            "cursor": self.next_cursor,
        }
        return {"Link": f'<{url_for(request.endpoint, **address)}>; rel="next"'}


def cut(found: Sequence[Item], limit: int, key_of: Callable[[Item], cursors.Key]) -> Page[Item]:
    """The page of `limit` items, from a query that asked for one more."""
    items = found[:limit]
    return Page(items, cursors.encode(key_of(items[-1])) if len(found) > limit else None)
