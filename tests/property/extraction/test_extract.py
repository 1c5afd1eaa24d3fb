"""What holds for every annotation, however odd."""

from __future__ import annotations

import datetime as dt

from hypothesis import find, given, settings
from hypothesis import strategies as st

from tests.property.extraction.annotations import any_annotation
from workers.extraction.annotation import Annotation
from workers.extraction.families import FAMILIES
from workers.extraction.pipeline import Extraction, extract
from workers.extraction.records import KINDS, MODALITIES
from workers.extraction.source_text import SourceText

DAYS = st.none() | st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31))
MANY = settings(max_examples=300, deadline=None)


def extraction_of(annotation: Annotation, published: dt.date | None) -> Extraction:
    return extract(annotation, SourceText(annotation.text, published=published))


def test_the_annotations_lead_to_records_of_every_family() -> None:
    """Otherwise the properties below would hold of nothing."""
    for family in FAMILIES:
        find(any_annotation(), lambda a, name=family.name: any(r.type == name for r in extraction_of(a, None).records))


@MANY
@given(any_annotation(), DAYS)
def test_no_family_fails(annotation: Annotation, published: dt.date | None) -> None:
    assert extraction_of(annotation, published).notes == ()


@MANY
@given(any_annotation(), DAYS)
def test_every_quote_is_the_text_at_its_place(annotation: Annotation, published: dt.date | None) -> None:
    for record in extraction_of(annotation, published).records:
        for item in record.evidence:
            assert annotation.text[item.start : item.end] == item.quote != ""


@MANY
@given(any_annotation(), DAYS)
def test_the_same_annotation_gives_the_same_records(annotation: Annotation, published: dt.date | None) -> None:
    first, again = extraction_of(annotation, published), extraction_of(annotation, published)
    assert [record.to_json() for record in first.records] == [record.to_json() for record in again.records]


@MANY
@given(any_annotation(), DAYS)
def test_the_order_of_families_changes_nothing(annotation: Annotation, published: dt.date | None) -> None:
    source = SourceText(annotation.text, published=published)
    assert extract(annotation, source) == extract(annotation, source, FAMILIES[::-1])


@MANY
@given(any_annotation(), DAYS)
def test_records_keep_to_their_family(annotation: Annotation, published: dt.date | None) -> None:
    families = {family.name: family for family in FAMILIES}
    for record in extraction_of(annotation, published).records:
        family = families[record.type]
        assert record.modality in MODALITIES
        assert record.details["action"] in family.actions
        assert set(record.details) <= {detail.name for detail in family.details}
        assert {p.role for p in record.participants} <= set(family.role_names)
        assert {p.kind for p in record.participants} <= set(KINDS)
        assert all(0 <= value <= 1 for value in record.confidence.values())
