"""What holds for a document as a whole: merging, attribution, background, silence."""

from __future__ import annotations

from tests.spec.drafting import countries, drafts, only, quotes, rules
from workers.extraction.records import EventDate

TOLD_TWICE = (
    "Brazilian President Ana Prado arrived in Angola on Tuesday. "
    "Prado's visit to Angola is her first. The Brazilian leader will leave on Friday."
)
ATTRIBUTED = "According to the Swedish government, Norway and Finland signed a treaty on Monday."
LONG_AGO = "Norway and Russia signed a treaty in 1957."
DATELINE = "(Vienna) Serbian President Goran Ilic met Austrian Chancellor Karl Huber on Monday."
TWO_FAMILIES = "Norway and Iceland signed a treaty on Monday. Canada imposed sanctions on Belarus on Tuesday."
NOTHING = "The harvest was good this year, and the mill at the river turned day and night."
TIMELINE = """Timeline

- 3 May: Chilean President Luis Ruiz lands in Lima.
- 4 May: Chile and Peru sign a border treaty.
- 9 May: Bolivia imposes sanctions on Chile.
- 11 May: Chilean troops cross into Bolivia.
"""
CAPITALS = "CHILE IMPOSED SANCTIONS ON BOLIVIA ON MONDAY OVER THE RAID, THE MINISTER SAID."
BROKEN_LINES = """Chilean soldiers cross-
ed the border into Boli-
via on Monday, the go-
vernment said.
"""


def test_an_event_told_twice_is_one_record_with_both_as_evidence() -> None:
    visit = only(TOLD_TWICE, "visit")
    assert quotes(visit, "trigger") == ["arrived", "visit"]
    assert visit.details["action"] == "arrived"


def test_who_says_it_is_kept_with_the_cue() -> None:
    (claim,) = only(ATTRIBUTED, "treaty").attributed_to
    assert (claim.name, claim.country, claim.cue) == ("Swedish government", "SWE", "According to")


def test_an_old_event_is_background() -> None:
    assert only(LONG_AGO, "treaty").background is True
    assert only(ATTRIBUTED, "treaty").background is False


def test_a_meeting_reported_from_a_capital_was_there() -> None:
    visit = only(DATELINE, "visit")
    assert visit.place is not None
    assert (visit.place.name, visit.place.country) == ("Vienna", "AUT")
    assert quotes(visit, "place") == ["Vienna"]


def test_two_events_of_two_families_are_two_records() -> None:
    assert len(drafts(TWO_FAMILIES, "treaty")) == len(drafts(TWO_FAMILIES, "sanctions_action")) == 1


def test_every_quote_tells_the_rule_that_chose_it() -> None:
    treaty = only(ATTRIBUTED, "treaty")
    assert rules(treaty, "trigger") == ["treaty.act.subject_instrument"]
    assert rules(treaty, "participants/0") == ["treaty.act.subject_instrument"]
    assert rules(treaty, "date") == ["date.nearest"]
    assert rules(treaty, "attributed_to/0") == ["attribution.according_to"]


def test_what_the_words_themselves_do_not_say_is_told_by_a_second_rule() -> None:
    (place,) = rules(only(DATELINE, "visit"), "place")
    assert place == "visit.meet.subjects+place.dateline"


def test_a_text_without_events_gets_no_draft() -> None:
    for family in ("visit", "treaty", "border_incident", "sanctions_action"):
        assert drafts(NOTHING, family) == []


def test_a_list_of_days_is_read_line_by_line() -> None:
    assert only(TIMELINE, "visit").date == EventDate("3 May", "2024-05-03", "2024-06-19")
    assert countries(only(TIMELINE, "treaty"), "party") == ["CHL", "PER"]
    assert countries(only(TIMELINE, "sanctions_action"), "target") == ["CHL"]
    assert countries(only(TIMELINE, "border_incident"), "target") == ["BOL"]


def test_capitals_are_read_as_other_text() -> None:
    action = only(CAPITALS, "sanctions_action")
    assert (countries(action, "sender"), countries(action, "target")) == (["CHL"], ["BOL"])
    assert quotes(action, "trigger") == ["IMPOSED"]


def test_words_that_a_line_end_breaks_are_whole_and_quoted_as_written() -> None:
    incident = only(BROKEN_LINES, "border_incident")
    assert (incident.place and incident.place.name, countries(incident, "target")) == ("Bolivia", ["BOL"])
    assert quotes(incident, "trigger") == ["cross-\ned"]
