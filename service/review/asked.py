"""What an address or a form asks of the list. A filter is its address: what an address says can be saved, shared as a
link, and carried along from page to page. What is not known is passed over.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar
from uuid import UUID

from flask import request
from werkzeug.datastructures import MultiDict

from service import web
from service.cursors import Cursors
from service.errors import InvalidInputError
from service.operations import claims
from service.operations.claims import ORDERS
from service.operations.filters import ASSIGNED, HOLDERS, REASONS, Filter
from service.operations.versions import Seen, seen
from service.store.models import STAGES
from workers.extraction.families import FAMILY_OF

Address = dict[str, Any]
Place = TypeVar("Place")

USUAL_ORDER = "priority"
LONGEST_LINE = 500


def asked_for(name: str, known: Collection[str]) -> str | None:
    return _one_of(request.values, name, known)


def seen_on_page() -> Seen:
    """The version of what a form changes, as it was when its page was opened."""
    return seen(request.form.get("version", ""))


def line_of_form(name: str) -> str | None:
    """A field of a form on one line, None where it is blank."""
    return " ".join(request.form.get(name, "").split())[:LONGEST_LINE] or None


def day_of_form(name: str) -> dt.date | None:
    """Raises InvalidInputError."""
    value = request.form.get(name, "").strip()
    try:
        return dt.date.fromisoformat(value) if value else None
    except ValueError as error:
        raise InvalidInputError({name: "Must be a day, as in 2024-06-19."}) from error


def cursors_of(page: str, asked: Mapping[str, Any]) -> Cursors:
    """Those of the list on a page, as it is asked for."""
    return Cursors(web.services().settings.secret_key, f"page of {page}", asked)


def place_asked_for(name: str, cursors: Cursors, read: Callable[..., Place]) -> Place | None:
    """Where the page before ended; an address that was cut or changed shows the first page."""
    cursor = request.args.get(name, "")
    try:
        return read(*cursors.read(cursor)) if cursor else None
    except ValueError:
        return None


def families_asked_for() -> tuple[str, ...]:
    """The families that the reviewer works on."""
    return _families(request.values)


def filter_asked_for() -> Filter:
    return filter_of(request.values)


def address_asked_for() -> Address:
    """What the links of a page have to say so that the next one knows the filter, too."""
    return address_of(filter_asked_for())


def filter_of(said: MultiDict[str, str]) -> Filter:
    """The filter that an address says."""
    return Filter(
        families=_families(said),
        holder=_one_of(said, "holder", HOLDERS),
        reason=_one_of(said, "why", REASONS),
        stage=_one_of(said, "stage", STAGES),
        assigned=_one_of(said, "assigned", ASSIGNED),
        is_snoozed=said.get("snoozed") == "yes",
        document_id=said.get("document", type=UUID),
        least=_share(said.get("least", type=int)),
        most=_share(said.get("most", type=int)),
        text=" ".join(said.get("q", "").split()),
        order=_one_of(said, "order", ORDERS) or USUAL_ORDER,
    )


def address_of(wanted: Filter) -> Address:
    """What the address of a filter says; nothing of what is usual."""
    said = {
        "family": list(wanted.families),
        "holder": wanted.holder,
        "why": wanted.reason,
        "stage": wanted.stage,
        "assigned": wanted.assigned,
        "snoozed": "yes" if wanted.is_snoozed else None,
        "document": str(wanted.document_id) if wanted.document_id else None,
        "least": _percent(wanted.least),
        "most": _percent(wanted.most),
        "q": wanted.text,
        "order": wanted.order if wanted.order != USUAL_ORDER else None,
    }
    return {name: value for name, value in said.items() if value}


def to_claim(wanted: Filter) -> claims.Wanted | None:
    """The same as the hand-out of the next item takes it; None where only the list can tell which one that is."""
    if wanted != Filter(wanted.families, stage=wanted.stage, order=wanted.order):
        return None
    return claims.Wanted(wanted.families, wanted.order, stage=wanted.stage)


def _one_of(said: MultiDict[str, str], name: str, known: Collection[str]) -> str | None:
    value = said.get(name)
    return value if value in known else None


def _families(said: MultiDict[str, str]) -> tuple[str, ...]:
    return tuple(name for name in FAMILY_OF if name in said.getlist("family"))


def _share(percent: int | None) -> float | None:
    return percent / 100 if percent is not None and 0 <= percent <= 100 else None


def _percent(share: float | None) -> str | None:
    return None if share is None else f"{share * 100:.0f}"
