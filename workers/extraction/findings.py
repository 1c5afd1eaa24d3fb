"""What a rule returns: one mention of an event, with its participants, before date, modality and merging."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from workers.extraction.mentions import Mention
from workers.extraction.modality import Modality
from workers.extraction.places import PlaceMention
from workers.extraction.reading import Reading
from workers.extraction.records import DetailValue
from workers.extraction.spans import Span
from workers.extraction.triggers import Trigger

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
    rule: str = ""
    strength: float = 1.0
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
