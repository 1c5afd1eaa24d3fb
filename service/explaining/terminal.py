"""An explanation as text, in colour where the terminal has it and as telling without.

Nothing of the document reaches the terminal that it would obey: what nobody sees is written by its name.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from service.explaining.explanation import Explained, Explanation, Field
from service.review import words
from service.review.runs import Run
from service.review.signs import Piece, pieces

UNFOLDED = 500  # columns, where no person reads it as it comes
LEGEND = "⟦words⟧1 back record 1; ⟦words⟧1* tell its event."
FAMILY_STYLES = {"visit": "blue", "treaty": "green", "border_incident": "red", "sanctions_action": "magenta"}
NAMED = "reverse dim"


def show(explanations: Iterable[Explanation], file: TextIO) -> None:
    """Writes each as it comes."""
    console = Console(file=file, width=None if file.isatty() else UNFOLDED, highlight=False, markup=False, emoji=False)
    for number, explanation in enumerate(explanations):
        if number:
            console.print()
        _show(console, explanation)


def _show(console: Console, explanation: Explanation) -> None:
    console.print(_plain(explanation.source.title or explanation.name, "bold"))
    console.print(_plain(explanation.summary, "dim"))
    if explanation.records:
        console.print(Text(LEGEND, "dim"))
    for paragraph in explanation.paragraphs:
        told = Text().join(_run(run, explanation) for run in paragraph.runs)
        console.print()
        console.print(told, soft_wrap=not console.is_terminal)
    for record in explanation.records:
        console.print()
        console.print(_heading(record))
        console.print(Padding(_fields(record), (0, 0, 0, 2), expand=False))


def _run(run: Run, explanation: Explanation) -> Text:
    """A run between the brackets of the stretches that begin and end with it."""
    told = Text("⟦" * len(run.begun), "dim") + _named(run.pieces, _style(run))
    told.append("⟧" * len(run.ended), "dim")
    return told.append(",".join(explanation.labels(run).values()), "bold")


def _style(run: Run) -> str:
    if not run.numbers:
        return ""
    colour = FAMILY_STYLES.get(run.family, "cyan")
    return f"bold reverse {colour}" if run.kind == "trigger" else f"underline {colour}"


def _plain(text: str, style: str = "") -> Text:
    return _named(pieces(text), style)


def _named(text: Iterable[Piece], style: str) -> Text:
    """Text as it is, but for characters that would hide or reorder others or steer the terminal, which are named in
    their place; letters that look like others are named behind them.
    """
    told = Text()
    for piece in text:
        told.append("" if piece.hidden else piece.text, style)
        if name := piece.hidden or piece.alike:
            told.append(f"‹{name}›", NAMED)
    return told


def _heading(record: Explained) -> Text:
    told = Text(f"{record.number} ", "bold")
    told.append(record.family.label, f"bold {FAMILY_STYLES.get(record.family.name, 'cyan')}")
    told.append(f", {record.modality}" + _sure(record.confidence))
    return told + Text(": ") + _plain(str(record.headline), "bold")


def _sure(confidence: float | None) -> str:
    return "" if confidence is None else f" · {words.percent(confidence)} sure"


def _fields(record: Explained) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, style="dim")
    table.add_column()
    for field in record.fields:
        table.add_row(field.label, Text("\n").join(_field(field)))
    return table


def _field(field: Field) -> list[Text]:
    """The value, then a line for each quote: the words, where they are, and the rule that chose them."""
    lines = [
        _plain(field.value, "bold") + Text(_sure(field.confidence)) + Text(f" · {field.note}" if field.note else "")
    ]
    for backing in field.backings:
        item = backing.evidence
        quote = Text("“") + _plain(words.line(item.quote)) + Text("”")
        lines.append(quote + Text(f" {item.start}–{item.end}  {item.rule}", "dim"))
    lines += [Text(f"and {field.more} more", "dim")] if field.more else []
    return lines if field.backings else [lines[0] + Text(" · no word of its own", "dim")]
