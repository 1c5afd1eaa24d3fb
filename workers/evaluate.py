"""How right drafts are: matched with gold records event by event, and counted by family, field and difficulty.

A draft matches a gold event of its family when its trigger lies inside one of the gold mentions and a participant
agrees, where gold has any. Matching is one to one, the pair that agrees most first. What gold leaves open is not
judged. The form of gold records is told in docs/annotating.md, that of drafts in docs/record.md.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVar

from workers.extraction.families import FAMILY_OF
from workers.extraction.records import MODALITIES
from workers.extraction.spans import Span

FIELDS = ("participants found", "participants right", "modality", "action", "place", "date text")
DIFFICULTIES = ("easy", "medium", "hard")
MAY_BE_LEFT = frozenset({"date text"})  # a reviewer lets other words for the same day stand

# Kinds that stand for their state, so that the country alone tells who is meant: "Kabul", "the Afghan government".
STATELY = frozenset({None, "state", "armed_forces"})
# Words that a name may be told with or without.
TITLES = frozenset(
    re.findall(
        r"\w+",
        "mr mrs ms dr his her majesty excellency the of state king queen emir sheikh crown prince president senator"
        " prime minister premier leader chancellor foreign secretary ambassador general",
    )
)

Value = TypeVar("Value")


class FormError(ValueError):
    """A record lacks a field, or has something else in it than belongs there."""


@dataclass(frozen=True, slots=True)
class Party:
    """A participant as gold or a draft names it; `kind` is the draft's."""

    role: str
    name: str
    country: str | None = None
    kind: str | None = None

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Party:
        country, kind = _told(told, "country", str | None), _told(told, "kind", str | None)
        return cls(_told(told, "role", str), _told(told, "name", str), country, kind)


@dataclass(frozen=True, slots=True)
class GoldEvent:
    """An event that a careful reader finds in a document. `mentions` are quotes of the places that report it; a place
    may have no `country`.
    """

    family: str
    modality: str
    action: str
    mentions: tuple[str, ...]
    parties: tuple[Party, ...]
    has_place: bool
    country: str | None
    date: str | None
    difficulty: str

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> GoldEvent:
        """Raises FormError."""
        mentions = _told(told, "mentions", list)
        if not mentions or not all(isinstance(quote, str) and quote for quote in mentions):
            raise FormError("mentions are not quotes of the text")
        return cls(
            family=_one_of("type", _told(told, "type", str), FAMILY_OF),
            modality=_one_of("modality", _told(told, "modality", str), MODALITIES),
            action=_told(_told(told, "details", dict), "action", str),
            mentions=tuple(mentions),
            parties=_parties(told),
            has_place=_told(told, "place", dict | None) is not None,
            country=_told(_told(told, "place", dict | None) or {}, "country", str | None),
            date=_told(told, "date_text", str | None),
            difficulty=_one_of("difficulty", _told(told, "difficulty", str), DIFFICULTIES),
        )


@dataclass(frozen=True, slots=True)
class DraftedEvent:
    """What is judged of a drafted record. `trigger` is where it is told best, `quote` the words there."""

    family: str
    modality: str
    action: str
    trigger: Span
    quote: str
    parties: tuple[Party, ...]
    country: str | None
    date: str | None

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> DraftedEvent:
        """Raises FormError."""
        trigger = next((e for e in _told(told, "evidence", list) if _told(e, "field", str) == "trigger"), None)
        if trigger is None:
            raise FormError("there is no evidence of its trigger")
        return cls(
            family=_one_of("type", _told(told, "type", str), FAMILY_OF),
            modality=_told(told, "modality", str),
            action=_told(_told(told, "details", dict), "action", str),
            trigger=Span(_told(trigger, "start", int), _told(trigger, "end", int)),
            quote=_told(trigger, "quote", str),
            parties=_parties(told),
            country=_told(_told(told, "place", dict | None) or {}, "country", str | None),
            date=_told(_told(told, "date", dict | None) or {}, "text", str | None),
        )


def _parties(told: Mapping[str, Any]) -> tuple[Party, ...]:
    return tuple(Party.from_json(one) for one in _told(told, "participants", list))


def _told(told: Any, name: str, kind: Any) -> Any:
    if not isinstance(told, Mapping):
        raise FormError(f"{told!r} stands where {name} of something is wanted")
    if not isinstance(told.get(name), kind):
        raise FormError(f"{name} is missing" if name not in told else f"{name} cannot be {told[name]!r}")
    return told.get(name)


def _one_of(name: str, value: str, known: Iterable[str]) -> str:
    if value not in known:
        raise FormError(f"there is no {name} {value!r}")
    return value


@dataclass(frozen=True, slots=True)
class Document:
    """One text with what it reports and what was drafted from it."""

    name: str
    text: str
    gold: tuple[GoldEvent, ...]
    drafts: tuple[DraftedEvent, ...]

    def __post_init__(self) -> None:
        for draft in self.drafts:
            if draft.trigger.of(self.text) != draft.quote:
                raise FormError(f"the evidence {draft.quote!r} does not stand at {draft.trigger.start} in the text")
        for quote in (quote for event in self.gold for quote in event.mentions):
            if quote not in self.text:
                raise FormError(f"the quote {quote!r} is not in the text")


# --- matching -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pair:
    """A draft and the gold event that it tells. `fields`: right or wrong, where gold has a value to compare with;
    `found`: for each party of gold, whether the draft has it; `extra`: those of the draft that gold has not.
    """

    gold: GoldEvent
    draft: DraftedEvent
    fields: Mapping[str, bool]
    found: tuple[bool, ...]
    extra: tuple[Party, ...]

    @property
    def agreement(self) -> int:
        return sum(self.fields.values()) + sum(self.found) - len(self.extra)

    @property
    def is_untouched(self) -> bool:
        """Whether a reviewer could approve the draft as it is."""
        right = all(is_right for field, is_right in self.fields.items() if field not in MAY_BE_LEFT)
        return right and all(self.found) and not self.extra


@dataclass(frozen=True)
class Judged:
    """One document's drafts beside its gold."""

    document: Document
    pairs: tuple[Pair, ...]

    @property
    def missed(self) -> tuple[GoldEvent, ...]:
        return _without(self.document.gold, [pair.gold for pair in self.pairs])

    @property
    def spurious(self) -> tuple[DraftedEvent, ...]:
        return _without(self.document.drafts, [pair.draft for pair in self.pairs])

    def pair_of(self, draft: DraftedEvent) -> Pair | None:
        return next((pair for pair in self.pairs if pair.draft is draft), None)


def _without(values: Sequence[Value], taken: Sequence[Value]) -> tuple[Value, ...]:
    """By identity: two events of one document may say just the same."""
    gone = {id(value) for value in taken}
    return tuple(value for value in values if id(value) not in gone)


def judge(document: Document) -> Judged:
    """Matches drafts with gold, one to one; of pairs that agree alike, the earlier gold event and draft first."""
    candidates = [
        (gold, draft, pair)
        for gold, event in enumerate(document.gold)
        for draft, drafted in enumerate(document.drafts)
        if (pair := _compared(document.text, event, drafted)) is not None
    ]
    taken: dict[int, tuple[int, Pair]] = {}
    for gold, draft, pair in sorted(candidates, key=lambda one: (-one[2].agreement, one[0], one[1])):
        if gold not in taken and all(draft != other for other, _ in taken.values()):
            taken[gold] = (draft, pair)
    return Judged(document, tuple(pair for _, (_, pair) in sorted(taken.items())))


def _compared(text: str, gold: GoldEvent, draft: DraftedEvent) -> Pair | None:
    """The pair, if the draft may tell the gold event."""
    if draft.family != gold.family or not any(span.contains(draft.trigger) for span in _spans(text, gold.mentions)):
        return None
    found = tuple(any(is_same_party(one, other) for other in draft.parties) for one in gold.parties)
    if gold.parties and not any(found):
        return None
    extra = tuple(other for other in draft.parties if not any(is_same_party(one, other) for one in gold.parties))
    return Pair(gold, draft, MappingProxyType(_fields(gold, draft)), found, extra)


def _fields(gold: GoldEvent, draft: DraftedEvent) -> dict[str, bool]:
    fields = {"modality": draft.modality == gold.modality, "action": draft.action == gold.action}
    if gold.country:
        fields["place"] = draft.country == gold.country
    if gold.date:
        fields["date text"] = bool(set(telling_words(gold.date)) & set(telling_words(draft.date or "")))
    return fields


def _spans(text: str, quotes: Iterable[str]) -> Iterator[Span]:
    """Every place where one of the quotes stands."""
    for quote in quotes:
        at = text.find(quote)
        while at >= 0:
            yield Span(at, at + len(quote))
            at = text.find(quote, at + 1)


def is_same_party(gold: Party, draft: Party) -> bool:
    """In the same role: the same name, or the same country where the draft names a state by a city or an adjective."""
    if gold.role != draft.role:
        return False
    if _is_same_name(telling_words(gold.name), telling_words(draft.name)):
        return True
    return bool(gold.country) and gold.country == draft.country and draft.kind in STATELY


def _is_same_name(one: Sequence[str], other: Sequence[str]) -> bool:
    """One holds the other, or both end alike: "Foreign Minister Orsolya Kertész", "Kertész"."""
    if not one or not other:
        return False
    return set(one) <= set(other) or set(other) <= set(one) or one[-1] == other[-1]


def telling_words(name: str) -> list[str]:
    """The words of a name without accents and titles; all of them where there is nothing but titles."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    words = re.findall(r"[a-z0-9]+", plain)
    return [word for word in words if word not in TITLES] or words


# --- counting -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Share:
    """How many of those that were judged are right; nothing judged is a share of 0, as in any sum of none."""

    right: int
    judged: int

    @property
    def value(self) -> float:
        return self.right / self.judged if self.judged else 0.0

    @classmethod
    def of(cls, verdicts: Iterable[bool]) -> Share:
        known = list(verdicts)
        return cls(sum(known), len(known))


def interval(right: int, judged: int) -> tuple[float, float]:
    """Wilson's interval of 95 % for a share."""
    z, share = 1.96, right / judged
    middle = (share + z * z / (2 * judged)) / (1 + z * z / judged)
    half = z / (1 + z * z / judged) * math.sqrt(share * (1 - share) / judged + z * z / (4 * judged * judged))
    return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True, slots=True)
class Score:
    """Events of one family, or of all."""

    gold: int
    drafts: int
    matched: int

    @property
    def precision(self) -> float:
        return Share(self.matched, self.drafts).value

    @property
    def recall(self) -> float:
        return Share(self.matched, self.gold).value

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True)
class Figures:
    """What all documents come to. `families` are those that occur, by name; `quiet` are the documents without events,
    right where nothing was drafted.
    """

    documents: int
    families: Mapping[str, Score]
    every_family: Score
    fields: Mapping[str, Share]
    difficulties: Mapping[str, Share]
    untouched: Share
    quiet: Share

    def to_json(self) -> dict[str, Any]:
        return {
            "documents": self.documents,
            "families": {name: _score(score) for name, score in self.families.items()},
            "all": _score(self.every_family),
            "fields": {name: _share(share) for name, share in self.fields.items()},
            "recall_by_difficulty": {name: _share(share) for name, share in self.difficulties.items()},
            "untouched": _share(self.untouched),
            "documents_without_events_without_draft": _share(self.quiet),
        }


def _score(score: Score) -> dict[str, float]:
    counts = {"gold": score.gold, "drafts": score.drafts, "matched": score.matched}
    return counts | {name: round(getattr(score, name), 4) for name in ("precision", "recall", "f1")}


def _share(share: Share) -> dict[str, float]:
    return {"right": share.right, "judged": share.judged, "share": round(share.value, 4)}


def figures(documents: Sequence[Judged]) -> Figures:
    gold = Counter(event.family for judged in documents for event in judged.document.gold)
    drafts = Counter(event.family for judged in documents for event in judged.document.drafts)
    pairs = [pair for judged in documents for pair in judged.pairs]
    matched = Counter(pair.gold.family for pair in pairs)
    without_events = [judged for judged in documents if not judged.document.gold]
    return Figures(
        documents=len(documents),
        families={name: Score(gold[name], drafts[name], matched[name]) for name in sorted(gold | drafts)},
        every_family=Score(gold.total(), drafts.total(), matched.total()),
        fields={field: Share.of(_verdicts(pairs, field)) for field in FIELDS},
        difficulties=_by_difficulty(documents),
        untouched=Share(sum(pair.is_untouched for pair in pairs), drafts.total()),
        quiet=Share.of(not judged.document.drafts for judged in without_events),
    )


def _verdicts(pairs: Iterable[Pair], field: str) -> Iterator[bool]:
    for pair in pairs:
        if field == "participants found":
            yield from pair.found
        elif field == "participants right":
            yield from (party not in pair.extra for party in pair.draft.parties)
        elif field in pair.fields:
            yield pair.fields[field]


def _by_difficulty(documents: Sequence[Judged]) -> dict[str, Share]:
    every = Counter(event.difficulty for judged in documents for event in judged.document.gold)
    found = Counter(pair.gold.difficulty for judged in documents for pair in judged.pairs)
    return {name: Share(found[name], every[name]) for name in DIFFICULTIES if every[name]}


# --- errors -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong: `kind` is "missed", "spurious" or "wrong", `field` what is wrong of a matched draft.
    `quote` is gold's best mention, or the draft's trigger with the words around it.
    """

    kind: str
    document: str
    family: str
    field: str
    gold: str
    draft: str
    quote: str


AROUND = 60  # characters of text beside the trigger of a spurious draft


def mistakes(judged: Judged) -> Iterator[Mistake]:
    """What is missed, then what is wrong, then what is spurious, each in the order of gold or of the drafts."""
    document = judged.document
    for event in judged.missed:
        yield Mistake("missed", document.name, event.family, "", event.action, "", event.mentions[0])
    for pair in judged.pairs:
        for field, gold, draft in _differences(pair):
            yield Mistake("wrong", document.name, pair.gold.family, field, gold, draft, pair.gold.mentions[0])
    for drafted in judged.spurious:
        around = Span(max(0, drafted.trigger.start - AROUND), drafted.trigger.end + AROUND).of(document.text)
        yield Mistake("spurious", document.name, drafted.family, "", "", drafted.action, around)


def _differences(pair: Pair) -> Iterator[tuple[str, str, str]]:
    """Field, what gold says, what the draft says."""
    gold, draft = pair.gold, pair.draft
    said = {
        "modality": (gold.modality, draft.modality),
        "action": (gold.action, draft.action),
        "place": (gold.country, draft.country),
        "date text": (gold.date, draft.date),
    }
    for field, is_right in pair.fields.items():
        if not is_right:
            yield field, said[field][0] or "", said[field][1] or ""
    for party, is_found in zip(gold.parties, pair.found, strict=True):
        if not is_found:
            yield party.role, _in_words(party), ""
    for party in pair.extra:
        yield party.role, "", _in_words(party)


def _in_words(party: Party) -> str:
    return f"{party.name} ({party.country})" if party.country else party.name
