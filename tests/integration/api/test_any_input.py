"""Whatever bytes and values come in: never a failure inside, and what is kept is what was sent."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from service.errors import InvalidInputError
from service.operations import changes
from tests.factories import STORY, visit
from tests.integration.api.conftest import ApiClient

# The servers are the same for all examples; requests of one example do not change the outcome of another.
in_one_database = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
media_types = st.sampled_from(
    ["text/plain", "text/plain; charset=latin-1", "application/json", "multipart/form-data; boundary=b", "image/png"]
)
queries = st.dictionaries(
    st.sampled_from(["title", "source", "published", "language", "priority", "tags", "force", "x"]),
    st.text(max_size=20),
    max_size=2,
)


@in_one_database
@given(body=st.binary(max_size=300), media_type=media_types, query=queries)
@example(
    body=b"--b\r\nContent-Disposition: form-data; name=file; filename=\x00\r\n\r\nx\r\n--b--",
    media_type="multipart/form-data; boundary=b",
    query={},
)
@example(body=b'{"text": "' + b"\\ud83d" * 3 + b'"}', media_type="application/json", query={})
@example(body=b"\xff\xfe\x00\xd8", media_type="text/plain", query={})
def test_any_bytes(api: ApiClient, body: bytes, media_type: str, query: dict[str, str]) -> None:
    answer = api.upload(body, media_type, query_string=query)
    assert answer.status_code in (200, 202, 400, 415, 422)


@in_one_database
@given(text=st.text(max_size=300))
def test_any_text_comes_back_as_it_was_sent(api: ApiClient, text: str) -> None:
    answer = api.post("/documents", json={"text": text})
    assert answer.status_code in (200, 202, 422)
    if answer.status_code != 422:
        assert answer.json is not None
        assert api.get(f"/documents/{answer.json['id']}/text").data == text.encode()


@in_one_database
@given(body=json_values)
def test_any_json(api: ApiClient, body: Any) -> None:
    assert api.post("/documents", json={"text": body}).status_code in (200, 202, 400, 422)
    assert api.post("/documents", json=body).status_code in (400, 415, 422)


paths = st.sampled_from(
    [
        "modality", "background", "date", "date/edtf", "date/text/x", "place", "place/lat", "place/geonames_id",
        "participants", "participants/0", "participants/0/name", "participants/0/name/x", "participants/1",
        "participants/-1", "participants/9", "details", "details/action", "details/occasion", "details/action/x",
        "attributed_to", "attributed_to/0/cue", "evidence", "", "/", "type", "confidence",
    ]
)  # fmt: skip
spans = st.fixed_dictionaries(
    {"field": paths | st.text(max_size=5), "start": st.integers(-2, 300), "end": st.integers(-2, 300)}
)


@settings(max_examples=1000, deadline=None)
@given(wanted=st.dictionaries(paths | st.text(max_size=8), json_values | st.lists(spans, max_size=2), max_size=4))
@example(wanted={"attributed_to": None})
@example(wanted={"details": 1, "participants": {"0": None}})
@example(wanted={"evidence": [{"field": "date/edtf", "start": 0, "end": 1}]})
def test_any_fix_is_made_or_refused(wanted: dict[str, Any]) -> None:
    """On the operation's pure part: over HTTP the first fix that is made would decide the record."""
    draft = visit()
    try:
        changed = changes.apply("visit", draft.to_json(), wanted)
        pointed = changes.point(STORY, wanted.get("evidence", []))
        evidence = changes.carry_evidence(changed, list(draft.evidence), pointed)
    except InvalidInputError:
        return
    for item in evidence:
        assert STORY[item.start : item.end] == item.quote
