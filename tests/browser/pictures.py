"""Pictures of what the tests see, kept in the folder that LEGATION_SCREENSHOTS names; without it, none are taken."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Page

FOLDER = os.environ.get("LEGATION_SCREENSHOTS")


def keep(page: Page, name: str) -> None:
    if not FOLDER:
        return
    file = Path(FOLDER) / f"{name}.png"
    file.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=file, animations="disabled")


def keep_both(page: Page, name: str) -> None:
    """By day, and by night."""
    for theme in ("light", "dark") if FOLDER else ():
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        keep(page, f"{name}-{theme}")
    page.emulate_media(color_scheme="light")
