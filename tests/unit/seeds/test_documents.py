"""The seed documents and their gold records: complete, legal, and what docs/annotating.md says."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pycountry
import pytest

from tests.gold import as_draft
from workers import evaluate
from workers.extraction.families import FAMILIES, FAMILY_OF
from workers.extraction.family import DetailField
from workers.extraction.records import MODALITIES

DOCUMENTS = Path(str(files("seeds") / "documents"))
GOLD = Path(str(files("seeds") / "gold"))
GUIDE = Path(str(files("seeds"))).parent / "docs" / "annotating.md"
NAMES = sorted(path.stem for path in DOCUMENTS.glob("*.txt"))
LONG = "week-in-review"
DIFFICULTIES = {"easy", "medium", "hard"}

Event = dict[str, Any]


@dataclass(frozen=True)
class GoldEvent:
    """One event of one gold record, with the text that it is about."""

    document: str
    number: int
    text: str
    event: Event

    def __str__(self) -> str:
        return f"{self.document}/{self.number}"


@cache
def text_of(name: str) -> str:
    """The bytes decoded as they are: universal newlines would shift offsets."""
    return (DOCUMENTS / f"{name}.txt").read_bytes().decode("utf-8")


@cache
def gold_of(name: str) -> dict[str, Any]:
    record: dict[str, Any] = json.loads((GOLD / f"{name}.json").read_text("utf-8"))
    return record


EVENTS = [
    GoldEvent(name, number, text_of(name), event)
    for name in NAMES
    for number, event in enumerate(gold_of(name)["events"])
]

each_document = pytest.mark.parametrize("name", NAMES)
each_event = pytest.mark.parametrize("gold", EVENTS, ids=str)


def test_every_document_has_a_sidecar_and_gold_and_nothing_else_lies_about() -> None:
    assert [path.stem for path in sorted(DOCUMENTS.glob("*.json"))] == NAMES
    assert [path.stem for path in sorted(GOLD.glob("*.json"))] == NAMES


@each_document
def test_the_sidecar_says_title_our_own_source_and_a_day(name: str) -> None:
    sidecar = json.loads((DOCUMENTS / f"{name}.json").read_text("utf-8"))
    assert set(sidecar) == {"title", "source", "published"}
    assert sidecar["title"].strip()
    assert sidecar["source"] == "Legation example wire"
    assert date.fromisoformat(sidecar["published"]).isoformat() == sidecar["published"]


@each_document
def test_a_document_is_short_but_for_one(name: str) -> None:
    low, high = (1000, 1300) if name == LONG else (150, 450)
    assert low <= len(text_of(name).split()) <= high


@each_document
def test_gold_names_its_document(name: str) -> None:
    assert set(gold_of(name)) == {"document", "events"}
    assert gold_of(name)["document"] == name


def test_together_they_show_every_family_modality_and_role_and_one_shows_nothing() -> None:
    events = [gold.event for gold in EVENTS]
    assert {event["type"] for event in events} == set(FAMILY_OF)
    assert {event["modality"] for event in events} == set(MODALITIES)
    roles = {(event["type"], person["role"]) for event in events for person in event["participants"]}
    assert roles == {(family.name, role) for family in FAMILIES for role in family.role_names}
    assert [name for name in NAMES if not gold_of(name)["events"]] == ["monday-digest"]


@each_event
def test_the_event_has_the_fields_of_the_guide(gold: GoldEvent) -> None:
    assert list(gold.event) == [
        "type",
        "modality",
        "mentions",
        "trigger",
        "date_text",
        "place",
        "participants",
        "details",
        "difficulty",
    ]
    assert gold.event["modality"] in MODALITIES
    assert gold.event["difficulty"] in DIFFICULTIES


@each_event
def test_every_mention_is_a_quote_that_stands_once_in_the_text(gold: GoldEvent) -> None:
    assert gold.event["mentions"]
    assert [gold.text.count(quote) for quote in gold.event["mentions"]] == [1] * len(gold.event["mentions"])


@each_event
def test_the_trigger_stands_in_the_first_mention(gold: GoldEvent) -> None:
    assert re.search(rf"\b{re.escape(gold.event['trigger'])}\b", gold.event["mentions"][0])
    assert len(gold.event["trigger"].split()) <= 2


@each_event
def test_words_are_the_words_of_the_text(gold: GoldEvent) -> None:
    event = gold.event
    words = [person["name"] for person in event["participants"]]
    words += [event["date_text"]] if event["date_text"] else []
    words += [event["place"]["name"]] if event["place"] else []
    words += [event["details"][name] for name in ("instrument", "title", "border") if name in event["details"]]
    assert [word for word in words if word not in gold.text] == []


@each_event
def test_roles_and_details_are_those_of_the_family(gold: GoldEvent) -> None:
    family = FAMILY_OF[gold.event["type"]]
    assert {person["role"] for person in gold.event["participants"]} <= set(family.role_names)
    assert gold.event["participants"]
    fields = {field.name: field for field in family.details}
    for name, value in gold.event["details"].items():
        assert is_legal(fields[name], value), f"{name}: {value!r}"
    assert "action" in gold.event["details"]


def is_legal(field: DetailField, value: Any) -> bool:
    match field.kind:
        case "choice":
            return value in field.choices
        case "choices":
            return bool(value) and set(value) <= set(field.choices)
        case "text":
            return isinstance(value, str) and bool(value.strip())
        case "count":
            return isinstance(value, int) and value >= 0


@each_event
def test_countries_are_iso_codes(gold: GoldEvent) -> None:
    codes = [person["country"] for person in gold.event["participants"]]
    codes += [gold.event["place"]["country"]] if gold.event["place"] else []
    assert [code for code in codes if code and pycountry.countries.get(alpha_3=code) is None] == []


@each_document
def test_no_event_is_told_twice(name: str) -> None:
    """Two events of one sentence differ in their trigger, a participant or the place."""
    keys = [
        (event["type"], event["mentions"][0], event["trigger"], json.dumps(event["participants"] + [event["place"]]))
        for event in gold_of(name)["events"]
    ]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_the_guide_names_every_family_role_and_action(family: Any) -> None:
    guide = GUIDE.read_text("utf-8")
    terms = (family.name, *family.role_names, *family.actions, *MODALITIES)
    assert [term for term in terms if f"`{term}`" not in guide] == []


def test_the_example_of_the_guide_is_an_event_of_the_gold_records() -> None:
    [example] = re.findall(r"```json\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    shown = json.loads(example)
    assert shown["events"][0] in gold_of(shown["document"])["events"]


def test_the_sentences_that_the_guide_quotes_stand_in_the_documents() -> None:
    texts = "\n".join(map(text_of, NAMES))
    quotes = [" ".join(quote.split()) for quote in re.findall(r"“([^”]+)”", GUIDE.read_text("utf-8"))]
    assert len(quotes) > 20
    assert [quote for quote in quotes if quote not in texts] == []


def test_gold_scored_as_drafts_agrees_with_itself() -> None:
    judged = [evaluate.judge(document_of(name)) for name in NAMES]
    assert [mistake for one in judged for mistake in evaluate.mistakes(one)] == []
    assert evaluate.figures(judged).untouched == evaluate.Share(len(EVENTS), len(EVENTS))


def document_of(name: str) -> evaluate.Document:
    """A document with its gold events, and the same again as drafts."""
    text, events = text_of(name), gold_of(name)["events"]
    drafts = tuple(evaluate.DraftedEvent.from_json(as_draft(text, event)) for event in events)
    return evaluate.Document(name, text, tuple(map(evaluate.GoldEvent.from_json, events)), drafts)
