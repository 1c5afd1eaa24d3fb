"""Measures drafting against gold records, fits its confidence to them, and writes both down: `make calibrate`.

`python -m bench.calibration [--gold GOLD TEXTS]...` takes the folders of bench/gold.py unless others are named. It
writes seeds/confidence.json, which the core reads, and the figures and the drawing of docs/quality.md.

Every figure of confidence is cross-validated: a document's drafts are judged by a model that was fitted without that
document, its strength of regularization and its use of rules chosen without it, too.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from bench.gold import CORPORA, REPOSITORY, Corpus, Example, measure
from bench.quality import Reliability, reliability, write
from workers.extraction.confidence import TARGETS, Model

WEIGHTS = REPOSITORY / "seeds/confidence.json"

KINDS_OF_NAMES = ("rule ", "family ", "role ", "kind ", "modality ", "action ")  # signals that are there or not
SEEN_IN = 8  # drafts; what was seen in fewer is pooled with all that has no weight of its own
FOLDS, INNER_FOLDS = 10, 5
SEED = 0

# How much the weights may grow, the least first; and whether a rule has a weight beside those of family and strength.
STRENGTHS = (0.03, 0.1, 0.3, 1.0)
WITH_RULES = (False, True)

Numbers = Any  # an array of numpy


@dataclass(frozen=True, slots=True)
class Table:
    """Examples of one target as numbers: a row an example, a column a signal."""

    names: tuple[str, ...]
    rows: Numbers
    is_right: Numbers
    documents: Numbers

    @classmethod
    def of(cls, examples: Sequence[Example]) -> Table:
        names = tuple(sorted({name for example in examples for name in example.signals}))
        rows = np.array([[example.signals.get(name, 0.0) for name in names] for example in examples])
        documents = np.array([example.document for example in examples])
        return cls(names, rows, np.array([example.is_right for example in examples]), documents)

    def part(self, chosen: Numbers) -> Table:
        return Table(self.names, self.rows[chosen], self.is_right[chosen], self.documents[chosen])

    def folds(self, count: int) -> Sequence[tuple[Numbers, Numbers]]:
        """Rows to fit to and rows to judge; no document is in both."""
        folds = GroupKFold(count, shuffle=True, random_state=SEED)
        return list(folds.split(self.rows, groups=self.documents))

    def chances(self, model: Model) -> Numbers:
        """As the core would say them."""
        return np.array([model.chance(dict(zip(self.names, row, strict=True))) for row in self.rows])


Settings = tuple[float, bool]


def fit(table: Table, settings: Settings) -> Model:
    """Numbers are brought to one scale, so that regularization treats them alike; names are 0 or 1 as they are."""
    strength, with_rules = settings
    named = np.array([name.startswith(KINDS_OF_NAMES) for name in table.names])
    ruled = np.array([name.startswith("rule ") for name in table.names])
    spread = table.rows.std(axis=0)
    known = np.where(named, (table.rows > 0).sum(axis=0) >= SEEN_IN, spread > 0) & (with_rules | ~ruled)
    scale = np.where(named, 1.0, spread)[known]
    fitted = LogisticRegression(C=strength, max_iter=1000).fit(table.rows[:, known] / scale, table.is_right)
    weights = fitted.coef_[0] / scale
    names = [name for name, is_known in zip(table.names, known, strict=True) if is_known]
    return Model(round(float(fitted.intercept_[0]), 4), _rounded(names, weights))


def _rounded(names: Sequence[str], weights: Numbers) -> dict[str, float]:
    rounded = {name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True)}
    return {name: weight for name, weight in rounded.items() if weight}


def choose(table: Table) -> Settings:
    """The settings with the least log loss on documents that were not fitted to; of equals, the more cautious."""
    losses = {settings: _loss(table, settings) for settings in product(STRENGTHS, WITH_RULES)}
    return min(losses, key=lambda settings: losses[settings])


def _loss(table: Table, settings: Settings) -> float:
    losses = []
    for to_fit, to_judge in table.folds(INNER_FOLDS):
        judged = table.part(to_judge)
        chances = judged.chances(fit(table.part(to_fit), settings))
        losses += [
            -math.log(chance if right else 1 - chance) for chance, right in zip(chances, judged.is_right, strict=True)
        ]
    return sum(losses)


def cross_validated(table: Table) -> Numbers:
    """The chance of each example, by a model that has not seen its document."""
    chances = np.zeros(len(table.rows))
    for to_fit, to_judge in table.folds(FOLDS):
        seen = table.part(to_fit)
        chances[to_judge] = table.part(to_judge).chances(fit(seen, choose(seen)))
    return chances


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gold", nargs=2, action="append", type=Path, metavar=("GOLD", "TEXTS"))
    arguments = parser.parse_args()
    corpora = [Corpus(gold.name, gold, texts) for gold, texts in arguments.gold or ()] or CORPORA
    if missing := [str(folder) for one in corpora for folder in (one.gold, one.texts) if not folder.is_dir()]:
        parser.error(f"no folder {', '.join(missing)}; name others with --gold GOLD TEXTS")
    calibrate(corpora)


def calibrate(corpora: Sequence[Corpus]) -> None:
    measured = measure(corpora)
    examples = [example for one in measured for example in one.examples]
    tables = {target: Table.of([e for e in examples if e.target == target]) for target in TARGETS}
    checked = {target: _checked(table) for target, table in tables.items()}
    models = {target: fit(table, choose(table)) for target, table in tables.items()}
    events = sum(len(judged.document.gold) for one in measured for judged in one.judged)
    fitted = {
        "on": dt.datetime.now(dt.UTC).date().isoformat(),
        "documents": sum(len(one.judged) for one in measured),
        "gold_events": events,
        "drafts": checked["record"].judged,
    }
    targets = {
        target: {"bias": model.bias, "weights": dict(model.weights), "measured": checked[target].to_json()}
        for target, model in models.items()
    }
    WEIGHTS.write_text(json.dumps({"fitted": fitted, "targets": targets}, indent=1) + "\n", "utf-8")
    write(measured, json.loads(WEIGHTS.read_text("utf-8")))


def _checked(table: Table) -> Reliability:
    chances = cross_validated(table)
    return reliability(list(zip(chances.tolist(), table.is_right.tolist(), strict=True)))


if __name__ == "__main__":
    main()
