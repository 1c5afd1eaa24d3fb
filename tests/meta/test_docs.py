"""Docs cannot rot: what they list is what there is, and what they link to exists."""

from __future__ import annotations

import os
import re
from dataclasses import MISSING, fields
from pathlib import Path

import pytest

from service.settings import CARRIED_MODELS, Settings, variable
from tests.conftest import REPOSITORY
from tests.meta.drawing import BEGIN, END, drawing
from workers.extraction.families import FAMILIES

DOCUMENTS = [*sorted(REPOSITORY.glob("*.md")), *sorted(REPOSITORY.glob("docs/**/*.md"))]
RELATIVE_LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)#\s]+)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_every_link_leads_somewhere(document: Path) -> None:
    broken = [
        target for target in RELATIVE_LINK.findall(document.read_text()) if not (document.parent / target).exists()
    ]
    assert broken == []


def test_every_setting_is_documented_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|", (REPOSITORY / "docs/settings.md").read_text(), re.MULTILINE))
    expected = {variable(field.name): _shown(field.default) for field in fields(Settings)}
    assert rows == expected


def _shown(default: object) -> str:
    if default in (MISSING, None):
        return "none"
    return f"`{'workers/models' if default == CARRIED_MODELS else default}`"


def test_the_drawn_life_of_a_record_is_that_of_the_code() -> None:
    """With LEGATION_DRAW set, the test draws it anew."""
    page = REPOSITORY / "docs/architecture.md"
    before, _, rest = page.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    if os.environ.get("LEGATION_DRAW"):
        page.write_text(before + drawing() + after)
    assert page.read_text() == before + drawing() + after


def test_the_record_page_tells_every_role_action_and_detail() -> None:
    told = (REPOSITORY / "docs/record.md").read_text()
    for family in FAMILIES:
        names = [family.name, *family.role_names, *family.actions, *(detail.name for detail in family.details)]
        assert [name for name in names if f"`{name}`" not in told] == []


def test_every_decision_record_is_numbered_once() -> None:
    numbers = [path.name[:4] for path in (REPOSITORY / "docs/adr").glob("*.md")]
    assert sorted(set(numbers)) == sorted(numbers)
