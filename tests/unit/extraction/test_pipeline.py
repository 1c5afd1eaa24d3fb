"""A family that fails costs its own records only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tests.recorded.annotations import recorded
from tests.spec.test_document import TWO_FAMILIES
from workers.extraction.families import FAMILIES
from workers.extraction.findings import Finding, Rule
from workers.extraction.pipeline import extract
from workers.extraction.reading import Reading
from workers.extraction.source_text import SourceText
from workers.extraction.triggers import Trigger


def breaks(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    raise ZeroDivisionError


def test_a_failing_family_is_noted_and_the_others_draft() -> None:
    treaty = next(family for family in FAMILIES if family.name == "treaty")
    others = tuple(family for family in FAMILIES if family.name != "treaty")
    broken = replace(treaty, name="treaty", rules=(Rule("treaty.broken", ("sign",), breaks),))
    source = SourceText(TWO_FAMILIES)
    extraction = extract(recorded(TWO_FAMILIES), source, (broken, *others))
    assert extraction.notes == ("treaty failed: ZeroDivisionError",)
    assert [record.type for record in extraction.records] == ["sanctions_action"]


def test_an_empty_annotation_has_no_records() -> None:
    empty = replace(recorded(TWO_FAMILIES), text="", sentences=())
    assert extract(empty, SourceText("")).records == ()
