"""Why a record needs a person's look: the fields that the machine is unsure of, and what the text does not tell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from service.operations.filters import CHECK_BELOW
from service.review import words
from service.review.fields import Body
from service.store.models import EvidenceItem
from workers.extraction.families import FAMILY_OF
from workers.extraction.family import Family
from workers.extraction.records import Evidence


@dataclass(frozen=True, slots=True)
class Reason:
    """`path` is the field's, "" where there is none to go to. `told` is the rest of the sentence."""

    path: str
    label: str
    confidence: float | None
    told: str = ""

    def __str__(self) -> str:
        return self.label if self.confidence is None else f"{self.label} uncertain, {words.percent(self.confidence)}"


def reasons(body: Body, evidence: Iterable[Evidence | EvidenceItem] = ()) -> list[Reason]:
    """The least certain first, then what is missing."""
    family = FAMILY_OF[body["type"]]
    quotes = {item.field: item.quote for item in reversed(list(evidence))}
    unsure = [
        Reason(path, words.field_label(family, path, body), confidence, _told(path, body, quotes.get(path)))
        for path, confidence in sorted(body["confidence"].items(), key=lambda pair: pair[1])
        if path != "record" and confidence < CHECK_BELOW
    ]
    return unsure + list(_missing(family, body))


def _told(path: str, body: Body, quote: str | None) -> str:
    if path == "modality":
        return f"Drafted as “{words.word(body['modality'])}”."
    return f"From “{words.line(quote)}”." if quote else ""


def missing(body: Body) -> frozenset[str]:
    """The fields that the text does not tell, as far as the machine read it."""
    return frozenset(reason.path for reason in _missing(FAMILY_OF[body["type"]], body) if reason.path)


def _missing(family: Family, body: Body) -> Iterable[Reason]:
    roles = {item["role"] for item in body["participants"]}
    for role in family.roles:
        if role.name not in roles:
            yield Reason("", f"No {role.label.lower()} named", None, "Add one if the text tells.")
    if body["date"] is None:
        yield Reason("date", "No date", None, "Fill it in if the text tells.")
