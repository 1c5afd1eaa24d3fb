"""What counts as a match, and what is counted."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gold import as_draft
from workers.evaluate import (
    Document,
    DraftedEvent,
    FormError,
    GoldEvent,
    Judged,
    Score,
    Share,
    figures,
    interval,
    judge,
    mistakes,
)

TEXT = (
    "President Ada Larsen of Finland arrived in Tokyo on Tuesday. She was met by Kenji Mori, the prime minister."
    " Norway and Chile signed a treaty. Nothing else was said about the weather there."
)
ARRIVAL = {
    "type": "visit",
    "modality": "occurred",
    "mentions": ["President Ada Larsen of Finland arrived in Tokyo on Tuesday.", "She was met by Kenji Mori"],
    "trigger": "arrived",
    "date_text": "on Tuesday",
    "place": {"name": "Tokyo", "country": "JPN"},
    "participants": [
        {"role": "visitor", "name": "Ada Larsen", "country": "FIN"},
        {"role": "host", "name": "Kenji Mori", "country": "JPN"},
    ],
    "details": {"action": "arrived"},
    "difficulty": "easy",
}
TREATY = {
    "type": "treaty",
    "modality": "occurred",
    "mentions": ["Norway and Chile signed a treaty."],
    "trigger": "signed",
    "date_text": None,
    "place": None,
    "participants": [{"role": "party", "name": "Norway", "country": "NOR"}],
    "details": {"action": "signed"},
    "difficulty": "medium",
}
Event = dict[str, Any]


def judged(gold: list[Event], drafts: list[Event]) -> Judged:
    known, made = tuple(map(GoldEvent.from_json, gold)), tuple(map(DraftedEvent.from_json, drafts))
    return judge(Document("example", TEXT, known, made))


def drafted(event: Event, **changes: Any) -> Event:
    return {**as_draft(TEXT, event), **changes}


def at(words: str) -> list[Event]:
    return [{"field": "trigger", "start": TEXT.index(words), "end": TEXT.index(words) + len(words), "quote": words}]


def test_a_draft_may_point_at_any_mention() -> None:
    assert len(judged([ARRIVAL], [drafted(ARRIVAL, evidence=at("met"))]).pairs) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"evidence": at("weather")},
        {"type": "treaty"},
        {"participants": [{"role": "visitor", "name": "Somebody", "country": "FIN", "kind": "person"}]},
        {"participants": [{"role": "host", "name": "Ada Larsen", "country": "FIN"}]},
        {"participants": []},
    ],
)
def test_elsewhere_of_another_family_or_with_nobody_in_common_it_does_not_match(changes: Event) -> None:
    one = judged([ARRIVAL], [drafted(ARRIVAL, **changes)])
    assert (one.pairs, len(one.missed), len(one.spurious)) == ((), 1, 1)


@pytest.mark.parametrize(
    ("name", "country", "kind"),
    [
        ("Prime Minister Mori", None, "person"),
        ("KENJI MÖRI", None, "person"),
        ("Tokyo", "JPN", "state"),
        ("Japanese troops", "JPN", "armed_forces"),
    ],
)
def test_a_party_is_known_by_its_name_or_as_its_state(name: str, country: str | None, kind: str) -> None:
    host = {"role": "host", "name": name, "country": country, "kind": kind}
    (pair,) = judged([ARRIVAL], [drafted(ARRIVAL, participants=[ARRIVAL["participants"][0], host])]).pairs
    assert (pair.found, pair.extra) == ((True, True), ())


def test_an_event_has_one_draft_and_a_draft_one_event_the_best_first() -> None:
    poor, good = drafted(ARRIVAL, modality="denied"), drafted(ARRIVAL)
    one = judged([ARRIVAL], [poor, good])
    assert [pair.draft.modality for pair in one.pairs] == ["occurred"]
    assert [draft.modality for draft in one.spurious] == ["denied"]


def test_what_gold_leaves_open_is_not_judged() -> None:
    (pair,) = judged(
        [TREATY], [drafted(TREATY, date={"text": "today"}, place={"name": "Oslo", "country": "NOR"})]
    ).pairs
    assert dict(pair.fields) == {"modality": True, "action": True}
    assert pair.is_untouched


def test_another_word_for_the_day_is_no_reason_to_touch_a_draft() -> None:
    (pair,) = judged([ARRIVAL], [drafted(ARRIVAL, date={"text": "today"})]).pairs
    assert (pair.fields["date text"], pair.is_untouched) == (False, True)


def test_figures() -> None:
    faulty = drafted(ARRIVAL, modality="planned", participants=ARRIVAL["participants"][:1])
    empty = judge(Document("empty", TEXT, (), ()))
    told = figures([judged([ARRIVAL, TREATY], [faulty, drafted(ARRIVAL, evidence=at("weather"))]), empty])
    assert told.families == {"treaty": Score(1, 0, 0), "visit": Score(1, 2, 1)}
    assert (told.every_family.precision, told.every_family.recall, told.every_family.f1) == (0.5, 0.5, 0.5)
    assert told.fields["participants found"] == Share(1, 2)
    assert told.fields["participants right"] == Share(1, 1)
    assert told.fields["modality"] == Share(0, 1)
    assert told.difficulties == {"easy": Share(1, 1), "medium": Share(0, 1)}
    assert (told.untouched, told.quiet) == (Share(0, 2), Share(1, 1))


def test_of_nothing_every_share_is_nothing() -> None:
    told = figures([])
    assert (told.every_family.f1, told.untouched.value, told.quiet.value) == (0, 0, 0)


def test_mistakes_say_what_gold_and_what_the_draft_has() -> None:
    host = {"role": "host", "name": "Peru", "country": "PER", "kind": "state"}
    faulty = drafted(ARRIVAL, modality="planned", participants=[ARRIVAL["participants"][0], host])
    found = list(mistakes(judged([ARRIVAL, TREATY], [faulty, drafted(ARRIVAL, evidence=at("weather"))])))
    assert [(m.kind, m.field, m.gold, m.draft) for m in found] == [
        ("missed", "", "signed", ""),
        ("wrong", "modality", "occurred", "planned"),
        ("wrong", "host", "Kenji Mori (JPN)", ""),
        ("wrong", "host", "", "Peru (PER)"),
        ("spurious", "", "", "arrived"),
    ]
    assert [m.quote for m in found[:2]] == [TREATY["mentions"][0], ARRIVAL["mentions"][0]]
    assert "weather" in found[-1].quote


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"type": "wedding"}, "there is no type 'wedding'"),
        ({"modality": 5}, "modality cannot be 5"),
        ({"mentions": []}, "mentions are not quotes"),
        ({"details": {}}, "action is missing"),
        ({"participants": ["Ada"]}, "'Ada' stands where"),
        ({"difficulty": "none"}, "there is no difficulty 'none'"),
    ],
)
def test_gold_of_another_form_is_refused(changes: Event, complaint: str) -> None:
    with pytest.raises(FormError, match=complaint):
        GoldEvent.from_json({**ARRIVAL, **changes})


def test_quotes_and_evidence_stand_in_the_text() -> None:
    with pytest.raises(FormError, match="not in the text"):
        judged([{**ARRIVAL, "mentions": ["Somebody arrived."]}], [])
    with pytest.raises(FormError, match="does not stand at 3"):
        judged([], [drafted(ARRIVAL, evidence=[{"field": "trigger", "start": 3, "end": 5, "quote": "met"}])])


def test_an_interval_is_wider_the_fewer_were_judged() -> None:
    assert interval(9, 10)[0] < interval(90, 100)[0] < 0.9 < interval(90, 100)[1] < interval(9, 10)[1]
    assert interval(3, 3)[1] == 1
