"""What counts as an act on a treaty, and how its fields are read."""

from __future__ import annotations

from tests.spec.drafting import countries, drafts, names, only, quotes

SIGNED = "Norway and Iceland signed a fisheries agreement in Bergen on Friday."
PASSIVE = "The extradition treaty between Ghana and Togo was ratified in 2021."
WITHDREW = "Canada withdrew from the Kyoto Protocol in 2011."
TWO_LEFT = "Sweden left the Amber Treaty in 2002 and the Baltic Convention in 2019."
NOMINAL = "The signing of the accord between Chad and Niger is planned for May."
PLANNED = "Peru plans to sign a border treaty with Bolivia."
REFUSED = "Hungary refused to ratify the convention."
FORCE = "Kenya and Uganda signed a pact in March. The pact entered into force in June."
MINISTERS = "Foreign Minister Kari Lund of Norway and Finnish Foreign Minister Aino Laine signed the treaty in Oslo."
DECREE = "The president signed a decree on school meals."
FIRM = "Portugal signed an agreement with a telephone company."
IN_FORCE = "The fishing treaty between Norway and Iceland has been in force since May 2019."
IT_AGAIN = "Norway and Iceland signed a border treaty in 1990. The two countries extended it in March."
OWN_SHARE = "Russia signed the arms treaty in 2010. In February it suspended its own participation."
A_LAW = "Parliament passed the budget law. The president of Chad signed it on Monday."
MEMBERS = "The members of the European Union ratified the Lisbon Treaty in 2009."
TWO_CAPITALS = (
    "Chile and Peru signed a border treaty in Lima in May. They signed a border treaty in Santiago on Tuesday."
)
TWO_DATES = "Ghana left the Atlantic Charter Treaty in 2002 and the Volta treaty in 2019."
UNDER = "Under the Tista Treaty signed between India and Nepal in 1960, the waters of the river belong to India."
AT_HOME = "In July the Assembly ratified the tax agreement between Norway and Chile."
HEADS = "Norway and Chile met in Lima. An agreement was signed by the heads of the two delegations."
FARTHER_UP = (
    "The basis is the agreement on the resumption of relations that Norway and Chile signed in Lima on 10 March."
)
ACCEDED = "Ghana signed the Volta Convention in 2012. Togo acceded in 2015."
TRUCE = "Thai and Cambodian commanders met on Friday. The ceasefire took effect on Saturday."
HERE = "PRAGUE, June 18 (Example) - On Thursday Peru and Chile will sign a border treaty here."
OF_TWO_COUNTRIES = (
    "Turkey and Iran met in Tehran. "
    "The Iran Gas Organization spoke of the signing of an accord between the two countries."
)
FROM_A_CAPITAL = (
    "ATHENS, June 18 (Example) - Greece and Egypt signed a memorandum of understanding on fisheries on Tuesday."
)
NAMES_PUT_TO = "Chile and Peru met in Lima in May, where they put their names to a border agreement."


def test_the_subjects_of_signing_are_the_parties() -> None:
    treaty = only(SIGNED, "treaty")
    assert (treaty.details["action"], treaty.modality) == ("signed", "occurred")
    assert (names(treaty, "party"), countries(treaty, "party")) == (["Norway", "Iceland"], ["NOR", "ISL"])
    assert treaty.place is not None
    assert treaty.place.name == "Bergen"
    assert quotes(treaty, "details/instrument") == ["agreement"]


def test_parties_stand_between_even_in_the_passive() -> None:
    treaty = only(PASSIVE, "treaty")
    assert (treaty.details["action"], countries(treaty, "party")) == ("ratified", ["GHA", "TGO"])


def test_one_withdraws_from_a_treaty() -> None:
    treaty = only(WITHDREW, "treaty")
    assert (treaty.details["action"], countries(treaty, "party")) == ("withdrawn", ["CAN"])
    assert treaty.date is not None
    assert treaty.date.edtf == "2011"


def test_two_treaties_left_are_two_events() -> None:
    assert [treaty.details["title"] for treaty in drafts(TWO_LEFT, "treaty")] == ["Amber Treaty", "Baltic Convention"]


def test_a_noun_tells_an_act_too() -> None:
    treaty = only(NOMINAL, "treaty")
    assert (treaty.details["action"], countries(treaty, "party")) == ("signed", ["TCD", "NER"])
    assert treaty.modality == "planned"


def test_a_plan_is_planned() -> None:
    treaty = only(PLANNED, "treaty")
    assert (treaty.modality, countries(treaty, "party")) == ("planned", ["PER", "BOL"])


def test_a_refusal_is_denied() -> None:
    treaty = only(REFUSED, "treaty")
    assert (treaty.details["action"], treaty.modality, countries(treaty, "party")) == ("ratified", "denied", ["HUN"])


def test_a_treaty_that_takes_effect_has_the_parties_told_before() -> None:
    signed, in_force = drafts(FORCE, "treaty")
    assert (signed.details["action"], in_force.details["action"]) == ("signed", "entered_into_force")
    assert countries(in_force, "party") == ["KEN", "UGA"]


def test_ministers_sign_for_their_states() -> None:
    treaty = only(MINISTERS, "treaty")
    assert countries(treaty, "party") == ["NOR", "FIN"]
    assert {participant.kind for participant in treaty.participants} == {"state"}


def test_decrees_and_contracts_are_no_treaties() -> None:
    assert drafts(DECREE, "treaty") == []
    assert drafts(FIRM, "treaty") == []


def test_a_treaty_may_be_in_force() -> None:
    treaty = only(IN_FORCE, "treaty")
    assert (treaty.details["action"], countries(treaty, "party")) == ("entered_into_force", ["NOR", "ISL"])
    assert treaty.date is not None
    assert treaty.date.edtf == "2019-05"


def test_a_treaty_spoken_of_is_called_it() -> None:
    _, extended = drafts(IT_AGAIN, "treaty")
    assert (extended.details["action"], set(countries(extended, "party"))) == ("extended", {"NOR", "ISL"})


def test_a_state_suspends_its_own_share_in_the_treaty_spoken_of() -> None:
    _, suspended = drafts(OWN_SHARE, "treaty")
    assert (suspended.details["action"], countries(suspended, "party")) == ("suspended", ["RUS"])


def test_it_may_be_a_law() -> None:
    assert drafts(A_LAW, "treaty") == []


def test_the_members_of_an_organization_stand_for_it() -> None:
    assert names(only(MEMBERS, "treaty"), "party") == ["European Union"]


def test_what_was_signed_in_two_countries_are_two_treaties() -> None:
    places = [treaty.place and treaty.place.name for treaty in drafts(TWO_CAPITALS, "treaty")]
    assert places == ["Lima", "Santiago"]


def test_two_treaties_left_have_a_date_each() -> None:
    left = [(treaty.details["title"], treaty.date and treaty.date.edtf) for treaty in drafts(TWO_DATES, "treaty")]
    assert left == [("Atlantic Charter Treaty", "2002"), ("Volta treaty", "2019")]


def test_a_treaty_that_one_acts_under_was_signed() -> None:
    treaty = only(UNDER, "treaty")
    assert (treaty.details["action"], countries(treaty, "party")) == ("signed", ["IND", "NPL"])


def test_a_parliament_ratifies_for_its_state_and_is_no_party() -> None:
    treaty = only(AT_HOME, "treaty")
    assert names(treaty, "party") == ["Norway", "Chile"]
    assert treaty.date is not None
    assert treaty.date.edtf == "2023-07"


def test_the_heads_of_two_delegations_sign_for_two_states() -> None:
    assert set(countries(only(HEADS, "treaty"), "party")) == {"NOR", "CHL"}


def test_what_was_signed_may_stand_farther_up() -> None:
    treaty = only(FARTHER_UP, "treaty")
    assert (countries(treaty, "party"), quotes(treaty, "details/instrument")) == (["NOR", "CHL"], ["agreement"])


def test_one_accedes_to_what_was_spoken_of() -> None:
    _, acceded = drafts(ACCEDED, "treaty")
    assert (acceded.details["action"], names(acceded, "party")) == ("acceded", ["Togo"])


def test_a_truce_is_between_those_whom_the_text_speaks_of() -> None:
    assert set(countries(only(TRUCE, "treaty"), "party")) == {"THA", "KHM"}


def test_here_is_where_the_report_was_written() -> None:
    treaty = only(HERE, "treaty")
    assert treaty.place is not None
    assert (treaty.place.name, treaty.place.country) == ("PRAGUE", "CZE")


def test_the_two_countries_are_states_and_no_firms_of_theirs() -> None:
    assert names(only(OF_TWO_COUNTRIES, "treaty"), "party") == ["Turkey", "Iran"]


def test_what_is_reported_from_a_party_s_capital_was_signed_there() -> None:
    treaty = only(FROM_A_CAPITAL, "treaty")
    assert treaty.place is not None
    assert (treaty.place.name, treaty.confidence["place"] < 0.9) == ("ATHENS", True)


def test_names_are_put_to_an_agreement() -> None:
    treaty = only(NAMES_PUT_TO, "treaty")
    assert (treaty.details["action"], names(treaty, "party")) == ("signed", ["Chile", "Peru"])
