"""Three versions of a record become one: what one side changed is kept, what both changed waits for a choice."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from service.operations import changes as saved
from service.review import fields
from service.review.merging import Difference, Version, compare, merged
from tests.factories import border_incident

SEEN = border_incident().to_json()
EDITS: list[dict[str, Any]] = [
    {"modality": "denied"},
    {"background": True},
    {"place/name": "Sudmark", "place/country": "EST"},
    {"place": None},
    {"date/edtf": "2024-06-18"},
    {"details/killed": 1},
    {"details/border": None},
    {"participants/0": None},
    {"participants/1/name": "three guards"},
    {"participants/1": None},
    {"participants/2": {"role": "target", "name": "Norvale", "kind": "state"}},
    {"attributed_to/0": {"name": "a radio station"}},
]


def changed(*edits: dict[str, Any]) -> dict[str, Any]:
    wanted = {path: value for edit in edits for path, value in edit.items()}
    done = saved.apply("border_incident", SEEN, wanted)
    evidence = saved.carry_evidence(done, list(border_incident().evidence), [])
    return {**done.body, "evidence": [dataclasses.asdict(item) for item in evidence]}


def typed(*extra: tuple[str, str]) -> Version:
    """The form of what was seen, with some of its fields as they were typed."""
    form: MultiDict[str, str] = MultiDict(fields.as_form(fields.shown(SEEN)))
    for name, _ in extra:
        form.poplist(name)
    form.update(MultiDict(extra))
    return Version.of(SEEN, fields.read(SEEN, form))


def differences(theirs: dict[str, Any], mine: Version) -> list[Difference]:
    return compare(Version.of(SEEN), Version.of(theirs), mine)[0]


def test_each_difference_says_which_side_made_it_and_what_both_did_alike_is_none() -> None:
    theirs = changed({"modality": "alleged"}, {"place/name": "Sudmark"}, {"details/killed": 1})
    mine = typed(("place/name", "Grey Line, north"), ("details/killed", "1"), ("background", "yes"))
    found = differences(theirs, mine)
    assert {one.slot.path: (one.changed_by, one.default) for one in found} == {
        "modality": ("theirs", "theirs"),
        "place": ("both", ""),
        "background": ("mine", "mine"),
    }


def test_a_participant_is_the_same_one_after_another_was_taken_out() -> None:
    theirs = changed({"participants/0": None})
    found = differences(theirs, typed(("participants/1/kind", "state")))
    (mine,) = [one for one in found if one.slot.was == "participants/1"]
    assert (mine.slot.theirs, mine.changed_by) == ("participants/0", "mine")
    (gone,) = [one for one in found if one.slot.was == "participants/0"]
    assert (gone.slot.theirs, gone.changed_by, gone.default) == (None, "theirs", "theirs")


def test_two_people_who_add_the_same_participant_add_it_once() -> None:
    theirs = changed({"participants/2": {"role": "target", "name": "Norvale", "kind": "state"}})
    added = (("participants/2/name", "Norvale"), ("participants/2/role", "target"), ("participants/2/kind", "state"))
    assert differences(theirs, typed(*added)) == []
    found = differences(theirs, typed(*added, ("participants/2/country", "EST")))
    assert [one.changed_by for one in found] == ["both"]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [("theirs", ["soldiers of Norvale", "three guards"]), ("mine", ["soldiers of Norvale"])],
)
def test_who_took_out_what_the_other_changed_chooses_between_both(choice: str, expected: list[str]) -> None:
    theirs = Version.of(changed({"participants/1/name": "three guards"}))
    mine = typed(("remove", "participants/1"))
    found, _ = compare(Version.of(changed()), theirs, mine)
    chosen = {one.number: choice for one in found if one.slot.was == "participants/1"}
    body = result(theirs, merged(theirs, found, chosen, {}))
    assert [one["name"] for one in body["participants"]] == expected


def test_another_value_takes_the_place_of_both() -> None:
    theirs = Version.of(changed({"place/name": "Sudmark"}))
    found, _ = compare(Version.of(SEEN), theirs, typed(("place/name", "Northmark")))
    (place,) = [one for one in found if one.slot.path == "place"]
    body = result(theirs, merged(theirs, found, {place.number: "other"}, {place.number: ("Westmark", "EST")}))
    assert (body["place"]["name"], body["place"]["country"]) == ("Westmark", "EST")


def test_words_that_were_pointed_at_go_with_the_choice() -> None:
    theirs = Version.of(changed({"participants/0": None}))
    mine = typed(("evidence:participants/1", "3-9"))
    found, _ = compare(Version.of(SEEN), theirs, mine)
    assert merged(theirs, found, {}, {}).evidence["participants/0"] == ((3, 9),)


def result(theirs: Version, form: fields.Typed) -> dict[str, Any]:
    wanted = fields.changes(theirs.body, form)
    wanted.pop("evidence", None)
    return saved.apply("border_incident", dict(theirs.body), wanted).body


def edited(edit: dict[str, Any]) -> str:
    name, _, rest = next(iter(edit)).partition("/")
    return name if name in ("date", "place") else f"{name}/{rest.partition('/')[0]}"


def as_typed(edits: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """What somebody types to make these edits."""
    return [entry for edit in edits for path, value in edit.items() for entry in typed_for(path, value)]


def typed_for(path: str, value: Any) -> list[tuple[str, str]]:
    name = path.partition("/")[0]
    if value is None and name in fields.LISTS:
        return [("remove", path)]
    if value is None or isinstance(value, dict):
        parts = fields.PARTS.get(name)
        return [(f"{path}/{part}", (value or {}).get(part, "")) for part in parts] if parts else [(path, "")]
    return [(path, "yes" if value is True else str(value))]


edits = st.lists(st.sampled_from(EDITS), max_size=4, unique_by=edited)


@given(edits, edits)
def test_what_each_side_changed_apart_from_the_other_is_kept_without_a_choice(
    first: list[dict[str, Any]], second: list[dict[str, Any]]
) -> None:
    seen, theirs, mine = Version.of(changed()), Version.of(changed(*first)), typed(*as_typed(second))
    found, _ = compare(seen, theirs, mine)
    untouched = merged(theirs, found, {one.number: "theirs" for one in found}, {})
    assert result(theirs, untouched) == result(theirs, theirs.typed)
    if not {edited(edit) for edit in first} & {edited(edit) for edit in second}:
        assert all(one.default for one in found)
        assert unordered(result(theirs, merged(theirs, found, {}, {}))) == unordered(changed(*first, *second))


def unordered(body: dict[str, Any]) -> dict[str, Any]:
    """Places that were looked up, and items at the end of their list in another order, are told elsewhere."""
    names = {name: sorted(one["name"] for one in body[name]) for name in fields.LISTS}
    place = (body["place"] or {}).get("name")
    return {**{name: body[name] for name in ("modality", "background", "date", "details")}, **names, "place": place}
