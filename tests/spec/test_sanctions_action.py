"""What counts as a sanctions action, and how its fields are read."""

from __future__ import annotations

from tests.spec.drafting import countries, drafts, names, only, quotes, rules

IMPOSED = "The European Union imposed an arms embargo on Belarus on Monday."
PASSIVE = "Sanctions against Sudan were lifted by the United States in 2017."
THREAT = "Australia threatened to impose sanctions on Myanmar."
PLANNED = "Japan will extend its sanctions against North Korea."
REFUSED = "Switzerland refused to lift the sanctions on Zimbabwe."
JOINED = "Montenegro is taking part in Western sanctions against Moscow."
TARGET_AS_OBJECT = "Canada sanctioned three Haitian officials on Friday."
TOLD_BEFORE = "Washington imposed sanctions on Mali in May. The sanctions were eased in July."
LISTED = "The United States added two Syrian companies to its sanctions list on Monday."
WANTED = "The minister said the men were placed on the most wanted list."
DISCIPLINE = "The committee sanctioned the goalkeeper after the match."
VETOED = "China vetoed a draft resolution that would have placed an arms embargo on Zimbabwe."
KEPT_OUT = "The African Union banned 150 members of the transitional authorities from travel."
A_LIST = "The United Nations listed eleven companies of North Korea in April. The Times listed ten reasons."
NINE_AND_TEN = "Japan imposed sanctions on nine persons in May. Japan imposed sanctions on ten persons on Monday."
DEALER = "Komid, the chief arms dealer, was blacklisted by the European Union in 2009."
BY_NOW = "The European Union bans Syrian oil since September."
IN_SHORT = "The Gulf Cooperation Council (GCC) met in May. The GCC imposed sanctions on Iran on Monday."
ANSWER = "China answered within hours with sanctions on ten persons in the European Union."
TWO_OF_THEM = "Two of them, Li Wei and Chen Bo, were designated by the United States on Monday."
OWN_VISAS = "Saudi Arabia said its ministry had cancelled the host visa and the Umrah visa."
DID_NOT_JOIN = "Norway imposed sanctions on Belarus in May. Sweden has condemned such measures and did not join them."
NAMED_ALL = "Chile imposed sanctions on three officials of Peru. They are Ana Soto, Luis Rojas and Pedro Vega."
NAMED_SOME = "Chile imposed sanctions on seven officials of Peru. Among them are Ana Soto and Luis Rojas."


def test_sender_measure_and_target() -> None:
    action = only(IMPOSED, "sanctions_action")
    assert (action.details["action"], action.modality) == ("imposed", "occurred")
    assert (names(action, "sender"), countries(action, "target")) == (["European Union"], ["BLR"])
    assert action.details["measures"] == ("arms",)
    assert quotes(action, "details/measures") == ["an arms embargo"]


def test_the_passive_names_the_sender_last() -> None:
    action = only(PASSIVE, "sanctions_action")
    assert action.details["action"] == "lifted"
    assert (countries(action, "sender"), countries(action, "target")) == (["USA"], ["SDN"])


def test_a_threat_is_possible() -> None:
    action = only(THREAT, "sanctions_action")
    assert (action.details["action"], action.modality, quotes(action, "modality")) == (
        "imposed",
        "possible",
        ["threatened"],
    )


def test_what_is_announced_is_planned() -> None:
    action = only(PLANNED, "sanctions_action")
    assert (action.details["action"], action.modality) == ("extended", "planned")


def test_what_is_refused_is_denied() -> None:
    action = only(REFUSED, "sanctions_action")
    assert (action.details["action"], action.modality) == ("lifted", "denied")


def test_one_joins_the_sanctions_of_others_and_a_capital_is_its_state() -> None:
    action = only(JOINED, "sanctions_action")
    assert (action.details["action"], countries(action, "sender"), countries(action, "target")) == (
        "joined",
        ["MNE"],
        ["RUS"],
    )


def test_the_object_of_sanctioning_is_the_target() -> None:
    action = only(TARGET_AS_OBJECT, "sanctions_action")
    assert (countries(action, "sender"), countries(action, "target")) == (["CAN"], ["HTI"])


def test_what_one_sentence_leaves_open_another_fills() -> None:
    imposed, eased = drafts(TOLD_BEFORE, "sanctions_action")
    assert (imposed.details["action"], eased.details["action"]) == ("imposed", "eased")
    assert (countries(eased, "sender"), countries(eased, "target")) == (["USA"], ["MLI"])


def test_adding_to_a_sanctions_list_expands_it_and_other_lists_do_not_count() -> None:
    action = only(LISTED, "sanctions_action")
    assert (action.details["action"], countries(action, "target")) == ("expanded", ["SYR"])
    assert drafts(WANTED, "sanctions_action") == []


def test_discipline_in_a_sport_is_none() -> None:
    assert drafts(DISCIPLINE, "sanctions_action") == []


def test_what_a_veto_stopped_is_no_event_of_its_own() -> None:
    action = only(VETOED, "sanctions_action")
    assert (action.details["action"], countries(action, "target")) == ("vetoed", ["ZWE"])


def test_people_are_kept_from_travel() -> None:
    action = only(KEPT_OUT, "sanctions_action")
    assert (names(action, "sender"), names(action, "target")) == (["African Union"], ["transitional authorities"])


def test_a_body_lists_companies_and_a_newspaper_reasons() -> None:
    action = only(A_LIST, "sanctions_action")
    assert [(p.name, p.kind, p.country) for p in action.participants] == [
        ("United Nations", "organization", None),
        ("eleven companies", "company", "PRK"),
    ]


def test_nine_persons_are_not_ten() -> None:
    targets = [names(action, "target") for action in drafts(NINE_AND_TEN, "sanctions_action")]
    assert targets == [["nine persons"], ["ten persons"]]


def test_what_describes_a_name_means_it() -> None:
    assert quotes(only(DEALER, "sanctions_action"), "participants/1") == ["Komid"]


def test_the_present_with_a_day_past_is_no_plan() -> None:
    assert only(BY_NOW, "sanctions_action").modality == "occurred"


def test_a_body_has_the_fullest_name_of_the_document() -> None:
    action = only(IN_SHORT, "sanctions_action")
    assert (names(action, "sender"), quotes(action, "participants/0")) == (["Gulf Cooperation Council"], ["GCC"])


def test_one_may_answer_with_sanctions() -> None:
    action = only(ANSWER, "sanctions_action")
    assert (names(action, "sender"), names(action, "target")) == (["China"], ["ten persons"])


def test_two_of_them_are_those_who_are_named() -> None:
    assert names(only(TWO_OF_THEM, "sanctions_action"), "target") == ["Li Wei", "Chen Bo"]


def test_visas_of_nobody_in_particular_are_no_sanctions() -> None:
    assert drafts(OWN_VISAS, "sanctions_action") == []


def test_who_does_not_join_them_denies_the_measures_spoken_of() -> None:
    _, joined = drafts(DID_NOT_JOIN, "sanctions_action")
    assert (joined.details["action"], joined.modality, names(joined, "sender")) == ("joined", "denied", ["Sweden"])


def test_names_are_checked_against_the_number_that_the_text_states() -> None:
    everybody, some = only(NAMED_ALL, "sanctions_action"), only(NAMED_SOME, "sanctions_action")
    assert names(everybody, "target") == ["Ana Soto", "Luis Rojas", "Pedro Vega"]
    assert names(some, "target") == ["Ana Soto", "Luis Rojas"]
    assert rules(everybody, "participants/1")[0].endswith("sanctions.names_all")
    assert rules(some, "participants/1")[0].endswith("sanctions.names_some")
    assert everybody.confidence["participants/1"] > some.confidence["participants/1"]
