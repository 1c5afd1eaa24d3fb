"""From a finding to a draft: date, modality, attribution and background are added, the same for every family."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from workers.extraction.annotation import Sentence, Word
from workers.extraction.arguments import base, path_between
from workers.extraction.attribution import Claim, claims
from workers.extraction.dates import DatePhrase, date_phrases, gone_by, still_to_come
from workers.extraction.family import Family
from workers.extraction.findings import Finding, joined
from workers.extraction.lexicons import load_lexicon
from workers.extraction.mentions import Mention
from workers.extraction.modality import Modality, judge
from workers.extraction.reading import Reading
from workers.extraction.spans import Span

MAX_ARCS_TO_DATE = 4  # farther off in the tree, a date belongs to another event
BACKGROUND_AFTER_DAYS = 60


@dataclass(frozen=True)
class Draft:
    """One mention of an event with all that its sentence says of it."""

    family: str
    finding: Finding
    modality: Modality
    date: DatePhrase | None = None
    claims: tuple[Claim, ...] = ()
    background: bool = False

    @property
    def trigger(self) -> Span:
        return self.finding.trigger.span


def draft(family: Family, finding: Finding, reading: Reading) -> Draft:
    sentence, word = finding.trigger.sentence, finding.trigger.event_word
    date = _date_of_focus(reading, finding) or date_of(reading, sentence, word)
    said = claims(reading, sentence, word)
    modality = _modality(finding, date, reading.anchor)
    if finding.action in family.contested and modality.value == "occurred":
        modality = _claimed(finding, said, reading) or modality
    date = _date_in_time(date, modality, reading.anchor)
    return Draft(
        family=family.name,
        finding=finding,
        modality=modality,
        date=date,
        claims=said,
        background=_long_before(date, reading.anchor),
    )


def _claimed(finding: Finding, said: tuple[Claim, ...], reading: Reading) -> Modality | None:
    """What one of the participants says is its claim."""
    cue = next((claim.cue for claim in said if _takes_part(claim.speaker, finding, reading)), None)
    return Modality("alleged", cue, "modality.claim") if cue else None


def _takes_part(speaker: Mention, finding: Finding, reading: Reading) -> bool:
    """Who tells what others did to his own: named in the event, or of one of the two states that the text is about."""
    return speaker.country in finding.countries or (bool(finding.countries) and speaker.country in reading.states[:2])


def _date_in_time(date: DatePhrase | None, modality: Modality, anchor: dt.date | None) -> DatePhrase | None:
    """The date on the side of the document's day on which the event is."""
    if date is None:
        return None
    if modality.value == "planned":
        settled, rule = still_to_come(date, anchor), "date.still_to_come"
    elif modality.value in {"occurred", "alleged"}:
        settled, rule = gone_by(date, anchor), "date.gone_by"
    else:
        return date
    return date if settled == date else replace(settled, rule=joined(date.rule, rule))


def _modality(finding: Finding, date: DatePhrase | None, anchor: dt.date | None) -> Modality:
    """What the parse says; a denial outdoes what the rule's words mean, and a present tense with a day is a plan."""
    judged = judge(finding.trigger.sentence, finding.trigger.event_word)
    if finding.modality and judged.value != "denied":
        return finding.modality
    verb = _verb_of(finding.trigger.sentence, finding.trigger.word)
    if judged.value == "occurred" and date is not None and _planned_present(verb, date, anchor):
        return Modality("planned", date.span, "modality.present_with_day")
    return judged


def _verb_of(sentence: Sentence, word: Word) -> Word:
    """ "its exit takes effect on October 27": a noun happens when its verb says."""
    head = sentence.head_of(word)
    return head if head is not None and base(word) == "nsubj" and word.upos == "NOUN" else word


def _planned_present(verb: Word, date: DatePhrase, anchor: dt.date | None) -> bool:
    """ "travels today to Lima", "gather on Thursday": the simple present with a day to come."""
    if "Tense=Pres" not in verb.feats or "VerbForm=Fin" not in verb.feats or verb.upos != "VERB":
        return False
    if date.text.casefold().startswith("since "):
        return False
    if anchor is None or date.edtf is None:
        return True
    return date.edtf[:10] >= anchor.isoformat()[: len(date.edtf[:10])] or "day" in date.text


def date_of(reading: Reading, sentence: Sentence, word: Word) -> DatePhrase | None:
    """The phrase nearest to the word in the tree; of two as near, the earlier."""
    near = next(iter(_dates_near(reading, sentence, word)), None)
    return replace(near, rule="date.nearest") if near else _only_date(reading, sentence)


def _only_date(reading: Reading, sentence: Sentence) -> DatePhrase | None:
    """ "out of reach: on October 4 Russia vetoed": the only date of a sentence, wherever parsers hang it, but one of
    which the sentence says that something was said then.
    """
    dates = _dates_in(reading, sentence)
    if len(dates) != 1:
        return None
    inside = [w for w in sentence.words if dates[0].span.start <= w.start and w.end <= dates[0].span.end]
    says = load_lexicon("modality").list("says")
    governors = [g for w in inside if (g := sentence.head_of(w)) is not None and g not in inside]
    told = any(g.lemma.casefold() in says for g in governors) or not governors
    return None if told else replace(dates[0], rule="date.only")


def _dates_in(reading: Reading, sentence: Sentence) -> list[DatePhrase]:
    named = [Span(e.start, e.end) for e in sentence.entities if e.label not in {"Date", "Misc"} or e.end - e.start > 20]
    found = date_phrases(reading.text, Span(sentence.start, sentence.end), reading.anchor)
    return [phrase for phrase in found if not any(span.contains(phrase.span) for span in named)]  # "Summit 2022" is one


def _dates_near(reading: Reading, sentence: Sentence, word: Word) -> list[DatePhrase]:
    near: list[tuple[int, int, DatePhrase]] = []
    for phrase in _dates_in(reading, sentence):
        inside = [w for w in sentence.words if phrase.span.start <= w.start and w.end <= phrase.span.end]
        distance = min((_arcs_to_date(sentence, w, word) for w in inside), default=len(sentence.words))
        if distance <= MAX_ARCS_TO_DATE:
            near.append((distance, phrase.span.start, phrase))
    return [phrase for *_, phrase in sorted(near, key=lambda item: item[:2])]


def _date_of_focus(reading: Reading, finding: Finding) -> DatePhrase | None:
    """ "left the ABM treaty in 2002 and the INF treaty in 2019": the later ones of a list have dates of their own."""
    sentence, focus = finding.trigger.sentence, finding.focus
    if focus is None or base(focus) != "conj":
        return None
    below = {w.start for w in sentence.subtree(focus)}
    own = next((d for d in _dates_near(reading, sentence, focus) if d.span.start in below), None)
    return replace(own, rule="date.focus") if own else None


def _arcs_to_date(sentence: Sentence, date: Word, word: Word) -> int:
    """Arcs between a date and an event; beyond reach when it dates a clause of its own, or when somebody said so."""
    below_date, below_word = path_between(sentence, date, word)
    held = below_date[-1:] if below_date and below_date[-1].deprel == "acl" else []  # "talks held on Sunday"
    own_clause = any(base(w) in {"acl", "advcl", "parataxis", "ccomp"} for w in below_date if w not in held)
    reported = any(base(w) == "ccomp" and not _tells_when(sentence, w) for w in below_word) and len(below_date) > 0
    told_before = any(_is_past_perfect(sentence, w) for w in below_word) and len(below_date) > 0
    too_far = own_clause or reported or told_before
    return len(sentence.words) + MAX_ARCS_TO_DATE if too_far else len(below_date) + len(below_word)


def _tells_when(sentence: Sentence, clause: Word) -> bool:
    """ "In 2006 Quito protested when planes entered": parsers take the clause for what was protested."""
    return any(c.lemma.casefold() == "when" for c in sentence.children(clause)) or any(
        w.lemma.casefold() == "when" for c in sentence.children(clause) for w in sentence.children(c)
    )


def _is_past_perfect(sentence: Sentence, verb: Word) -> bool:
    """ "the embargo that it had imposed was lifted in 2018": earlier than what is dated."""
    had = any(base(c) == "aux" and c.text.casefold() == "had" for c in sentence.children(verb))
    return base(verb) == "acl" and had


def _long_before(date: DatePhrase | None, anchor: dt.date | None) -> bool:
    """An event well before the document's day is told as context."""
    if date is None or date.edtf is None or anchor is None:
        return False
    last = date.edtf.split("/")[-1].rstrip("~?")
    parts = [int(part) for part in last.split("-")]
    year, month, day = (parts + [12, 28][len(parts) - 1 :])[:3]
    return (anchor - dt.date(year, min(month, 12), min(day, 28))).days > BACKGROUND_AFTER_DAYS
