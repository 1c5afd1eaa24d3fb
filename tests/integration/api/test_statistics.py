"""GET /api/v1/statistics: the numbers of the team page for programs."""

from __future__ import annotations

import pytest

from service.operations.actor import Actor
from service.services import Services
from tests.factories import create_decision, create_drafted_document
from tests.integration.api.conftest import ApiClient, kind


def test_statistics_tell_what_was_done(reader_api: ApiClient, services: Services, administrator: Actor) -> None:
    _, (visit, _incident) = create_drafted_document(services, administrator)
    create_decision(services, visit, "fix", by=administrator, changes={"date/edtf": "1920-02-02"})
    answer = reader_api.get("/statistics?days=7").json
    assert answer is not None
    today = answer["until"]
    nothing = {"drafted": 1, "approved": 0, "fixed": 0, "rejected": 0}
    assert answer["days"] == [
        {"day": today, "family": "border_incident", **nothing},
        {"day": today, "family": "visit", **nothing, "fixed": 1},
    ]
    assert answer["readings"] == {"approved": 0, "fixed": 1, "rejected": 0, "fixed_fields": {"date": 1}}
    assert answer["undone"] == {"undone": 0, "decisions": 1}
    assert answer["waiting"] == {"border_incident": 1}
    assert answer["calibration"]["records"] == [{"low": 0.9, "high": 0.95, "judged": 1, "right": 1, "said": 0.9}]
    assert [(one["judged"], one["right"]) for one in answer["calibration"]["fields"]] == [(1, 0), (2, 2), (1, 1)]


@pytest.mark.parametrize("query", ["days=0", "days=367", "days=ten", "weeks=2"])
def test_a_period_that_cannot_be_is_refused(lasting_api: ApiClient, query: str) -> None:
    answer = lasting_api.get(f"/statistics?{query}")
    assert answer.status_code == 422
    assert kind(answer) == "invalid-input"
