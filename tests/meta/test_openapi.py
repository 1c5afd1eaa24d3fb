"""docs/openapi.json is what the service serves: what people and their tools read without running it."""

from __future__ import annotations

import json
import os
from collections import Counter

import pytest
from openapi_spec_validator import validate

from service.app import create_app
from service.settings import Settings
from tests.conftest import REPOSITORY, SECRET_KEY

FILE = REPOSITORY / "docs" / "openapi.json"
HOW = (
    "docs/openapi.json is not what the service serves; write it anew: LEGATION_DRAW=1 pytest tests/meta/test_openapi.py"
)


@pytest.fixture(scope="module")
def served() -> str:
    """As GET /api/v1/openapi.json gives it. It needs no server, so that none is started."""
    nowhere = Settings(database_url="postgresql://127.0.0.1/", redis_url="redis://127.0.0.1", secret_key=SECRET_KEY)
    return create_app(nowhere).test_client().get("/api/v1/openapi.json").text


def test_the_file_is_what_is_served(served: str) -> None:
    """With LEGATION_DRAW set, the test writes it anew."""
    if os.environ.get("LEGATION_DRAW"):
        FILE.write_text(served + "\n")
    assert FILE.read_text() == served + "\n", HOW


def test_it_is_valid_openapi(served: str) -> None:
    description = json.loads(served)
    assert description["openapi"].startswith("3.1")
    validate(description)


def test_every_operation_has_a_name_of_its_own(served: str) -> None:
    items = json.loads(served)["paths"].values()
    operations = [operation for item in items for method, operation in item.items() if method != "parameters"]
    names = Counter(operation["operationId"] for operation in operations)
    assert [name for name, number in names.items() if number > 1] == []
