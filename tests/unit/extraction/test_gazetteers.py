"""Names that the world knows."""

from __future__ import annotations

import pytest

from workers.extraction import gazetteers


@pytest.mark.parametrize(
    ("name", "country"),
    [
        ("North Korea", "PRK"),
        ("the United States of America", "USA"),
        ("South Korean", "KOR"),
        ("Salvadoran", "SLV"),
        ("Tehran", "IRN"),
        ("Kyiv", "UKR"),
        ("Washington", "USA"),
        ("Türkiye", "TUR"),
        ("Durban", "ZAF"),
        ("Nowhereville", None),
    ],
)
def test_country_of_a_name(name: str, country: str | None) -> None:
    assert gazetteers.country_of(name) == country


def test_regions_are_no_countries() -> None:
    assert gazetteers.state_word("South American") == ""
    assert "PER" in gazetteers.states_of_region("south american")
    assert "DZA" in gazetteers.states_of_region("north african")


def test_organisations_have_no_country_and_one_main_form() -> None:
    actor = gazetteers.named_actor("EU")
    assert actor == gazetteers.NamedActor("organization", None)
    assert gazetteers.same_organization()["eu"] == gazetteers.same_organization()["european union"]


def test_a_city_of_several_is_that_of_the_text_unless_much_smaller() -> None:
    valencia, london = gazetteers.city_called("Valencia", ("ESP",)), gazetteers.city_called("London", ("CAN",))
    assert valencia is not None
    assert london is not None
    assert (valencia.country, london.country) == ("ESP", "GBR")
    assert valencia.geonames_id == 2509954
    assert (round(valencia.lat), round(valencia.lon)) == (39, 0)


def test_a_surname_is_a_leader_only_if_its_bearers_are_of_one_country() -> None:
    assert gazetteers.leader("Biden") == (True, "USA")
    assert gazetteers.leader("Kim") == (False, None)
    assert gazetteers.leader("Miller") == (False, None)


def test_every_country_named_in_the_files_is_one() -> None:
    import pycountry

    codes = {country.alpha_3 for country in pycountry.countries} | {"XKX", "SUN"}
    assert set(gazetteers.adjectives().values()) - {""} <= codes
    assert set(gazetteers.countries().values()) <= codes
