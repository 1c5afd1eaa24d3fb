"""WCAG 2.2 AA on every page and state, by day and by night, wide and narrow; and a picture of each in both themes, for
people to look at (pictures.py says where).
"""

from __future__ import annotations

import pytest
from flask import Flask

from service.operations.actor import Actor
from service.services import Services
from tests.browser import axe
from tests.browser.conftest import DESK, Visit
from tests.browser.pictures import keep, keep_both
from tests.browser.states import NO_PAGES, STATES, Scene, State

# 1280 pixels at 200 %, and the width that WCAG 1.4.10 names.
NARROW = (640, 320)
TALL = 4000  # so that nothing lies below what sticks to the window's edge
# What reaches over the page's right edge, and what would have to be scrolled sideways within it: only a region may,
# with a name and by keys, since a chart or a wide table has two dimensions (WCAG 1.4.10).
TOO_WIDE = """() => {
  const page = document.documentElement;
  const isOver = (node) => node.checkVisibility() && node.getBoundingClientRect().right > page.clientWidth + 1;
  const scrolls = (node) => /auto|scroll/.test(getComputedStyle(node).overflowX) && node.scrollWidth > node.clientWidth
    && !node.matches("[role=region][aria-label][tabindex='0']");
  const all = [...document.querySelectorAll("body *")];
  const wide = page.scrollWidth > page.clientWidth ? [page, ...all.filter(isOver)] : [];
  return [...wide, ...all.filter(scrolls)].map((node) => node.outerHTML.slice(0, 120));
}"""


@pytest.fixture
def scene(visit: Visit, services: Services, administrator: Actor, reviewer: Actor, second_reviewer: Actor) -> Scene:
    return Scene(visit, services, administrator, reviewer, second_reviewer)


def test_every_page_is_among_the_states(app: Flask) -> None:
    pages = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    of_reviewers = {endpoint for endpoint in pages if endpoint.startswith("review.")}
    assert of_reviewers == {state.endpoint for state in STATES} | NO_PAGES


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_a_page_is_accessible_and_fits(scene: Scene, state: State) -> None:
    page = state.show(scene)
    keep_both(page, state.name)
    page.set_viewport_size({"width": DESK["width"], "height": TALL})
    wrong = axe.violations(page)
    page.emulate_media(color_scheme="dark")
    wrong += [f"dark: {one}" for one in axe.violations(page, "color-contrast")]
    for width in NARROW:
        page.set_viewport_size({"width": width, "height": TALL})
        wrong += [f"{width} pixels: too wide: {one}" for one in page.evaluate(TOO_WIDE)]
    wrong += [f"narrow: {one}" for one in axe.violations(page)]
    assert not wrong, "\n".join(wrong)


GROUND = "node => getComputedStyle(node).backgroundColor"
MOVES = """() => [...document.querySelectorAll("*")].flatMap((node) => {
  const { transitionDuration, scrollBehavior } = getComputedStyle(node);
  return /[1-9]/.test(transitionDuration) || scrollBehavior === "smooth" ? [node.outerHTML.slice(0, 80)] : [];
})"""


def test_nothing_moves_for_those_who_want_it_so(scene: Scene) -> None:
    page = scene.item()
    assert page.evaluate(MOVES) == []
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(MOVES) != []


def test_what_is_chosen_shows_in_colours_of_the_reader_s_own(scene: Scene) -> None:
    page = scene.item()
    page.emulate_media(forced_colors="active")
    chosen = page.locator(".segments label:has([name=modality]:checked)")
    other = page.locator(".segments label:has([name=modality]:not(:checked))").first
    assert chosen.evaluate(GROUND) != other.evaluate(GROUND)
    keep(page, "work-forced-colours")
    page.goto("/?family=visit")
    chosen, other = page.locator(".toggle:has(:checked)"), page.locator(".toggle:has(:not(:checked))").last
    assert chosen.evaluate(GROUND) != other.evaluate(GROUND)
