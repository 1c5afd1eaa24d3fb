"""A document's text never reaches a log, whatever the database says of the row that it refused."""

from __future__ import annotations

import logging

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from service import log
from service.operations.actor import Actor
from service.services import Services
from tests.factories import create_document

SECRET = "Ada Larsen\nTraceback of a route\n[SQL: was\n(Background on\n\nin Sudmark"


@pytest.fixture
def refusal(services: Services, administrator: Actor) -> IntegrityError:
    """An error whose DETAIL holds the whole row."""
    create_document(services, administrator, SECRET)
    with pytest.raises(IntegrityError) as caught, services.engine.begin() as connection:
        connection.execute(text("update documents set state = 'drafted'"))
    assert "Ada Larsen" in str(caught.value)
    return caught.value


@pytest.mark.parametrize("as_repr", [True, False])
def test_refused_rows_are_not_logged(
    refusal: IntegrityError, as_repr: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    log.configure("json", "INFO")
    message = f"Task raised unexpected: {refusal!r}" if as_repr else str(refusal)
    logging.getLogger("celery.app.trace").error(message, exc_info=refusal)
    written = capsys.readouterr().err
    assert "drafted_at_when_drafted" in written
    for word in ("Ada", "Larsen", "Sudmark"):
        assert word not in written
