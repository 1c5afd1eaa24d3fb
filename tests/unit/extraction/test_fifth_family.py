"""A fifth family is one module, one line in the list of families, and one word list; nothing else changes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.recorded.annotations import recordings
from tests.spec.test_visit import ARRIVAL

MODULE = """
from workers.extraction.arguments import actors
from workers.extraction.family import DetailField, Family, Role
from workers.extraction.findings import Finding, Rule
from workers.extraction.mentions import mentions_of


def somebody_appears(trigger, reading):
    people = mentions_of(reading, trigger.sentence, actors(trigger.sentence, trigger.word))
    yield Finding(trigger, {"guest": people}, trigger.term.action)


FAMILY = Family(
    name="appearance",
    label="Appearance",
    roles=(Role("guest", "Guest"),),
    details=(DetailField("action", "Action", "choice", ("appeared",)),),
    place_label="Place",
    rules=(Rule("appearance.subject", ("appear",), somebody_appears),),
)
"""
LEXICON = """
# The subject appears.
[groups.appear]
action = "appeared"
verbs = ["arrive"]
"""
PROGRAM = """
import json, sys
from workers.extraction.annotation import Annotation
from workers.extraction.pipeline import extract
from workers.extraction.source_text import SourceText
text, recording = json.load(sys.stdin)
records = extract(Annotation.from_json(text, recording), SourceText(text)).records
print(json.dumps([record.to_json() for record in records]))
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for part in ("workers/__init__.py", "seeds/__init__.py", "seeds/confidence.json"):
        (tmp_path / part).parent.mkdir(exist_ok=True)
        shutil.copy(REPOSITORY / part, tmp_path / part)
    for folder in ("workers/extraction", "seeds/gazetteers", "seeds/lexicons"):
        shutil.copytree(REPOSITORY / folder, tmp_path / folder)
    return tmp_path


def test_it_drafts_beside_the_others(copy: Path) -> None:
    (copy / "workers/extraction/families/appearance.py").write_text(MODULE)
    (copy / "seeds/lexicons/appearance.toml").write_text(LEXICON)
    listed = copy / "workers/extraction/families/__init__.py"
    listed.write_text(listed.read_text() + "\nfrom workers.extraction.families import appearance\n")
    listed.write_text(listed.read_text() + "FAMILIES = (*FAMILIES, appearance.FAMILY)\n")
    found = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps([ARRIVAL, recordings()[ARRIVAL]]),
        capture_output=True,
        text=True,
        check=True,
        cwd=copy,
    ).stdout
    drafted = {record["type"]: record for record in json.loads(found)}
    assert set(drafted) == {"visit", "appearance"}
    assert [p["name"] for p in drafted["appearance"]["participants"]] == ["Aidar Bekov"]
    assert drafted["appearance"]["rules"] == ["appearance.subject"]
