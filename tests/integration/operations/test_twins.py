"""The same story from two papers is found, and shown with what was decided there."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from service.errors import NotFoundError
from service.operations import twins
from service.operations.actor import Actor
from service.services import Services
from tests.factories import create_document, create_drafted_document
from workers.likeness import sketch

WIRE = " ".join(f"sentence {number} of what the agency sent about the talks." for number in range(60))
EDITED = WIRE + " The paper added a word of its own. " + "And one more."
OTHER = " ".join(f"another {number} story about the weather in the hills." for number in range(60))


def drafted(services: Services, by: Actor, text: str, **told: Any) -> Any:
    return create_drafted_document(services, by, text, [], sketch=sketch(text), **told)[0].id


def found(services: Services, document_id: Any, by: Actor) -> list[Any]:
    with services.sessions() as session:
        return [twin.document.id for twin in twins.find(session, document_id, by=by)]


def test_the_same_story_is_found_from_both_sides(services: Services, administrator: Actor, reviewer: Actor) -> None:
    one, other = (drafted(services, administrator, text) for text in (WIRE, EDITED))
    drafted(services, administrator, OTHER)
    assert found(services, one, reviewer) == [other]
    assert found(services, other, reviewer) == [one]


def test_the_most_alike_comes_first(services: Services, administrator: Actor, reviewer: Actor) -> None:
    half = drafted(services, administrator, WIRE[: len(WIRE) * 3 // 4])
    near, own = (drafted(services, administrator, text) for text in (EDITED, WIRE))
    assert found(services, own, reviewer) == [near, half]
    with services.sessions() as session:
        first, second = twins.find(session, own, by=reviewer)
    assert 1 >= first.likeness > second.likeness >= twins.ALIKE


def test_versions_of_a_document_are_not_its_twins(services: Services, administrator: Actor, reviewer: Actor) -> None:
    old, new = (drafted(services, administrator, text, external_id="wire-1") for text in (WIRE, EDITED))
    assert found(services, old, reviewer) == found(services, new, reviewer) == []


def test_a_document_that_is_not_drafted_has_none(services: Services, administrator: Actor, reviewer: Actor) -> None:
    drafted(services, administrator, WIRE)
    waiting = create_document(services, administrator, EDITED).id
    assert found(services, waiting, reviewer) == []
    with services.sessions() as session, pytest.raises(NotFoundError):
        twins.find(session, uuid4(), by=reviewer)
