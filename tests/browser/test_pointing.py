"""Pointing at the words of a field: selected with the mouse, or typed and found. Offsets are code points."""

from __future__ import annotations

from uuid import UUID

import pytest
from playwright.sync_api import Locator, Page, expect

from service.operations.actor import Actor
from service.services import Services
from tests.browser.conftest import Visit
from tests.browser.steps import field, number_of, open_item, record_of
from tests.conftest import PASSWORD
from tests.factories import create_drafted_document, evidence
from workers.extraction.records import EventRecord, Participant

# Letters of two UTF-16 units, a paragraph from the right, and a letter that nobody sees stand before the words.
TEXT = (
    "\U0001f30d News \U0001f1f3\U0001f1f4 of the day\n\n"
    "\u0648\u0635\u0644\u062a \u0623\u062f\u0627 \u0625\u0644\u0649 \u0633\u0648\u062f\u0645\u0627\u0631\u0643\n\n"
    "On Monday \U0001d400da Larsen arrived in Sud\u200bmark. "
    "The foreign minister of Sudmark met her in the capital of Sudmark.\n"
)

# Where some words of the text are on the screen: where the first line of them begins, and where the last one ends.
WORDS_ON_SCREEN = """words => {
  const nodes = document.createTreeWalker(document.querySelector("#text"), NodeFilter.SHOW_TEXT);
  const all = [];
  for (let node = nodes.nextNode(); node; node = nodes.nextNode()) {
    if (node.parentElement.closest("[data-start]")) for (let i = 0; i < node.length; i++) all.push([node, i]);
  }
  const at = all.map(([node, i]) => node.data[i]).join("").indexOf(words);
  const range = document.createRange();
  range.setStart(...all[at]);
  const [last, i] = all[at + words.length - 1];
  range.setEnd(last, i + 1);
  range.startContainer.parentElement.scrollIntoView({ block: "center" });
  const boxes = [...range.getClientRects()];
  const [first, final] = [boxes[0], boxes.at(-1)];
  return [[first.left, (first.top + first.bottom) / 2], [final.right, (final.top + final.bottom) / 2]];
}"""


@pytest.fixture
def item(services: Services, administrator: Actor) -> UUID:
    record = EventRecord(
        type="visit",
        modality="occurred",
        participants=(Participant("visitor", "Ada Larsen", "person"),),
        details={"action": "arrived"},
        evidence=(
            evidence(TEXT, "trigger", "arrived", "test.visit"),
            evidence(TEXT, "participants/0", "\U0001d400da Larsen", "test.visit"),
        ),
        rules=("test.visit",),
    )
    return create_drafted_document(services, administrator, TEXT, [record])[1][0]


def select_words(page: Page, words: str) -> None:
    (left, top), (right, bottom) = page.evaluate(WORDS_ON_SCREEN, words)
    page.mouse.move(left + 1, top)
    page.mouse.down()
    page.mouse.move(left + 20, top)
    page.mouse.move(right - 1, bottom, steps=3)
    page.mouse.up()
    expect(page.locator("#words")).to_be_visible()


def marked(page: Page, path: str) -> Locator:
    return page.locator(f"#text .ev[data-n~='{number_of(page, path)}']")


def quotes(services: Services, event_id: UUID, by: Actor, path: str) -> list[tuple[str, str | None]]:
    found = record_of(services, event_id, by).current.evidence
    assert all(TEXT[one.start : one.end] == one.quote for one in found)
    return [(one.quote, one.rule) for one in found if one.field == path]


def test_selected_words_become_those_of_the_field_that_was_in_focus(
    visit: Visit, reviewer: Actor, services: Services, item: UUID
) -> None:
    page = open_item(visit, reviewer, item)
    page.locator(field(page, "place/name")).focus()
    select_words(page, "Sud\u200bmark")
    expect(page.get_by_label("They are words of")).to_have_value("place")
    page.get_by_role("button", name="Take these words").click()
    row = page.locator(".row[data-path='place']")
    expect(row).to_contain_text("pointed at by you")
    expect(page.locator(field(page, "place/name"))).to_be_focused()
    expect(page.locator(field(page, "place/name"))).to_have_value("Sud\u200bmark")  # it had no value
    expect(marked(page, "place")).to_have_text("Sud\u200bmark")
    page.get_by_role("button", name="Save 1 fix").click()
    expect(page.get_by_role("heading", name="All read.")).to_be_visible()
    assert quotes(services, item, reviewer, "place") == [("Sud\u200bmark", None)]


def test_a_selection_over_marked_words_overlaps_them_and_any_field_can_be_chosen(
    visit: Visit, reviewer: Actor, services: Services, item: UUID
) -> None:
    page = open_item(visit, reviewer, item)
    page.get_by_role("button", name="Add a participant").click()
    select_words(page, "da Larsen arrived in Sud")
    page.get_by_label("They are words of").select_option("participants/1")
    page.get_by_role("button", name="Take these words").click()
    expect(page.locator(field(page, "participants/1/name"))).to_have_value("da Larsen arrived in Sud")
    expect(page.locator("#text .ev--trigger")).to_have_text("arrived")
    expect(marked(page, "participants/1")).to_have_text(["da Larsen", " ", "arrived", " in Sud"])
    expect(marked(page, "participants/0")).to_have_text(["\U0001d400", "da Larsen"])
    assert page.locator("#text .para > p").all_text_contents() == TEXT.strip().split("\n\n")
    # A click without a selection still leads to the field.
    page.locator("#text .ev--trigger").click()
    expect(page.locator(field(page, "details/action"))).to_be_focused()


def test_typed_words_are_found_near_the_trigger_and_the_other_places_stepped_through(
    visit: Visit, reviewer: Actor, services: Services, item: UUID
) -> None:
    page = open_item(visit, reviewer, item)
    page.locator(field(page, "place/name")).focus()
    page.keyboard.press("Escape")
    page.keyboard.press("w")
    expect(page.get_by_label("Find words")).to_be_focused()
    page.keyboard.type("SUDMARK")
    found = page.locator("#words-found")
    expect(found).to_contain_text("1 of 3: ")
    expect(found).to_contain_text("arrived in [Sud\u200bmark]. The foreign")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(found).to_contain_text("3 of 3: …")
    expect(found).to_contain_text("the capital of [Sudmark].")
    page.keyboard.press("Enter")
    expect(page.locator(field(page, "place/name"))).to_have_value("Sudmark")
    expect(page.locator("#said-aside")).to_contain_text("Words of 4 Destination: Sudmark")

    # The same field again, from the page that has its words now: one more place is added to them.
    page.keyboard.press("Escape")
    page.keyboard.press("w")
    page.keyboard.type("capital")
    page.get_by_role("button", name="Add to its words").click()
    expect(page.locator(".row[data-path='place'] q")).to_have_text(["Sudmark", "capital"])
    page.keyboard.press("Escape")
    page.keyboard.press("w")
    page.keyboard.type("nowhere")
    expect(found).to_have_text("These words are not in the text that is shown.")
    page.keyboard.press("Enter")  # does nothing
    page.keyboard.press("Escape")
    expect(page.locator(field(page, "place/name"))).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="All read.")).to_be_visible()
    assert quotes(services, item, reviewer, "place") == [("Sudmark", None), ("capital", None)]
    start = max(one.start for one in record_of(services, item, reviewer).current.evidence if one.quote == "Sudmark")
    assert start == TEXT.rindex("Sudmark")


def test_words_alone_are_one_fix_that_survives_a_sign_in_and_can_be_put_back(
    visit: Visit, reviewer: Actor, services: Services, item: UUID
) -> None:
    page = open_item(visit, reviewer, item)
    page.locator(field(page, "participants/0/name")).focus()
    select_words(page, "foreign minister")
    page.get_by_role("button", name="Replace its words").click()
    expect(page.get_by_role("button", name="Save 1 fix")).to_be_visible()
    row = page.locator(".row[data-path='participants/0']")
    expect(row.get_by_text("Draft:")).to_be_hidden()
    page.context.clear_cookies(name="legation")
    page.get_by_role("button", name="Save 1 fix").click()
    page.get_by_label("User name").fill(reviewer.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("What you typed is here again.")).to_be_visible()
    expect(row.locator("q")).to_have_text("foreign minister")
    expect(marked(page, "participants/0")).to_have_text("foreign minister")

    row.get_by_role("button", name="Put back").click()
    expect(page.get_by_role("button", name="Approve")).to_be_visible()
    expect(marked(page, "participants/0")).to_have_text("\U0001d400da Larsen")
    page.keyboard.press("Escape")
    page.keyboard.press("w")
    page.keyboard.type("minister")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Save 1 fix").click()
    expect(page.get_by_role("heading", name="All read.")).to_be_visible()
    assert quotes(services, item, reviewer, "participants/0") == [("minister", None)]
    decision = record_of(services, item, reviewer).decision
    assert decision is not None
    assert [change["field"] for change in decision.changes] == ["evidence"]


def test_words_for_a_field_without_a_value_are_told_at_the_field(visit: Visit, reviewer: Actor, item: UUID) -> None:
    page = open_item(visit, reviewer, item)
    page.locator(field(page, "details/visit_kind")).focus()
    page.keyboard.press("Escape")
    select_words(page, "capital of Sudmark")
    page.get_by_label("They are words of").select_option("details/visit_kind")
    page.get_by_role("button", name="Take these words").click()
    expect(page.locator(".row[data-path='details/visit_kind']")).to_contain_text("There is no value here")
