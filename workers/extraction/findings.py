"""What a rule returns: one mention of an event, with its participants, before date, modality and merging."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from workers.extraction.annotation import Word
from workers.extraction.mentions import Mention
from workers.extraction.modality import Modality
from workers.extraction.places import PlaceMention
from workers.extraction.reading import Reading
from workers.extraction.records import DetailValue
from workers.extraction.spans import Span
from workers.extraction.triggers import Trigger

INHERITED = 0.6  # how much of its strength a participant keeps that another sentence names
SENTENCES_INHERITED = 6

Roles = Mapping[str, tuple[Mention, ...]]
NO_DETAILS: Mapping[str, tuple[DetailValue, Span]] = MappingProxyType({})


@dataclass(frozen=True)
class Finding:
    """One mention of an event. `roles` maps a role to whom the mention names in it, `details` a field to its value and
    where the text says so; `modality` is set only where the words of the rule decide it ("cancelled the trip").
    """

    trigger: Trigger
    roles: Roles
    action: str
    place: PlaceMention | None = None
    details: Mapping[str, tuple[DetailValue, Span]] = field(default_factory=lambda: NO_DETAILS)
    modality: Modality | None = None
    focus: Word | None = None  # of several that one trigger tells, what this one is about: its treaty, its destination
    rule: str = ""
    strength: float = 1.0
    vague: bool = False  # its action is the least that can be said ("was in Lima"); any other mention's is better
    passing: bool = False  # only ever evidence for an event told elsewhere ("the visit"), never an event by itself

    @property
    def mentions(self) -> tuple[Mention, ...]:
        return tuple(mention for mentions in self.roles.values() for mention in mentions)

    @property
    def countries(self) -> frozenset[str]:
        return frozenset(m.country for m in self.mentions if m.country)

    def within(self, role: str) -> tuple[Mention, ...]:
        return self.roles.get(role, ())

    def with_role(self, role: str, mentions: Iterable[Mention]) -> Finding:
        return replace(self, roles={**self.roles, role: tuple(mentions)})

    def with_detail(self, name: str, value: DetailValue, span: Span) -> Finding:
        return replace(self, details={**self.details, name: (value, span)})


FindEvents = Callable[[Trigger, Reading], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A named way to read triggers of some lexicon groups. `strength` is how often it is right, roughly, 0 to 1."""

    name: str
    groups: tuple[str, ...]
    find: FindEvents
    strength: float = 0.8


def apply_rules(rules: Iterable[Rule], trigger: Trigger, reading: Reading) -> tuple[Finding, ...]:
    """The findings of the first rule that makes something of the trigger."""
    for rule in rules:
        if trigger.term.group in rule.groups:
            found = tuple(rule.find(trigger, reading))
            if found:
                return tuple(replace(f, rule=rule.name, strength=rule.strength) for f in found)
    return ()


def inherit(findings: list[Finding], roles: tuple[str, ...], reading: Reading) -> list[Finding]:
    """Fill roles that a mention leaves open from the nearest other mention, the one before it first. The findings are
    in text order.
    """
    filled, places = list(findings), [reading.index_of(finding.trigger.sentence) for finding in findings]
    for index, finding in enumerate(findings):
        for role in roles:
            if not finding.within(role) and (finding.mentions or not finding.trigger.is_noun):
                source = _nearest(findings, places, index, role)
                borrowed = [_inherited(m) for m in source.within(role)] if source else []
                own = {m.country for m in filled[index].mentions if m.country}
                filled[index] = filled[index].with_role(role, [m for m in borrowed if m.country not in own])
    return filled


def _lends(mention: Mention) -> bool:
    """Whom another mention of the event may mean too: not "a Chinese company", which only one sentence is about."""
    named = mention.kind == "person" and mention.name[:1].isupper() and mention.country is not None
    return named or mention.kind in {"state", "organization", "armed_group"}


def _inherited(mention: Mention) -> Mention:
    rule = joined(mention.rule, "finding.inherited")
    return replace(mention, strength=mention.strength * INHERITED, rule=rule)


def joined(*rules: str) -> str:
    """Names of rules that chose something together, as one: "visit.move.subject+mention.pronoun"."""
    return "+".join(filter(None, rules))


def _nearest(findings: list[Finding], places: list[int], index: int, role: str) -> Finding | None:
    """The finding that can lend a role, from the sentences around; `places` are the numbers of the findings' own."""
    here, action = places[index], findings[index].action
    near = range(bisect_left(places, here - SENTENCES_INHERITED), bisect_right(places, here + SENTENCES_INHERITED))
    lenders = [i for i in near if any(map(_lends, findings[i].within(role)))]
    ranked = ((findings[i].action != action, abs(here - places[i]), places[i] > here, i) for i in lenders)
    first = min(ranked, default=None)
    return findings[first[-1]] if first else None
