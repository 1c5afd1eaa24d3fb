"""The figures of the team page: what each found, how to read it, the chart, and the same as a table.

A heading states what the numbers say; without numbers there is no chart, and the heading says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from service.operations.agreement import Agreement
from service.operations.calibration import Bin, Calibration
from service.operations.statistics import Seconds, Statistics
from service.review import charts, words
from service.review.charts import WHAT
from workers.extraction.families import FAMILIES, FAMILY_OF

SURE = 0.9

Cells = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """`groups` stand above the columns that follow the first one, each above as many."""

    caption: str
    columns: Cells
    rows: Sequence[Cells]
    groups: Cells = ()

    @property
    def span(self) -> int:
        return (len(self.columns) - 1) // len(self.groups)


@dataclass(frozen=True, slots=True)
class Figure:
    name: str
    found: str
    reading: str
    chart: str | None
    table: Table | None
    is_wide: bool = False

    @property
    def drawing(self) -> Markup | None:
        """The chart as one picture, named by heading and caption for those who do not see it."""
        named = f'<svg role="img" aria-labelledby="{self.name}-h {self.name}-p" '
        return Markup(self.chart.replace("<svg ", named, 1)) if self.chart else None  # noqa: S704 - Vega escapes texts


def figures(counted: Statistics, calibrated: Calibration, agreed: Sequence[Agreement]) -> list[Figure]:
    return [
        _work(counted),
        _seconds(counted.seconds),
        _fixes(counted),
        _reliability("records", "Records", "not rejected", calibrated.records),
        _reliability("fields", "Fields", "left as they were", calibrated.fields),
        _agreement([one for one in agreed if one.alpha is not None]),
    ]


def _work(counted: Statistics) -> Figure:
    decided: Counter[str] = Counter()
    for day in counted.days:
        decided[day.family] += day.decided
    if not counted.days:
        return Figure("work", "Nothing was drafted or decided", "", None, None, is_wide=True)
    by_day = charts.days_a_bar(counted.since, counted.until) == 1
    return Figure(
        "work",
        _most_decided(decided),
        f"Records a {'day' if by_day else 'week'}, by family and by what became of them, all on one scale. "
        f"The outlined bar is {'today, so far' if by_day else 'the week that ends today'}.",
        charts.work(counted.days, counted.since, counted.until),
        _days_as_table(counted),
        is_wide=True,
    )


def _most_decided(decided: Counter[str]) -> str:
    total = decided.total()
    if not total:
        return "Nothing was decided"
    [(family, most)] = decided.most_common(1)
    return f"{FAMILY_OF[family].label} records make {words.percent(most / total)} of {words.count(total, 'decision')}"


def _days_as_table(counted: Statistics) -> Table:
    by_key = {(day.day, day.family): day for day in counted.days}
    rows = []
    for date in sorted({day.day for day in counted.days}):
        found = [by_key.get((date, family.name)) for family in FAMILIES]
        numbers = [str(getattr(day, what)) if day else "0" for day in found for what in WHAT]
        rows.append((words.short_date(date.isoformat()), *numbers))
    return Table(
        "Records a day; days on which nothing happened are left out",
        ("Day", *(what.capitalize() for _ in FAMILIES for what in WHAT)),
        rows,
        tuple(family.label for family in FAMILIES),
    )


def _seconds(times: Sequence[Seconds]) -> Figure:
    if not times:
        return Figure("seconds", "No decision was timed", "Time counts from the claim of an item.", None, None)
    usual = max(times, key=lambda one: one.decisions)
    label = FAMILY_OF[usual.family].label.lower()
    rows = [
        (
            FAMILY_OF[one.family].label,
            *(words.seconds(value) for value in (one.p10, one.p25, one.median, one.p75, one.p90)),
            f"{one.decisions:,}",
        )
        for one in times
    ]
    return Figure(
        "seconds",
        f"Half of the {label} records take up to {words.seconds(usual.median)}",
        "Time on one item: the mark is the median, the block the middle half, the line the middle four fifths.",
        charts.seconds(times),
        Table("Time on one item", ("Family", "10%", "25%", "Median", "75%", "90%", "Decisions"), rows),
    )


def _fixes(counted: Statistics) -> Figure:
    fixed = {words.word(name).capitalize(): number for name, number in counted.readings.fixed_fields.items()}
    judged = counted.readings.as_drafted.judged
    if not fixed:
        return Figure("fixes", "No field was fixed", f"Of {words.count(judged, 'reading')} of drafts.", None, None)
    first = next(iter(fixed))
    return Figure(
        "fixes",
        f"The field fixed most often: {first.lower()}",
        f"In how many of {words.count(judged, 'reading')} of drafts a reviewer changed something in the field.",
        charts.bars(fixed),
        Table(
            "Fixes by field",
            ("Field", "Readings", "Share of all"),
            [(name, f"{number:,}", words.percent(number / judged)) for name, number in fixed.items()],
        ),
    )


def _reliability(name: str, what: str, kept: str, bins: Sequence[Bin]) -> Figure:
    sure = [one for one in bins if one.low >= SURE]
    judged, right = sum(one.judged for one in sure), sum(one.right for one in sure)
    reading = (
        f"The confidence of drafts against the share of {what.lower()} that were {kept}, with 95% intervals; the "
        "larger a circle, the more of them. On the dashed line a number means what it says."
    )
    if not bins:
        return Figure(name, f"{what}: no draft was read yet", reading, None, None)
    found = f"{what} that said {SURE:.0%} or more: {right / judged * 100:.0f} in 100 {kept}" if judged else ""
    return Figure(
        name,
        found or f"{what}: none said {SURE:.0%} or more",
        reading,
        charts.reliability(bins),
        Table(
            f"Confidence of {what.lower()}", ("Draft said", "Judged", "Left alone", "95% interval"), list(_bins(bins))
        ),
    )


def _bins(bins: Sequence[Bin]) -> Iterator[Cells]:
    for one in bins:
        low, high = one.interval
        said = f"{one.low:.0%} to {one.high:.0%}"
        yield said, f"{one.judged:,}", words.percent(one.share), f"{low:.0%} to {high:.0%}"


def _agreement(found: Sequence[Agreement]) -> Figure:
    reading = (
        "Krippendorff’s alpha of two blind readings: 1 is perfect, 0 is chance. Left of the dashed line, hollow, "
        f"is under {charts.LEAST_AGREEMENT:.2f}: too little to conclude from."
    )
    if not found:
        return Figure("agreement", "No two readings to compare", reading, None, None, is_wide=True)
    least = min(found, key=lambda one: one.alpha or 0.0)
    rows = [
        (
            f"{FAMILY_OF[one.family].label}: {one.label}",
            f"{one.alpha:.2f}",
            words.percent(one.equal or 0),
            f"{one.pairs:,}",
        )
        for one in found
    ]
    return Figure(
        "agreement",
        f"Least agreement: {least.label.lower()} of {FAMILY_OF[least.family].label.lower()} records, {least.alpha:.2f}",
        reading,
        charts.agreement(found),
        Table("Agreement by field", ("Field", "Alpha", "Equal", "Pairs"), rows),
        is_wide=True,
    )
