"""The figures of docs/quality.md as tables and a drawing, from what was measured. Written by `make calibrate`."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workers.evaluate import DIFFICULTIES, FIELDS, Figures, Score, Share, figures, interval

if TYPE_CHECKING:
    from bench.gold import Measured

DOCS = Path(__file__).resolve().parent.parent / "docs"
EDGES = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0)
HIGH = 0.9
DRAWN_FROM = 5  # judged; fewer say nothing

Row = Sequence[str]


# --- how well confidence keeps its word ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bin:
    """Estimates from `low` up to below `high`: how many were judged, how many right, and their mean."""

    low: float
    high: float
    judged: int
    right: int
    said: float

    @property
    def share(self) -> float:
        return self.right / self.judged


@dataclass(frozen=True, slots=True)
class Reliability:
    """Estimates of one target against what was right. `brier`: mean squared error; `brier_of_mean`: that of always
    saying how many are right of all; `ece`: how far estimate and truth differ on average over the bins.
    """

    judged: int
    right: int
    brier: float
    brier_of_mean: float
    ece: float
    bins: tuple[Bin, ...]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Reliability:
        return cls(**{**told, "bins": tuple(Bin(**one) for one in told["bins"])})


def reliability(estimates: Sequence[tuple[float, bool]]) -> Reliability:
    """From pairs of an estimate and whether it was right."""
    judged, right = len(estimates), sum(is_right for _, is_right in estimates)
    bins = tuple(_bins(estimates))
    return Reliability(
        judged,
        right,
        brier=round(sum((said - is_right) ** 2 for said, is_right in estimates) / judged, 4),
        brier_of_mean=round(right / judged * (1 - right / judged), 4),
        ece=_ece(bins),
        bins=bins,
    )


def _bins(estimates: Sequence[tuple[float, bool]]) -> Iterator[Bin]:
    for low, high in pairwise(EDGES):
        inside = [one for one in estimates if low <= one[0] < high]
        if inside:
            said = sum(said for said, _ in inside) / len(inside)
            yield Bin(low, high, len(inside), sum(is_right for _, is_right in inside), round(said, 4))


def _ece(bins: Sequence[Bin]) -> float:
    return round(sum(one.judged * abs(one.share - one.said) for one in bins) / sum(one.judged for one in bins), 4)


def together(several: Iterable[Reliability]) -> list[Bin]:
    """The bins of several targets as those of one."""
    bins = [one for each in several for one in each.bins]
    pooled = []
    for low, high in pairwise(EDGES):
        same = [one for one in bins if one.low == low]
        if same:
            judged = sum(one.judged for one in same)
            said = sum(one.said * one.judged for one in same) / judged
            pooled.append(Bin(low, high, judged, sum(one.right for one in same), said))
    return pooled


def _high(bins: Iterable[Bin]) -> tuple[int, int]:
    """Judged and right of those at 0.9 and above."""
    high = [one for one in bins if one.low >= HIGH]
    return sum(one.judged for one in high), sum(one.right for one in high)


# --- tables -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One figure: the goals of real articles and of the composed ones, and what a second reader reaches."""

    name: str
    value: Callable[[Figures], float | None]
    goal: float | None = None
    goal_composed: float | None = None
    ceiling: float | None = None


def _field(name: str) -> Callable[[Figures], float | None]:
    return lambda told: told.fields[name].value if told.fields[name].judged else None


GOALS = {"participants found": 0.85, "participants right": 0.85, "modality": 0.92}
GOALS |= {"action": 0.85, "place": 0.90, "date text": 0.85}
CEILINGS = {"participants found": 0.98, "participants right": 1.0, "modality": 0.98}
CEILINGS |= {"action": 0.90, "place": 0.97, "date text": 0.97}
LINES = (
    Line("events: precision", lambda told: told.every_family.precision, 0.80, None, 0.98),
    Line("events: recall", lambda told: told.every_family.recall, 0.75, None, 0.98),
    Line("events: F1", lambda told: told.every_family.f1, 0.77, 0.80, 0.98),
    *(Line(field, _field(field), GOALS[field], None, CEILINGS[field]) for field in FIELDS),
    Line("untouched", lambda told: told.untouched.value, 0.50, 0.50, 0.80),
)
FAMILY_GOAL, QUIET_GOAL = 0.65, 0.90


def drafting(measured: Sequence[Measured]) -> str:
    known = [figures(one.judged) for one in measured]
    names = [one.corpus.name for one in measured]
    counts = [f"{told.documents}, {told.every_family.gold}, {told.every_family.drafts}" for told in known]
    rows = [("documents, gold events, drafts", *counts, "", ""), *(_row(line, known) for line in LINES)]
    families = sorted({name for told in known for name in told.families})
    levels = [(level, *(_of(told.difficulties.get(level)) for told in known), "") for level in DIFFICULTIES]
    quiet = ("documents without events that got no draft", *(_of(told.quiet) for told in known), _number(QUIET_GOAL))
    return "\n\n".join(
        (
            table(("", *names, "goal", "two readers"), rows),
            table(("precision, recall, F1", *names), [_by_family(name, known) for name in families]),
            table(("found of all that there are", *names, "goal"), [*levels, quiet]),
        )
    )


def _row(line: Line, known: Sequence[Figures]) -> Row:
    goals = (line.goal, line.goal_composed, None)
    cells = [_against(line.value(told), goal) for told, goal in zip(known, goals, strict=False)]
    goal = _number(line.goal) + (f", composed {_number(line.goal_composed)}" if line.goal_composed else "")
    return (line.name, *cells, goal, _number(line.ceiling))


def _by_family(name: str, known: Sequence[Figures]) -> Row:
    scores = [told.families.get(name) for told in known]
    goals = (FAMILY_GOAL, None, None)
    return (f"`{name}`", *(_score(score, goal) for score, goal in zip(scores, goals, strict=False)))


def _score(score: Score | None, goal: float | None) -> str:
    return f"{_number(score.precision)}, {_number(score.recall)}, {_against(score.f1, goal)}" if score else ""


def _of(share: Share | None) -> str:
    return f"{share.right} of {share.judged}: {_number(share.value)}" if share and share.judged else ""


def _against(value: float | None, goal: float | None) -> str:
    """Bold where the goal is not reached."""
    below = value is not None and goal is not None and value < goal
    return f"**{_number(value)}**" if below else _number(value)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def confidence(fitted: Mapping[str, Any]) -> str:
    """The reliability tables, from what seeds/confidence.json says of itself."""
    measured = {name: Reliability.from_json(told["measured"]) for name, told in fitted["targets"].items()}
    fields = [told for name, told in measured.items() if name != "record"]
    rows = [_reliability_row(name, told) for name, told in measured.items()]
    by_bin = _by_bin(measured["record"].bins, together(fields))
    told = fitted["fitted"]
    return "\n\n".join(
        (
            f"Fitted on {told['on']} to {told['drafts']} drafts of {told['documents']} documents with"
            f" {told['gold_events']} gold events.",
            table(("confidence said", "records", "right", "fields", "right"), by_bin),
            _marked(together(fields)),
            "![Confidence against the share that is right](calibration.svg)",
            table(("what", "judged", "right", "Brier", "of the mean", "ECE", "0.9 and more", "of these right"), rows),
        )
    )


def _marked(fields: Sequence[Bin]) -> str:
    """How much a reviewer is shown to check, and what that finds."""
    low = [one for one in fields if one.low < HIGH]
    judged, every = (sum(one.judged for one in bins) for bins in (low, fields))
    wrong, every_wrong = (sum(one.judged - one.right for one in bins) for bins in (low, fields))
    return (
        f"Below {HIGH} are {judged} of {every} fields ({judged / every:.0%}), and among them {wrong} of the"
        f" {every_wrong} wrong ones ({wrong / max(1, every_wrong):.0%})."
    )


def _reliability_row(name: str, told: Reliability) -> Row:
    judged, right = _high(told.bins)
    share = f"{right / judged:.3f}" if judged else ""
    errors = (f"{told.brier:.4f}", f"{told.brier_of_mean:.4f}", f"{told.ece:.3f}")
    return (f"`{name}`", str(told.judged), f"{told.right / told.judged:.3f}", *errors, str(judged), share)


def _by_bin(records: Sequence[Bin], fields: Sequence[Bin]) -> list[Row]:
    rows: list[Row] = []
    for low, high in pairwise(EDGES):
        inside = [next((one for one in bins if one.low == low), None) for bins in (records, fields)]
        rows.append((f"{low:.2f} to {high:.2f}", *(cell for one in inside for cell in _bin(one))))
    all_high = [_high(bins) for bins in (records, fields)]
    return [*rows, ("0.90 and more", *(cell for judged, right in all_high for cell in _counted(judged, right)))]


def _bin(one: Bin | None) -> Row:
    return _counted(one.judged, one.right) if one else ("0", "")


def _counted(judged: int, right: int) -> Row:
    return (str(judged), f"{right / judged:.3f}" if judged else "")


def table(head: Row, rows: Iterable[Row]) -> str:
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, ["---"] * len(head), *rows))


# --- the drawing --------------------------------------------------------------------------------------------------

LEFT, TOP, SIDE = 70, 30, 400  # of the square that is drawn in
FROM = 0.4  # where both axes begin
STYLE = (
    ":root{color-scheme:light dark;--ink:light-dark(#18222a,#e6eaed);--soft:light-dark(#5a6771,#98a5ae);"
    "--line:light-dark(#c3cad0,#3c474f);--one:light-dark(#0b5864,#7fccd8);--two:light-dark(#a4511a,#f0a878)}"
    "text{fill:var(--ink)}.s{fill:var(--soft);font-size:12px}.grid{stroke:var(--line)}.even{stroke:var(--soft);"
    "stroke-dasharray:5 4}.records{fill:var(--one);stroke:var(--one)}.fields{fill:var(--two);stroke:var(--two)}"
    "circle{fill-opacity:.75}.whisker{stroke-width:1.5}"
)


def drawing(fitted: Mapping[str, Any]) -> str:
    """What was right against what was said, with 95 % intervals; the area of a circle is how many were judged."""
    measured = {name: Reliability.from_json(told["measured"]) for name, told in fitted["targets"].items()}
    fields = together(told for name, told in measured.items() if name != "record")
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 490" font-family="system-ui, sans-serif"'
        ' font-size="14" role="img" aria-labelledby="t d">',
        '<title id="t">Confidence against the share that is right</title>',
        '<desc id="d">Each circle is a group of estimates; on the dashed line, as many are right as was said.</desc>',
        f"<style>{STYLE}</style>",
        *_axes(),
        *_points(measured["record"].bins, "records"),
        *_points(fields, "fields"),
        *_legend(),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _axes() -> Iterator[str]:
    for step in range(7):
        value = FROM + step / 10
        across, down = _x(value), _y(value)
        yield f'<path class="grid" d="M{across} {TOP}V{TOP + SIDE}M{LEFT} {down}H{LEFT + SIDE}"/>'
        yield f'<text class="s" x="{across}" y="{TOP + SIDE + 18}" text-anchor="middle">{value:.1f}</text>'
        yield f'<text class="s" x="{LEFT - 8}" y="{down + 4}" text-anchor="end">{value:.1f}</text>'
    yield f'<path class="even" d="M{_x(FROM)} {_y(FROM)}L{_x(1)} {_y(1)}"/>'
    yield f'<text x="{LEFT + SIDE / 2}" y="{TOP + SIDE + 42}" text-anchor="middle">confidence said</text>'
    yield f'<text transform="translate(24 {TOP + SIDE / 2})rotate(-90)" text-anchor="middle">share right</text>'


def _points(bins: Iterable[Bin], name: str) -> Iterator[str]:
    for one in bins:
        if one.judged >= DRAWN_FROM and one.said >= FROM:
            low, high = interval(one.right, one.judged)
            across = _x(one.said)
            yield f'<path class="{name} whisker" d="M{across} {_y(max(low, FROM))}V{_y(high)}"/>'
            radius = round(2 + math.sqrt(one.judged) / 2.5, 1)
            yield f'<circle class="{name}" cx="{across}" cy="{_y(max(one.share, FROM))}" r="{radius}"/>'


def _legend() -> Iterator[str]:
    for row, (name, told) in enumerate((("records", "records"), ("fields", "fields of right records"))):
        yield f'<circle class="{name}" cx="{LEFT + SIDE + 22}" cy="{TOP + 20 + 26 * row}" r="7"/>'
        yield f'<text class="s" x="{LEFT + SIDE + 36}" y="{TOP + 24 + 26 * row}">{told}</text>'


def _x(value: float) -> float:
    return round(LEFT + SIDE * (value - FROM) / (1 - FROM), 1)


def _y(value: float) -> float:
    return round(TOP + SIDE - SIDE * (value - FROM) / (1 - FROM), 1)


# --- the page -----------------------------------------------------------------------------------------------------


def write(measured: Sequence[Measured], fitted: Mapping[str, Any]) -> None:
    (DOCS / "calibration.svg").write_text(drawing(fitted), "utf-8")
    page = DOCS / "quality.md"
    text = page.read_text("utf-8")
    for name, section in (("drafting", drafting(measured)), ("confidence", confidence(fitted))):
        text = put(text, name, section)
    page.write_text(text, "utf-8")


def put(page: str, name: str, section: str) -> str:
    """The page with another section between its marks. Raises ValueError where it has no such marks."""
    before, mark, after = page.partition(_mark(name))
    end = re.search(r"^<!-- end -->$", after, re.MULTILINE)
    if not mark or end is None:
        raise ValueError(f"docs/quality.md has no section {name!r}")
    return f"{before}{mark}\n\n{section}\n\n{after[end.start() :]}"


def section_of(page: str, name: str) -> str:
    """What stands between the marks of a section now."""
    return page.partition(_mark(name))[2].partition("<!-- end -->")[0].strip()


def _mark(name: str) -> str:
    return f"<!-- {name}: written by make calibrate -->"
