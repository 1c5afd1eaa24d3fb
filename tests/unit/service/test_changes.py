"""A reviewer's changes to a record."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import InvalidInputError
from service.operations import changes
from service.operations.record_schema import EDITABLE
from tests.factories import STORY, border_incident, visit
from workers.extraction.records import Evidence

DRAFT = visit()
BODY = {name: value for name, value in DRAFT.to_json().items() if name != "evidence"}
EVIDENCE = list(DRAFT.evidence)


def changed(**paths: Any) -> dict[str, Any]:
    return changes.apply("visit", BODY, {path.replace("__", "/"): value for path, value in paths.items()}).body


def fields_with_evidence(made: dict[str, Any]) -> list[str]:
    result = changes.apply("visit", BODY, made)
    return [item.field for item in changes.carry_evidence(result, EVIDENCE, [])]


def test_a_value_deep_in_the_record_is_set() -> None:
    assert changed(participants__0__country="PRK")["participants"][0]["country"] == "PRK"


def test_a_place_that_was_null_can_be_given_by_its_parts() -> None:
    without = {**BODY, "place": None}
    made = changes.apply("visit", without, {"place/name": "Sudmark", "place/country": "PRK"}).body
    assert made["place"] == {"name": "Sudmark", "country": "PRK", "geonames_id": None, "lat": None, "lon": None}


def test_null_empties_a_field_or_takes_an_item_away() -> None:
    made = changed(date=None, participants__0=None, details__purpose=None)
    assert (made["date"], made["participants"], made["details"]) == (None, [], {"action": "arrived"})


def test_one_more_participant_is_added_behind_the_last() -> None:
    made = changed(participants__1={"role": "host", "name": "Ole Berg", "kind": "person"})
    assert [participant["name"] for participant in made["participants"]] == ["Ada Larsen", "Ole Berg"]


def test_more_than_ten_participants_are_added_in_their_order() -> None:
    made = changed(
        **{f"participants__{i}": {"role": "host", "name": f"Host {i}", "kind": "person"} for i in range(1, 13)}
    )
    assert [participant["name"] for participant in made["participants"][1:]] == [f"Host {i}" for i in range(1, 13)]


def test_the_draft_itself_is_not_touched() -> None:
    before = copy.deepcopy(BODY)
    changed(participants__0=None, details__action="met")
    assert before == BODY


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        ("modality", "certain", "modality"),
        ("details/action", "teleported", "details"),
        ("details/mood", "good", "details"),
        ("details/action", None, "details"),
        ("participants/0/country", "Korea", "participants"),
        ("participants/0/role", "initiator", "participants"),
        ("participants/0/name", "  ", "participants"),
        ("participants/7", {}, "participants/7"),
        ("participants/x", {}, "participants/x"),
        ("date/edtf", "18 June", "date"),
        ("date/edtf", "2024-13", "date"),
        ("place/lat", 91, "place"),
        ("type", "treaty", "type"),
        ("confidence", {}, "confidence"),
        ("", 1, ""),
        ("background", "yes", "background"),
        ("background", 1, "background"),
        ("participants/0/country", "prk", "participants"),
        ("participants/0/name", "\u200b", "participants"),
        ("participants/0/name", "x" * 2001, "participants"),
        ("participants", [{"role": "host", "name": "N", "kind": "person"}] * 501, "participants"),
        ("date/edtf", "2024-02-30", "date"),
        ("date/edtf", "2024-06-20/2024-06-18", "date"),
        ("date/edtf", "../..", "date"),
        ("date/edtf", "0000", "date"),
        ("date/resolved_from", "yesterday", "date"),
        ("place/lat", "5", "place"),
        ("place/geonames_id", -5, "place"),
        ("details/purpose", "x" * 2001, "details"),
        ("attributed_to", [{"cue": "said"}], "attributed_to"),
    ],
)
def test_what_the_family_does_not_allow_is_refused_with_its_place(path: str, value: Any, where: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        changes.apply("visit", BODY, {path: value})
    assert where in refused.value.facts["errors"]


@pytest.mark.parametrize(
    "edtf",
    [
        *("2024", "2024-06", "2024-06-18", "2024-02-29", "2024-06-18?", "2024~", "202X", "2024-XX", "2024-22"),
        *("2024-06/2024-07", "2024-06-18/..", "../2024-06-18", "2024-06-18/2024-06-18"),
    ],
)
def test_dates_are_edtf_level_1(edtf: str) -> None:
    assert changed(date__edtf=edtf)["date"]["edtf"] == edtf


def test_counts_are_whole_and_not_negative() -> None:
    body = {name: value for name, value in border_incident().to_json().items() if name != "evidence"}
    assert changes.apply("border_incident", body, {"details/killed": 0}).body["details"]["killed"] == 0
    for wrong in (-1, 1.5, "two", True):
        with pytest.raises(InvalidInputError):
            changes.apply("border_incident", body, {"details/killed": wrong})


def test_evidence_follows_its_participant_when_another_leaves() -> None:
    two = changes.apply("visit", BODY, {"participants/1": {"role": "host", "name": "Ole Berg", "kind": "person"}})
    evidence = [*EVIDENCE, Evidence.at("participants/1", STORY, 0, 7)]
    one = changes.apply("visit", two.body, {"participants/0": None})
    kept = [item for item in changes.carry_evidence(one, evidence, []) if item.field.startswith("participants")]
    assert [(item.field, item.quote) for item in kept] == [("participants/0", "NORVALE")]


def test_evidence_follows_its_participant_when_the_list_is_replaced_with_one_taken_out() -> None:
    names = ("Ole Berg", "Ida Holm", "Ada Larsen")
    people = [{"role": "visitor", "name": name, "kind": "person", "country": None, "office": None} for name in names]
    three = changes.apply("visit", BODY, {"participants": people})
    evidence = [Evidence.at(f"participants/{i}", STORY, i, i + 7) for i in range(3)]
    two = changes.apply("visit", three.body, {"participants": [None, *people[1:]]})
    kept = changes.carry_evidence(two, evidence, [])
    assert [(item.field, item.start) for item in kept] == [("participants/0", 1), ("participants/1", 2)]

    twins = changes.apply("visit", three.body, {"participants": [people[0], *people], "participants/0": None})
    kept = changes.carry_evidence(twins, evidence, [])
    assert [(item.field, item.start) for item in kept] == [(f"participants/{i}", i) for i in range(3)]


def test_evidence_stays_when_a_participant_is_corrected_and_another_added() -> None:
    made = {"participants/0/country": "PRK", "participants/1": {"role": "host", "name": "Ole Berg", "kind": "person"}}
    assert "participants/0" in fields_with_evidence(made)


def test_a_field_that_was_emptied_loses_its_evidence() -> None:
    kept = fields_with_evidence({"place": None, "details/purpose": None})
    assert "place" not in kept
    assert "details/purpose" not in kept
    assert "trigger" in kept


def test_words_that_the_reviewer_points_at_replace_the_machines() -> None:
    start = STORY.index("Tuesday")
    pointed = changes.point(STORY, [{"field": "date", "start": start, "end": start + 7}])
    carried = changes.carry_evidence(changes.apply("visit", BODY, {}), EVIDENCE, pointed)
    assert [item.quote for item in carried if item.field == "date"] == ["Tuesday"]


def test_words_that_the_machine_had_found_too_stay_its_find() -> None:
    words = next(item for item in EVIDENCE if item.field == "date")
    pointed = changes.point(STORY, [{"field": "date", "start": words.start, "end": words.end}])
    carried = changes.carry_evidence(changes.apply("visit", BODY, {}), EVIDENCE, pointed)
    assert [item.rule for item in carried if item.field == "date"] == ["test.visit"]


@pytest.mark.parametrize(
    "field",
    ["type", "confidence/record", "participants/7", "participants/x", "modality/x", "details/occasion", "mood", ""],
)
def test_words_for_a_field_without_value_are_refused(field: str) -> None:
    pointed = changes.point(STORY, [{"field": field, "start": 0, "end": 7}])
    with pytest.raises(InvalidInputError):
        changes.carry_evidence(changes.apply("visit", BODY, {}), EVIDENCE, pointed)


@pytest.mark.parametrize(
    "given",
    [
        *(None, 3, [{}], [{"field": "date", "start": 5, "end": 5}], [{"field": "date", "start": 0, "end": 10**6}]),
        [{"field": "date", "start": 0, "end": 5, "quote": "lies"}],
    ],
)
def test_words_outside_the_text_are_refused(given: Any) -> None:
    with pytest.raises(InvalidInputError):
        changes.point(STORY, given)


def test_differences_name_the_smallest_part_that_changed() -> None:
    made = changed(participants__0__country="PRK", modality="planned", attributed_to=[])
    fields = [difference["field"] for difference in changes.differences(BODY, made)]
    assert fields == ["modality", "participants/0/country", "attributed_to"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
paths = st.lists(st.sampled_from([*EDITABLE, "0", "1", "name", "action", "edtf", "x", ""]), min_size=1, max_size=4)


@given(st.dictionaries(paths.map("/".join), json_values, max_size=4))
def test_any_changes_give_a_valid_record_or_a_typed_refusal(made: dict[str, Any]) -> None:
    try:
        body = changes.apply("visit", BODY, made).body
    except InvalidInputError:
        return
    again = changes.apply("visit", body, {}).body
    assert again == body
    changes.carry_evidence(changes.apply("visit", BODY, made), EVIDENCE, [])


@given(json_values)
def test_any_evidence_is_inside_the_text_or_refused(given_evidence: Any) -> None:
    try:
        pointed = changes.point(STORY, given_evidence)
    except InvalidInputError:
        return
    assert all(STORY[item.start : item.end] == item.quote != "" for item in pointed)


def test_a_place_with_another_name_keeps_nothing_that_was_looked_up() -> None:
    located = {**BODY, "place": {"name": "Riyadh", "country": "SAU", "geonames_id": 108410, "lat": 24.7, "lon": 46.7}}
    moved = changes.apply("visit", located, {"place/name": "Ulaanbaatar"}).body["place"]
    assert moved == {"name": "Ulaanbaatar", "country": None, "geonames_id": None, "lat": None, "lon": None}
    told = changes.apply("visit", located, {"place/name": "Ulaanbaatar", "place/country": "MNG"}).body["place"]
    assert (told["country"], told["geonames_id"]) == ("MNG", None)


def test_confidence_goes_with_what_a_person_changed() -> None:
    made = changes.apply("visit", BODY, {"participants/0": None, "date/edtf": "2024-06-18"})
    kept = changes.carry_confidence(made, changes.differences(BODY, made.body))
    assert kept == {"record": 0.9, "modality": 0.95, "place": 0.9}


@pytest.mark.parametrize("path", ["participants/" + "9" * 5000, "participants/00", "participants/²"])
def test_what_is_no_index_is_refused(path: str) -> None:
    with pytest.raises(InvalidInputError):
        changes.apply("visit", BODY, {path: {}})
