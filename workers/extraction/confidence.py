"""How sure a draft is: the chance that the record, or one of its fields, is right.

Each is a logistic model over a few plain signals: which rule read the text, how a name was resolved, how the sentence
is built. The weights are in seeds/confidence.json, fitted to gold records by `make calibrate` (see docs/quality.md).
What that file does not know, a new rule say, has no weight of its own there: the other signals decide.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from workers.extraction.arguments import path_to_root
from workers.extraction.drafts import Draft
from workers.extraction.mentions import Mention
from workers.extraction.merging import Event
from workers.extraction.spans import Span

# What is estimated. "record": the document reports this event. The others: the field is right, given that it does.
TARGETS = ("record", "participants", "modality", "date", "place", "details/action")
LEAST, MOST = 0.01, 0.99  # a few hundred drafts show nothing surer

Signals = Mapping[str, float]


class ConfidenceError(ValueError):
    """seeds/confidence.json is not what `make calibrate` writes."""


@dataclass(frozen=True, slots=True)
class Model:
    """The chance by the logistic function of a weighted sum; a signal without weight counts nothing."""

    bias: float
    weights: Mapping[str, float]

    def chance(self, signals: Signals) -> float:
        score = self.bias + sum(self.weights.get(name, 0.0) * value for name, value in signals.items())
        return round(min(MOST, max(LEAST, logistic(score))), 2)


def logistic(score: float) -> float:
    """Bounded first: e to the power of some hundreds is no number any more."""
    return 1 / (1 + math.exp(-min(30.0, max(-30.0, score))))


def estimate(signals: Mapping[str, Signals]) -> Mapping[str, float]:
    """For "record" and each path of a field, how sure its value is, from the signals of it."""
    models = load_models()
    return MappingProxyType({path: models[target_of(path)].chance(told) for path, told in signals.items()})


def target_of(path: str) -> str:
    return "participants" if path.startswith("participants/") else path


@cache
def load_models() -> Mapping[str, Model]:
    return parse_models((files("seeds") / "confidence.json").read_text("utf-8"))


def parse_models(text: str) -> Mapping[str, Model]:
    """Raises ConfidenceError."""
    try:
        told = json.loads(text)["targets"]
        models = {name: _model(told[name]) for name in TARGETS}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfidenceError(f"{type(error).__name__}: {error}") from error
    return MappingProxyType(models)


def _model(told: Mapping[str, Any]) -> Model:
    weights = {name: float(weight) for name, weight in told["weights"].items()}
    model = Model(float(told["bias"]), MappingProxyType(weights))
    if not all(map(math.isfinite, (model.bias, *weights.values()))):
        raise ValueError("a weight is no number")
    return model


# --- signals ------------------------------------------------------------------------------------------------------
# Counts are taken by their logarithm: the step from one to two tells more than that from ten to eleven.


def signals_of_record(event: Event) -> Signals:
    lead = event.lead
    names = lead.finding.mentions
    return {
        f"family {lead.family}": 1.0,
        f"rule {lead.finding.rule}": 1.0,
        "strength of the rule": lead.finding.strength,
        "weakest name": min((m.strength for m in names), default=0.5),
        "without country": _share(not m.country and m.kind != "organization" for m in names),
        "only described": _share(_is_described(m) for m in names),
        "told again": _log(len(event.drafts) - 1),
        "background": float(lead.background),
    }


def signals_of_participant(draft: Draft, role: str, mention: Mention) -> Signals:
    return {
        **_signals_of_sentence(draft),
        f"role {draft.family} {role}": 1.0,
        f"kind {mention.kind}": 1.0,
        "strength of the name": mention.strength,
        "without country": float(not mention.country and mention.kind != "organization"),
        "only described": float(_is_described(mention)),
        "acts for nobody": float(not mention.public),
        "others beside it": _log(len(draft.finding.within(role)) - 1),
        "words away": _log(_words_between(draft, mention.span)),
        "from another sentence": float(_is_elsewhere(draft, mention.span)),
    }


def signals_of_modality(draft: Draft) -> Signals:
    return {
        **_signals_of_sentence(draft),
        f"modality {draft.modality.value}": 1.0,
        f"modality {draft.modality.value} {draft.family}": 1.0,
        "by the words of the rule": float(draft.finding.modality is not None),
        "claimed by somebody": float(bool(draft.claims)),
    }


def signals_of_date(event: Event, draft: Draft) -> Signals:
    """`draft` is the mention of the event that has the date."""
    edtf = draft.date.edtf if draft.date else None
    return {
        f"family {draft.family}": 1.0,
        "a day": float(len(edtf or "") == len("2024-06-19")),
        "vague": float(edtf is None),
        "only one of the sentence": float(draft.date is not None and draft.date.rule.startswith("date.only")),
        "words away": _log(_words_between(draft, draft.date.span)) if draft.date else 0.0,
        "from another mention": float(draft is not event.lead),
        "noun": float(draft.finding.trigger.is_noun),
        "length of the sentence": _log(len(draft.finding.trigger.sentence.words)),
    }


def signals_of_place(event: Event, draft: Draft) -> Signals:
    """`draft` is the mention of the event that has the place."""
    place = draft.finding.place
    return {
        f"family {draft.family}": 1.0,
        "strength of the name": place.strength if place else 0.0,
        "without country": float(place is None or place.country is None),
        "words away": _log(_words_between(draft, place.span)) if place else 0.0,
        "from another sentence": float(place is not None and _is_elsewhere(draft, place.span)),
        "from another mention": float(draft is not event.lead),
    }


def signals_of_action(event: Event) -> Signals:
    return {
        **_signals_of_sentence(event.lead),
        f"action {event.action}": 1.0,
        f"modality {event.lead.modality.value}": 1.0,
        "told again": _log(len(event.drafts) - 1),
        "mentions differ": float(len({draft.finding.action for draft in event.drafts}) > 1),
    }


def _signals_of_sentence(draft: Draft) -> Signals:
    """Which rule read it, and how it is built: parsers err more in long sentences and deep down in them."""
    finding, sentence = draft.finding, draft.finding.trigger.sentence
    return {
        f"family {draft.family}": 1.0,
        f"rule {finding.rule}": 1.0,
        "strength of the rule": finding.strength,
        "noun": float(finding.trigger.is_noun),
        "length of the sentence": _log(len(sentence.words)),
        "depth": _log(len(path_to_root(sentence, finding.trigger.event_word)) - 1),
    }


def _is_described(mention: Mention) -> bool:
    """ "its soldiers", "Russian president": no name, so that another mention may mean the same without being merged."""
    return mention.name == mention.office or mention.name.rpartition(" ")[2].islower()


def _is_elsewhere(draft: Draft, span: Span) -> bool:
    sentence = draft.finding.trigger.sentence
    return not Span(sentence.start, sentence.end).overlaps(span)


def _words_between(draft: Draft, span: Span) -> int:
    low, high = sorted((draft.trigger.start, span.start))
    return sum(low < word.start < high for word in draft.finding.trigger.sentence.words)


def _share(verdicts: Iterable[bool]) -> float:
    known = list(verdicts)
    return sum(known) / len(known) if known else 0.0


def _log(count: int) -> float:
    return math.log1p(count)
