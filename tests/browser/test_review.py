"""The reviewers' walk: from the queue to a decision, with mouse and keys."""

from __future__ import annotations

import dataclasses
import re
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import expect
from sqlalchemy import select

from service.operations import claims, reviews
from service.operations.actor import Actor
from service.services import Services
from service.store.models import AuditEntry
from tests.browser.conftest import PHONE, Visit
from tests.browser.steps import field, number_of, open_item, record_of
from tests.conftest import PASSWORD
from tests.factories import STORY, create_drafted_document, evidence
from tests.factories import visit as draft_of_visit
from tests.processes import wait_for
from workers.extraction.records import EventDate, EventRecord, Participant, Place

LEASE = 180
MARKER = "rgb(255, 234, 163)"  # the highlighter's colour, by day

# What is marked for a field, run by run, as the reader sees it: text nodes only, without the numbers.
MARKED = "number => [...document.querySelectorAll(`#text .ev[data-n~='${number}']`)].map(run => run.textContent)"


@pytest.fixture
def story(services: Services, administrator: Actor) -> list[UUID]:
    """The ids of a visit and a border incident, drafted from one document and waiting."""
    _, events = create_drafted_document(services, administrator, title="A visit and a crossing")
    return events


def test_the_queue_tells_what_waits_and_why(visit: Visit, reviewer: Actor, story: list[UUID]) -> None:
    page = visit.sign_in(reviewer)
    rows = page.get_by_role("table").get_by_role("row")
    expect(rows).to_have_count(3)
    expect(rows.nth(1)).to_contain_text("Ada Larsen")
    expect(rows.nth(1)).to_contain_text("Date uncertain, 55%")
    expect(rows.nth(2)).to_contain_text("Modality uncertain, 54%")

    page.get_by_label("Why it is here").select_option("modality")
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text("soldiers of Norvale")
    page.get_by_label("Why it is here").select_option("")
    expect(rows).to_have_count(3)
    page.locator(".toggle", has_text="Visit").click()
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text("Ada Larsen")
    expect(page.locator(".page-head")).to_contain_text("1 of 2 items")


def test_a_filter_can_be_stepped_through_by_keys(visit: Visit, reviewer: Actor, story: list[UUID]) -> None:
    page = visit.sign_in(reviewer)
    why = page.get_by_label("Why it is here")
    why.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(why).to_have_value("modality")
    expect(why).to_be_focused()  # the page is still the same
    page.keyboard.press("Enter")
    page.wait_for_url("**/?*why=modality*")
    expect(page.get_by_role("table").get_by_role("row")).to_have_count(2)


def test_reviewing_starts_with_the_first_of_those_listed(visit: Visit, reviewer: Actor, story: list[UUID]) -> None:
    page = visit.sign_in(reviewer, "/?why=modality")
    page.get_by_role("button", name="Start reviewing").click()
    page.wait_for_url(f"**/review/{story[1]}*")
    page = visit.sign_in(reviewer, "/?why=place")
    expect(page.get_by_role("heading", name="No item matches.")).to_be_visible()


def test_an_empty_queue_says_so(visit: Visit, reviewer: Actor) -> None:
    page = visit.sign_in(reviewer)
    expect(page.get_by_role("heading", name="All read.")).to_be_visible()
    expect(page.get_by_role("button", name="Start reviewing")).to_have_count(0)


def test_reviewing_starts_with_the_first_item_and_goes_on_with_it(
    visit: Visit, reviewer: Actor, story: list[UUID]
) -> None:
    page = visit.sign_in(reviewer)
    page.get_by_role("button", name="Start reviewing").click()
    page.wait_for_url(f"**/review/{story[0]}")
    expect(page.get_by_text(re.compile("Held by you, .* left"))).to_be_visible()
    page.goto("/")
    expect(page.locator("tr.is-here").first).to_contain_text("Ada Larsen")
    page.get_by_role("button", name="Go on reviewing").click()
    page.wait_for_url(f"**/review/{story[0]}")


def test_what_is_marked_in_the_text_is_what_the_evidence_quotes(
    visit: Visit, reviewer: Actor, services: Services, story: list[UUID]
) -> None:
    for event_id in story:
        page = open_item(visit, reviewer, event_id)
        for item in record_of(services, event_id, reviewer).current.evidence:
            assert "".join(page.evaluate(MARKED, number_of(page, item.field))) == item.quote
        paragraphs = page.locator("#text .para > p").all_text_contents()
        assert paragraphs == STORY.strip().split("\n\n")


def test_a_field_in_focus_lights_its_words_and_words_lead_to_their_field(
    visit: Visit, reviewer: Actor, story: list[UUID]
) -> None:
    page = open_item(visit, reviewer, story[0])
    number = number_of(page, "place")
    words = page.locator(f"#text .ev[data-n~='{number}']")
    other = page.locator(f"#text .ev[data-n~='{number_of(page, 'date')}']")
    page.locator(field(page, "place/name")).focus()
    expect(words).to_have_css("background-color", MARKER)
    expect(other).not_to_have_css("background-color", MARKER)
    words.click()
    expect(page.locator(field(page, "place/name"))).to_be_focused()
    other.hover()
    expect(other).to_have_css("background-color", MARKER)


def test_approving_leads_to_the_next_item_and_publishes_the_record(
    visit: Visit, reviewer: Actor, story: list[UUID], client: FlaskClient, api_key: str
) -> None:
    page = open_item(visit, reviewer, story[0])
    page.get_by_role("button", name="Approve").click()
    page.wait_for_url(re.compile(f"/review/{story[1]}"))
    expect(page.get_by_role("status").first).to_contain_text("Approved: Visit, Ada Larsen")
    expect(page.locator("h1")).to_be_focused()

    listed = client.get("/api/v1/events?state=approved", headers={"Authorization": f"Bearer {api_key}"})
    assert [(event["id"], event["review"]["reviewer"]) for event in listed.json["items"]] == [
        (str(story[0]), reviewer.username)
    ]


def test_the_last_decision_ends_at_the_queue(visit: Visit, reviewer: Actor, story: list[UUID]) -> None:
    page = open_item(visit, reviewer, story[0])
    page.get_by_role("button", name="Approve").click()
    page.wait_for_url(re.compile(str(story[1])))
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("heading", name="All read.")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("Approved: Border incident")
    page.get_by_role("link", name="Show decided today").click()
    expect(page.get_by_role("table").get_by_role("row")).to_have_count(3)


def test_a_fix_saves_what_was_changed_and_nothing_else(
    visit: Visit, reviewer: Actor, services: Services, story: list[UUID]
) -> None:
    page = open_item(visit, reviewer, story[1])
    page.get_by_text("alleged", exact=True).click()
    page.locator(field(page, "details/killed")).fill("1")
    page.locator(field(page, "participants/1/country")).fill("nor")
    page.get_by_role("button", name="Save 3 fixes").click()
    page.wait_for_url(re.compile(str(story[0])))

    decision = record_of(services, story[1], reviewer).decision
    assert decision is not None
    assert {change["field"]: (change["from"], change["to"]) for change in decision.changes} == {
        "modality": ("occurred", "alleged"),
        "details/killed": (None, 1),
        "participants/1/country": (None, "NOR"),
    }


def test_a_change_shows_the_draft_and_can_be_put_back(visit: Visit, reviewer: Actor, story: list[UUID]) -> None:
    page = open_item(visit, reviewer, story[0])
    page.locator(field(page, "place/name")).fill("Northmark")
    row = page.locator(".row[data-path='place']")
    expect(row).to_contain_text("Draft: Sudmark")
    expect(page.get_by_role("button", name="Save 1 fix")).to_be_visible()
    row.get_by_role("button", name="Put back").click()
    expect(page.locator(field(page, "place/name"))).to_have_value("Sudmark")
    expect(page.get_by_role("button", name="Approve")).to_be_visible()


def test_participants_can_be_added_and_removed(
    visit: Visit, reviewer: Actor, services: Services, story: list[UUID]
) -> None:
    page = open_item(visit, reviewer, story[1])
    page.get_by_label(re.compile("Remove Target")).check(force=True)
    page.get_by_role("button", name="Add a participant").click()
    expect(page.locator(field(page, "participants/2/name"))).to_be_focused()
    page.locator(field(page, "participants/2/name")).fill("two border guards")
    page.locator(field(page, "participants/2/kind")).select_option("armed_forces")
    page.get_by_role("button", name="Save 2 fixes").click()
    page.wait_for_url(re.compile(str(story[0])))

    saved = record_of(services, story[1], reviewer).current
    assert [(one["role"], one["name"]) for one in saved.body["participants"]] == [
        ("initiator", "soldiers of Norvale"),
        ("target", "two border guards"),
    ]
    assert "participants/1" not in {item.field for item in saved.evidence}


def test_what_cannot_be_saved_is_told_at_its_field_and_nothing_typed_is_lost(
    visit: Visit, reviewer: Actor, services: Services, story: list[UUID]
) -> None:
    page = open_item(visit, reviewer, story[1])
    page.locator(field(page, "date/edtf")).fill("2024-06-31x")
    page.locator(field(page, "details/wounded")).fill("several")
    page.locator(field(page, "place/name")).fill("Grey Line, north")
    page.get_by_role("button", name="Save 3 fixes").click()

    expect(page.get_by_role("alert")).to_contain_text("Not saved yet.")
    expect(page.locator(".row[data-path='date']")).to_contain_text("Must be a date in EDTF")
    expect(page.locator(".row[data-path='details/wounded']")).to_contain_text("Not a valid integer")
    expect(page.locator(field(page, "place/name"))).to_have_value("Grey Line, north")
    expect(page.locator(field(page, "details/wounded"))).to_have_value("several")
    expect(page.locator(field(page, "date/edtf"))).to_be_focused()
    assert record_of(services, story[1], reviewer).event.state == "draft"

    page.locator(field(page, "date/edtf")).fill("2024-06-18")
    page.locator(field(page, "details/wounded")).fill("3")
    page.get_by_role("button", name="Save 3 fixes").click()
    page.wait_for_url(re.compile(str(story[0])))
    assert record_of(services, story[1], reviewer).current.body["details"]["wounded"] == 3


def test_rejecting_needs_a_reason_and_keeps_the_note(
    visit: Visit, reviewer: Actor, services: Services, story: list[UUID]
) -> None:
    page = open_item(visit, reviewer, story[0])
    page.get_by_role("button", name="Reject").click()
    dialog = page.get_by_role("dialog", name="Reject this record")
    dialog.get_by_label("The same event as another record").check()
    dialog.get_by_label("Note, for the history").fill("told above")
    dialog.get_by_role("button", name="Reject").click()
    page.wait_for_url(re.compile(str(story[1])))
    expect(page.get_by_role("status").first).to_contain_text("Rejected: Visit")

    decision = record_of(services, story[0], reviewer).decision
    assert decision is not None
    assert (decision.reason, decision.reason_text) == ("duplicate", "told above")


def test_an_item_that_another_holds_can_only_be_read(
    visit: Visit, reviewer: Actor, second_reviewer: Actor, services: Services, story: list[UUID]
) -> None:
    with services.sessions() as session:
        claims.claim(session, story[0], by=second_reviewer, seconds=LEASE)
    page = visit.sign_in(reviewer, f"/review/{story[0]}")
    expect(page.get_by_text(f"{second_reviewer.username} is reading this.")).to_be_visible()
    expect(page.locator(field(page, "place/name"))).to_be_disabled()
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)

    page.clock.install()
    page.reload()
    page.clock.run_for(LEASE * 1000 + 2000)
    expect(page.get_by_text("It may be free now.")).to_be_visible()


def test_the_claim_is_renewed_while_somebody_works(
    visit: Visit, reviewer: Actor, services: Services, story: list[UUID]
) -> None:
    page = visit.sign_in(reviewer)
    page.clock.install()
    page.goto(f"/review/{story[0]}")
    expect(page.locator("main.work")).to_have_attribute("data-hold", "mine")
    with services.sessions() as session:
        before = reviews.item_of(session, story[0], by=reviewer).lease_until
    page.clock.fast_forward(60_000)
    with page.expect_response("**/keep") as answered:
        page.mouse.move(300, 300)
        page.clock.run_for(2_000)
    assert answered.value.ok
    with services.sessions() as session:
        after = reviews.item_of(session, story[0], by=reviewer).lease_until
    assert before is not None
    assert after is not None
    assert after > before


def test_a_whole_review_by_keys_alone(visit: Visit, reviewer: Actor, services: Services, story: list[UUID]) -> None:
    page = open_item(visit, reviewer, story[0])
    press = page.keyboard.press
    press("f")
    expect(page.locator(field(page, "date/edtf"))).to_be_focused()
    press("a")
    expect(page.locator(field(page, "date/edtf"))).to_have_value("a")  # a letter, not a decision
    press("Backspace")
    press("Escape")
    press("4")
    expect(page.locator(field(page, "place/name"))).to_be_focused()
    press("Escape")
    press("m")
    press("e")
    expect(page.locator(".ev--trigger[href]")).not_to_be_focused()
    press("1")
    press("Escape")
    press("a")
    page.wait_for_url(re.compile(str(story[1])))
    expect(page.locator("h1")).to_be_focused()

    expect(page.get_by_role("button", name="Fix")).to_be_visible()  # the page's scripts have run
    for key in ("r", "4", "Enter"):  # typed at once, with no look at the reasons
        press(key)
    expect(page.get_by_role("heading", name="All read.")).to_be_visible()
    states = [record_of(services, event_id, reviewer).event.state for event_id in story]
    assert states == ["approved", "rejected"]


def test_the_key_for_modality_leads_to_the_one_that_is_chosen(
    visit: Visit, reviewer: Actor, administrator: Actor, services: Services
) -> None:
    planned = dataclasses.replace(draft_of_visit(), modality="planned")
    _, (event_id,) = create_drafted_document(services, administrator, records=[planned])
    page = open_item(visit, reviewer, event_id)
    page.keyboard.press("m")
    expect(page.get_by_role("radio", name="planned")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="possible")).to_be_checked()
    expect(page.get_by_role("button", name="Save 1 fix")).to_be_visible()


def test_the_keys_lead_to_what_the_text_does_not_tell_too(visit: Visit, reviewer: Actor, story: list[UUID]) -> None:
    page = open_item(visit, reviewer, story[1])
    asked = []
    for _ in range(3):
        page.keyboard.press("Escape")
        page.keyboard.press(".")
        asked.append(page.evaluate("document.activeElement.closest('.row').dataset.path"))
    assert "date" in asked  # the record has none


def test_ctrl_enter_saves_from_a_field(visit: Visit, reviewer: Actor, services: Services, story: list[UUID]) -> None:
    page = open_item(visit, reviewer, story[0])
    page.locator(field(page, "place/name")).fill("Northmark")
    page.keyboard.press("Enter")  # alone, it decides nothing
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(str(story[1])))
    assert record_of(services, story[0], reviewer).current.body["place"]["name"] == "Northmark"


def test_next_gives_the_item_back_and_opens_the_one_after(
    visit: Visit, reviewer: Actor, services: Services, story: list[UUID]
) -> None:
    page = open_item(visit, reviewer, story[0])
    page.keyboard.press("j")
    page.wait_for_url(re.compile(str(story[1])))
    expect(page.locator("main.work")).to_have_attribute("data-hold", "mine")
    with services.sessions() as session:
        released = select(AuditEntry.subject_id).where(AuditEntry.action == "review.released")
        assert set(session.scalars(released)) == set(story)  # the one that was ready behind it, too


def test_a_text_with_markup_and_hidden_characters_stays_text(
    visit: Visit, reviewer: Actor, administrator: Actor, services: Services
) -> None:
    text = (
        "<script>window.owned = true</script><img src=x onerror='window.owned = true'> & \u202eecnirp\u202c\n\n"
        "Ada Larsen arrived in \u200bSudmark </a></p><b>boldly</b>.\n"
    )
    record = EventRecord(
        type="visit",
        modality="occurred",
        participants=(Participant("visitor", "Ada Larsen", "person"),),
        details={"action": "arrived"},
        evidence=(
            evidence(text, "trigger", "arrived in \u200bSudmark </a>"),
            evidence(text, "participants/0", "Ada Larsen"),
        ),
    )
    title = '<i>Title</i> "quoted"'
    _, (event_id,) = create_drafted_document(services, administrator, text, [record], title=title)
    page = open_item(visit, reviewer, event_id)
    shown = [part.text_content() or "" for part in page.locator("#text .para > p").all()]
    assert [part.strip() for part in shown] == [part.strip() for part in text.strip().split("\n\n")]
    assert "".join(page.evaluate(MARKED, "1")) == "arrived in \u200bSudmark </a>"
    assert page.evaluate("window.owned") is None
    assert page.locator("#text .para > p :is(script, img, b)").count() == 0
    expect(page.locator(".sheet .headline")).to_have_text(title)
    names = page.locator("#text .hidden-char").evaluate_all("all => all.map(one => one.dataset.name)")
    assert names == ["right-to-left override", "pop directional formatting", "zero width space"]


def test_overlapping_evidence_marks_each_field_whole(
    visit: Visit, reviewer: Actor, administrator: Actor, services: Services
) -> None:
    text = "The foreign minister of Norvale arrived in the capital of Sudmark on Tuesday.\nA second line stays whole.\n"
    fields = {
        "trigger": "arrived in the capital",
        "participants/0": "foreign minister of Norvale",
        "participants/1": "Norvale arrived",
        "place": "capital of Sudmark",
        "date": "capital of Sudmark on Tuesday",
    }
    record = EventRecord(
        type="visit",
        modality="occurred",
        participants=(
            Participant("visitor", "the foreign minister", "person"),
            Participant("host", "Norvale", "state"),
        ),
        details={"action": "arrived"},
        place=Place("capital of Sudmark"),
        date=EventDate("on Tuesday"),
        evidence=tuple(evidence(text, name, quote) for name, quote in fields.items()),
    )
    _, (event_id,) = create_drafted_document(services, administrator, text, [record])
    page = open_item(visit, reviewer, event_id)
    for name, quote in fields.items():
        assert "".join(page.evaluate(MARKED, number_of(page, name))) == quote
    assert page.locator("#text .para > p").all_text_contents() == text.strip().split("\n")


@pytest.mark.parametrize("path", ["/", "/documents", "/decided", "/nowhere"])
def test_a_phone_needs_no_sideways_scrolling(visit: Visit, reviewer: Actor, story: list[UUID], path: str) -> None:
    page = visit.sign_in(reviewer, "/", viewport=PHONE, is_mobile=True, has_touch=True)
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_phone_shows_text_and_record_in_turn(
    visit: Visit, reviewer: Actor, services: Services, story: list[UUID]
) -> None:
    page = visit.sign_in(reviewer, f"/review/{story[0]}", viewport=PHONE, is_mobile=True, has_touch=True)
    expect(page.locator("main.work")).to_have_attribute("data-hold", "mine")
    expect(page.locator(field(page, "place/name"))).to_be_visible()
    expect(page.locator("#text")).to_be_hidden()
    page.get_by_text("Text", exact=True).tap()
    expect(page.locator("#text")).to_be_visible()
    expect(page.get_by_role("button", name="Approve")).to_be_in_viewport()
    expect(page.locator("h1")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("button", name="Approve").tap()
    page.wait_for_url(re.compile(str(story[1])))
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_buttons_are_large_enough_for_fingers(visit: Visit, reviewer: Actor, story: list[UUID]) -> None:
    page = visit.sign_in(reviewer, f"/review/{story[0]}", viewport=PHONE, is_mobile=True, has_touch=True)
    expect(page.locator("main.work")).to_have_attribute("data-hold", "mine")
    pressed = (
        ".btn, .segments label, .check-line, .remove, .nav a, .why a, .record :is(select, input[type=text]), summary"
    )
    heights = (
        page.locator(pressed)
        .locator("visible=true")
        .evaluate_all(
            "all => all.map(one => [one.className || one.name || one.textContent, one.getBoundingClientRect().height])"
        )
    )
    assert len(heights) > 20
    assert [one for one in heights if one[1] < 44] == []


def test_what_was_typed_survives_a_sign_in_that_ran_out(
    visit: Visit, reviewer: Actor, services: Services, story: list[UUID]
) -> None:
    page = open_item(visit, reviewer, story[0])
    page.locator(field(page, "place/name")).fill("Northmark")
    page.get_by_text("planned", exact=True).click()
    page.get_by_role("button", name="Add a participant").click()
    page.locator(field(page, "participants/1/name")).fill("the hosts")
    page.context.clear_cookies(name="legation")
    page.get_by_role("button", name="Save 3 fixes").click()
    page.get_by_label("User name").fill(reviewer.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_text("What you typed is here again.")).to_be_visible()
    page.get_by_role("button", name="Save 3 fixes").click()
    page.wait_for_url(re.compile(str(story[1])))
    saved = record_of(services, story[0], reviewer).current.body
    assert (saved["place"]["name"], saved["modality"]) == ("Northmark", "planned")
    assert [one["name"] for one in saved["participants"]] == ["Ada Larsen", "the hosts"]
    assert page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('typed'))") == []


def test_what_one_person_typed_is_not_shown_to_the_next(
    visit: Visit, reviewer: Actor, second_reviewer: Actor, story: list[UUID]
) -> None:
    page = open_item(visit, reviewer, story[0])
    page.locator(field(page, "place/name")).fill("Northmark")
    page.context.clear_cookies(name="legation")  # signed out in another tab
    page.goto("/")
    page.get_by_label("User name").fill(second_reviewer.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Waiting")).to_be_visible()
    wait_for(lambda: "Northmark" not in page.evaluate("JSON.stringify(sessionStorage)"), 10, "what was typed is kept")
