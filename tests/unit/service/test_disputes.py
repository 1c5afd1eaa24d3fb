"""Settling what two answers differ in: with all of one side's choices, that side's record comes out."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import InvalidInputError
from service.operations import changes, disputes
from service.operations.answers import as_text
from service.operations.disputes import Answer, Difference, Dispute, Settlement
from service.operations.record_schema import EDITABLE
from service.operations.redrafting import body_of
from tests.factories import STORY, border_incident, evidence
from workers.extraction.records import Evidence

DRAFT = border_incident()
BODY = body_of(DRAFT)


def answered(wanted: dict[str, Any], pointed: list[Evidence] | None = None) -> Answer:
    """What a reader made of the draft."""
    changed = changes.apply("border_incident", BODY, wanted)
    words = changes.carry_evidence(changed, list(DRAFT.evidence), pointed or [])
    made = changes.differences(BODY, changed.body)
    body = {**changed.body, "confidence": changes.carry_confidence(changed, made)}
    return Answer("fix" if made else "approve", body, words, made)


APPROVED = answered({})
REJECTED = Answer("reject", BODY, list(DRAFT.evidence), (), "duplicate", "the same as above")


def settled(a: Answer, b: Answer, choices: dict[str, str], wanted: dict[str, Any] | None = None) -> disputes.Settled:
    return disputes.settle(Dispute(a, b), Settlement(choices, wanted or {}), [])


def fields_of(a: Answer, b: Answer) -> list[str]:
    return [one.field for one in Dispute(a, b).differences()]


PEOPLE = st.lists(
    st.builds(
        lambda role, name: {"role": role, "name": name, "kind": "armed_forces", "country": None, "office": None},
        st.sampled_from(["initiator", "target"]),
        st.sampled_from(["soldiers", "guards", "villagers"]),
    ),
    max_size=4,
)
answers = st.builds(
    answered,
    st.fixed_dictionaries(
        {"participants": PEOPLE},
        optional={
            "modality": st.sampled_from(["planned", "denied"]),
            "background": st.booleans(),
            "date": st.sampled_from([None, {"text": "on Tuesday", "edtf": "2024-06-18", "resolved_from": None}]),
            "place": st.none(),
            "details/action": st.sampled_from(["crossing", "shelling"]),
            "details/killed": st.sampled_from([None, 3]),
            "details/wounded": st.none(),
            "attributed_to": st.just([{"name": "her office", "cue": "said", "country": None}]),
        },
    ),
)


@given(answers, answers)
def test_each_side_comes_out_when_all_of_it_is_chosen(a: Answer, b: Answer) -> None:
    for side, answer in (("a", a), ("b", b)):
        made = settled(a, b, dict.fromkeys(fields_of(a, b), side))
        assert [as_text(made.changed.body[name]) for name in EDITABLE] == [
            as_text(answer.body[name]) for name in EDITABLE
        ]
        assert all(disputes.value_at(made.changed.body, path) for path in made.confidence if path.startswith("partic"))


@given(answers, answers)
def test_what_is_chosen_of_each_difference_is_in_the_record(a: Answer, b: Answer) -> None:
    mixed = {field: "a" if i % 2 else "b" for i, field in enumerate(fields_of(a, b))}
    made = settled(a, b, mixed)
    for one in Dispute(a, b).differences():
        chosen = one.a if mixed[one.field] == "a" else one.b
        assert chosen.value is None or as_text(chosen.value) in map(as_text, values_in(made.changed.body, one))


def values_in(body: dict[str, Any], one: Difference) -> list[Any]:
    name = one.field.partition("/")[0]
    return list(body[name]) if name in changes.LISTS else [disputes.value_at(body, one.field)]


def test_items_of_a_list_are_matched_by_what_they_are_not_by_their_place() -> None:
    guard = {"role": "target", "name": "a third guard", "kind": "armed_forces"}
    a = answered({"participants/0": None})
    b = answered({"participants/1/country": "SDN", "participants/2": guard})
    found = Dispute(a, b).differences()
    assert [(one.field, one.a.path, one.b.path) for one in found] == [
        ("participants/0", "participants/0", "participants/1"),
        ("participants/1", None, "participants/0"),
        ("participants/2", None, "participants/2"),
    ]
    made = settled(a, b, {"participants/0": "b", "participants/1": "a", "participants/2": "b"})
    assert [(item["name"], item["country"]) for item in made.changed.body["participants"]] == [
        ("two guards", "SDN"),
        ("a third guard", None),
    ]


def test_words_and_confidence_come_with_the_side_that_is_chosen() -> None:
    pointed = [evidence(STORY, "trigger", "wounding")]
    b = answered({"details/action": "clash", "participants/0": None}, pointed)
    a = answered({"place": None})
    made = settled(a, b, {"details/action": "b", "place": "b", "participants/0": "b"})
    words = {(item.field, item.quote) for item in made.evidence}
    assert words == {
        ("trigger", "wounding"),
        ("place", "Grey Line"),
        ("participants/0", "two guards"),
        ("details/border", "Grey Line"),
        ("details/wounded", "two guards"),
    }
    assert made.confidence["participants/0"] == BODY["confidence"]["participants/1"]


def test_another_value_takes_the_place_of_both() -> None:
    a, b = answered({"details/wounded": 3}), answered({"details/wounded": None, "modality": "planned"})
    made = settled(a, b, {"modality": "a"}, {"details/wounded": 4})
    assert made.changed.body["details"]["wounded"] == 4
    assert made.changed.body["modality"] == "occurred"


def test_a_rejection_and_a_record_differ_in_the_decision_alone() -> None:
    fixed = answered({"modality": "planned"})
    dispute = Dispute(REJECTED, fixed)
    (only,) = dispute.differences()
    assert (only.field, only.a.value["reason"], only.b.value["changes"]) == ("decision", "duplicate", fixed.changes)
    assert settled(REJECTED, fixed, {"decision": "b"}).changed.body["modality"] == "planned"
    rejection = disputes.rejects(dispute, Settlement({"decision": "a"}, {}))
    assert rejection
    assert (rejection.reason, rejection.reason_text) == ("duplicate", "the same as above")


@pytest.mark.parametrize(
    ("settlement", "fields"),
    [
        (Settlement({}, {}), {"modality", "place"}),
        (Settlement({"modality": "a", "place": "c"}, {}), {"place"}),
        (Settlement({"modality": "a", "place": "b", "date": "a"}, {}), {"date"}),
        (Settlement({"modality": "a", "place": "b"}, {"date/edtf": "2024"}), {"date/edtf"}),
        (Settlement({"modality": "a"}, {}, reason="other"), {"reason"}),
    ],
)
def test_each_difference_needs_one_answer_and_nothing_else_has_any(settlement: Settlement, fields: set[str]) -> None:
    with pytest.raises(InvalidInputError) as refused:
        disputes.check(Dispute(answered({"modality": "planned"}), answered({"place": None})), settlement)
    assert set(refused.value.facts["errors"]) == fields


def test_a_rejection_by_the_settler_needs_no_choices() -> None:
    dispute = Dispute(APPROVED, answered({"place": None}))
    rejection = disputes.rejects(dispute, Settlement({}, {}, "other", "neither"))
    assert rejection == dataclasses.replace(APPROVED, decision="reject", reason="other", reason_text="neither")
