"""What the core drafts of sentences that say the same things in many ways."""

from __future__ import annotations

import pytest

from tests.recorded.annotations import recorded
from tests.spec.constructions import constructions
from tests.spec.drafting import WEDNESDAY
from workers.extraction.families import FAMILIES
from workers.extraction.pipeline import extract
from workers.extraction.records import EventRecord
from workers.extraction.source_text import SourceText

ROLES = {family.name: family.role_names for family in FAMILIES}


def told(record: EventRecord) -> str:
    told_roles = []
    for role in ROLES[record.type]:
        if who := [p.country or p.name for p in record.participants if p.role == role]:
            told_roles.append(f"{role}={'+'.join(who)}")
    place = [f"at {record.place.name}"] if record.place else []
    return " ".join([record.type, str(record.details["action"]), record.modality, *told_roles, *place])


@pytest.mark.parametrize(("sentence", "lines"), constructions().items())
def test_it_is_drafted(sentence: str, lines: list[str]) -> None:
    extraction = extract(recorded(sentence), SourceText(sentence, published=WEDNESDAY))
    assert (extraction.notes, [told(record) for record in extraction.records]) == ((), lines)
