"""What counts as a visit, and how its fields are read. One sentence, one behaviour."""

from __future__ import annotations

from tests.spec.drafting import countries, drafts, names, only, quotes

ARRIVAL = "Kazakh President Aidar Bekov arrived in Mongolia early Wednesday for a two-day visit."
TWO_DESTINATIONS = "The visit of French President Odile Marchand to Egypt and Jordan begins on Monday."
POSSESSIVE = "Polish Prime Minister Jan Wilk praised the trip. Wilk's trip to Vietnam ended in June."
RECEIVED = "Egyptian President Samir Nagi received Dutch Foreign Minister Pieter Bos in Cairo on Sunday."
PASSIVE = "Dutch Foreign Minister Pieter Bos was received by Egyptian President Samir Nagi in Cairo."
TALKS = "Indian Foreign Minister Ravi Menon met his Nepalese counterpart, Hari Thapa, in Kathmandu on Tuesday."
PLANNED = "Brazilian President Ana Prado will visit Angola next month."
CALLED_OFF = "Chilean President Luis Rojas cancelled his visit to Peru on Friday."
INVITED = "Norwegian Prime Minister Kari Lund invited Thai Prime Minister Somchai Dee to Oslo."
SUMMIT = "Kenyan President John Otieno will attend a climate summit in Lisbon next week."
PRESENCE = "Greek Foreign Minister Nikos Vasilas was in Belgrade on Tuesday for talks."
OFFICIAL = "Fijian President Seru Vula made an official visit to Tonga in May."
AT_HOME = "Spanish Prime Minister Carmen Soler visited Valencia on Monday."
TOURISTS = "The Danish tourists visited Morocco last month."
COMPANY = "Paul Renner, president of the Alpine Ski Society, visited Georgia in May."
PRONOUN = "Turkish Foreign Minister Kemal Aslan spoke in Ankara on Monday. On Tuesday he flew to Baku."
TOUR = "President Ruiz of Peru travels to Quito, first stage of a tour that will take him to Bogota and Caracas."
GOT = "President Ana Ruiz of Peru received an official visit from her Chilean counterpart, Luis Soto, in May."
ON_ITS_VISIT = "The ministry said that the Afghan delegation that was on its visit to Iran has entered into a contract."
ORIGIN = "A delegation from the Union of Comoros visited Port Louis on Tuesday."
LED = "A delegation of parliamentarians of Pakistan under Speaker Asad Mirza visited Kabul on April 29."
TWO_DAYS = "Foreign Minister Sari of Indonesia was due in Phnom Penh on Monday and in Bangkok on Tuesday."
TWO_FLIGHTS = "President Ruiz of Peru flew to Quito on Monday and to Bogota on Friday."
WHEN_HE_COMES = "Norway and China will sign the accord when Premier Li Wei of China comes to Oslo."
DECLINED = "President Omar Ghani of Afghanistan declined an invitation to come to Islamabad."
REMOTE = "Prime Minister Kari Lund of Norway and Finnish Prime Minister Aino Laine met virtually in June."
THERE = (
    "Wang Yi spoke in Beijing. The foreign ministers of Oman and Iran, Ali Said and Reza Karimi, met there on Thursday."
)
AT_A_LIBRARY = (
    "Peru's president, Ana Ruiz, met Luis Soto, the foreign minister of Chile, "
    "on Wednesday at the national library in Montevideo, Uruguay."
)
DELEGATIONS = (
    "Delegations of the Kingdom of Saudi Arabia and of the Islamic Republic of Iran held talks in Beijing in March."
)
WHOSE = "The strikes got in the way of King Charles, whose state visit to France at the end of March was put off."
OF_NO_STATE = (
    "BEIJING, Sept 8 (Example) - On Monday President Lars Holm of Norway flew to Brussels, "
    "where Secretary General Jan Peters received him."
)
DEPUTY = (
    "YEREVAN, June 18 (Example) - The defence minister received the deputy defence minister of Azerbaijan, "
    "Ramiz Tahirov, in Ankara."
)
FOR_TALKS = "President Ruiz of Chile is expected in Lima on Wednesday for talks with the president of Peru, Ana Soto."
THE_LAST = "Shinzo Abe died in July. He was the last Japanese prime minister to visit Beijing."
OF_THE_REPUBLIC = (
    "LIMA, June 18 (Example) - President Ana Soto of Peru spoke. Chilean President Luis Rojas left. "
    "In May the president of the republic made an official visit to Turkey."
)
TWO_AFGHANS = "An Afghan delegation visited Iran in May. The Afghan foreign minister flew to Tehran in January."
FOLLOWS = "President Luis Rojas of Chile spoke. Rojas's visit to Algeria follows a visit in Turkey."
COUNTERPARTS = (
    "In Tehran, Turkish President Kemal Aslan met his Iranian and Russian counterparts, "
    "Reza Karimi and Ivan Orlov, on Monday."
)
A_SUMMIT_OF = "Jordan took part in the summit of the Arab Youth Movement in Baku, Azerbaijan, on Monday."
BESIDE = (
    "King Hassan of Morocco and US President Lee Cole held a meeting on the sidelines of the Jeddah Security Summit."
)
WAS_HERE = "LIMA, June 18 (Example) - Foreign Minister Kari Lund of Norway was here on Monday for a conference."
UN_OFFICE = "John Ring, director of the UN Office for Relief, visited Sudan and Chad in May."


def test_the_subject_travels_and_the_destination_follows() -> None:
    visit = only(ARRIVAL, "visit")
    assert (visit.details["action"], visit.modality) == ("arrived", "occurred")
    assert (names(visit, "visitor"), countries(visit, "visitor")) == (["Aidar Bekov"], ["KAZ"])
    assert visit.place is not None
    assert (visit.place.name, visit.place.country) == ("Mongolia", "MNG")
    assert visit.participants[0].office == "President"


def test_the_phrase_of_time_is_resolved_against_the_day_of_the_document() -> None:
    date = only(ARRIVAL, "visit").date
    assert date is not None
    assert (date.text, date.edtf, date.resolved_from) == ("early Wednesday", "2024-06-19", "2024-06-19")


def test_a_trip_to_two_countries_is_two_visits() -> None:
    assert [visit.place and visit.place.country for visit in drafts(TWO_DESTINATIONS, "visit")] == ["EGY", "JOR"]


def test_a_later_short_form_means_the_person_named_before() -> None:
    visit = only(POSSESSIVE, "visit")
    assert (names(visit, "visitor"), countries(visit, "visitor")) == (["Jan Wilk"], ["POL"])


def test_who_receives_is_host_in_both_voices() -> None:
    for text in (RECEIVED, PASSIVE):
        visit = only(text, "visit")
        assert (names(visit, "host"), names(visit, "visitor")) == (["Samir Nagi"], ["Pieter Bos"])


def test_of_those_who_meet_the_one_at_home_is_host() -> None:
    visit = only(TALKS, "visit")
    assert (names(visit, "visitor"), names(visit, "host")) == (["Ravi Menon"], ["Hari Thapa"])
    assert visit.details["action"] == "met"


def test_a_future_is_planned_and_its_auxiliary_is_the_evidence() -> None:
    visit = only(PLANNED, "visit")
    assert (visit.modality, quotes(visit, "modality")) == ("planned", ["will"])


def test_a_visit_called_off_is_denied() -> None:
    visit = only(CALLED_OFF, "visit")
    assert (visit.details["action"], visit.modality) == ("cancelled", "denied")


def test_an_invitation_is_possible() -> None:
    visit = only(INVITED, "visit")
    assert (visit.details["action"], visit.modality) == ("invited", "possible")
    assert (names(visit, "host"), names(visit, "visitor")) == (["Kari Lund"], ["Somchai Dee"])


def test_a_summit_abroad_is_attended() -> None:
    visit = only(SUMMIT, "visit")
    assert (visit.details["action"], visit.modality) == ("attended", "planned")
    assert visit.place is not None
    assert visit.place.country == "PRT"


def test_being_in_a_foreign_city_is_a_visit() -> None:
    visit = only(PRESENCE, "visit")
    assert visit.place is not None
    assert (visit.place.name, visit.place.country) == ("Belgrade", "SRB")


def test_the_kind_of_visit_is_read() -> None:
    visit = only(OFFICIAL, "visit")
    assert (visit.details["visit_kind"], quotes(visit, "details/visit_kind")) == ("official", ["official"])


def test_travel_at_home_tourists_and_private_offices_are_no_visits() -> None:
    assert drafts(AT_HOME, "visit") == []
    assert drafts(TOURISTS, "visit") == []
    assert drafts(COMPANY, "visit") == []


def test_a_pronoun_means_the_person_named_last() -> None:
    visit = only(PRONOUN, "visit")
    assert names(visit, "visitor") == ["Kemal Aslan"]
    assert quotes(visit, "participants/0") == ["he"]


def test_a_tour_takes_its_traveller_to_places() -> None:
    quito, *rest = drafts(TOUR, "visit")
    assert quito.place is not None
    assert quito.place.name == "Quito"
    assert [(v.place and v.place.name, v.modality, names(v, "visitor")) for v in rest] == [
        ("Bogota", "planned", ["Ruiz"]),
        ("Caracas", "planned", ["Ruiz"]),
    ]


def test_who_receives_a_visit_is_the_host_at_home() -> None:
    visit = only(GOT, "visit")
    assert (names(visit, "visitor"), names(visit, "host")) == (["Luis Soto"], ["Ana Ruiz"])
    assert visit.place is not None
    assert visit.place.country == "PER"


def test_a_delegation_is_on_its_own_visit() -> None:
    assert names(only(ON_ITS_VISIT, "visit"), "visitor") == ["Afghan delegation"]


def test_a_delegation_is_named_with_where_it_comes_from_or_who_leads_it() -> None:
    assert names(only(ORIGIN, "visit"), "visitor") == ["delegation from the Union of Comoros"]
    led = only(LED, "visit")
    assert (names(led, "visitor"), countries(led, "visitor")) == (["Asad Mirza"], ["PAK"])


def test_two_places_have_a_day_each() -> None:
    for text, days in ((TWO_DAYS, ["on Monday", "on Tuesday"]), (TWO_FLIGHTS, ["on Monday", "on Friday"])):
        assert [visit.date and visit.date.text for visit in drafts(text, "visit")] == days


def test_the_present_of_a_clause_of_time_is_a_plan() -> None:
    assert only(WHEN_HE_COMES, "visit").modality == "planned"


def test_what_one_is_invited_to_is_told_by_the_invitation() -> None:
    visit = only(DECLINED, "visit")
    assert (visit.details["action"], visit.modality, names(visit, "visitor")) == ("invited", "denied", ["Omar Ghani"])


def test_who_meets_on_a_screen_does_not_travel() -> None:
    assert drafts(REMOTE, "visit") == []


def test_there_is_the_place_named_before_not_who_acts_there() -> None:
    visit = only(THERE, "visit")
    assert visit.place is not None
    assert (visit.place.name, countries(visit, "visitor")) == ("Beijing", ["OMN", "IRN"])


def test_a_place_hung_on_a_day_is_the_place_of_the_meeting() -> None:
    visit = only(AT_A_LIBRARY, "visit")
    assert visit.place is not None
    assert (visit.place.country, names(visit, "visitor")) == ("URY", ["Ana Ruiz", "Luis Soto"])


def test_delegations_of_two_states_are_two_visitors() -> None:
    assert countries(only(DELEGATIONS, "visit"), "visitor") == ["SAU", "IRN"]


def test_whose_visit_it_was_stands_before() -> None:
    visit = only(WHOSE, "visit")
    assert (visit.details["action"], names(visit, "visitor")) == ("postponed", ["Charles"])


def test_who_serves_no_state_is_at_home_in_none() -> None:
    visit = only(OF_NO_STATE, "visit")
    assert visit.place is not None
    assert (visit.place.country, names(visit, "visitor")) == ("BEL", ["Lars Holm"])


def test_a_minister_is_not_his_deputy() -> None:
    visit = only(DEPUTY, "visit")
    assert (countries(visit, "visitor"), countries(visit, "host")) == (["AZE"], ["TUR"])


def test_who_is_at_home_where_one_goes_for_talks_is_the_host() -> None:
    visit = only(FOR_TALKS, "visit")
    assert (names(visit, "host"), countries(visit, "host")) == (["Ana Soto"], ["PER"])


def test_who_is_said_to_be_the_last_to_visit_is_the_subject() -> None:
    assert names(only(THE_LAST, "visit"), "visitor") == ["Shinzo Abe"]


def test_the_president_of_the_republic_is_that_of_the_report_s_country() -> None:
    assert names(only(OF_THE_REPUBLIC, "visit"), "visitor") == ["Ana Soto"]


def test_two_visitors_of_one_state_make_two_visits() -> None:
    visitors = [names(visit, "visitor") for visit in drafts(TWO_AFGHANS, "visit")]
    assert visitors == [["Afghan delegation"], ["Afghan foreign minister"]]


def test_a_visit_that_follows_a_visit_is_the_same_person_s() -> None:
    assert [names(visit, "visitor") for visit in drafts(FOLLOWS, "visit")] == [["Luis Rojas"], ["Luis Rojas"]]


def test_counterparts_are_named_in_the_order_of_their_states() -> None:
    visit = only(COUNTERPARTS, "visit")
    people = {person.name: (person.role, person.country) for person in visit.participants}
    assert people == {
        "Kemal Aslan": ("visitor", "TUR"),
        "Ivan Orlov": ("visitor", "RUS"),
        "Reza Karimi": ("host", "IRN"),
    }


def test_a_body_does_not_attend_its_own_summit() -> None:
    assert names(only(A_SUMMIT_OF, "visit"), "visitor") == ["Jordan"]


def test_what_is_met_beside_tells_the_place() -> None:
    place = only(BESIDE, "visit").place
    assert place is not None
    assert (place.name, place.country) == ("Jeddah", "SAU")


def test_who_was_here_was_where_the_report_was_written() -> None:
    visit = only(WAS_HERE, "visit")
    assert visit.place is not None
    assert (visit.place.name, names(visit, "visitor")) == ("LIMA", ["Kari Lund"])


def test_an_office_of_an_international_body_is_public() -> None:
    assert [visit.place and visit.place.country for visit in drafts(UN_OFFICE, "visit")] == ["SDN", "TCD"]
