"""Hidden checks on the team page: one's own in a sentence; for those who adjudicate, everybody's in a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service import web
from service.operations import gold_items
from service.operations.gold_items import Score
from service.review import words
from service.review.figures import Table
from service.review.viewer import viewer

MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Checks:
    own: str
    table: Table | None


def checks(days: int) -> Checks | None:
    """None when there is nothing to tell this person."""
    by = viewer()
    scores = gold_items.scores(web.session(), by=by, days=days) if "review" in by.scopes else []
    if not scores:
        return None
    own = next((score for score in scores if score.reviewer == by.username), None)
    return Checks(_in_words(own) if own else "", _table(scores) if "adjudicate" in by.scopes else None)


def _in_words(score: Score) -> str:
    fields = score.fields_right + score.fields_wrong
    told = (
        f"You answered {words.count(score.checks, 'check')}. You accepted or rejected {score.decisions_right} as the "
        f"known answer does, and gave {score.fields_right:,} of {words.count(fields, 'field')} the same value."
    )
    return told + (f" Most often different: {_missed(score)}." if score.missed else "")


def _missed(score: Score) -> str:
    return ", ".join(f"{label} ({times})" for label, times in score.missed.most_common(MOST_NAMED))


def _table(scores: Sequence[Score]) -> Table:
    columns = ("Reviewer", "Checks", "Accepted or rejected alike", "Fields alike", "Fields different", "Most often")
    rows = [
        (
            *(score.reviewer, f"{score.checks:,}", f"{score.decisions_right:,}"),
            *(f"{score.fields_right:,}", f"{score.fields_wrong:,}", _missed(score) or "none"),
        )
        for score in scores
    ]
    return Table("Checks answered in the period, by reviewer", columns, rows)
