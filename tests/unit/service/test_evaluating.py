"""`legation evaluate` from files, without a model: what it prints, writes and refuses, and that it counts right."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from service.cli import cli
from tests.conftest import REPOSITORY
from tests.gold import as_draft, faulty_drafts
from tests.unit.workers.test_evaluate import ARRIVAL, TEXT, TREATY

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Evaluates one document; `gold` and `lines` are what its gold record and the predictions hold."""

    def run(*options: str, gold: Any = None, lines: Any = None, text: str | None = TEXT) -> Result:
        for folder in ("gold", "texts"):
            (tmp_path / folder).mkdir()
        if text is not None:
            (tmp_path / "texts/a.txt").write_text(text)
        record = {"document": "a", "events": [ARRIVAL, TREATY]} if gold is None else gold
        (tmp_path / "gold/a.json").write_text(record if isinstance(record, str) else json.dumps(record))
        drafts = [as_draft(TEXT, {**ARRIVAL, "modality": "planned"})]
        predicted = json.dumps({"document": "a", "events": drafts}) if lines is None else lines
        (tmp_path / "drafts.jsonl").write_text(predicted + "\n")
        where = [str(tmp_path / "gold"), str(tmp_path / "texts"), "--predictions", str(tmp_path / "drafts.jsonl")]
        return CliRunner().invoke(cli, ["evaluate", *where, *options])

    return run


def test_tables_say_what_is_right(run: Run) -> None:
    done = run()
    assert (done.exit_code, done.stderr) == (0, "")
    rows = [line.split() for line in done.stdout.splitlines()]
    assert ["visit", "1", "1", "1", "1.000", "1.000", "1.000"] in rows
    assert ["all", "2", "1", "1", "1.000", "0.500", "0.667"] in rows
    assert ["modality", "0", "1", "0.000"] in rows
    assert rows[0] == ["1", "documents"]


def test_errors_are_lines_of_their_own(run: Run) -> None:
    lines = run("--errors").stdout.splitlines()
    assert "missed    a  treaty signed: “Norway and Chile signed a treaty.”" in lines
    [wrong] = [line for line in lines if line.startswith("wrong")]
    assert "visit modality: gold occurred, draft planned: “President Ada Larsen" in wrong


def test_the_figures_as_json_alone_or_beside_the_tables(run: Run, tmp_path: Path) -> None:
    told = json.loads(run("--json", "-", "--errors").stdout)
    assert told["all"] == {"gold": 2, "drafts": 1, "matched": 1, "precision": 1.0, "recall": 0.5, "f1": 0.6667}
    assert told["fields"]["modality"] == {"right": 0, "judged": 1, "share": 0.0}
    assert [mistake["kind"] for mistake in told["mistakes"]] == ["missed", "wrong"]


def test_json_in_a_file(run: Run, tmp_path: Path) -> None:
    done = run("--json", str(tmp_path / "figures.json"))
    assert "all" in done.stdout
    assert json.loads((tmp_path / "figures.json").read_text())["documents"] == 1


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"gold": "{"}, r"gold/a\.json: Expecting"),
        ({"gold": []}, r"gold/a\.json: a gold record has a document and a list of events"),
        ({"gold": {"document": "a"}}, r"gold/a\.json: a gold record has"),
        ({"gold": {"document": "a", "events": [{"type": "visit"}]}}, r"gold/a\.json: mentions is missing"),
        ({"text": None}, r"gold/a\.json: there is no .*texts/a\.txt"),
        ({"text": "Something else."}, r"gold/a\.json: the quote 'President Ada Larsen .*' is not in the text"),
        ({"lines": "{"}, r"drafts\.jsonl: line 1 is none of `legation extract`"),
        ({"lines": '{"document": "b", "events": []}'}, r"gold/a\.json: there are no drafts of a\."),
        (
            {"lines": json.dumps({"document": "a", "events": [as_draft(" " + TEXT, ARRIVAL)]})},
            r"texts/a\.txt: the evidence 'arrived' does not stand at",
        ),
    ],
)
def test_what_cannot_be_used_is_named_in_one_line(run: Run, given: dict[str, Any], complaint: str) -> None:
    failed = run(**given)
    assert (failed.exit_code, failed.stdout) == (1, "")
    assert re.fullmatch(rf"Error: \S*{complaint}.*\n", failed.stderr), failed.stderr


def test_a_folder_without_gold_is_no_gold(tmp_path: Path) -> None:
    failed = CliRunner().invoke(cli, ["evaluate", str(tmp_path), str(tmp_path)])
    assert (failed.exit_code, failed.stderr) == (1, f"Error: {tmp_path} has no gold records.\n")


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("gold", "texts"), [("dev", "../newswire"), ("composed", "composed-texts"), (None, None)])
def test_it_counts_as_the_scorer_of_the_gold_records_does(
    shared: Path, tmp_path: Path, gold: str | None, texts: str | None, seed: int
) -> None:
    scorer = shared / "gold/score.py"
    if not scorer.is_file():
        pytest.skip("needs ../shared/gold/score.py, another scorer of drafts, beside the repository")
    own = (REPOSITORY / "seeds/gold", REPOSITORY / "seeds/documents")
    gold_folder, text_folder = (shared / "gold" / gold, shared / "gold" / texts) if gold and texts else own
    predictions = tmp_path / "drafts.jsonl"
    predictions.write_text("\n".join(_predictions(gold_folder, text_folder, random.Random(seed))), "utf-8")
    command = [sys.executable, str(scorer), str(gold_folder), str(text_folder), str(predictions)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    arguments = ["evaluate", str(gold_folder), str(text_folder), "--predictions", str(predictions), "--json", "-"]
    assert _counts(json.loads(CliRunner().invoke(cli, arguments).stdout)) == _printed_counts(printed)


def _predictions(gold: Path, texts: Path, chance: random.Random) -> list[str]:
    lines = []
    for path in sorted(gold.glob("*.json")):
        record = json.loads(path.read_text("utf-8"))
        text = (texts / f"{record['document']}.txt").read_bytes().decode("utf-8")
        drafts = faulty_drafts(text, record["events"], chance)
        lines.append(json.dumps({"document": record["document"], "events": drafts}))
    return lines


SCORERS_NAMES = {
    "participants found": "participants_recall",
    "participants right": "participants_precision",
    "date text": "date",
}


def _counts(told: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    scores = {**told["families"], "all": told["all"]}
    counts = {name: (one["gold"], one["drafts"], one["matched"]) for name, one in scores.items()}
    shares = {SCORERS_NAMES.get(name, name): one for name, one in told["fields"].items()}
    shares |= {f"recall on {level}": one for level, one in told["recall_by_difficulty"].items()}
    shares["untouched"] = told["untouched"]
    return counts | {name: (one["right"], one["judged"]) for name, one in shares.items() if one["judged"]}


def _printed_counts(printed: str) -> dict[str, tuple[int, ...]]:
    scores = re.findall(r"^(\w+) +gold +(\d+) drafts +(\d+) matched +(\d+)", printed, re.MULTILINE)
    shares = re.findall(r"^([\w ]*\w) +(\d+)/(\d+) = ", printed, re.MULTILINE)
    return {name: tuple(map(int, numbers)) for name, *numbers in [*scores, *shares]}
