"""One installation for all tests that only look at it, or that leave it whole."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from tests.functional.installation import Installation


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    installation = Installation(tmp_path_factory.mktemp("up") / "var")
    installation.start()
    yield installation
    assert installation.stop(signal.SIGTERM) < 10
