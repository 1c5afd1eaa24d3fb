"""Every item of evidence tells the rule that chose it, by a name that can be looked up."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from tests.conftest import REPOSITORY
from tests.recorded.annotations import recorded, recordings
from workers.extraction.families import FAMILIES
from workers.extraction.pipeline import extract
from workers.extraction.records import Evidence
from workers.extraction.source_text import SourceText

CORE = REPOSITORY / "workers/extraction"
NAMES_IN_CODE = re.compile(r'"([a-z_]+(?:\.[a-z_]+)+)(?<!\.csv)(?<!\.toml)(?<!\.json)"')


def evidence_of_recordings() -> Iterator[Evidence]:
    for text in recordings():
        for record in extract(recorded(text), SourceText(text, published=dt.date(2024, 6, 19))).records:
            yield from record.evidence


def rules_of_families() -> list[str]:
    return [rule.name for family in FAMILIES for rule in family.rules]


def documented() -> set[str]:
    table = (REPOSITORY / "docs/record.md").read_text().split("| rule |")[1].split("\n\n")[0]
    return {name for row in table.splitlines() for name in re.findall(r"`([\w.]+)`", row.split(" | ")[0])}


def test_every_item_has_a_rule_that_is_documented_or_its_familys() -> None:
    known = {*rules_of_families(), *documented()}
    unknown = {item.rule for item in evidence_of_recordings() if not {*(item.rule or "").split("+")} <= known}
    assert unknown == set()


def test_the_documented_rules_are_those_of_the_code() -> None:
    told = {name for path in CORE.rglob("*.py") for name in NAMES_IN_CODE.findall(path.read_text())}
    assert told - {*rules_of_families()} == documented()


def test_no_two_rules_have_the_same_name() -> None:
    assert len(rules_of_families()) == len(set(rules_of_families()))
