"""Pages by key: a cursor is the place of the last item of a page, so that new rows shift nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from flask import request, url_for
from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate

from service.cursors import Cursors
from service.web import services

LONGEST_PAGE = 200
NO_CURSOR = "Is not a cursor of this list, asked for like this."
# What may differ from page to page.
PAGING = ("cursor", "limit", "shown")

Item = TypeVar("Item")
Answer = tuple[dict[str, Any], int, dict[str, str]]


class Cursor(fields.String):
    """Opaque to clients, who send back what they were given; `read` makes a place of its parts."""

    def __init__(self, read: Callable[..., Any] = UUID, **kwargs: Any) -> None:
        told = {"description": "`next_cursor` of the page before, with the same filters and order"}
        super().__init__(load_default=None, metadata=told, **kwargs)
        self.read = read


class PageSchema(Schema):
    """What a list is asked for. Loaded, it has the place of its `cursor`, and the `cursors` of the list."""

    class Meta:
        unknown = RAISE

    cursor = Cursor()
    limit = fields.Integer(load_default=50, validate=validate.Range(1, LONGEST_PAGE))

    @post_load
    def _find_place(self, asked: dict[str, Any], **_: Any) -> dict[str, Any]:
        cursors, cursor = _cursors(asked), asked["cursor"]
        if cursor is None:
            return {**asked, "cursors": cursors}
        try:
            place = self.fields["cursor"].read(*cursors.read(cursor))  # type: ignore[attr-defined]  # it is a Cursor
        except ValueError as error:
            raise ValidationError(NO_CURSOR, "cursor") from error
        return {**asked, "cursor": place, "cursors": cursors}


def _cursors(asked: Mapping[str, Any]) -> Cursors:
    filters = {name: value for name, value in asked.items() if name not in PAGING}
    secret = services().settings.secret_key
    return Cursors(secret, str(request.endpoint), {**filters, "of": request.view_args})


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


def cut(found: Sequence[Item], asked: Mapping[str, Any], place_of: Callable[[Item], tuple[Any, ...]]) -> Page[Item]:
    """The page that was asked for, from a query for one item more."""
    items = found[: asked["limit"]]
    return Page(items, asked["cursors"].make(*place_of(items[-1])) if len(found) > len(items) else None)
