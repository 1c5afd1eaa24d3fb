"""How sure a draft is: a transparent estimate from the rule, the resolution of names and the parse.

The numbers are judgement, not measurement: they order drafts and fields for the reviewer. Calibration on reviewed
records replaces the constants, not the shape.
"""

from __future__ import annotations

from workers.extraction.drafts import Draft
from workers.extraction.mentions import Mention
from workers.extraction.merging import Event

MODALITY = {"occurred": 0.9, "planned": 0.8, "possible": 0.7, "denied": 0.7, "alleged": 0.7}
DATE_RESOLVED, DATE_VAGUE = 0.85, 0.7
SECOND_MENTION = 0.05  # each further mention of an event makes it surer


def of_record(event: Event) -> float:
    lead = event.lead
    told_again = SECOND_MENTION * min(len(event.drafts) - 1, 2)
    weakest = min((m.strength for m in lead.finding.mentions), default=0.5)
    return _bounded(lead.finding.strength * (0.7 + 0.3 * weakest) + told_again)


def of_participant(draft: Draft, mention: Mention) -> float:
    known = 1.0 if mention.country or mention.kind == "organization" else 0.8
    return _bounded(draft.finding.strength * mention.strength * known + 0.1)


def of_modality(draft: Draft) -> float:
    return MODALITY[draft.modality.value]


def of_date(resolved: bool) -> float:
    return DATE_RESOLVED if resolved else DATE_VAGUE


def _bounded(value: float) -> float:
    return round(min(0.99, max(0.01, value)), 2)
