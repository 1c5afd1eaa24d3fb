"""Whatever a test of the operations did: the audit tells all of it, its chain is whole, and the feed adds up to what is
published.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from service.operations import audit_chain
from service.services import Services
from tests.conftest import create_actor
from tests.feed import check_feed


@pytest.fixture(autouse=True)
def whole_audit(request: pytest.FixtureRequest, services: Services) -> Iterator[None]:
    """Ends the test with `legation audit verify`, but where it is marked as one that breaks the audit."""
    yield
    if request.node.get_closest_marker("breaks_audit") is None:
        with services.sessions() as session:
            audit_chain.verify(session)


@pytest.fixture(autouse=True)
def true_feed(request: pytest.FixtureRequest, services: Services) -> Iterator[None]:
    yield
    if request.node.get_closest_marker("breaks_audit") is None:
        check_feed(services, create_actor(services, "follower", "reader"))
