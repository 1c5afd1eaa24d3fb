"""A reviewer's day without a mouse, from the sign-in to the sign-out: where the focus goes, that it can be seen, and
what is told to those who do not see the page.
"""

from __future__ import annotations

from uuid import UUID

import pytest
from playwright.sync_api import Locator, Page, expect

from service.operations import records
from service.operations.actor import Actor
from service.services import Services
from tests.browser.conftest import Visit
from tests.conftest import PASSWORD
from tests.factories import create_drafted_document

# Calls `announced` with what a live region says when it changes: only then is it read out.
LISTEN = """
const LIVE = "[aria-live=polite], [aria-live=assertive], [role=status], [role=alert]";
const elementOf = (node) => node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement;
new MutationObserver((changes) => {
  const regions = new Set(changes.map(({ target }) => elementOf(target)?.closest(LIVE)).filter(Boolean));
  for (const region of regions) announced(region.textContent.replace(/\\s+/g, " ").trim());
}).observe(document, { subtree: true, childList: true, characterData: true });
"""
# Whether what has the focus wears a ring, itself or its label, and nothing lies over it.
IS_SEEN = """() => {
  const node = document.activeElement;
  const worn = [node, node.closest("label")].filter(Boolean);
  const hasRing = ({ outlineStyle, outlineWidth }) => outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  const { left, top, width, height } = node.getClientRects()[0];
  const above = document.elementFromPoint(left + width / 2, top + height / 2);
  return worn.some((one) => hasRing(getComputedStyle(one))) && worn.some((one) => one.contains(above));
}"""
HAS_FOCUS = "node => node === document.activeElement"
# The number of the field that has the focus, or the words on a button outside of the fields.
WHERE = """() => {
  const node = document.activeElement;
  const button = node.closest(".decisions button");
  return node.closest(".row[data-n]")?.dataset.n ?? button?.innerText.split(/\\s/)[0] ?? null;
}"""


@pytest.fixture
def story(services: Services, administrator: Actor) -> list[UUID]:
    return create_drafted_document(services, administrator, title="A visit and a crossing")[1]


def step(page: Page, key: str = "Tab") -> None:
    """To the next place with the focus, which must be seen there."""
    page.keyboard.press(key)
    assert page.evaluate(IS_SEEN), f"the focus is not seen: {page.evaluate('document.activeElement.outerHTML')[:300]}"


def go_to(page: Page, goal: Locator) -> None:
    for _ in range(80):
        step(page)
        if goal.evaluate(HAS_FOCUS):
            return
    pytest.fail(f"{goal} is not reached by Tab")


def until_told(page: Page, told: list[str], words: str) -> None:
    for _ in range(50):
        if any(words in one for one in told):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"{words!r} is not announced; what is: {told}")


def sign_in(page: Page, who: Actor) -> None:
    expect(page.get_by_label("User name")).to_be_focused()
    page.keyboard.type(who.username)
    step(page)
    page.keyboard.type(PASSWORD)
    step(page)
    expect(page.get_by_role("button", name="Sign in")).to_be_focused()
    page.keyboard.press("Enter")


def test_a_day_without_a_mouse(visit: Visit, reviewer: Actor, services: Services, story: list[UUID]) -> None:
    told: list[str] = []
    page = visit.page()
    page.context.expose_function("announced", lambda words: told.append(words))
    page.context.add_init_script(LISTEN)
    page.goto("/")
    sign_in(page, reviewer)

    expect(page.get_by_role("heading", name="Waiting")).to_be_visible()
    step(page)
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    go_to(page, page.get_by_role("button", name="Start reviewing"))
    page.keyboard.press("Enter")

    expect(page.locator("main.work")).to_have_attribute("data-hold", "mine")
    expect(page.locator("h1")).to_be_focused()
    expect(page.get_by_role("button", name="Fix")).to_be_visible()  # the keys are at work
    page.keyboard.press("f")
    expect(page.get_by_placeholder("2024-06-18")).to_be_focused()
    assert page.evaluate(IS_SEEN)
    page.keyboard.type("2024-06-18")
    expect(page.get_by_role("button", name="Save 1 fix")).to_be_visible()
    page.keyboard.press("Control+Enter")
    until_told(page, told, "Fixed and approved: Visit")

    expect(page.locator("h1")).to_contain_text("soldiers of Norvale")
    expect(page.locator("h1")).to_be_focused()
    expect(page.locator("main.work")).to_have_attribute("data-hold", "mine")
    page.keyboard.press("a")
    until_told(page, told, "Approved: Border incident")
    expect(page.get_by_role("heading", name="All read.")).to_be_visible()

    page.wait_for_load_state()  # the keys are at work
    page.keyboard.press("u")
    until_told(page, told, "Undone; it is yours again")
    expect(page.locator("h1")).to_contain_text("soldiers of Norvale")
    expect(page.locator("h1")).to_be_focused()
    page.wait_for_load_state()
    with page.expect_navigation():
        page.keyboard.press("a")

    go_to(page, page.get_by_role("button", name="Your account"))
    page.keyboard.press("Enter")
    go_to(page, page.get_by_role("button", name="Sign out"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    with services.sessions() as session:
        decided = [records.get(session, event_id, by=reviewer).event.state for event_id in story]
    assert decided == ["approved", "approved"]


def test_tab_goes_through_a_record_from_its_first_field_to_the_decision(
    visit: Visit, reviewer: Actor, story: list[UUID]
) -> None:
    page = visit.sign_in(reviewer, f"/review/{story[1]}")
    expect(page.locator("main.work")).to_have_attribute("data-hold", "mine")
    page.locator("h1").focus()
    way: list[str] = []
    while (way or [""])[-1] != "Reject" and len(way) < 80:
        step(page)
        way += filter(None, [page.evaluate(WHERE)])
    fields = [int(where) for where in way if where.isdecimal()]
    rows = page.locator("#record-form .row[data-n]").evaluate_all("all => all.map(row => Number(row.dataset.n))")
    assert sorted(set(fields)) == rows
    assert fields == sorted(fields)
    assert way[len(fields) :] == ["Approve", "Fix", "Reject"]


def test_a_dialog_takes_the_focus_and_gives_it_back(visit: Visit, reviewer: Actor, story: list[UUID]) -> None:
    page = visit.sign_in(reviewer, f"/review/{story[0]}")
    expect(page.locator("main.work")).to_have_attribute("data-hold", "mine")
    reject = page.locator("#open-reject")
    go_to(page, reject)
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Reject this record")
    expect(dialog.get_by_role("radio").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(reject).to_be_focused()


def test_what_is_wrong_is_announced_and_has_the_focus(visit: Visit, reviewer: Actor, story: list[UUID]) -> None:
    page = visit.sign_in(reviewer, f"/review/{story[1]}")
    expect(page.locator("main.work")).to_have_attribute("data-hold", "mine")
    wounded = page.get_by_role("textbox", name="Wounded")
    go_to(page, wounded)
    page.keyboard.press("Control+a")
    page.keyboard.type("several")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("Not saved yet.")
    expect(wounded).to_be_focused()
    expect(wounded).to_have_attribute("aria-invalid", "true")
    expect(wounded).to_have_accessible_description("Wounded: Not a valid integer.")
