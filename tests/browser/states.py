"""Every page of the reviewers in every state that looks different, for the tests that look at all of them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import io
import itertools
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from playwright.sync_api import Page, expect
from sqlalchemy import update

from service.operations import claims, documents, drafting, gold_items, keys, second_reading
from service.operations.actor import Actor
from service.operations.claims import Wanted
from service.operations.documents import Upload
from service.operations.drafting import Drafts
from service.operations.reviews import Verdict
from service.services import Services
from service.store.models import SignIn
from tests.browser.conftest import Visit
from tests.browser.steps import arrive, unfold
from tests.conftest import create_actor, create_key
from tests.factories import (
    STORY,
    age_decisions,
    create_decision,
    create_dispute,
    create_document,
    create_drafted_document,
    create_failed_document,
    create_pair,
    story_records,
)
from tests.pdf import pdf_of
from tests.processes import wait_for
from tests.receivers import create_webhooks_in_every_state
from workers.extraction.records import Place
from workers.likeness import sketch
from workers.readers import kinds
from workers.reading import Reader

LEASE = 180


@dataclass
class Scene:
    """An installation with nobody's work in it, and its people."""

    visit: Visit
    services: Services
    administrator: Actor
    reviewer: Actor
    second_reviewer: Actor
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def story(self) -> list[UUID]:
        """A visit and a border incident, drafted from a document of their own and waiting."""
        text = f"{STORY}\nNote {next(self.numbers)} to editors: names are as their owners write them.\n"
        title = "A visit and a crossing"
        return create_drafted_document(self.services, self.administrator, text, title=title, source="Example Wire")[1]

    def open(self, path: str, who: Actor | None = None) -> Page:
        return self.visit.sign_in(who or self.reviewer, path)

    def item(self) -> Page:
        """The border incident's work page, claimed, and somebody else's decision on the visit."""
        events = self.story()
        create_decision(self.services, events[0], by=self.second_reviewer)
        page = self.open(f"/review/{events[1]}")
        expect(page.locator("main.work")).to_have_attribute("data-hold", "mine")
        return page


@dataclass(frozen=True)
class State:
    """`show` leads a browser to a page of the `endpoint`."""

    name: str
    endpoint: str
    show: Callable[[Scene], Page]


def sign_in(scene: Scene) -> Page:
    page = scene.visit.page()
    page.goto("/sign-in")
    return page


def sign_in_refused(scene: Scene) -> Page:
    page = sign_in(scene)
    page.get_by_label("User name").fill("rosa")
    page.get_by_label("Password").fill("incorrect")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    return page


def sign_in_ran_out(scene: Scene) -> Page:
    page = scene.open("/")
    with scene.services.sessions.begin() as session:
        session.execute(update(SignIn).values(expires_at=dt.datetime.now(dt.UTC)))
    page.reload()
    expect(page.get_by_text("Your sign-in has run out.")).to_be_visible()
    return page


def twins(scene: Scene) -> tuple[UUID, UUID]:
    """A document whose story stands in another one, of which a visit was approved, and its own visit."""
    told = f"{STORY}\nThe paper adds a line.\n"
    _, known = create_drafted_document(
        scene.services, scene.administrator, sketch=sketch(STORY), title="The visit", source="Daily"
    )
    create_decision(scene.services, known[0], by=scene.second_reviewer)
    document, events = create_drafted_document(scene.services, scene.administrator, told, sketch=sketch(told))
    return document.id, events[0]


def work_of_a_twin(scene: Scene) -> Page:
    page = scene.open(f"/review/{twins(scene)[1]}")
    elsewhere = page.get_by_role("region", name="The same story elsewhere")
    expect(elsewhere.get_by_role("link")).to_have_count(2)
    expect(elsewhere).to_contain_text("approved")
    return page


def document_of_a_twin(scene: Scene) -> Page:
    page = scene.open(f"/documents/{twins(scene)[0]}")
    expect(page.get_by_role("region", name="The same story elsewhere").get_by_role("link")).to_have_count(3)
    return page


def read(scene: Scene, original: bytes, **told: str) -> UUID:
    """A document that a worker has read."""
    upload = Upload(original=original, text=None, encoding=None, media_type=kinds.looks_like(original), **told)
    with scene.services.sessions() as session:
        document_id = documents.submit(
            session, upload, by=scene.administrator, dispatch=scene.services.dispatch
        ).document.id
    reader = Reader(scene.services)
    while reader.read_waiting():
        pass
    return document_id


def work_with_the_original(scene: Scene) -> Page:
    document_id = read(scene, pdf_of(*STORY.strip().split("\n\n")), title="A visit and a crossing")
    with scene.services.sessions() as session:
        text = documents.get_with_text(session, document_id, by=scene.administrator).text
        (job,) = drafting.take(session, documents=1, characters=10_000, lease=60, attempts=3)
        (event_id, _) = drafting.record(session, job, Drafts(story_records(text), (), "test", "no parser"))
    page = scene.open(f"/review/{event_id}")
    page.get_by_text("Page 1 of the original").click()
    picture = page.get_by_alt_text("Page 1 of the original, as it came")
    wait_for(lambda: picture.evaluate("node => node.naturalWidth") > 0, 30, "the page is not drawn")
    expect(page.locator(".original rect")).to_have_count(6)
    return page


def document_unpacked(scene: Scene) -> Page:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("note.txt", "The ministers met on Tuesday.")
    page = scene.open(f"/documents/{read(scene, made.getvalue())}")
    expect(page.get_by_role("link", name="note.txt")).to_be_visible()
    return page


def document_refused(scene: Scene) -> Page:
    page = scene.open(f"/documents/{read(scene, b'%PDF-1.7 no', filename='a.pdf')}")
    expect(page.get_by_text("It is damaged, or not what it says it is.")).to_be_visible()
    return page


def queue(scene: Scene) -> Page:
    scene.story()
    scene.item()
    return scene.open("/")


def queue_filtered_to_nothing(scene: Scene) -> Page:
    scene.story()
    return scene.open("/?family=treaty&why=place")


def queue_saving(scene: Scene) -> Page:
    scene.story()
    page = scene.open("/?assigned=nobody&least=40&order=uncertain")
    page.get_by_role("button", name="Save this filter").click()
    return page


def queue_saved(scene: Scene) -> Page:
    page = queue_saving(scene)
    page.get_by_label("Name").fill("Nobody's")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Rename or delete").click()
    return page


def queue_ticked(scene: Scene) -> Page:
    page = queue(scene)
    page.get_by_role("checkbox", name="Tick all on this page").check()
    return page


def queue_deciding_many(scene: Scene) -> Page:
    page = queue(scene)
    page.get_by_role("button", name="Decide many").click()
    return page


def together(scene: Scene) -> Page:
    scene.item()
    events = scene.story()
    with scene.services.sessions() as session:
        claims.claim(session, events[0], by=scene.second_reviewer, seconds=LEASE)
    return scene.open("/together")


def batch(scene: Scene) -> Page:
    page = together(scene)
    create_decision(scene.services, UUID(page.locator("[name=choice]").last.input_value()[:36]), by=scene.administrator)
    page.get_by_role("button", name="Approve the ticked ones").click()
    expect(page.get_by_role("heading", name="Not decided")).to_be_visible()
    return page


def queue_of_a_reader(scene: Scene) -> Page:
    scene.story()
    return scene.open("/", create_actor(scene.services, "rex", "reader"))


def decided(scene: Scene) -> Page:
    events = scene.story()
    create_decision(scene.services, events[0], "fix", by=scene.reviewer, changes={"place/name": "Northmark"})
    create_decision(scene.services, events[1], "reject", by=scene.reviewer, reason="not_an_event")
    return scene.open("/decided")


def account(scene: Scene) -> Page:
    page = scene.open("/decided")
    page.get_by_role("button", name="Your account").click()
    return page


def keys_refused(scene: Scene) -> Page:
    page = scene.open("/account/keys")
    page.get_by_label("Approve as drafted").fill("R")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    return page


def work(scene: Scene) -> Page:
    return scene.item()


def work_changed(scene: Scene) -> Page:
    page = scene.item()
    page.locator("[name='place/name']").fill("Northmark")
    page.get_by_label(re.compile("Remove Target")).check(force=True)
    page.get_by_role("button", name="Add a participant").click()
    return page


def work_pointing(scene: Scene) -> Page:
    """Words are found for a field, and a complaint about another one is told."""
    page = scene.item()
    page.locator("[name='participants/1/country']").fill("XQX")
    expect(page.locator(".row__note--error")).to_be_visible()
    page.locator("[name='place/name']").focus()
    page.keyboard.press("Escape")
    page.keyboard.press("w")
    page.keyboard.type("Norvale")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.keyboard.press("w")
    page.keyboard.type("Sudmark")
    return page


def work_commented(scene: Scene) -> Page:
    """A comment on a field, one that was resolved, and what can be made of the record."""
    page = scene.item()
    for text in ("Two, or three?", "See the map."):
        page.get_by_label("About").select_option("participants/1")
        page.get_by_label("Comment", exact=True).fill(text)
        page.get_by_role("button", name="Add the comment").click()
        expect(page.get_by_text(text)).to_be_visible()
    page.get_by_role("button", name="Resolve").first.click()
    expect(page.get_by_text("resolved by rosa")).to_be_visible()
    unfold(page, "Split, merge, send back")
    return page


def document_adding(scene: Scene) -> Page:
    page = document(scene)
    unfold(page, "Add an event that the machine missed")
    page.get_by_label(re.compile("Words that report it")).fill("Norvale")
    return page


def work_not_saved(scene: Scene) -> Page:
    page = scene.item()
    page.locator("[name='date/edtf']").fill("2024-06-31x")
    page.locator("[name='details/wounded']").fill("several")
    page.get_by_role("button", name="Save 2 fixes").click()
    expect(page.get_by_role("alert")).to_be_visible()
    return page


def work_rejecting(scene: Scene) -> Page:
    page = scene.item()
    page.keyboard.press("r")
    expect(page.get_by_role("dialog", name="Reject this record")).to_be_visible()
    return page


def work_keys(scene: Scene) -> Page:
    page = scene.item()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    return page


def work_after_a_decision(scene: Scene) -> Page:
    scene.story()
    page = scene.item()
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("status").first).to_contain_text("Approved")
    return page


def work_held_by_another(scene: Scene) -> Page:
    events = scene.story()
    with scene.services.sessions() as session:
        claims.claim(session, events[0], by=scene.second_reviewer, seconds=LEASE)
    return scene.open(f"/review/{events[0]}")


def work_decided(scene: Scene) -> Page:
    events = scene.story()
    create_decision(scene.services, events[1], "fix", by=scene.second_reviewer, changes={"modality": "alleged"})
    return scene.open(f"/review/{events[1]}")


def work_as_a_check(scene: Scene) -> Page:
    events = scene.story()
    create_decision(scene.services, events[1], by=scene.second_reviewer)
    page = scene.open(f"/review/{events[1]}", scene.administrator)
    page.get_by_role("button", name="Check with it").click()
    expect(page.get_by_text("This record is taken as right")).to_be_visible()
    return page


def work_lost(scene: Scene) -> Page:
    page = scene.open("/")
    page.clock.install()
    events = scene.story()
    page.goto(f"/review/{events[0]}")
    expect(page.locator("main.work")).to_have_attribute("data-hold", "mine")
    page.wait_for_load_state("networkidle")  # its script claims the item once more
    with scene.services.sessions() as session:
        claims.release(session, events[0], 1, by=scene.reviewer)
        claims.claim(session, events[0], by=scene.second_reviewer, seconds=LEASE)
    page.clock.fast_forward(60_000)
    page.mouse.move(300, 300)
    page.clock.run_for(2_000)
    expect(page.get_by_text("What you changed is kept on this page")).to_be_visible()
    return page


def settling(scene: Scene) -> Page:
    """Two readers differ in fields, and somebody is about to give another value."""
    return _settling(scene, Verdict("fix", {"modality": "planned", "place/name": "Northmark"}), Verdict("approve"))


def settling_a_rejection(scene: Scene) -> Page:
    return _settling(scene, Verdict("reject", reason="duplicate", reason_text="as above"), Verdict("approve"))


def settling_not_saved(scene: Scene) -> Page:
    page = settling(scene)
    page.get_by_label("another value").last.check()
    page.locator("[name='other:2:country']").fill("XQX")
    page.get_by_role("radio", name="occurred").check()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("Not saved yet")
    return page


def _settling(scene: Scene, *answers: Verdict) -> Page:
    readers = (scene.reviewer, scene.second_reviewer)
    text = f"{STORY}\nNote {next(scene.numbers)}.\n"
    event_id = create_dispute(scene.services, scene.administrator, readers, *answers, text=text)
    page = scene.open(
        f"/review/{event_id}", create_actor(scene.services, f"judge-{next(scene.numbers)}", "adjudicator")
    )
    expect(page.locator("main.work")).to_have_attribute("data-hold", "mine")
    return page


def work_read_already(scene: Scene) -> Page:
    readers = (scene.reviewer, scene.second_reviewer)
    answers = (Verdict("approve"), Verdict("reject", reason="other"))
    event_id = create_dispute(scene.services, scene.administrator, readers, *answers)
    return scene.open(f"/review/{event_id}")


def conflict(scene: Scene) -> Page:
    page = scene.item()
    event_id = UUID(page.url.rpartition("/")[2])
    page.locator("[name='place/name']").fill("Grey Line, north")
    with scene.services.sessions() as session:
        claims.release(session, event_id, 1, by=scene.reviewer)
    create_decision(scene.services, event_id, "fix", by=scene.second_reviewer, changes={"modality": "alleged"})
    page.get_by_role("button", name="Save 1 fix").click()
    expect(page.get_by_role("alert")).to_contain_text("Not saved")
    return page


def documents_listed(scene: Scene) -> Page:
    events = scene.story()
    create_decision(scene.services, events[0], by=scene.reviewer)
    create_document(scene.services, scene.administrator, "Another text.", title="Not yet read", source="Example Wire")
    return scene.open("/documents", scene.administrator)


def uploading(scene: Scene) -> Page:
    page = scene.open("/documents", scene.administrator)
    page.get_by_role("button", name="Upload a document").click()
    return page


def upload_refused(scene: Scene) -> Page:
    page = uploading(scene)
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Not uploaded")
    return page


def document(scene: Scene) -> Page:
    events = scene.story()
    create_decision(scene.services, events[0], by=scene.reviewer)
    page = scene.open("/documents")
    page.get_by_role("link", name="A visit and a crossing").click()
    return page


def _versions(scene: Scene) -> tuple[UUID, UUID]:
    """A document with a newer version that tells its decided visit otherwise, and that record."""
    name = {"external_id": f"wire/{next(scene.numbers)}", "title": "A visit and a crossing"}
    old, events = create_drafted_document(scene.services, scene.administrator, **name)
    create_decision(scene.services, events[0], by=scene.second_reviewer)
    text = STORY.replace("arrived in Sudmark", "is to have arrived in Sudmark")
    drafts = [dataclasses.replace(one, modality="alleged") for one in story_records(text)]
    create_drafted_document(scene.services, scene.administrator, text, drafts, **name)
    return old.id, events[0]


def document_with_a_newer_version(scene: Scene) -> Page:
    return scene.open(f"/documents/{_versions(scene)[0]}")


def work_of_an_older_version(scene: Scene) -> Page:
    page = scene.open(f"/review/{_versions(scene)[1]}")
    expect(page.get_by_role("button", name="Approve the newest")).to_be_visible()
    return page


def document_waiting(scene: Scene) -> Page:
    made = create_document(scene.services, scene.administrator)
    return scene.open(f"/documents/{made.id}")


def document_failed(scene: Scene) -> Page:
    made = create_failed_document(scene.services, scene.administrator)
    return scene.open(f"/documents/{made.id}", scene.administrator)


def document_without_events(scene: Scene) -> Page:
    made, _ = create_drafted_document(scene.services, scene.administrator, "It rained.", [])
    return scene.open(f"/documents/{made.id}?known=1")


def document_in_parts(scene: Scene) -> Page:
    text = STORY + "\n" + "\n\n".join(f"Paragraph {number} has nothing to report. " * 8 for number in range(600))
    made, _ = create_drafted_document(scene.services, scene.administrator, text, story_records(text))
    return scene.open(f"/documents/{made.id}")


def search(scene: Scene) -> Page:
    scene.story()
    return scene.open("/search?q=Norvale")


def map_of_nothing(scene: Scene) -> Page:
    page = scene.open("/map")
    expect(page.locator("#map[data-ready]")).to_be_visible()
    return page


def map_of_places(scene: Scene) -> Page:
    places = (Place("Prague", "CZE", 3067696, 50.08804, 14.42076), Place("Havana", "CUB", 3553478, 23.13302, -82.38304))
    drafts = [dataclasses.replace(draft, place=place) for draft, place in zip(story_records(), places, strict=True)]
    _, events = create_drafted_document(scene.services, scene.administrator, records=drafts)
    for event_id in events:
        create_decision(scene.services, event_id, by=scene.reviewer)
    return map_of_nothing(scene)


def map_of_a_place(scene: Scene) -> Page:
    page = map_of_places(scene)
    page.locator("#map").get_by_role("link", name="Havana, 1 record").click()
    expect(page.get_by_role("heading", name="Havana, Cuba")).to_be_focused()
    return page


def team(scene: Scene) -> Page:
    readers = (scene.reviewer, scene.second_reviewer)
    create_pair(scene.services, scene.administrator, readers)
    create_pair(scene.services, scene.administrator, readers, text=f"{STORY} ", modality="planned")
    decided(scene)
    page = scene.item()
    page.keyboard.press("a")
    expect(page.get_by_role("status").first).to_contain_text("Approved")
    page.goto("/team?days=30")
    return page


def team_tables(scene: Scene) -> Page:
    page = team(scene)
    for shown in page.get_by_text("Table", exact=True).all():
        shown.click()
    return page


def team_checks(scene: Scene) -> Page:
    """What an adjudicator is told of the checks that others answered."""
    gold, services = scene.story()[0], scene.services
    create_decision(services, gold, "fix", by=scene.second_reviewer, changes={"modality": "planned"})
    with services.sessions() as session:
        gold_items.mark(session, gold, by=scene.administrator)
        second_reading.set_rules(session, "visit", 0.0, 1.0, by=scene.administrator)
    scene.story()
    with services.sessions() as session:
        lease = claims.claim_next(session, by=scene.reviewer, seconds=LEASE, wanted=Wanted(["visit"]))
    assert lease
    create_decision(services, lease.event_id, by=scene.reviewer)
    age_decisions(services)
    page = scene.open("/team", scene.administrator)
    expect(page.get_by_role("heading", name="Hidden checks")).to_be_visible()
    return page


def people(scene: Scene) -> Page:
    create_actor(scene.services, "aline", "adjudicator")
    page = scene.open("/administration/people", scene.administrator)
    page.get_by_role("button", name="Disable aline").click()
    expect(page.get_by_role("button", name="Let in again aline")).to_be_visible()
    return page


def adding_a_person(scene: Scene) -> Page:
    page = scene.open("/administration/people", scene.administrator)
    page.get_by_role("button", name="Add a person").click()
    return page


def failed_documents(scene: Scene) -> Page:
    create_failed_document(scene.services, scene.administrator, title="A text that no parser reads")
    create_failed_document(scene.services, scene.administrator, "Another.", failure="timeout", detail="Nothing came.")
    return scene.open("/administration/failed", scene.administrator)


def nothing_failed(scene: Scene) -> Page:
    return scene.open("/administration/failed", scene.administrator)


def password_refused(scene: Scene) -> Page:
    page = scene.open("/account/password")
    page.get_by_label("Your password now").fill("not this one")
    page.get_by_label("The new one, at least").fill("another good password")
    page.get_by_label("The new one once more").fill("another bad password")
    page.get_by_role("button", name="Change it").click()
    expect(page.get_by_role("alert")).to_be_visible()
    return page


def too_many_attempts(scene: Scene) -> Page:
    page = sign_in(scene)
    for _ in range(scene.services.settings.signin_attempts):
        scene.services.attempts.count(attempts_of("rosa"))
    page.get_by_label("User name").fill("rosa")
    page.get_by_label("Password").fill("incorrect")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("Too many attempts")
    return page


def attempts_of(username: str) -> str:
    return f"{hashlib.sha256(username.encode()).hexdigest()}:127.0.0.1"


def api_keys(scene: Scene) -> Page:
    create_key(scene.services, scene.administrator, "read", "upload")
    with scene.services.sessions() as session:
        keys.revoke(session, keys.list_keys(session, by=None)[0].id, by=None)
    create_key(scene.services, scene.administrator, "read")
    return scene.open("/administration/keys", scene.administrator)


def no_api_key(scene: Scene) -> Page:
    return scene.open("/administration/keys", scene.administrator)


def api_key_refused(scene: Scene) -> Page:
    page = no_api_key(scene)
    page.get_by_label("Name").fill("wire feed")
    page.get_by_role("button", name="Make the key").click()
    expect(page.get_by_role("alert")).to_be_visible()
    return page


def api_key_made(scene: Scene) -> Page:
    page = no_api_key(scene)
    page.get_by_label("Name").fill("wire feed")
    page.get_by_label("read", exact=True).check()
    page.get_by_label("Days until it ends").fill("90")
    page.get_by_role("button", name="Make the key").click()
    expect(page.get_by_label("Secret")).to_be_visible()
    return page


def api_key(scene: Scene) -> Page:
    page = api_key_made(scene)
    page.get_by_role("link", name="To the key").click()
    expect(page.get_by_role("button", name="Revoke")).to_be_visible()
    return page


def limits(scene: Scene) -> Page:
    create_key(scene.services, scene.administrator, "read", "upload")
    return scene.open("/administration/limits", scene.administrator)


def resetting_a_password(scene: Scene) -> Page:
    page = scene.open("/administration/people", scene.administrator)
    page.get_by_role("button", name="Password of rosa").click()
    return page


def webhooks_none(scene: Scene) -> Page:
    return scene.open("/administration/webhooks", scene.administrator)


def webhooks(scene: Scene) -> Page:
    create_webhooks_in_every_state(scene.services, scene.administrator, scene.reviewer)
    return scene.open("/administration/webhooks", scene.administrator)


def adding_a_webhook(scene: Scene) -> Page:
    page = webhooks_none(scene)
    page.get_by_role("button", name="Add a webhook").click()
    expect(page.get_by_label("Address")).to_be_visible()
    return page


def webhook_refused(scene: Scene) -> Page:
    page = adding_a_webhook(scene)
    page.get_by_label("Address").fill("https://127.0.0.1/hook")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("The address of 127.0.0.1 is not a public one.")
    return page


def webhook_secret(scene: Scene) -> Page:
    webhooks(scene)
    page = scene.open("/administration/webhooks", scene.administrator)
    page.get_by_role("link", name="https://archive.example/events").click()
    page.get_by_role("button", name="Rotate the secret").click()
    expect(page.get_by_label("Secret")).to_be_visible()
    return page


def webhook(scene: Scene) -> Page:
    page = webhooks(scene)
    page.get_by_role("link", name="https://archive.example/events").click()
    arrive(page, "#deliveries-h")
    page.locator("details summary").first.press("Enter")
    expect(page.locator(".attempts").first).to_be_visible()
    return page


STATES = [
    State("sign-in", "review.accounts.sign_in_form", sign_in),
    State("sign-in-refused", "review.accounts.sign_in_form", sign_in_refused),
    State("sign-in-ran-out", "review.accounts.sign_in_form", sign_in_ran_out),
    State("queue", "review.worklist.waiting", queue),
    State("queue-empty", "review.worklist.waiting", lambda scene: scene.open("/")),
    State("queue-no-match", "review.worklist.waiting", queue_filtered_to_nothing),
    State("queue-saving", "review.worklist.waiting", queue_saving),
    State("queue-saved", "review.worklist.waiting", queue_saved),
    State("queue-ticked", "review.worklist.waiting", queue_ticked),
    State("queue-deciding-many", "review.worklist.waiting", queue_deciding_many),
    State("together", "review.together.show", together),
    State("together-nothing", "review.together.show", lambda scene: scene.open("/together")),
    State("batch", "review.together.outcome", batch),
    State("queue-of-a-reader", "review.worklist.waiting", queue_of_a_reader),
    State("decided", "review.worklist.decided", decided),
    State("account", "review.worklist.decided", account),
    State("keys", "review.keys.show", lambda scene: scene.open("/account/keys?saved=1")),
    State("keys-refused", "review.keys.show", keys_refused),
    State("work", "review.work.show", work),
    State("work-of-a-twin", "review.work.show", work_of_a_twin),
    State("document-of-a-twin", "review.documents.show", document_of_a_twin),
    State("work-with-the-original", "review.work.show", work_with_the_original),
    State("document-unpacked", "review.documents.show", document_unpacked),
    State("document-refused", "review.documents.show", document_refused),
    State("work-changed", "review.work.show", work_changed),
    State("work-pointing", "review.work.show", work_pointing),
    State("work-commented", "review.work.show", work_commented),
    State("work-not-saved", "review.work.show", work_not_saved),
    State("work-rejecting", "review.work.show", work_rejecting),
    State("work-keys", "review.work.show", work_keys),
    State("work-after-a-decision", "review.work.show", work_after_a_decision),
    State("work-held-by-another", "review.work.show", work_held_by_another),
    State("work-decided", "review.work.show", work_decided),
    State("work-as-a-check", "review.work.show", work_as_a_check),
    State("work-lost", "review.work.show", work_lost),
    State("conflict", "review.work.show", conflict),
    State("settling", "review.work.show", settling),
    State("settling-a-rejection", "review.work.show", settling_a_rejection),
    State("settling-not-saved", "review.work.show", settling_not_saved),
    State("work-read-already", "review.work.show", work_read_already),
    State("documents", "review.documents.index", documents_listed),
    State("documents-empty", "review.documents.index", lambda scene: scene.open("/documents")),
    State("uploading", "review.documents.index", uploading),
    State("upload-refused", "review.documents.index", upload_refused),
    State("document", "review.documents.show", document),
    State("document-adding", "review.documents.show", document_adding),
    State("document-waiting", "review.documents.show", document_waiting),
    State("document-with-a-newer-version", "review.documents.show", document_with_a_newer_version),
    State("work-of-an-older-version", "review.work.show", work_of_an_older_version),
    State("document-failed", "review.documents.show", document_failed),
    State("document-without-events", "review.documents.show", document_without_events),
    State("document-in-parts", "review.documents.show", document_in_parts),
    State("not-found", "review.documents.show", lambda scene: scene.open(f"/documents/{uuid4()}")),
    State("search", "review.search.show", search),
    State("search-start", "review.search.show", lambda scene: scene.open("/search")),
    State("search-nothing", "review.search.show", lambda scene: scene.open("/search?q=nowhere")),
    State("map", "review.atlas.show", map_of_places),
    State("map-of-a-place", "review.atlas.show", map_of_a_place),
    State("map-of-nothing", "review.atlas.show", map_of_nothing),
    State("people", "review.people.show", people),
    State("adding-a-person", "review.people.show", adding_a_person),
    State("password", "review.accounts.password_form", lambda scene: scene.open("/account/password?saved=1")),
    State("password-refused", "review.accounts.password_form", password_refused),
    State("sign-in-too-often", "review.accounts.sign_in_form", too_many_attempts),
    State("api-keys", "review.api_keys.index", api_keys),
    State("api-keys-none", "review.api_keys.index", no_api_key),
    State("api-key-refused", "review.api_keys.index", api_key_refused),
    State("api-key-secret", "review.api_keys.index", api_key_made),
    State("api-key", "review.api_keys.show", api_key),
    State("limits", "review.usage.show", limits),
    State("resetting-a-password", "review.people.show", resetting_a_password),
    State("failed-documents", "review.failed.show", failed_documents),
    State("failed-documents-none", "review.failed.show", nothing_failed),
    State("webhooks-none", "review.webhooks.show", webhooks_none),
    State("webhooks", "review.webhooks.show", webhooks),
    State("adding-a-webhook", "review.webhooks.show", adding_a_webhook),
    State("webhook-refused", "review.webhooks.show", webhook_refused),
    State("webhook", "review.webhooks.show_one", webhook),
    State("webhook-secret", "review.webhooks.show_one", webhook_secret),
    State("team", "review.team.show", team),
    State("team-tables", "review.team.show", team_tables),
    State("team-checks", "review.team.show", team_checks),
    State("team-without-work", "review.team.show", lambda scene: scene.open("/team")),
]
# What scripts of the pages fetch, and what leads to another site.
NO_PAGES = {
    "review.static",
    "review.describing.original",
    "review.documents.picture",
    "review.documents.state",
    "review.atlas.places",
    "review.saved.open_filter",
    "review.provider.start",
    "review.provider.come_back",
}
