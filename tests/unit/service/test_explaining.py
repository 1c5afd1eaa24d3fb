"""Explanations as text and as a page: what they show of recorded documents, and that no text breaks or steers them."""

from __future__ import annotations

import io
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.explaining import page, terminal
from service.explaining.explanation import Explanation, explanation_of
from tests.factories import STORY, story_records, visit
from tests.recorded.annotations import recorded
from tests.spec.test_document import TOLD_TWICE, TWO_FAMILIES
from workers.extraction.pipeline import extract
from workers.extraction.source_text import SourceText

HOSTILE = "<script>alert(1)</script> [red]all[/red] :smile: ⟦1* \x1b[2J\x9b31m \u202eneddih\u2066 \u200b &amp; \"'>"
HOSTILE_STORY = f"{STORY}\n{HOSTILE}\n"


def explained(text: str) -> Explanation:
    source = SourceText(text, "A title")
    return explanation_of("document.txt", source, extract(recorded(text), source).records)


def as_text(*explanations: Explanation) -> str:
    file = io.StringIO()
    terminal.show(explanations, file)
    return file.getvalue()


def as_page(*explanations: Explanation) -> str:
    return "".join(page.page(explanations))


class Read(HTMLParser):
    """What a browser would see: elements, attributes, words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


def test_the_words_behind_each_record_are_bracketed_with_its_number() -> None:
    said = as_text(explained(TWO_FAMILIES))
    assert "⟦Norway⟧1 and ⟦Iceland⟧1 ⟦signed⟧1* a ⟦treaty⟧1 ⟦on Monday⟧1." in said
    assert "⟦Canada⟧2 ⟦imposed⟧2*" in said


def test_every_field_has_its_words_their_place_and_its_rule() -> None:
    lines = [line.strip() for line in as_text(explained(TWO_FAMILIES)).splitlines()]
    assert "1 Treaty, occurred · 99% sure: Norway, Iceland" in [re.sub(r"\d+%", "99%", line) for line in lines]
    assert "“Norway” 0–6  treaty.act.subject_instrument" in lines
    assert "“on Monday” 35–44  date.nearest" in lines


def test_each_mention_of_an_event_is_listed() -> None:
    said = as_text(explained(TOLD_TWICE))
    assert "“arrived”" in said
    assert "“visit”" in said


def test_what_words_share_is_bracketed_as_it_lies() -> None:
    said = as_text(explanation_of("a", SourceText(STORY), story_records()))
    assert "wounding ⟦two guards⟧2" in said
    assert said.count("⟦") == said.count("⟧")


def test_without_a_terminal_there_are_no_colours() -> None:
    assert "\x1b" not in as_text(explained(TWO_FAMILIES))


def test_colours_change_no_word(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = as_text(explained(TWO_FAMILIES))
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    coloured = as_text(explained(TWO_FAMILIES))
    assert "\x1b[" in coloured
    words = re.sub(r"\x1b\[[\d;]*m", "", coloured).split()
    assert words == plain.split()


def test_no_colour_where_it_is_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    assert not re.search(r"\x1b\[[\d;]*\b[34]\dm", as_text(explained(TWO_FAMILIES)))


def test_a_text_cannot_steer_the_terminal() -> None:
    said = as_text(explanation_of("\x1b.txt", SourceText(HOSTILE_STORY, "\x1b[2J"), [visit(HOSTILE_STORY)]))
    assert "<script>alert(1)</script> [red]all[/red] :smile: ⟦1* ‹u+001b›[2J‹u+009b›31m" in said
    assert "‹right-to-left override›neddih‹left-to-right isolate› ‹zero width space› &amp;" in said
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", said)


def test_the_page_is_whole_in_itself() -> None:
    read = Read(as_page(explained(TWO_FAMILIES)))
    assert read.all("html") == [{"lang": "en"}]
    assert not {"script", "link", "img", "iframe", "base"} & {tag for tag, _ in read.elements}
    values = [value or "" for _, attributes in read.elements for value in attributes.values()]
    assert not [text for text in (*values, read.words) if re.search(r"https?:|url\(|@import", text)]
    assert "prefers-color-scheme: dark" in read.words


def test_the_page_has_one_chief_heading_and_no_level_left_out() -> None:
    for explanations in ([explained(TWO_FAMILIES)], [explained(TWO_FAMILIES), explained(TOLD_TWICE)]):
        levels = [int(tag[1]) for tag, _ in Read(as_page(*explanations)).elements if re.fullmatch("h[1-6]", tag)]
        assert levels.count(1) == 1
        assert all(after - before <= 1 for before, after in zip([0, *levels], levels, strict=False))


def test_every_link_of_the_page_leads_to_one_place() -> None:
    read = Read(as_page(explained(TWO_FAMILIES), explained(TOLD_TWICE)))
    ids = [attrs["id"] for _, attrs in read.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {attrs["href"] for attrs in read.all("a")} <= {f"#{name}" for name in ids}


def test_the_page_escapes_every_word_of_a_document() -> None:
    record = visit(HOSTILE_STORY)
    read = Read(as_page(explanation_of("<b>.txt", SourceText(HOSTILE_STORY, "<i>\"'", "<u>"), [record])))
    assert not {"script", "b", "i", "u"} & {tag for tag, _ in read.elements}
    assert "<script>alert(1)</script> [red]all[/red]" in read.words
    assert "right-to-left overrideneddih" in read.words
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", read.words)


def test_words_that_several_fields_share_are_on_the_page_once() -> None:
    html = as_page(explanation_of("a", SourceText(STORY), story_records()))
    text = Read(html[html.index('aria-label="Text"') : html.index('aria-label="Records"')])
    told = re.sub(r"\d\*?(?=\s|,|\.|$)", "", text.words)
    assert " ".join(told.split()).endswith("crossed the Grey Line into Sudmark, wounding two guards.")


def test_a_document_without_events_says_so() -> None:
    nothing = explanation_of("a.txt", SourceText("The harvest was good."), [])
    assert as_text(nothing) == "a.txt\nno event found\n\nThe harvest was good.\n"
    assert "no event found" in as_page(nothing)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_can_be_explained(text: str) -> None:
    explanation = explanation_of(text, SourceText(text, text, text), [])
    as_page(explanation)
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", as_text(explanation))
