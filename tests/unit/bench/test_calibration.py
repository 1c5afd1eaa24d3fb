"""Fitting: what is known of a document is never used to judge it, and weights go where the signal is."""

from __future__ import annotations

import random

import pytest

pytest.importorskip("sklearn", reason="scikit-learn, of requirements-dev.txt, is not installed")

from bench.calibration import Table, choose, cross_validated, fit
from bench.gold import Example


def examples(count: int = 240) -> list[Example]:
    """Right nine times in ten, but for those with a doubt, right one time in three; a rare rule among them."""
    chance = random.Random(5)
    made = []
    for number in range(count):
        doubt, length = chance.random() < 0.3, chance.random()
        signals = {"family visit": 1.0, "doubt": float(doubt), "length": length}
        signals |= {"rule visit.rare": 1.0} if number % 60 == 0 else {"rule visit.usual": 1.0}
        made.append(Example(f"document {number % 24}", "record", signals, chance.random() < (0.33 if doubt else 0.95)))
    return made


def test_weights_follow_the_signal_and_rare_names_have_none() -> None:
    model = fit(Table.of(examples()), (1.0, True))
    assert model.weights["doubt"] < -1 < model.weights["length"]
    assert "rule visit.usual" in model.weights
    assert "rule visit.rare" not in model.weights
    assert "rule visit.usual" not in fit(Table.of(examples()), (1.0, False)).weights


def test_folds_never_share_a_document() -> None:
    table = Table.of(examples())
    for to_fit, to_judge in table.folds(10):
        assert not set(table.documents[to_fit]) & set(table.documents[to_judge])


def test_cross_validated_chances_tell_doubt_and_are_the_same_each_time() -> None:
    table = Table.of(examples())
    chances = cross_validated(table)
    doubt = table.rows[:, table.names.index("doubt")] > 0
    assert chances[doubt].mean() < 0.55 < 0.85 < chances[~doubt].mean()
    assert (chances == cross_validated(table)).all()
    assert choose(table)[0] >= 0.1
