"""Where the tests put their pictures: build/screenshots, or the folder that LEGATION_SCREENSHOTS names."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Page

from tests.conftest import REPOSITORY

FOLDER = Path(os.environ.get("LEGATION_SCREENSHOTS", REPOSITORY / "build" / "screenshots"))


def keep(page: Page, name: str) -> None:
    file = FOLDER / f"{name}.png"
    file.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=file, animations="disabled")


def keep_both(page: Page, name: str) -> None:
    """By day, and by night."""
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        keep(page, f"{name}-{theme}")
    page.emulate_media(color_scheme="light")
