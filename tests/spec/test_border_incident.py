"""What counts as a border incident, and how its fields are read."""

from __future__ import annotations

from tests.spec.drafting import countries, drafts, names, only, quotes

CROSSED = "Several dozen Eritrean soldiers crossed the border into Djibouti on Monday."
AIRSPACE = "Two Russian jets violated Estonian airspace on Tuesday."
EXCHANGE = "Armenian and Azerbaijani troops exchanged fire across the border on Sunday."
CLAIM = "Kigali accused Congolese troops of shelling a Rwandan village."
DETAINED = "The Chinese coast guard detained six Vietnamese fishermen in disputed waters."
LOSSES = "Eritrean troops attacked a Djiboutian border post on Monday, killing nine men and wounding two officers."
FAR_FROM_BORDERS = "Police fired on demonstrators in the capital."
ONE_SIDE = "Pakistan said it shot down two Indian drones over the border on Monday."
WEAPONS = "Rockets fell on the Israeli border town of Metula on Monday."
LET_IN = "Nicaragua allowed Russian troops to enter its territory."
UNKNOWN_PLACE = "Eritrean troops attacked Djiboutian positions at Ras Doumeira."
SO_CALLED = (
    "Before dawn on Friday Israeli jets struck what the army called positions of Hamas near Tyre in southern Lebanon."
)
HELD = "Late on Saturday and early on Sunday six rockets were launched from Syria at the Israeli-held Golan Heights."
FIRED_AND_FELL = "On Monday shells fired from the Congolese side fell on the Rwandan border town of Rubavu."
RAINED = (
    "For an hour on Tuesday afternoon shells from North Korean batteries rained on Yeonpyeong, a South Korean island."
)
A_WAR = "And then Russia invaded Ukraine."
TWO_NAVIES = (
    "India and China share a border. In November patrol boats of the two navies exchanged fire near a Chinese island."
)


def test_soldiers_cross_into_another_state() -> None:
    incident = only(CROSSED, "border_incident")
    assert (incident.details["action"], incident.modality) == ("crossing", "occurred")
    assert (countries(incident, "initiator"), countries(incident, "target")) == (["ERI"], ["DJI"])
    assert quotes(incident, "details/border") == ["border"]


def test_airspace_is_violated() -> None:
    incident = only(AIRSPACE, "border_incident")
    assert incident.details["action"] == "airspace_violation"
    assert (countries(incident, "initiator"), countries(incident, "target")) == (["RUS"], ["EST"])


def test_an_exchange_of_fire_is_a_clash() -> None:
    assert only(EXCHANGE, "border_incident").details["action"] == "clash"


def test_an_accusation_is_alleged() -> None:
    incident = only(CLAIM, "border_incident")
    assert (incident.details["action"], incident.modality) == ("shelling", "alleged")
    assert (countries(incident, "initiator"), countries(incident, "target")) == (["COD"], ["RWA"])


def test_fishermen_are_detained_at_sea() -> None:
    incident = only(DETAINED, "border_incident")
    assert (incident.details["action"], countries(incident, "initiator")) == ("detention", ["CHN"])


def test_losses_are_counted() -> None:
    incident = only(LOSSES, "border_incident")
    assert (incident.details["killed"], incident.details["wounded"]) == (9, 2)
    assert quotes(incident, "details/killed") == ["nine"]


def test_force_far_from_a_border_is_none() -> None:
    assert drafts(FAR_FROM_BORDERS, "border_incident") == []


def test_what_one_side_says_is_alleged() -> None:
    incident = only(ONE_SIDE, "border_incident")
    assert (incident.modality, quotes(incident, "modality")) == ("alleged", ["said"])
    assert [source.name for source in incident.attributed_to] == ["Pakistan"]


def test_a_weapon_that_nobody_owns_is_no_participant() -> None:
    incident = only(WEAPONS, "border_incident")
    assert (names(incident, "initiator"), countries(incident, "target")) == ([], ["ISR"])


def test_who_is_let_in_does_not_trespass() -> None:
    assert drafts(LET_IN, "border_incident") == []


def test_a_place_that_no_gazetteer_knows_is_on_the_land_of_those_who_are_hit() -> None:
    place = only(UNKNOWN_PLACE, "border_incident").place
    assert place is not None
    assert (place.name, place.country) == ("Ras Doumeira", "DJI")


def test_a_subject_hung_on_the_day_before_it_still_acts() -> None:
    incident = only(SO_CALLED, "border_incident")
    assert (names(incident, "initiator"), names(incident, "target")) == (["Israeli jets"], ["Hamas", "Tyre"])
    assert incident.place is not None
    assert incident.place.country == "LBN"


def test_land_that_a_state_holds_is_its_target() -> None:
    incident = only(HELD, "border_incident")
    assert (countries(incident, "initiator"), countries(incident, "target")) == (["SYR"], ["ISR"])


def test_shells_that_were_fired_fall() -> None:
    incident = only(FIRED_AND_FELL, "border_incident")
    assert (countries(incident, "initiator"), countries(incident, "target")) == (["COD"], ["RWA"])
    assert incident.details["action"] == "shelling"


def test_shells_rain_from_those_who_fired_them() -> None:
    incident = only(RAINED, "border_incident")
    assert (names(incident, "initiator"), countries(incident, "target")) == (["North Korean batteries"], ["KOR"])


def test_a_war_is_no_incident() -> None:
    assert drafts(A_WAR, "border_incident") == []


def test_two_navies_are_those_of_the_story() -> None:
    assert countries(only(TWO_NAVIES, "border_incident"), "initiator") == ["IND", "CHN"]
