"""One event told many times becomes one record with all its evidence.

Two drafts tell the same event when they are of one family and nothing that both say differs: participants, place,
date, action. The fuller one leads; the others add evidence and fill what it left open.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from workers.extraction.arguments import path_to_root
from workers.extraction.drafts import Draft
from workers.extraction.gazetteers import fold, same_organization, state_word
from workers.extraction.lexicons import load_lexicon
from workers.extraction.mentions import Mention

# A vague phrase of such a length ("nine months after") tells another time; "shortly", "soon" and "in more than two
# years", which is how long nothing of the kind had happened, fit any.
LONG_TIME = re.compile(
    r"^(?!in ).*\b(?:weeks?|months?|years?|decades?|centur(?:y|ies))\b|\b(?:last|that|previous) year\b", re.IGNORECASE
)

CLAIMS_FOLLOW_WITHIN = 600  # characters after a fight is told, in which each side says who began
CLAIMED = 10.0  # weight of a claim against leading where another mention is told as a fact
GUESSED = 0.5  # below it, a participant is the state that the document is about, for want of another
SURE = 0.6  # below it, a person's name does not keep two mentions apart

PAIRED = ("visitor", "party")  # roles whose two make one meeting, one treaty

# Actions that mentions of one event may swap, the most telling first: "was received ... during an official visit".
ALIKE = ("arrived", "attended", "visited", "met", "invited")


@dataclass(frozen=True)
class Event:
    """Drafts of one event, the leading one first."""

    drafts: tuple[Draft, ...]

    @property
    def lead(self) -> Draft:
        return self.drafts[0]

    @property
    def action(self) -> str:
        """The leading draft's, or a more telling one of the same modality."""
        alike_drafts = [d for d in self.drafts if d.modality.value == self.lead.modality.value]
        told = [d.finding.action for d in alike_drafts if not d.finding.vague] or [
            d.finding.action for d in alike_drafts
        ]
        alike = [action for action in ALIKE if action in told and not self.drafts[0].finding.passing]
        return alike[0] if self.lead.finding.action in ALIKE and alike else self.lead.finding.action


def merge(drafts: Iterable[Draft]) -> tuple[Event, ...]:
    """Events in text order of their leading drafts; drafts in passing only join events that others tell."""
    ordered = _without_talks_about_what_comes(sorted(drafts, key=lambda d: d.trigger))
    groups: list[_Group] = []
    for draft in [d for d in ordered if not d.finding.passing]:
        group = next((g for g in groups if g.tells(draft)), None)
        if group is None:
            groups.append(group := _Group())
        group.add(draft)
    for draft in [d for d in ordered if d.finding.passing]:
        joined = next((g for g in groups if g.tells(draft)), None)
        if joined is not None:
            joined.add(draft)
    events = [Event(tuple(sorted(g.drafts, key=_lead_first))) for g in groups]
    return tuple(sorted(events, key=lambda e: e.lead.trigger))


def _without_talks_about_what_comes(drafts: list[Draft]) -> list[Draft]:
    """ "is being worked on and should be ready for signature": the talks are no event beside the signature."""
    further = {_instrument_at(d) for d in drafts if d.finding.action != "negotiated"} - {None}
    return [d for d in drafts if d.finding.action != "negotiated" or _instrument_at(d) not in further]


def _instrument_at(draft: Draft) -> int | None:
    """Where the words stand that the event is about; None where the family tells none."""
    return draft.finding.focus.start if draft.finding.focus else None


class _Group:
    """Drafts that all tell the same event. Those that say just the same are compared once, however many they are."""

    def __init__(self) -> None:
        self.drafts: list[Draft] = []
        self._sayings: dict[Hashable, Draft] = {}

    def tells(self, draft: Draft) -> bool:
        return all(same_event(known, draft) for known in self._sayings.values())

    def add(self, draft: Draft) -> None:
        self.drafts.append(draft)
        self._sayings.setdefault(_saying(draft), draft)


def _saying(draft: Draft) -> Hashable:
    """All that `same_event` looks at."""
    finding, place, date = draft.finding, draft.finding.place, draft.date
    who = tuple((role, tuple(_naming(m) for m in found)) for role, found in sorted(finding.roles.items()))
    where = (fold(place.place.name), place.country) if place else None
    named = tuple(str(finding.details[name][0]) for name in ("title", "subject") if name in finding.details)
    named += (str(finding.details.get("instrument", ("",))[0]), str(_is_new(draft)))
    when = date and (date.edtf, date.text)
    return finding.action, draft.modality.value, _is_reported(draft), when, where, named, who


def _naming(mention: Mention) -> Hashable:
    return (
        mention.name,
        mention.country,
        mention.kind,
        mention.public,
        mention.strength >= SURE,
        mention.strength >= GUESSED,
    )


def _lead_first(draft: Draft) -> tuple[float, int]:
    """The mention that says most and is surest leads; of equals the first in the text."""
    finding = draft.finding
    if finding.passing:
        return (0.0, draft.trigger.start)
    said = len(finding.mentions) + (finding.place is not None) + (draft.date is not None)
    asserted = 0.5 * (not finding.trigger.is_noun) - CLAIMED * (draft.modality.value == "alleged")
    return (-(said * finding.strength + asserted), draft.trigger.start)


def same_event(one: Draft, other: Draft) -> bool:
    if one.family != other.family or not _same_action(one, other) or not _same_date(one, other):
        return False
    if _not_done(one, other) or _not_done(other, one):
        return False
    if _is_one_sided(one, other) or _is_one_sided(other, one):
        return _is_claim_about(one, other) or _is_claim_about(other, one)
    if not _same_place(one, other) or _different_titles(one, other) or _another_instrument(one, other):
        return False
    return _participants_agree(one, other)


def _is_one_sided(act: Draft, fight: Draft) -> bool:
    """ "Pakistan shot down five Indian aircraft" is no mention of the fire that both sides opened."""
    sides, struck = {m.country for m in fight.finding.within("initiator")}, act.finding.within("target")
    first = {m.country for m in act.finding.within("initiator")}
    return len(sides) == 2 and len(first) == 1 and first < sides and bool({m.country for m in struck} & sides)


def _not_done(denied: Draft, told: Draft) -> bool:
    """What the text itself says did not happen is no mention of what did; a denial by somebody is."""
    return denied.modality.value == "denied" and told.modality.value == "occurred" and not _is_reported(denied)


def _is_reported(draft: Draft) -> bool:
    """Somebody says it, named or not."""
    trigger, says = draft.finding.trigger, load_lexicon("modality").list("says")
    return any(w.lemma.casefold() in says for w in path_to_root(trigger.sentence, trigger.word)[1:])


def _same_action(one: Draft, other: Draft) -> bool:
    a, b = one.finding.action, other.finding.action
    return a == b or (a in ALIKE and b in ALIKE) or _is_claim_about(one, other) or _is_claim_about(other, one)


def _is_claim_about(claim: Draft, fight: Draft) -> bool:
    """What one side says of a fight of both is the same event: "each says that the other fired first"."""
    sides = {m.country for m in fight.finding.within("initiator")}
    first = {m.country for m in claim.finding.within("initiator")}
    both = len(sides) == 2 and None not in sides and fight.modality.value == "occurred"
    same_day = not (claim.date and fight.date) or fold(claim.date.text) == fold(fight.date.text)
    near = 0 < claim.trigger.start - fight.trigger.start < CLAIMS_FOLLOW_WITHIN
    return (
        both
        and same_day
        and near
        and claim.modality.value == "alleged"
        and bool(first)
        and claim.finding.countries <= sides
    )


def _same_date(one: Draft, other: Draft) -> bool:
    a, b = one.date, other.date
    if a is None or b is None or fold(a.text) == fold(b.text):
        return True
    if a.edtf and b.edtf:
        return a.edtf.startswith(b.edtf) or b.edtf.startswith(a.edtf) or "/" in a.edtf + b.edtf
    return not any(LONG_TIME.search(date.text) for date in (a, b) if date.edtf is None)


def _different_titles(one: Draft, other: Draft) -> bool:
    """Two instruments that both have names of their own are two: the "ABM Treaty", the "INF Treaty"."""
    titles = [d.finding.details["title"][0] for d in (one, other) if "title" in d.finding.details]
    named = [set(fold(str(t)).split()) for t in titles if any(w[:1].isupper() for w in str(t).split())]
    subjects = [_content(str(d.finding.details["subject"][0])) for d in (one, other) if "subject" in d.finding.details]
    if len(subjects) == 2 and not subjects[0] & subjects[1]:  # "a memorandum on trade", "one on visas"
        return True
    return len(named) == 2 and not named[0] <= named[1] and not named[1] <= named[0]


def _another_instrument(one: Draft, other: Draft) -> bool:
    """A truce is no treaty; and "a seven-article agreement" is not the "joint declaration" told before."""
    kinds = [
        str(d.finding.details["instrument"][0]).casefold() for d in (one, other) if "instrument" in d.finding.details
    ]
    if len(kinds) < 2 or kinds[0].rstrip("s") == kinds[1].rstrip("s"):
        return False
    truces = load_lexicon("treaty").list("truces") | load_lexicon("treaty").list("fire")
    later = max((one, other), key=lambda d: d.trigger.start)
    return (kinds[0] in truces) != (kinds[1] in truces) or _is_new(later)


def _is_new(draft: Draft) -> bool:
    """The text speaks of it for the first time: "a", "another"."""
    instrument, sentence = draft.finding.focus, draft.finding.trigger.sentence
    marks = {"a", "an", "another", "second", "further"}
    return instrument is not None and any(c.text.casefold() in marks for c in sentence.children(instrument))


def _content(phrase: str) -> frozenset[str]:
    """The longer words of a phrase, without those that any agreement is on."""
    return frozenset(w for w in fold(phrase).split() if len(w) > 3) - {
        "cooperation",
        "field",
        "between",
        "area",
        "various",
    }


def _same_place(one: Draft, other: Draft) -> bool:
    a, b = one.finding.place, other.finding.place
    if a is None or b is None or one.family == "sanctions_action":
        return True
    if fold(a.place.name) == fold(b.place.name):
        return True
    return a.country == b.country or a.country is None or b.country is None


def _participants_agree(one: Draft, other: Draft) -> bool:
    """In each role that both fill, one's participants are among the other's; and they share somebody."""
    shared = False
    for role, mine in one.finding.roles.items():
        theirs = other.finding.within(role)
        if not mine or not theirs:
            continue
        common = [m for m in mine if any(same_participant(m, t) for t in theirs)]
        if not common and not (role == "host" and _of_one_state(mine, theirs)):
            return False
        if role in PAIRED and _another_pair(mine, theirs):
            return False
        shared = shared or bool(common)
    return shared


def _another_pair(mine: Sequence[Mention], theirs: Sequence[Mention]) -> bool:
    """ "met Isaias" and "met Isaias" are two meetings where Abiy did and then Guelleh: each side has one of its own."""
    if len(mine) != 2 or len(theirs) != 2 or min(m.strength for m in (*mine, *theirs)) < GUESSED:
        return False
    mine_alone = [m for m in mine if not any(same_participant(m, t) for t in theirs)]
    theirs_alone = [t for t in theirs if not any(same_participant(t, m) for m in mine)]
    return bool(mine_alone and theirs_alone)


def _of_one_state(mine: Iterable[Mention], theirs: Iterable[Mention]) -> bool:
    """On one visit one is received by the king and by his ministers."""
    countries = {m.country for m in (*mine, *theirs)}
    return len(countries) == 1 and None not in countries


def same_participant(one: Mention, other: Mention) -> bool:
    if one.name.islower() and other.name.islower() and not (one.public or other.public):
        return one.name == other.name  # "ten persons" are not "nine persons"
    if one.kind == other.kind == "person" and one.strength >= SURE and other.strength >= SURE:
        return bool(_telling_words(one.name) & _telling_words(other.name)) and _countries_agree(one, other)
    if one.country or other.country:
        return one.country == other.country and not _one_and_several(one, other)
    return _organization(one.name) == _organization(other.name)


def _one_and_several(one: Mention, other: Mention) -> bool:
    """ "a Congolese soldier" is not "a hundred Congolese soldiers"."""
    last, other_last = one.name.split()[-1], other.name.split()[-1]
    return one.kind == other.kind == "armed_forces" and last in {f"{other_last}s", other_last.removesuffix("s")} - {
        other_last
    }


@lru_cache(maxsize=4096)  # each mention is compared with those of all events before it
def _telling_words(name: str) -> frozenset[str]:
    """The words of a name without whose it is: "Afghan delegation" is not "Afghan foreign minister"."""
    words = [w for w in name.split() if not state_word(w)]
    return frozenset(fold(w) for w in words or name.split())


def _countries_agree(one: Mention, other: Mention) -> bool:
    return one.country is None or other.country is None or one.country == other.country


def _organization(name: str) -> str:
    return same_organization().get(fold(name), fold(name))
