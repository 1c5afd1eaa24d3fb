"""axe-core, the accessibility rules of Deque, run within a page. scripts/bootstrap-test-machine.sh brings it."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

VERSION = "4.14.1"
FILE = Path(sys.prefix) / "share" / f"axe-core-{VERSION}" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OFF_UNLESS_ASKED_FOR = {"target-size": {"enabled": True}}


@cache
def _source() -> str:
    if not FILE.exists():
        pytest.fail(f"needs axe-core {VERSION}: scripts/bootstrap-test-machine.sh brings it")
    return FILE.read_text()


def violations(page: Page, rule: str | None = None) -> list[str]:
    """What axe-core finds wrong, by all rules or by one, each with its rule and the element. The page's own policy
    forbids scripts from outside; this one comes through the browser's debugger, which it does not bind.
    """
    page.evaluate(_source())
    only = {"type": "rule", "values": [rule]} if rule else {"type": "tag", "values": TAGS}
    rules = {} if rule else OFF_UNLESS_ASKED_FOR
    # Without reading the style sheets a second time, which their policy and layers forbid; that is for one rule only,
    # on turned screens, and no style here asks how a screen is turned.
    options = {"runOnly": only, "rules": rules, "resultTypes": ["violations"], "preload": False}
    found: dict[str, Any] = page.evaluate("options => axe.run(options)", options)
    return [
        f"{one['id']} ({one['impact']}): {node['html']} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]
