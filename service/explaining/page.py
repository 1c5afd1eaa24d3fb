"""Explanations as one page that needs nothing else: no script, no style or picture from outside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from service.explaining.explanation import Explanation
from service.review import words
from service.review.signs import pieces


def page(explanations: Sequence[Explanation]) -> Iterator[str]:
    """The page, piece by piece. Every word of the documents is escaped."""
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return templates.get_template("page.html").generate(explanations=explanations, words=words, pieces=pieces)
