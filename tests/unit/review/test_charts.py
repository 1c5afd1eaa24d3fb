"""Charts are drawings in the page's own colours, without what the content security policy forbids."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys

from service.operations.agreement import Agreement
from service.operations.calibration import Bin
from service.operations.statistics import Day, Seconds
from service.review import charts

TODAY = dt.date(2024, 6, 26)
DAYS = [Day(TODAY, "visit", 9, 4, 2, 1), Day(TODAY - dt.timedelta(days=3), "treaty", 5, 5)]
DRAWINGS = {
    "work": charts.work(DAYS, TODAY - dt.timedelta(days=13), TODAY),
    "seconds": charts.seconds([Seconds("visit", 9, 0.0, 12.0, 31.0, 52.0, 4000.0)]),
    "reliability": charts.reliability([Bin(0.9, 0.95, 12, 11, 0.92)]),
    "bars": charts.bars({"Date": 3, "<b>": 1}),
    "agreement": charts.agreement([Agreement("visit", "date", "Date", 9, 0.8, -0.2, None)]),
}
# In a process that was forked after loading, as gunicorn's are, and from another thread.
FORKED = """
import os, threading
from service.review import charts
if os.fork() == 0:
    drawn = []
    thread = threading.Thread(target=lambda: drawn.append(charts.bars({"Date": 3})))
    thread.start()
    thread.join()
    os._exit(0 if drawn else 1)
raise SystemExit(os.waitstatus_to_exitcode(os.wait()[1]))
"""


def test_drawings_have_neither_styles_nor_scripts_nor_elements_of_others() -> None:
    for drawing in DRAWINGS.values():
        assert set(re.findall(r"<([a-z]+)", drawing)) <= {"svg", "g", "path", "text", "line", "rect"}
        assert not re.search(r"\s(?:style|role|on\w+|href)=", drawing)
    assert "&lt;b&gt;" in DRAWINGS["bars"]


def test_every_colour_is_one_of_the_page() -> None:
    for drawing in DRAWINGS.values():
        colours = set(re.findall(r'(?:fill|stroke)="([^"]+)"', drawing))
        assert [one for one in colours if not re.fullmatch(r"none|transparent|var\(--[\w-]+\)", one)] == []
    assert "var(--visit)" in DRAWINGS["work"]


def test_long_periods_have_a_bar_a_week() -> None:
    days = [Day(TODAY - dt.timedelta(days=number), "visit", approved=1) for number in range(90)]
    daily = charts.work(days[:14], TODAY - dt.timedelta(days=13), TODAY)
    weekly = charts.work(days, TODAY - dt.timedelta(days=89), TODAY)
    # One more in each of 4 families and 4 columns keeps its place where nothing happened.
    assert [len(re.findall(r'<path d="[^"]*" fill="var', drawing)) - 16 for drawing in (daily, weekly)] == [14, 13]


def test_a_forked_process_draws() -> None:
    subprocess.run([sys.executable, "-c", FORKED], check=True, timeout=60)
