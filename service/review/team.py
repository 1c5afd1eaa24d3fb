"""The team page: how the work goes, in figures. Nobody is compared with anybody."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from service import web
from service.operations import agreement, calibration, statistics, worklist
from service.operations.statistics import Progress, Statistics
from service.review import checks, figures, words
from service.review.viewer import viewer

PERIODS = {14: "Last 14 days", 30: "Last 30 days", 90: "Last 90 days"}
USUAL_PERIOD = 14

pages = Blueprint("team", __name__)


@dataclass(frozen=True, slots=True)
class Fact:
    """A number of the strip on top, and what to compare it with."""

    name: str
    number: str
    beside: str


@pages.get("/team")
def show() -> ResponseReturnValue:
    by, session, now = viewer(), web.session(), dt.datetime.now(dt.UTC)
    asked = request.args.get("days", type=int)
    days = asked if asked in PERIODS else USUAL_PERIOD
    counted = statistics.statistics(session, days=days, by=by)
    calibrated = calibration.calibration(session, days=days, by=by)
    agreed = agreement.agreement(session, days=days, by=by)
    return render_template(
        "team.html",
        days=days,
        periods=PERIODS,
        period=words.date(f"{counted.since.isoformat()}/{counted.until.isoformat()}"),
        facts=_facts(counted, worklist.standing(session, by=by).held, now),
        figures=figures.figures(counted, calibrated, agreed),
        checks=checks.checks(days),
    )


def progress() -> Progress:
    """Of the day, for the side of the queue."""
    return statistics.progress(web.session(), by=viewer())


def _facts(counted: Statistics, held: int, now: dt.datetime) -> list[Fact]:
    decided = sum(day.decided for day in counted.days)
    today = sum(day.decided for day in counted.days if day.day == counted.until)
    days = (counted.until - counted.since).days + 1
    read, undone = counted.readings, counted.undone
    judged = max(1, read.as_drafted.judged)
    return [
        Fact(
            "Decided today", f"{today:,}", f"on an average day {decided / days:,.{0 if decided >= 10 * days else 1}f}"
        ),
        Fact("Waiting", f"{sum(counted.waiting.values()):,}", f"{held:,} held now"),
        Fact("Oldest", words.age(counted.oldest, now) if counted.oldest else "none", "of those that wait"),
        Fact(
            "Approved as drafted",
            words.percent(read.as_drafted.value) if read.as_drafted.judged else "none",
            f"fixed {words.percent(read.fixed / judged)}, rejected {words.percent(read.rejected / judged)}",
        ),
        Fact(
            "Undone",
            f"{undone.value:.1%}" if undone.judged else "none",
            f"{undone.right:,} of {words.count(undone.judged, 'decision')}",
        ),
    ]
