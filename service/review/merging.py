"""Three versions of a record: as a reviewer saw it, as it is now, and as he typed it. What differs, and what he makes
of them. Pure; nothing that nobody chose is lost or overwritten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.review.fields import LISTS, PARTS, Body, Span, Typed, Value, shown
from workers.extraction.families import FAMILY_OF

Item = tuple[str, tuple[Value, ...]]
Items = Mapping[str, tuple[Value, ...]]

CHOICES = ("theirs", "mine", "other")


@dataclass(frozen=True, slots=True)
class Version:
    """A record's form, and the words behind each row. Of what was typed, `body` is the record that it was typed on."""

    body: Body
    typed: Typed
    evidence: Mapping[str, tuple[Span, ...]]

    @classmethod
    def of(cls, record: Mapping[str, Any], typed: Typed | None = None) -> Version:
        """From the published form of a record."""
        evidence: dict[str, tuple[Span, ...]] = {}
        for item in record["evidence"]:
            evidence[item["field"]] = (*evidence.get(item["field"], ()), (item["start"], item["end"]))
        return cls(record, typed or shown(record), {**evidence, **(typed.evidence if typed else {})})

    def at(self, path: str | None) -> Held | None:
        """What stands at a row; None for one that is not there."""
        if path is None:
            return None
        values = tuple(self.typed.values.get(one, "") for one in form_paths(path))
        return Held(values, tuple(sorted(self.evidence.get(path, ()))))

    def items(self, name: str) -> dict[str, tuple[Value, ...]]:
        """A list's rows that are to stay, by path."""
        paths = (f"{name}/{number}" for number in self.typed.items(name))
        held = ((path, self.at(path)) for path in paths if path not in self.typed.removed)
        return {path: one.values for path, one in held if one}


@dataclass(frozen=True, slots=True)
class Held:
    """The values of a row, in the order of form_paths, and the words behind it."""

    values: tuple[Value, ...]
    words: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Slot:
    """One thing that can differ, by its path in each version; None where it is not there."""

    was: str | None
    theirs: str | None
    mine: str | None

    @property
    def path(self) -> str:
        return self.theirs or self.was or self.mine or ""


@dataclass(frozen=True, slots=True)
class Difference:
    """A slot in which the versions are not the same; `number` names it in the form."""

    number: int
    slot: Slot
    was: Held | None
    theirs: Held | None
    mine: Held | None

    @property
    def changed_by(self) -> str:
        if self.theirs == self.was:
            return "mine"
        return "theirs" if self.mine == self.was else "both"

    @property
    def default(self) -> str:
        """The side that changed it; nothing when both did."""
        return "" if self.changed_by == "both" else self.changed_by


def form_paths(row: str) -> tuple[str, ...]:
    """The form's fields of a row. "modality" and "background" share a row of the form, but are merged apart."""
    if row == "trigger":
        return ("details/action",)
    name = row.partition("/")[0]
    return tuple(f"{row}/{part}" for part in PARTS[name]) if name in PARTS else (row,)


def compare(was: Version, theirs: Version, mine: Version) -> tuple[list[Difference], list[Slot]]:
    """Where the three differ, and where they are the same. What both sides changed to the same is no difference."""
    differences, same = [], []
    for number, slot in enumerate(_slots(was, theirs, mine)):
        one = Difference(number, slot, was.at(slot.was), theirs.at(slot.theirs), mine.at(slot.mine))
        if one.theirs == one.mine:
            same.append(slot)
        else:
            differences.append(one)
    return differences, same


def _slots(was: Version, theirs: Version, mine: Version) -> Iterator[Slot]:
    """In the order of the form."""
    for path in ("trigger", "modality", "background", "date", "place"):
        yield Slot(path, path, path)
    yield from _item_slots("participants", was, theirs, mine)
    for detail in FAMILY_OF[was.body["type"]].details[1:]:
        path = f"details/{detail.name}"
        yield Slot(path, path, path)
    yield from _item_slots("attributed_to", was, theirs, mine)


def _item_slots(name: str, was: Version, theirs: Version, mine: Version) -> Iterator[Slot]:
    old, new, typed = was.items(name), theirs.items(name), mine.items(name)
    became = pair(old, new)
    for path in old:
        yield Slot(path, became.get(path), path if path in typed else None)
    added = {path: values for path, values in new.items() if path not in became.values()}
    mine_added = {path: values for path, values in typed.items() if path not in old}
    both_added = _pairs(added, mine_added, (_is_equal, _has_the_same_name))
    for path in added:
        yield Slot(None, path, both_added.get(path))
    for path in mine_added:
        if path not in both_added.values():
            yield Slot(None, None, path)


def pair(old: Items, new: Items) -> dict[str, str]:
    """Which rows of a list became which: equal ones, then those of the same name, then those at the same place in a
    list that is as long as it was. The others went, or came.
    """
    by_place = (_is_at_the_same_place,) if len(old) == len(new) else ()
    return _pairs(old, new, (_is_equal, _has_the_same_name, *by_place))


def _pairs(old: Items, new: Items, rules: Sequence[Callable[[Item, Item], bool]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for is_same in rules:
        for path in (path for path in old if path not in found):
            free = (other for other in new if other not in found.values())
            match = next((other for other in free if is_same((path, old[path]), (other, new[other]))), None)
            if match:
                found[path] = match
    return found


def _is_equal(old: Item, new: Item) -> bool:
    return old[1] == new[1]


def _has_the_same_name(old: Item, new: Item) -> bool:
    name = PARTS[old[0].partition("/")[0]].index("name")
    return old[1][name] == new[1][name]


def _is_at_the_same_place(old: Item, new: Item) -> bool:
    return old[0] == new[0]


def merged(
    theirs: Version,
    differences: Sequence[Difference],
    choices: Mapping[int, str],
    others: Mapping[int, tuple[Value, ...]],
) -> Typed:
    """The form of the record as it is now, changed to what was chosen: "theirs", "mine", or "other" with values of its
    own. What is not chosen yet is as it was typed.
    """
    values, removed, evidence = dict(theirs.typed.values), set(), {}
    targets = targets_of(theirs, differences)
    for one in differences:
        choice = choices.get(one.number) or one.default or "mine"
        mine = one.mine.values if one.mine else None
        chosen = others.get(one.number) if choice == "other" else mine
        target = targets[one.number]
        if choice == "theirs":
            continue
        if chosen is None:
            removed.add(target)
            continue
        values |= zip(form_paths(target), chosen, strict=True)
        if one.mine and one.mine.words and one.mine.words != (one.theirs.words if one.theirs else ()):
            evidence[target] = one.mine.words
    return Typed(values, frozenset(removed), evidence)


def targets_of(theirs: Version, differences: Sequence[Difference]) -> dict[int, str]:
    """The rows that the differences have in the form of the record as it is now; those that it lacks come at the end of
    their list.
    """
    free = {name: len(theirs.items(name)) for name in LISTS}
    targets = {}
    for one in differences:
        name = one.slot.path.partition("/")[0]
        if one.slot.theirs is None:
            targets[one.number] = f"{name}/{free[name]}"
            free[name] += 1
        else:
            targets[one.number] = one.slot.theirs
    return targets
