"""From a record to its form and back: only what somebody changed is a change."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from service.errors import InvalidInputError
from service.operations import changes as saved
from service.review import fields
from tests.factories import border_incident, visit

BORDER = border_incident().to_json()
VISIT = visit().to_json()


def posted(body: dict[str, Any], *extra: tuple[str, str], without: tuple[str, ...] = ()) -> MultiDict[str, str]:
    """What a browser sends for an untouched form, with some fields as typed; a choice of many as its parts."""
    form: MultiDict[str, str] = MultiDict([("has:background", "1")])
    for path, value in fields.shown(body).values.items():
        if isinstance(value, tuple):
            form.add(f"has:{path}", "1")
        for one in value if isinstance(value, tuple) else (value,):
            if path != "background" or one:
                form.add(path, one)
    for path in {path for path, _ in extra} | set(without):
        form.poplist(path)
    return MultiDict([*form.items(multi=True), *extra])


def typed_changes(body: dict[str, Any], *extra: tuple[str, str], without: tuple[str, ...] = ()) -> dict[str, Any]:
    return fields.changes(body, fields.read(body, posted(body, *extra, without=without)))


@pytest.mark.parametrize("body", [BORDER, VISIT], ids=["border", "visit"])
def test_an_untouched_form_changes_nothing(body: dict[str, Any]) -> None:
    assert typed_changes(body) == {}


def test_line_ends_in_a_name_are_no_change() -> None:
    body = {**VISIT, "place": {**VISIT["place"], "name": "Sud\n  mark"}}
    assert typed_changes(body) == {}


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ([("modality", "denied")], {"modality": "denied"}),
        ([("background", "yes")], {"background": True}),
        ([("date/edtf", "2024-06-18")], {"date/edtf": "2024-06-18"}),
        ([("details/killed", "2")], {"details/killed": 2}),
        ([("details/killed", "two")], {"details/killed": "two"}),
        ([("details/wounded", "")], {"details/wounded": None}),
        ([("details/border", " Grey  Line ")], {}),
        ([("participants/1/country", "nor")], {"participants/1/country": "NOR"}),
        ([("participants/1/name", "")], {"participants/1/name": ""}),
        ([("place/name", "")], {"place": None}),
        ([("remove", "participants/0")], {"participants/0": None}),
    ],
)
def test_what_is_typed_becomes_a_change_at_its_path(extra: list[tuple[str, str]], expected: dict[str, Any]) -> None:
    assert typed_changes(BORDER, *extra) == expected


def test_a_place_with_another_name_loses_what_was_looked_up_for_the_old_one() -> None:
    body = {**VISIT, "place": {**VISIT["place"], "geonames_id": 7, "lat": 1.0, "lon": 2.0}}
    assert typed_changes(body, ("place/name", "Northmark")) == {
        "place/name": "Northmark",
        "place/geonames_id": None,
        "place/lat": None,
        "place/lon": None,
    }


def test_new_rows_are_numbered_after_those_of_the_record_and_empty_ones_are_none() -> None:
    extra = [
        ("participants/4/name", "Norvale"),
        ("participants/4/role", "initiator"),
        ("participants/4/kind", "state"),
        ("participants/3/role", "target"),
        ("participants/3/kind", "state"),
        ("participants/3/name", ""),
    ]
    assert typed_changes(BORDER, *extra) == {
        "participants/2": {"role": "initiator", "name": "Norvale", "kind": "state", "country": None, "office": None}
    }


def test_an_emptied_choice_of_many_is_told_from_a_form_without_it() -> None:
    sanctions = {
        **VISIT,
        "type": "sanctions_action",
        "participants": [],
        "details": {"action": "imposed", "measures": ["arms", "travel"]},
    }
    assert typed_changes(sanctions, without=("details/measures",)) == {"details/measures": None}
    assert typed_changes(sanctions, without=("details/measures", "has:details/measures")) == {}


def test_a_form_that_has_only_a_decision_changes_nothing() -> None:
    assert fields.changes(BORDER, fields.read(BORDER, MultiDict({"decision": "reject"}))) == {}


def test_complaints_stand_at_the_rows_of_the_form_when_others_were_removed() -> None:
    form = posted(BORDER, ("remove", "participants/0"), ("participants/1/country", "XXQ"))
    form.update({"participants/2/name": "Norvale", "participants/2/country": "YYQ"})
    typed = fields.read(BORDER, form)
    with pytest.raises(InvalidInputError) as refused:
        saved.apply("border_incident", BORDER, fields.changes(BORDER, typed))
    at = fields.by_path(BORDER, typed, refused.value.facts["errors"])
    assert {"participants/1/country", "participants/2/country"} <= set(at)


def test_putting_back_a_row_takes_back_all_its_fields() -> None:
    form = posted(BORDER, ("modality", "denied"), ("background", "yes"), ("details/killed", "3"))
    typed = fields.put_back(BORDER, fields.read(BORDER, form), "modality")
    assert fields.changes(BORDER, typed) == {"details/killed": 3}


def test_many_items_are_added_in_their_order() -> None:
    names = [f"State {number}" for number in range(12)]
    extra = [(f"participants/{number}/{part}", value) for number, name in enumerate(names, 2)
             for part, value in (("role", "target"), ("name", name), ("kind", "state"))]  # fmt: skip
    changed = saved.apply("border_incident", BORDER, typed_changes(BORDER, *extra))
    assert [one["name"] for one in changed.body["participants"][2:]] == names


def test_words_that_were_pointed_at_go_where_their_row_will_be() -> None:
    extra = [
        ("remove", "participants/0"),
        ("evidence:participants/0", "1-2"),
        ("evidence:participants/1", "120-131"),
        ("evidence:participants/1", "7-9"),
        ("evidence:participants/3", "3-5"),
        ("participants/3/name", "Norvale"),
        ("evidence:trigger", "10-17"),
        ("evidence:id", "10-17"),
    ]
    assert typed_changes(BORDER, *extra)["evidence"] == [
        {"field": "participants/0", "start": 120, "end": 131},
        {"field": "participants/0", "start": 7, "end": 9},
        {"field": "participants/1", "start": 3, "end": 5},
        {"field": "trigger", "start": 10, "end": 17},
    ]


@pytest.mark.parametrize("span", ["", "7", "7-7", "9-7", "-1-7", "1-2-3", "1.5-7", "1-99999999999"])
def test_words_without_a_place_are_refused(span: str) -> None:
    with pytest.raises(InvalidInputError):
        fields.read(BORDER, posted(BORDER, ("evidence:place", span)))


def test_a_form_that_is_sent_on_says_the_same_again() -> None:
    form = posted(BORDER, ("background", "yes"), ("remove", "participants/0"), ("evidence:place", "1-2"))
    typed = fields.read(BORDER, form)
    assert fields.read(BORDER, MultiDict(fields.as_form(typed))) == typed
