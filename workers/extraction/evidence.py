"""From an event's drafts to its record: every field with the stretch of text that backs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from workers.extraction import confidence
from workers.extraction.confidence import Signals
from workers.extraction.drafts import Draft
from workers.extraction.findings import joined
from workers.extraction.gazetteers import whole_words
from workers.extraction.mentions import Mention
from workers.extraction.merging import Event, same_participant
from workers.extraction.reading import Reading
from workers.extraction.records import (
    Attribution,
    DetailValue,
    EventDate,
    EventRecord,
    Evidence,
    Participant,
    Place,
)
from workers.extraction.spans import Span

MOST_MENTIONS = 100  # of one event are kept as evidence, the leading one first; more of them prove nothing


def record_of(event: Event, reading: Reading, roles: tuple[str, ...]) -> EventRecord:
    """The record of one event; `roles` gives the order of the participants."""
    record, signals = record_and_signals(event, reading, roles)
    return replace(record, confidence=confidence.estimate(signals))


def record_and_signals(
    event: Event, reading: Reading, roles: tuple[str, ...]
) -> tuple[EventRecord, Mapping[str, Signals]]:
    """The record without confidence, and what that is estimated from, for "record" and for field paths."""
    ledger = _Ledger(reading.text)
    lead = event.lead
    for draft in event.drafts[:MOST_MENTIONS]:
        ledger.back("trigger", draft.trigger, draft.finding.rule)
    participants = _participants(event, roles, ledger)
    modality, date, place = _modality(event, ledger), _date(event, reading, ledger), _place(event, ledger)
    details, claims = _details(event, ledger), _attributions(lead, ledger)
    ledger.signals["record"] = confidence.signals_of_record(event)
    ledger.signals["details/action"] = confidence.signals_of_action(event)
    record = EventRecord(
        type=lead.family,
        modality=modality,
        participants=participants,
        details=MappingProxyType({"action": event.action, **details}),
        evidence=tuple(ledger.evidence),
        background=lead.background,
        date=date,
        place=place,
        attributed_to=claims,
        rules=tuple(dict.fromkeys(d.finding.rule for d in event.drafts)),
    )
    return record, ledger.signals


class _Ledger:
    """Collects evidence, and the signals of how sure it is, while the fields of one record are decided."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.evidence: list[Evidence] = []
        self.signals: dict[str, Signals] = {}

    def quote(self, span: Span) -> str:
        return span.of(self._text)

    def back(self, field: str, span: Span, rule: str, signals: Signals | None = None) -> None:
        self.evidence.append(Evidence.at(field, self._text, span.start, span.end, rule))
        if signals is not None:
            self.signals[field] = signals


def _participants(event: Event, roles: tuple[str, ...], ledger: _Ledger) -> tuple[Participant, ...]:
    found: list[Participant] = []
    known: list[Mention] = []
    for role in roles:
        told = [(d, m) for d, m in _told_in_role(event, role) if not any(same_participant(m, k) for k in known)]
        known += [mention for _, mention in told]
        for draft, mention in told:
            signals = confidence.signals_of_participant(draft, role, mention)
            rule = joined(draft.finding.rule, mention.rule)
            ledger.back(f"participants/{len(found)}", mention.span, rule, signals)
            found.append(Participant(role, mention.name, mention.kind, mention.country, mention.office))
    return tuple(found)


def _told_in_role(event: Event, role: str) -> list[tuple[Draft, Mention]]:
    """Those whom any mention of the event names in the role, the best mention of each."""
    found: list[tuple[Draft, Mention]] = []
    for draft in event.drafts:
        for mention in draft.finding.within(role):
            known = next((i for i, (_, m) in enumerate(found) if same_participant(m, mention)), None)
            if known is None:
                found.append((draft, mention))
            elif mention.kind == "person" and found[known][1].kind != "person":
                found[known] = (draft, mention)
    return found


def _modality(event: Event, ledger: _Ledger) -> str:
    """The leading draft's; what one side claims is a fact where the text elsewhere tells it as one."""
    asserted = [d for d in event.drafts if d.modality.value == "occurred" and not d.finding.passing]
    teller = asserted[0] if asserted and event.lead.modality.value == "alleged" else event.lead
    ledger.signals["modality"] = confidence.signals_of_modality(teller)
    if teller.modality.cue:
        ledger.back("modality", teller.modality.cue, teller.modality.rule or teller.finding.rule)
    return teller.modality.value


def _date(event: Event, reading: Reading, ledger: _Ledger) -> EventDate | None:
    dated = next((d for d in event.drafts if d.date), None)
    if dated is None or (phrase := dated.date) is None:
        return None
    ledger.back("date", phrase.span, phrase.rule, confidence.signals_of_date(event, dated))
    anchor = reading.anchor.isoformat() if phrase.edtf and reading.anchor else None
    return EventDate(" ".join(phrase.text.split()), phrase.edtf, anchor)


def _place(event: Event, ledger: _Ledger) -> Place | None:
    placed = next((d for d in event.drafts if d.finding.place), None)
    if placed is None or (mention := placed.finding.place) is None:
        return None
    rule = joined(placed.finding.rule, mention.rule)
    ledger.back("place", mention.span, rule, confidence.signals_of_place(event, placed))
    return replace(mention.place, name=" ".join(whole_words(mention.place.name).split()))


def _details(event: Event, ledger: _Ledger) -> dict[str, DetailValue]:
    found: dict[str, DetailValue] = {}
    for draft in event.drafts:
        for name, (value, span) in draft.finding.details.items():
            if name not in found:
                found[name] = value
                ledger.back(f"details/{name}", span, draft.finding.rule)
    return found


def _attributions(lead: Draft, ledger: _Ledger) -> tuple[Attribution, ...]:
    for index, claim in enumerate(lead.claims):
        ledger.back(f"attributed_to/{index}", claim.speaker.span, joined(claim.rule, claim.speaker.rule))
    return tuple(Attribution(c.speaker.name, ledger.quote(c.cue), c.speaker.country) for c in lead.claims)
