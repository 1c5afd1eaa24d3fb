"""Charts as SVG, drawn on the server by Vega-Lite.

Colours and type are the page's own custom properties: a browser looks them up where it draws, so that a chart follows
the choice of light or dark at once. What comes out has attributes only, no styles and no scripts, as the content
security policy wants it.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import vl_convert

from service.operations.agreement import Agreement
from service.operations.calibration import Bin
from service.operations.statistics import ONE_DAY, Day, Seconds
from workers.extraction.families import FAMILIES, FAMILY_OF

Spec = dict[str, Any]

HUES = {
    "visit": "var(--visit)",
    "treaty": "var(--treaty)",
    "border_incident": "var(--border)",
    "sanctions_action": "var(--sanctions)",
}
WHAT = ("drafted", "approved", "fixed", "rejected")
INK, LABEL, FAINT, LINE, AXIS = "var(--ink-1)", "var(--ink-2)", "var(--ink-3)", "var(--line)", "var(--line-control)"
ACCENT, PAPER = "var(--accent)", "var(--paper)"
# Vega names each part of a drawing by its kind, which tells nobody anything: the figure is named as one.
ROLES = re.compile(r' (?:role|aria-[a-z]+)="[^"]*"')
CONFIG: Spec = {
    "aria": False,  # the figure's heading, its caption and the table tell it
    "mark": {"aria": False},
    "background": None,
    "font": "inherit",
    "view": {"stroke": None},
    "axis": {
        "domainColor": AXIS,
        "gridColor": LINE,
        "tickColor": AXIS,
        "labelColor": FAINT,
        "labelFontSize": 11,
        "titleColor": LABEL,
        "titleFontSize": 12,
        "titleFontWeight": 500,
    },
    "header": {"labelColor": INK, "labelFontSize": 12, "labelFontWeight": 600, "title": None},
    "text": {"color": LABEL, "fontSize": 12},
    "facet": {"spacing": {"row": 14, "column": 20}},
}
SECONDS_TICKS = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800)
LONGEST_BY_DAY = dt.timedelta(days=31)  # beyond it, bars are weeks: so many days could not be told apart
WIDTH_OF_DAY = 0.86  # the rest is the gap to the next bar
SHORTEST = 0.5  # a scale of ratios has no zero
LEAST_AGREEMENT = 0.667  # Krippendorff: below it nothing should be concluded


def work(days: Sequence[Day], since: dt.date, until: dt.date) -> str:
    """Small multiples: families down, what became of records across, a bar a day or week, all on one scale. What is not
    over yet is an outline.
    """
    hue = {"field": "family", "type": "nominal", "legend": None, "scale": _hues()}
    bar = {
        "mark": {"type": "rect", "strokeWidth": 1},
        "encoding": {
            "x": {
                "field": "start",
                "type": "temporal",
                "scale": {"type": "utc", "domain": [_moment(since), _moment(until + ONE_DAY)]},
                "axis": {"title": None, "format": "%-d %b", "grid": False, "tickCount": 4, "labelFlush": True},
            },
            "x2": {"field": "end"},
            "y": {
                "field": "number",
                "type": "quantitative",
                "axis": {"title": None, "tickCount": 2, "domain": False, "ticks": False, "format": ",d"},
            },
            "y2": {"datum": 0},
            "fill": hue,
            "stroke": hue,
            "fillOpacity": {"condition": {"test": "datum.goes_on", "value": 0}, "value": 1},
            "strokeOpacity": {"condition": {"test": "datum.number === 0", "value": 0}, "value": 1},
        },
        "width": 255,
        "height": 48,
    }
    down = {
        "field": "family",
        "sort": [one.label for one in FAMILIES],
        "header": {"labelAngle": 0, "labelAlign": "left"},
    }
    across = {"field": "what", "sort": [what.capitalize() for what in WHAT], "header": {"labelAnchor": "start"}}
    values = [*_empty_panels(until), *_bars(days, until, days_a_bar(since, until))]
    return _draw({"data": {"values": values}, "facet": {"column": across, "row": down}, "spec": bar})


def days_a_bar(since: dt.date, until: dt.date) -> int:
    return 7 if until - since >= LONGEST_BY_DAY else 1


def _bars(days: Sequence[Day], until: dt.date, step: int) -> Iterator[Spec]:
    """Weeks are counted back from today."""
    sums: Counter[tuple[dt.date, str, str]] = Counter()
    for day in days:
        last = until - (until - day.day) // (step * ONE_DAY) * step * ONE_DAY
        for what in WHAT:
            sums[last, day.family, what] += getattr(day, what)
    for (last, family, what), number in sums.items():
        if number:
            yield _bar(last, step, family, what, number) | {"goes_on": last == until}


def _empty_panels(until: dt.date) -> Iterator[Spec]:
    """So that each family has a panel for each, even when nothing happened."""
    return (_bar(until, 1, family.name, what, 0) for family in FAMILIES for what in WHAT)


def _bar(last: dt.date, days: int, family: str, what: str, number: int) -> Spec:
    end = _moment(last + ONE_DAY)
    start = end - int(days * WIDTH_OF_DAY * ONE_DAY.total_seconds() * 1000)
    return {"start": start, "end": end, "family": _label(family), "what": what.capitalize(), "number": number}


def _moment(day: dt.date) -> int:
    """As JavaScript counts."""
    return int(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp() * 1000)


def seconds(times: Sequence[Seconds]) -> str:
    """Middle half as a block, middle four fifths as a line, the median as a mark; on a scale of ratios."""
    values = [
        {
            "family": _label(one.family),
            "p10": one.p10,
            "p25": one.p25,
            "median": one.median,
            "p75": one.p75,
            "p90": one.p90,
        }
        for one in times
    ]
    y = {"field": "family", "type": "nominal", "sort": [one.label for one in FAMILIES], "axis": _names()}
    axis = {
        "title": None,
        "values": list(SECONDS_TICKS),
        "labelExpr": "datum.value < 60 ? datum.value + ' s' : datum.value / 60 + ' min'",
        "domain": False,
        "ticks": False,
    }
    low, high = min(one.p10 for one in times), max(one.p90 for one in times)
    domain = [max(SHORTEST, low * 0.8), max(2 * SHORTEST, high * 1.25)]
    scale = {"type": "log", "domain": domain, "nice": False, "clamp": True}

    def layer(mark: Spec, start: str, end: str | None = None) -> Spec:
        x = {"field": start, "type": "quantitative", "scale": scale, "axis": axis}
        return {"mark": mark, "encoding": {"x": x, "y": y, **({"x2": {"field": end}} if end else {})}}

    block = layer({"type": "bar", "height": 14, "fillOpacity": 0.35}, "p25", "p75")
    block["encoding"]["fill"] = {"field": "family", "type": "nominal", "legend": None, "scale": _hues()}
    layers = [
        layer({"type": "rule", "stroke": FAINT, "strokeWidth": 1.25}, "p10", "p90"),
        block,
        layer({"type": "tick", "stroke": INK, "fill": INK, "thickness": 2, "height": 20, "opacity": 1}, "median"),
    ]
    return _draw({"data": {"values": values}, "layer": layers, "width": 430, "height": {"step": 40}})


def reliability(bins: Sequence[Bin]) -> str:
    """What was said against what was left alone, with intervals; the area of a circle is how many were judged."""
    values = [
        {"said": one.said, "share": one.share, "low": one.interval[0], "high": one.interval[1], "judged": one.judged}
        for one in bins
    ]
    least = math.floor(10 * min([0.8, *(min(one.said, one.interval[0]) for one in bins)])) / 10
    scale = {"domain": [least, 1]}
    axis = {"format": ".0%", "tickCount": 5, "domain": False, "ticks": False}
    x = {"type": "quantitative", "scale": scale, "axis": {**axis, "title": "the draft said"}}
    y = {"type": "quantitative", "scale": scale, "axis": {**axis, "title": "left alone"}}
    size = {"field": "judged", "type": "quantitative", "legend": None, "scale": {"type": "sqrt", "range": [30, 300]}}
    said = {**x, "field": "said"}
    layers = [
        {
            "data": {"values": [{"at": least}, {"at": 1}]},
            "mark": {"type": "line", "stroke": FAINT, "strokeWidth": 1, "strokeDash": [3, 3]},
            "encoding": {"x": {**x, "field": "at"}, "y": {**y, "field": "at"}},
        },
        {
            "mark": {"type": "rule", "stroke": FAINT, "strokeWidth": 1.25},
            "encoding": {"x": said, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
        },
        {
            "mark": {"type": "circle", "fill": ACCENT, "opacity": 1},
            "encoding": {"x": said, "y": {**y, "field": "share"}, "size": size},
        },
    ]
    return _draw({"data": {"values": values}, "layer": layers, "width": 420, "height": 220})


def agreement(found: Sequence[Agreement]) -> str:
    """Small multiples of families: a mark for each field, hollow where nothing should be concluded."""
    values = [{"family": _label(one.family), "field": one.label, "alpha": one.alpha} for one in found]
    least = min([0.0, *(one.alpha for one in found if one.alpha is not None)])
    x = {
        "field": "alpha",
        "type": "quantitative",
        "scale": {"domain": [least, 1]},
        "axis": {"title": None, "values": [-1, -0.5, 0, 0.5, 1], "domain": False, "ticks": False},
    }
    y = {"field": "field", "type": "nominal", "sort": None, "axis": {**_names(), "grid": True}}
    is_low = {"test": f"datum.alpha < {LEAST_AGREEMENT}", "value": PAPER}
    layers = [
        {
            "mark": {"type": "rule", "stroke": FAINT, "strokeWidth": 1, "strokeDash": [3, 3]},
            "encoding": {"x": {"datum": LEAST_AGREEMENT, "type": "quantitative"}},
        },
        {
            "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1, "stroke": ACCENT, "strokeWidth": 2},
            "encoding": {"x": x, "y": y, "fill": {"condition": is_low, "value": ACCENT}},
        },
    ]
    facet = {"column": {"field": "family", "sort": [one.label for one in FAMILIES], "header": {"labelAnchor": "start"}}}
    spec = {"layer": layers, "width": 160, "height": {"step": 22}}
    resolve = {"scale": {"y": "independent"}}
    return _draw({"data": {"values": values}, "facet": facet, "spec": spec, "resolve": resolve})


def bars(numbers: Mapping[str, int]) -> str:
    """A bar for each name, the longest first, with its number."""
    values = [{"name": name, "number": number} for name, number in numbers.items()]
    y = {"field": "name", "type": "nominal", "sort": None, "axis": _names()}
    x = {"field": "number", "type": "quantitative", "axis": None}
    layers = [
        {"mark": {"type": "bar", "fill": ACCENT, "height": 14}, "encoding": {"x": x, "y": y}},
        {
            "mark": {"type": "text", "align": "left", "dx": 6, "fontWeight": 600, "fill": INK},
            "encoding": {"x": x, "y": y, "text": {"field": "number", "type": "quantitative", "format": ",d"}},
        },
    ]
    return _draw({"data": {"values": values}, "layer": layers, "width": 420, "height": {"step": 28}})


def _names() -> Spec:
    """An axis of names."""
    return {"title": None, "domain": False, "ticks": False, "labelColor": INK, "labelFontSize": 12, "labelLimit": 200}


def _hues() -> Spec:
    return {"domain": [one.label for one in FAMILIES], "range": [HUES.get(one.name, ACCENT) for one in FAMILIES]}


def _label(family: str) -> str:
    return FAMILY_OF[family].label


def _draw(spec: Spec) -> str:
    return _svg(json.dumps({**spec, "config": CONFIG}))


@functools.lru_cache(maxsize=64)
def _svg(spec: str) -> str:
    return ROLES.sub("", vl_convert.vegalite_to_svg(spec, vl_version="6.4"))
