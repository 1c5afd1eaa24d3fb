"""Texts in other scripts than Latin, from right to left among them, and letters that pass for Latin ones."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from playwright.sync_api import Locator, Page, expect

from service.operations.actor import Actor
from service.services import Services
from tests.browser.conftest import Visit
from tests.factories import create_drafted_document, evidence
from workers.extraction.records import Attribution, EventDate, EventRecord, Participant, Place

ARABIC, HEBREW, TITLE = "محمود عبّاس", "יצחק הרצוג", "زيارة إلى Sudmark"
TEXT = (
    f"{ARABIC} met {HEBREW} in Sudmark on Tuesday, 19 June, his office said.\n\n"
    f"وصل الرئيس {ARABIC} إلى Sudmark يوم الثلاثاء 19 June، كما قال مكتبه.\n\n"
    "Vladimir Рutin and Владимир Путин stayed away.\n"
)
# What is marked for a field, run by run, as the reader sees it: text nodes only, without the numbers.
MARKED = "number => [...document.querySelectorAll(`#text .ev[data-n~='${number}']`)].map(run => run.textContent)"
DIRECTION = "node => getComputedStyle(node).direction"


def record() -> EventRecord:
    said = {
        "trigger": "met",
        "participants/0": ARABIC,
        "participants/1": HEBREW,
        "participants/2": "Vladimir Рutin",
        "place": "Sudmark",
        "date": "يوم الثلاثاء",
        "attributed_to/0": "his office",
    }
    return EventRecord(
        type="visit",
        modality="occurred",
        participants=(
            Participant("visitor", ARABIC, "person", "PSE", "President"),
            Participant("host", HEBREW, "person", "ISR"),
            Participant("host", "Vladimir Рutin", "person"),
        ),
        details={"action": "met"},
        date=EventDate("يوم الثلاثاء"),
        place=Place("Sudmark"),
        attributed_to=(Attribution("his office", "said"),),
        evidence=tuple(evidence(TEXT, field, quote, "test.visit") for field, quote in said.items()),
        confidence={"record": 0.6, "participants/0": 0.5, "date": 0.6},
        rules=("test.visit",),
    )


@pytest.fixture
def event(services: Services, administrator: Actor) -> UUID:
    _, (event_id,) = create_drafted_document(
        services, administrator, TEXT, [record()], title=TITLE, source="وكالة الأنباء"
    )
    return event_id


def open_item(visit: Visit, who: Actor, event_id: UUID) -> Page:
    page = visit.sign_in(who, f"/review/{event_id}")
    expect(page.locator("main.work")).to_have_attribute("data-hold", "mine")
    return page


def input_of(page: Page, path: str) -> Locator:
    return page.locator(f"#record-form [name='{path}']")


def test_each_paragraph_and_field_has_the_direction_of_its_words(visit: Visit, reviewer: Actor, event: UUID) -> None:
    page = open_item(visit, reviewer, event)
    paragraphs = page.locator("#text .para > p")
    assert [one.evaluate(DIRECTION) for one in paragraphs.all()] == ["ltr", "rtl", "ltr"]
    assert page.locator(".sheet .headline").evaluate(DIRECTION) == "rtl"
    assert input_of(page, "participants/0/name").evaluate(DIRECTION) == "rtl"
    assert input_of(page, "participants/2/name").evaluate(DIRECTION) == "ltr"
    input_of(page, "participants/2/name").fill("ולדימיר")
    assert input_of(page, "participants/2/name").evaluate(DIRECTION) == "rtl"


def test_evidence_in_another_script_is_marked_as_it_is_quoted(visit: Visit, reviewer: Actor, event: UUID) -> None:
    page = open_item(visit, reviewer, event)
    for item in record().evidence:
        number = page.locator(f"#record-form .row[data-path='{item.field}']").get_attribute("data-n")
        assert "".join(page.evaluate(MARKED, number)) == item.quote
    assert [one.strip() for one in page.locator("#text .para > p").all_text_contents()] == TEXT.strip().split("\n\n")


def test_names_from_right_to_left_do_not_reorder_what_stands_beside_them(
    visit: Visit, reviewer: Actor, event: UUID
) -> None:
    """The arrow stands between the names as in a record of Latin ones: from the left to the right."""
    page = visit.sign_in(reviewer)
    row = page.get_by_role("row", name=re.compile(ARABIC))
    who, arrow, towards = (row.locator(one).first for one in ("a > bdi >> nth=0", "a > .arrow", "a > bdi >> nth=1"))
    places = [one.evaluate("node => node.getBoundingClientRect().x") for one in (who, arrow, towards)]
    assert places == sorted(places)
    assert row.locator(".items__quote").evaluate(DIRECTION) == "ltr"


def test_a_letter_that_passes_for_another_is_named_in_text_list_and_form(
    visit: Visit, reviewer: Actor, event: UUID
) -> None:
    page = open_item(visit, reviewer, event)
    signs = page.locator(".look-alike")
    assert set(signs.evaluate_all("all => all.map(one => one.dataset.name)")) == {"cyrillic capital letter er"}
    assert set(signs.all_text_contents()) == {"Р"}
    expect(page.locator("#text .look-alike")).to_have_count(1)
    expect(page.locator("h1 .look-alike")).to_have_count(1)
    name = input_of(page, "participants/2/name")
    expect(name).to_have_accessible_description(re.compile("cyrillic capital letter er"))
    expect(input_of(page, "participants/0/name")).to_have_accessible_description("")
    assert "cyrillic capital letter er" in page.locator("#text .ev", has_text="Рutin").aria_snapshot()
    page.goto("/")
    expect(page.locator(".items .look-alike").first).to_have_text("Р")
