"""`legation evaluate`: drafts the documents of gold records, and shows how right the drafts are."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from service import extracting, files
from service.errors import LegationError
from workers import evaluate, readers
from workers.evaluate import Document, DraftedEvent, FormError, GoldEvent, Judged, Mistake, Score, Share

if TYPE_CHECKING:
    from workers.nlp.annotator import Annotator

Drafts = Mapping[str, tuple[DraftedEvent, ...]]


class GoldError(LegationError):
    """A gold record, its text or the drafts for it cannot be used."""


@dataclass(frozen=True, slots=True)
class Annotated:
    """A gold record and the text that it is about."""

    record: Path
    name: str
    path: Path
    text: str
    events: tuple[GoldEvent, ...]


def read_gold(gold: Path, texts: Path) -> list[Annotated]:
    """Every gold record of a folder, in the order of the names. Raises GoldError."""
    records = sorted(gold.glob("*.json"))
    if not records:
        raise GoldError(f"{gold} has no gold records.")
    return [_annotated(record, texts) for record in records]


def _annotated(record: Path, texts: Path) -> Annotated:
    try:
        told = json.loads(record.read_bytes())
        name, events = told["document"], tuple(GoldEvent.from_json(event) for event in told["events"])
        path = texts / f"{name}.txt"
        text = readers.read(files.load(path).original).text
        Document(name, text, events, ())
    except FileNotFoundError as error:
        raise GoldError(f"{record}: there is no {error.filename}.") from error
    except (KeyError, TypeError) as error:
        raise GoldError(f"{record}: a gold record has a document and a list of events.") from error
    except (FormError, LegationError, ValueError, OSError) as error:
        raise GoldError(f"{record}: {error}") from error
    return Annotated(record, name, path, text, events)


def draft(annotator: Annotator, annotated: Sequence[Annotated]) -> Drafts:
    """What `legation extract` drafts now. Raises GoldError where it complains, as figures of a part say nothing."""

    def complain(path: Path, complaint: str) -> None:
        raise GoldError(f"{path}: {complaint}")

    drafted = extracting.drafted(annotator, [one.path for one in annotated], None, complain=complain)
    lines = (extracting.published(one, annotator.model) for one in drafted)
    return {line["document"]: _drafted(line) for line in lines}


def read_drafts(file: Path) -> Drafts:
    """What `legation extract` wrote into a file earlier. Raises GoldError."""
    drafts: dict[str, tuple[DraftedEvent, ...]] = {}
    for number, line in enumerate(file.read_text("utf-8").split("\n"), start=1):
        if line.strip():
            try:
                told = json.loads(line)
                drafts[told["document"]] = _drafted(told)
            except (FormError, KeyError, TypeError, ValueError) as error:
                raise GoldError(f"{file}: line {number} is none of `legation extract`: {error}") from error
    return drafts


def _drafted(line: Mapping[str, Any]) -> tuple[DraftedEvent, ...]:
    return tuple(DraftedEvent.from_json(event) for event in line["events"])


def judge(annotated: Iterable[Annotated], drafts: Drafts) -> list[Judged]:
    """Raises GoldError for a document without drafts, and for drafts of another text."""
    judged = []
    for one in annotated:
        if one.name not in drafts:
            raise GoldError(f"{one.record}: there are no drafts of {one.name}.")
        try:
            judged.append(evaluate.judge(Document(one.name, one.text, one.events, drafts[one.name])))
        except FormError as error:
            raise GoldError(f"{one.path}: {error}") from error
    return judged


# --- what is shown ------------------------------------------------------------------------------------------------


def as_json(judged: Sequence[Judged], *, with_mistakes: bool) -> str:
    told = evaluate.figures(judged).to_json()
    if with_mistakes:
        told["mistakes"] = [asdict(mistake) for one in judged for mistake in evaluate.mistakes(one)]
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def tables(judged: Sequence[Judged]) -> Iterator[Table | str]:
    """Events by family; then fields of matched drafts, and what else is a share of something."""
    figures = evaluate.figures(judged)
    yield f"{figures.documents} documents\n"
    yield _table(
        ("events", "gold", "drafts", "matched", "precision", "recall", "F1"),
        [_score(name, score) for name, score in [*figures.families.items(), ("all", figures.every_family)]],
    )
    yield ""
    yield _table(
        ("fields of matched drafts", "right", "judged", "share"),
        [_share(field, share) for field, share in figures.fields.items()],
    )
    yield ""
    yield _table(
        ("events by difficulty", "found", "gold", "recall"),
        [_share(difficulty, share) for difficulty, share in figures.difficulties.items()],
    )
    yield ""
    yield _table(
        ("drafts", "right", "judged", "share"),
        [
            _share("untouched: no core field is wrong", figures.untouched),
            _share("documents without events that got no draft", figures.quiet),
        ],
    )


def _score(name: str, score: Score) -> tuple[str, ...]:
    shares = (f"{value:.3f}" for value in (score.precision, score.recall, score.f1))
    return (name, str(score.gold), str(score.drafts), str(score.matched), *shares)


def _share(name: str, share: Share) -> tuple[str, ...]:
    return name, str(share.right), str(share.judged), f"{share.value:.3f}" if share.judged else "–"


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    made = Table(box=None, header_style="bold", pad_edge=False)
    made.add_column(columns[0], min_width=24)
    for column in columns[1:]:
        made.add_column(column, justify="right")
    for row in rows:
        made.add_row(*map(Text, row))
    return made


def lines(judged: Iterable[Judged]) -> Iterator[str]:
    """One line for each mistake, for reading and for grep."""
    for one in judged:
        yield from map(_line, evaluate.mistakes(one))


def _line(mistake: Mistake) -> str:
    quote = " ".join(mistake.quote.split())
    where = f"{mistake.kind:<8}  {mistake.document}  {mistake.family}"
    if mistake.kind == "wrong":
        return (
            f"{where} {mistake.field}: gold {mistake.gold or 'nothing'}, draft {mistake.draft or 'nothing'}: “{quote}”"
        )
    return f"{where} {mistake.gold or mistake.draft}: “{quote}”"
