"""Confidence: what seeds/confidence.json holds, and that plain Python makes chances of it, whatever comes."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from itertools import chain
from typing import Any

import pytest

from tests.recorded.annotations import recorded, recordings
from tests.spec.drafting import WEDNESDAY
from tests.spec.test_visit import ARRIVAL
from workers.extraction.confidence import (
    TARGETS,
    ConfidenceError,
    Model,
    Signals,
    estimate,
    load_models,
    parse_models,
    target_of,
)
from workers.extraction.evidence import record_and_signals
from workers.extraction.families import FAMILIES
from workers.extraction.merging import merge
from workers.extraction.pipeline import drafts_of, extract
from workers.extraction.reading import read
from workers.extraction.records import KINDS, MODALITIES, EventRecord
from workers.extraction.source_text import SourceText

FILE: dict[str, Any] = json.loads((files("seeds") / "confidence.json").read_text("utf-8"))


@cache
def drafted() -> list[tuple[EventRecord, dict[str, Signals]]]:
    """All records of the recorded texts, with what their confidence is made of."""
    readings = [read(recorded(text), SourceText(text, published=WEDNESDAY)) for text in recordings()]
    return [
        (record, dict(signals))
        for reading in readings
        for family in FAMILIES
        for event in merge(drafts_of(family, reading))
        for record, signals in [record_and_signals(event, reading, family.role_names)]
    ]


def names_that_may_come(target: str) -> set[str]:
    """Signals of the recorded texts, and those named after what the families have."""
    seen = {
        name for _, signals in drafted() for path, told in signals.items() if target_of(path) == target for name in told
    }
    named = [f"rule {rule.name}" for family in FAMILIES for rule in family.rules]
    named += [f"role {family.name} {role}" for family in FAMILIES for role in family.role_names]
    named += [f"action {action}" for family in FAMILIES for action in family.actions]
    named += [f"modality {value} {family.name}" for family in FAMILIES for value in MODALITIES]
    named += [f"family {family.name}" for family in FAMILIES]
    named += [*(f"kind {kind}" for kind in KINDS), *(f"modality {value}" for value in MODALITIES)]
    return seen | set(named)


@pytest.mark.parametrize("target", TARGETS)
def test_every_weight_is_of_a_signal_that_there_is(target: str) -> None:
    """Where this fails, a rule or a signal was renamed or taken out: run `make calibrate`."""
    weights = FILE["targets"][target]["weights"]
    assert weights
    assert set(weights) - names_that_may_come(target) == set()


def test_the_file_is_what_the_core_reads() -> None:
    assert list(FILE["targets"]) == list(load_models()) == list(TARGETS)
    for target, model in load_models().items():
        told = FILE["targets"][target]
        assert model == Model(told["bias"], told["weights"])


def test_every_draft_has_confidence_in_its_record_and_fields() -> None:
    assert len(drafted()) > 100
    for record, signals in drafted():
        wanted = {
            "record",
            "modality",
            "details/action",
            *(f"participants/{i}" for i in range(len(record.participants))),
        }
        wanted |= {field for field in ("date", "place") if getattr(record, field)}
        assert set(signals) == wanted
        assert all(0 < chance < 1 for chance in estimate(signals).values())


def test_the_same_text_is_as_sure_each_time() -> None:
    once, again = (extract(recorded(ARRIVAL), SourceText(ARRIVAL)).records for _ in range(2))
    assert [dict(record.confidence) for record in once] == [dict(record.confidence) for record in again]
    assert once[0].confidence["record"] > 0.8


def test_what_has_no_weight_is_decided_by_the_other_signals() -> None:
    model = Model(0.5, {"family visit": 1.0, "rule visit.known": -1.0})
    assert model.chance({"family visit": 1.0, "rule visit.new": 1.0}) == model.chance({"family visit": 1.0}) == 0.82
    assert model.chance({}) == 0.62


@pytest.mark.parametrize(("bias", "chance"), [(1e9, 0.99), (-1e9, 0.01), (0.0, 0.5)])
def test_nothing_is_certain(bias: float, chance: float) -> None:
    assert Model(bias, {}).chance({"anything": 1e9}) == chance


def test_of_a_known_name_one_is_surer_than_of_a_description() -> None:
    chances = [
        (estimate({path: told})[path], told["only described"])
        for path, told in chain.from_iterable(signals.items() for _, signals in drafted())
        if path.startswith("participants/")
    ]
    named, described = ([chance for chance, is_described in chances if is_described == is_one] for is_one in (0, 1))
    assert sum(named) / len(named) > sum(described) / len(described)


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        '{"targets": {}}',
        '{"targets": []}',
        json.dumps({"targets": {target: {"bias": 1.0} for target in TARGETS}}),
        json.dumps({"targets": {target: {"bias": 1.0, "weights": ["x"]} for target in TARGETS}}),
        json.dumps({"targets": {target: {"bias": 1.0, "weights": {"x": "much"}} for target in TARGETS}}),
        json.dumps({"targets": {target: {"bias": float("nan"), "weights": {}} for target in TARGETS}}),
    ],
)
def test_a_file_of_another_form_is_refused(content: str) -> None:
    with pytest.raises(ConfidenceError):
        parse_models(content)
