"""Sanctions actions: a state or organisation imposes, changes, threatens or lifts sanctions on somebody abroad."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from workers.extraction.annotation import Sentence, Word
from workers.extraction.arguments import (
    actors,
    base,
    case_of,
    coordinated,
    deep_obliques,
    modifiers,
    obliques,
    path_to_root,
    possessors,
    undergoers,
)
from workers.extraction.cast import is_public_body
from workers.extraction.family import DetailField, Family, Role
from workers.extraction.findings import Finding, Rule
from workers.extraction.gazetteers import state_word
from workers.extraction.lexicons import load_lexicon
from workers.extraction.mentions import Mention, as_state, mentions_of, phrase_words, state_of_text
from workers.extraction.modality import Modality, judge
from workers.extraction.numerals import number_of
from workers.extraction.reading import Reading
from workers.extraction.spans import Span, span_of
from workers.extraction.triggers import Trigger, is_in_group, terms_of

ON = ("on", "against", "upon", "for", "over")
MEASURES = ("trade", "arms", "military_assistance", "financial", "travel")
LIST_CUE = re.compile(r":|\bnamely\b|\bincluding\b|\bamong them\b")
LIST_OPENING = re.compile(
    r"(?:They are|These are|Among (?:them|those)|On (?:its|the) list|The \w+ (?:are|were|include))\b"
)
SANCTIONS_SPOKEN_OF = 2  # times, for a text to be about them
SENTENCES_BACK_TO_FIRM = 3
WISHES = (("planned_governors", "planned"), ("possible_governors", "possible"))
ACTS = ("impose", "expand", "extend", "ease", "lift", "veto", "join", "violate", "freeze")


# --- rules --------------------------------------------------------------------------------------------------------


def subject_acts_on_measure(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "imposed sanctions on", "the embargo was lifted", "is taking part in sanctions against"."""
    sentence, verb = trigger.sentence, trigger.word
    if _was_vetoed(sentence, verb):
        return
    objects = undergoers(sentence, verb) + obliques(sentence, verb, "in", "of", "on", "to", "over", "for")
    objects += tuple(w for p in trigger.parts[1:] for w in obliques(sentence, p, "in", "of", "on"))
    measure = _measure(sentence, objects) or _measure_wished_for(trigger, reading, objects)
    if measure is not None:
        targets = obliques(sentence, verb, *ON, "to") + _targets_of(sentence, measure)
        targets = targets or _who_demands(trigger)
        senders = _lawgivers(sentence, actors(sentence, verb)) or _senders_of(sentence, measure)
        found = _finding(trigger, reading, measure, senders, targets)
        yield _joined(trigger, reading, found, measure)


def measure_lapses(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "the embargo expired", "let the embargo lapse"."""
    sentence, verb = trigger.sentence, trigger.word
    let = verb.lemma.casefold() == "let"
    measure = _measure(sentence, undergoers(sentence, verb) if let else actors(sentence, verb))
    if measure is not None:
        senders = (actors(sentence, verb) if let else ()) or _senders_of(sentence, measure)
        yield _finding(trigger, reading, measure, senders, _targets_of(sentence, measure))


def subject_prepares_measure(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "is preparing a package of sanctions against", "threatened new sanctions"."""
    sentence, verb, lexicon = trigger.sentence, trigger.word, load_lexicon("modality")
    measure = _measure(sentence, undergoers(sentence, verb))
    told = {verb.lemma.casefold()}
    meant = next((v for words, v in WISHES if told & lexicon.list(words)), None)
    if measure is None or meant is None:
        return
    targets = obliques(sentence, verb, *ON) + _targets_of(sentence, measure)
    finding = _finding(trigger, reading, measure, actors(sentence, verb), targets)
    if finding.within("sender") and finding.within("target"):
        yield replace(finding, modality=Modality(meant, trigger.span))


def _measure_wished_for(trigger: Trigger, reading: Reading, objects: tuple[Word, ...]) -> Word | None:
    """ "wants the EU to take measures of its own", in a text about sanctions."""
    if judge(trigger.sentence, trigger.word).value != "possible" or not _is_about_sanctions(reading):
        return None
    return next((w for w in objects if w.lemma.casefold() in {"measure", "step"}), None)


def _lawgivers(sentence: Sentence, words: tuple[Word, ...]) -> tuple[Word, ...]:
    """ "passed a bill that would restore the ban": for a paper, those who made it."""
    found: list[Word] = []
    for word in words:
        governor = sentence.head_of(word)
        paper = word.lemma.casefold() in load_lexicon("sanctions_action").list("papers")
        makers = possessors(sentence, word) or (
            actors(sentence, governor) if governor is not None and base(word) in {"obj", "obl", "nsubj"} else ()
        )
        found += [w for w in makers if w != word] if paper else [word]
    return tuple(found)


def _was_vetoed(sentence: Sentence, verb: Word) -> bool:
    """ "vetoed a draft that would have placed an embargo on": the veto is the event, what it stopped is none."""
    lexicon, above = load_lexicon("sanctions_action"), path_to_root(sentence, verb)[1:3]
    return verb.deprel == "acl:relcl" and any(is_in_group(word, lexicon, "veto") for word in above)


def _who_demands(trigger: Trigger) -> tuple[Word, ...]:
    """ "Iran demanded that Washington lift all sanctions": who asks to be let off is the target."""
    above = trigger.sentence.head_of(trigger.word)
    complement = base(trigger.word) in {"ccomp", "xcomp", "advcl"} and trigger.term.group in {"lift", "ease"}
    demands = load_lexicon("sanctions_action").list("demands")
    if above is None or not complement or above.lemma.casefold() not in demands:
        return ()
    return actors(trigger.sentence, above)


def _joined(trigger: Trigger, reading: Reading, finding: Finding, measure: Word) -> Finding:
    """ "Switzerland adopted the EU sanctions": who takes over the measures of somebody else joins them."""
    sentence, verb = trigger.sentence, trigger.word
    owners = mentions_of(reading, sentence, modifiers(sentence, measure) + possessors(sentence, measure))
    others = [m for m in owners if m.kind == "organization" and m.public and m.strength >= 0.8]
    adopts = verb.lemma.casefold() in load_lexicon("sanctions_action").list("adopts")
    senders = finding.within("sender")
    if adopts and others and senders and all(m.kind == "state" for m in senders):
        return replace(finding, action="joined")
    return finding


def subject_hits_target(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "hit Belarus with sanctions", "were placed under sanctions by", "threatened to punish X with an embargo"."""
    sentence, verb = trigger.sentence, trigger.word
    measure = _measure(sentence, obliques(sentence, verb, "with", "under"))
    if measure is not None:
        targets = undergoers(sentence, verb) + _targets_of(sentence, measure)
        senders = actors(sentence, verb) or _senders_of(sentence, measure)
        finding = _finding(trigger, reading, measure, senders, targets)
        threat = verb.lemma.casefold() == "threaten"
        yield replace(finding, modality=Modality("possible", trigger.span)) if threat else finding


def subject_comes_under(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "came under American sanctions"."""
    sentence, verb = trigger.sentence, trigger.word
    measure = _measure(sentence, obliques(sentence, verb, "under"))
    if measure is not None:
        yield _finding(trigger, reading, measure, _senders_of(sentence, measure), actors(sentence, verb))


def subject_exempts_object(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "exempted Iraq from sanctions", "granted Iraq a waiver from its sanctions", "received an exemption from"."""
    sentence, word = trigger.sentence, trigger.word
    above = sentence.head_of(word) if trigger.is_noun else None
    near = tuple(w for head in (word, above) if head for w in obliques(sentence, head, "from", "to", "on", "for"))
    measure = _measure(sentence, near + modifiers(sentence, word))
    if measure is None:
        return
    if not trigger.is_noun:
        exempted = undergoers(sentence, word)
        owners = tuple(w for e in exempted for w in possessors(sentence, e))
        yield _finding(trigger, reading, measure, actors(sentence, word), owners or exempted)
        return
    giver = sentence.head_of(word)
    if giver is None:
        return
    received = giver.lemma.casefold() in {"receive", "get", "obtain", "win", "seek", "secure", "gain"}
    senders = obliques(sentence, giver, "from", "by") + obliques(sentence, word, "from", "by")
    targets = actors(sentence, giver) if received else undergoers(sentence, giver) + obliques(sentence, word, "for")
    yield _finding(trigger, reading, measure, senders if received else actors(sentence, giver), targets)


def subject_sanctions_object(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "sanctioned three officials", "was blacklisted by the Treasury"."""
    sentence, verb = trigger.sentence, trigger.word
    if trigger.is_noun or possessors(sentence, verb):
        who = obliques(sentence, verb, "by")
        yield _finding(trigger, reading, verb, who, possessors(sentence, verb) + obliques(sentence, verb, "of"))
    else:
        finding = _finding(trigger, reading, verb, actors(sentence, verb), undergoers(sentence, verb))
        named = any(m.kind in {"state", "organization"} and m.strength >= 0.8 for m in finding.within("sender"))
        if trigger.term.lemmas[0] != "list" or (named and finding.within("target")):  # much else is listed
            yield finding


def subject_freezes_assets(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "froze the assets of", "restricted the visas of", "banned every import from"."""
    sentence, verb = trigger.sentence, trigger.word
    thing = next((w for w in undergoers(sentence, verb) if _about_sanctions(w)), None)
    if thing is not None:
        targets = possessors(sentence, thing) + deep_obliques(sentence, thing, "of", "from", "with")
        targets += deep_obliques(sentence, thing, "to")  # "exports of steel to Russia"
        targets += obliques(sentence, verb, "to", "from", "with")
        goods = (thing, *obliques(sentence, thing, "of"))
        owners = tuple(w for g in goods for w in modifiers(sentence, g) if state_word(w.text))
        exported = thing.lemma.casefold() == "export" and not actors(sentence, verb)  # "to ban the export of Saudi oil"
        targets += () if exported else owners
        above = sentence.head_of(thing)
        if verb.deprel == "acl" and above is not None and above.lemma.casefold() == "have":  # "had their assets frozen"
            targets = actors(sentence, above)
        yield _finding(trigger, reading, thing, owners if exported else actors(sentence, verb), targets)


def subject_adds_to_list(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "added X to its sanctions list", "put X on the black list", "was removed from the list"."""
    sentence, verb = trigger.sentence, trigger.word
    targets = undergoers(sentence, verb)
    near = [w for head in (verb, *targets) for w in obliques(sentence, head, "to", "on", "from", "off")]
    listed = next((w for w in near if _is_sanctions_list(sentence, w)), None)
    if listed is not None:
        owners = possessors(sentence, listed) + modifiers(sentence, listed)
        yield _finding(trigger, reading, listed, actors(sentence, verb) or owners, targets)


def subject_bars_somebody(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "banned Mr. Mugabe from its territory", "banned 150 officials from travel": kept out of a land."""
    sentence, verb, lexicon = trigger.sentence, trigger.word, load_lexicon("sanctions_action")
    if trigger.is_noun or verb.lemma.casefold() not in lexicon.list("bars"):
        return
    finding = _finding(trigger, reading, verb, actors(sentence, verb), undergoers(sentence, verb))
    senders = [m for m in finding.within("sender") if m.kind in {"state", "organization"} and m.strength > 0.5]
    kept_from = deep_obliques(sentence, verb, "from") + _activities(sentence, verb)
    kept_out = verb.lemma.casefold() == "designate" or any(
        w.lemma.casefold() in lexicon.list("barred_from") for w in kept_from
    )
    targets = finding.within("target") or (_company_meant(sentence, verb, reading) if kept_out else ())
    if senders and any(m.country or m.kind == "company" or kept_out for m in targets):
        yield finding.with_role("target", targets)


def _company_meant(sentence: Sentence, verb: Word, reading: Reading) -> tuple[Mention, ...]:
    """ "barred it from dealing": the firm that the text named last, where "it" is nobody else."""
    objects = undergoers(sentence, verb)
    if not objects or any(o.lemma.casefold() != "it" for o in objects):
        return ()
    for near in (sentence, *reading.before(sentence, SENTENCES_BACK_TO_FIRM)):
        for entity in reversed(near.entities):
            span = Span(entity.start, entity.end)
            name = reading.quote(span)
            if entity.label == "Organization" and entity.end < verb.start and not is_public_body(name):
                return (
                    Mention(
                        name, "company", Span(objects[0].start, objects[0].end), strength=0.5, rule="mention.pronoun"
                    ),
                )
    return ()


def _activities(sentence: Sentence, verb: Word) -> tuple[Word, ...]:
    """ "barred it from dealing with American suppliers"."""
    clauses = [c for c in sentence.children(verb) if base(c) in {"advcl", "xcomp", "ccomp"}]
    return tuple(c for c in clauses if case_of(sentence, c) == "from")


def veto_against_monitoring(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "used its veto to end monitoring of sanctions violations targeting X"."""
    sentence, verb = trigger.sentence, trigger.word
    measure = next(
        (w for w in sentence.subtree(verb) if w.lemma.casefold() in {"sanction", "sanctions", "embargo"}), None
    )
    if measure is not None:
        governor = sentence.head_of(measure) or measure
        targets = _targets_of(sentence, measure) + _targets_of(sentence, governor)
        yield _finding(trigger, reading, measure, actors(sentence, verb), targets)


def act_as_a_noun(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "the lifting of sanctions on", "imposition of an embargo by"."""
    sentence, noun = trigger.sentence, trigger.word
    measure = _measure(sentence, obliques(sentence, noun, "of", "on", "in") + modifiers(sentence, noun))
    bare = not obliques(sentence, noun, "of", "on", "in") and not possessors(sentence, noun)
    bare = bare and trigger.is_noun and trigger.term.group != "impose"
    if measure is None and bare and _may_stand_alone(sentence, noun, reading):
        finding = _finding(trigger, reading, noun, (), ())
        about = _against_whom_the_text_is_about(finding, reading, sent=False)
        yield from [about] if about.mentions else []
    if measure is not None:
        senders = possessors(sentence, noun) + obliques(sentence, noun, "by") + _senders_of(sentence, measure)
        yield _finding(
            trigger, reading, measure, senders, _targets_of(sentence, measure) + obliques(sentence, noun, *ON)
        )


def _may_stand_alone(sentence: Sentence, noun: Word, reading: Reading) -> bool:
    """ "called for an easing": wished for, where the text spoke of sanctions."""
    return (
        judge(sentence, noun).value == "possible"
        and noun.lemma != "suspension"
        and _spoken_of_before(sentence, noun, reading)
    )


def measures_alone(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "British sanctions targeting oligarchs": only with both sender and target told."""
    sentence, noun = trigger.sentence, trigger.word
    if _acted_on(sentence, noun):
        return
    finding = _finding(trigger, reading, noun, _senders_of(sentence, noun), _targets_of(sentence, noun))
    wished = judge(sentence, noun).value == "possible"  # "called for sanctions against"
    if finding.within("target") and (finding.within("sender") or wished):
        yield finding


def _acted_on(sentence: Sentence, measure: Word) -> bool:
    """The verb or noun that the measure depends on tells the act already: "lifted sanctions", "an easing of them"."""
    governor, lexicon = sentence.head_of(measure), load_lexicon("sanctions_action")
    if governor is None:
        return False
    told_by_verb = base(measure) in {"obj", "nsubj"} and governor.upos == "VERB"
    told_by_noun = base(measure) == "nmod" and governor.upos == "NOUN"
    return (told_by_verb or told_by_noun) and bool(terms_of(governor, lexicon))


def subject_acts_on_what_was_spoken_of(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "condemned such measures and did not join them", "will not apply them": the measures that the text spoke of."""
    sentence, verb = trigger.sentence, trigger.word
    objects = undergoers(sentence, verb)
    back = objects and all(_points_back(sentence, o) for o in objects)
    several = any("Number=Plur" in w.feats for o in objects for w in (o, *obliques(sentence, o, "of")))
    if trigger.is_noun or not back or not _spoken_of_before(sentence, verb, reading, several):
        return
    finding = _finding(trigger, reading, verb, actors(sentence, verb), obliques(sentence, verb, *ON))
    if finding.within("sender"):
        adopts = verb.lemma.casefold() in load_lexicon("sanctions_action").list("adopts")
        yield replace(finding, action="joined") if adopts else finding


def _points_back(sentence: Sentence, word: Word) -> bool:
    """ "them", "all of them"."""
    parts = obliques(sentence, word, "of") if word.lemma.casefold() in {"all", "some", "most", "part"} else ()
    return any(w.upos == "PRON" and w.lemma.casefold() in {"it", "they"} for w in (word, *parts))


def _spoken_of_before(sentence: Sentence, verb: Word, reading: Reading, several: bool | None = None) -> bool:
    """Whether this sentence before the verb, or one of the two before it, speaks of measures."""
    measures = load_lexicon("sanctions_action").list("strong_measures")
    said = [w for w in sentence.words if w.id < verb.id]
    said += [w for earlier in reading.before(sentence, 2) for w in earlier.words]
    spoken = [w for w in said if w.upos == "NOUN" and w.lemma.casefold() in measures]
    return any(several is None or several == ("Number=Plur" in w.feats) for w in spoken)  # "it" is not "sanctions"


RULES = (
    Rule("sanctions.veto.subject", ("veto",), veto_against_monitoring, 0.7),
    Rule("sanctions.list.subject_target", ("add", "lift", "impose", "hit"), subject_adds_to_list, 0.7),
    Rule("sanctions.hit.subject_target", ("hit", "impose"), subject_hits_target, 0.8),
    Rule("sanctions.under.target", ("come_under",), subject_comes_under, 0.7),
    Rule("sanctions.exempt.object", ("exempt",), subject_exempts_object, 0.7),
    Rule("sanctions.act.subject_measure", ACTS, subject_acts_on_measure, 0.9),
    Rule("sanctions.lapse.measure", ("lapse",), measure_lapses, 0.7),
    Rule("sanctions.prepare.subject_measure", ("prepare", "hit"), subject_prepares_measure, 0.7),
    Rule("sanctions.act.spoken_of", ACTS, subject_acts_on_what_was_spoken_of, 0.5),
    Rule("sanctions.sanction.subject_target", ("sanction",), subject_sanctions_object, 0.8),
    Rule("sanctions.freeze.subject_assets", ("freeze",), subject_freezes_assets, 0.7),
    Rule("sanctions.bar.subject_target", ("freeze",), subject_bars_somebody, 0.6),
    Rule("sanctions.act.noun", ACTS, act_as_a_noun, 0.7),
    Rule("sanctions.measure.noun", ("measure",), measures_alone, 0.5),
)


# --- pieces of rules ----------------------------------------------------------------------------------------------


def _measure(sentence: Sentence, words: tuple[Word, ...]) -> Word | None:
    lexicon = load_lexicon("sanctions_action")
    packed = [w for c in words if c.lemma.casefold() in lexicon.list("containers") for w in obliques(sentence, c, "of")]
    for word in (*words, *packed):
        lemma = word.lemma.casefold()
        if lemma in lexicon.list("measures"):
            weak = lemma in lexicon.list("weak_measures")
            about = (*phrase_words(sentence, word), *_goods(sentence, word))
            if not weak or any(_about_sanctions(w) for w in about):
                return word
    return None


def _goods(sentence: Sentence, measure: Word) -> tuple[Word, ...]:
    """What a ban is on: "arms sales" in "the ban on arms sales to Peru"."""
    goods = obliques(sentence, measure, "on", "of", "in")
    known = any(_about_sanctions(w) for w in phrase_words(sentence, measure))  # "export controls on chips"
    return tuple(
        w for w in goods if known or _about_sanctions(w) or any(_about_sanctions(m) for m in modifiers(sentence, w))
    )


def _is_sanctions_list(sentence: Sentence, word: Word) -> bool:
    """A "blacklist", or a list that is the sender's own or is called one of sanctions; no "most wanted list"."""
    lexicon = load_lexicon("sanctions_action")
    if word.lemma.casefold() not in lexicon.list("lists"):
        return False
    about = (*modifiers(sentence, word), *obliques(sentence, word, "of"))
    told = {w.lemma.casefold() for w in about} & lexicon.list("list_words")
    own = any(w.upos == "PRON" for w in possessors(sentence, word))
    return bool(told) or own or word.lemma.casefold() == "blacklist"


def _about_sanctions(word: Word) -> bool:
    return word.lemma.casefold() in load_lexicon("sanctions_action").list("sanction_objects")


def _targets_of(sentence: Sentence, measure: Word) -> tuple[Word, ...]:
    found = obliques(sentence, measure, *ON)
    found += tuple(w for g in _goods(sentence, measure) for w in deep_obliques(sentence, g, "to", "in", "from", "with"))
    for clause in sentence.children(measure):
        if clause.deprel == "acl" and clause.lemma.casefold() in {"target", "hit", "aim", "impose", "punish"}:
            found += (
                undergoers(sentence, clause) if clause.lemma.casefold() != "impose" else obliques(sentence, clause, *ON)
            )
    return found


def _senders_of(sentence: Sentence, measure: Word) -> tuple[Word, ...]:
    found = possessors(sentence, measure) + modifiers(sentence, measure)
    found += tuple(w for m in coordinated(sentence, [measure]) for w in obliques(sentence, m, "by"))
    for clause in sentence.children(measure):
        if clause.deprel == "acl":
            found += actors(sentence, clause)
    return found


def _finding(
    trigger: Trigger, reading: Reading, measure: Word, senders: tuple[Word, ...], targets: tuple[Word, ...]
) -> Finding:
    sentence = trigger.sentence
    who = tuple(
        as_state(reading, m) for m in mentions_of(reading, sentence, coordinated(sentence, senders)) if m.public
    )
    whom = mentions_of(reading, sentence, coordinated(sentence, targets))
    who = tuple(w for w in who if not (_is_pronoun(reading, w) and w.country in {m.country for m in whom}))
    whom = tuple(m for m in whom if m.country is None or m.country not in {w.country for w in who})
    finding = Finding(trigger, {"sender": who, "target": whom}, trigger.term.action)
    return _with_measures(sentence, finding, measure)


def _is_pronoun(reading: Reading, mention: Mention) -> bool:
    """ "the embargo that it imposed on the country": "it" is somebody else."""
    return reading.quote(mention.span).casefold() in {"it", "they"}


def _with_measures(sentence: Sentence, finding: Finding, measure: Word) -> Finding:
    lexicon = load_lexicon("sanctions_action")
    phrase = phrase_words(sentence, measure)
    kinds = tuple(
        kind for kind in MEASURES if any({w.lemma.casefold(), w.text.casefold()} & lexicon.list(kind) for w in phrase)
    )
    return finding.with_detail("measures", kinds, span_of(phrase)) if kinds else finding


def settle(finding: Finding, reading: Reading) -> Finding | None:
    """Sanctions without a named sender or target are background; visas of nobody's are a state's own matter."""
    if finding.trigger.term.group == "freeze" and not finding.within("target") and _is_about_sanctions(reading):
        finding = _against_whom_the_text_is_about(finding, reading)
    if finding.trigger.term.group == "freeze" and not _keeps_out_somebody_abroad(finding):
        return None
    if not finding.mentions:
        return None
    return _with_named_targets(_against_whom_the_text_is_about(finding, reading), reading)


def _with_named_targets(finding: Finding, reading: Reading) -> Finding:
    """ "sanctions on three persons, namely A, B and C", "... three persons. Among them are A and B": by their names.
    The rule tells whether the list is as long as the text says.
    """
    counted = [m for m in finding.within("target") if m.kind in {"person", "company"} and not m.name[:1].isupper()]
    if not counted:
        return finding
    country = next((m.country for m in counted if m.country), None)
    names = _names_listed(finding.trigger.sentence, max(m.span.end for m in counted), reading)
    stated = sum(number for m in counted if (number := _number_in(m.name)) is not None)
    whole = len(names) == stated
    rule, strength = ("sanctions.names_all", 1.0) if whole else ("sanctions.names_some", 0.8)
    named = tuple(
        Mention(
            reading.quote(span),
            "person" if label == "Person" else "organization",
            span,
            country,
            strength=strength,
            rule=rule,
        )
        for label, span in names
    )
    kept = tuple(m for m in finding.within("target") if m not in counted)
    return finding.with_role("target", kept + named) if named else finding


def _number_in(phrase: str) -> int | None:
    """ "about 150 members" -> 150."""
    return next((n for word in phrase.split() if (n := number_of(word)) is not None), None)


def _names_listed(sentence: Sentence, after: int, reading: Reading) -> list[tuple[str, Span]]:
    """People and bodies named after a colon or "namely", or by the next sentence that says who they are."""
    cue = LIST_CUE.search(reading.text, after, sentence.end)
    following = reading.after(sentence, 1)
    if cue is not None:
        where = [(sentence, cue.end())]
    else:
        where = [(s, s.start) for s in following if LIST_OPENING.match(reading.text, s.start)]
    return [
        (e.label, Span(e.start, e.end))
        for listing, start in where
        for e in listing.entities
        if e.label in {"Person", "Organization"} and e.start >= start
    ]


def _against_whom_the_text_is_about(finding: Finding, reading: Reading, sent: bool = True) -> Finding:
    """ "suspended its sanctions that spring": against the state that the text speaks of most, if nobody is named."""
    senders = finding.within("sender")
    others = [code for code in reading.states if code not in {m.country for m in senders}]
    told_otherwise = finding.within("target") or finding.trigger.term.group in {"violate", "exempt"}
    if told_otherwise or (sent and not senders) or not others or reading.states.index(others[0]) > 1:
        return finding
    return finding.with_role(
        "target", state_of_text(reading, others[0], finding.trigger.sentence, "sanctions.main_state")
    )


def _is_about_sanctions(reading: Reading) -> bool:
    return reading.times_said(frozenset({"sanction", "embargo"})) >= SANCTIONS_SPOKEN_OF


def _keeps_out_somebody_abroad(finding: Finding) -> bool:
    """What is frozen or barred belongs to somebody, and where it is nobody of a state, a state or body bars him."""
    targets = finding.within("target")
    return any(t.country or t.kind == "organization" for t in targets) or bool(targets and finding.within("sender"))


FAMILY = Family(
    name="sanctions_action",
    label="Sanctions action",
    roles=(Role("sender", "Sender"), Role("target", "Target")),
    place_label="Place",
    details=(
        DetailField(
            "action",
            "Action",
            "choice",
            ("imposed", "expanded", "extended", "eased", "lifted", "vetoed", "joined", "violated"),
        ),
        DetailField(
            "measures",
            "Measures",
            "choices",
            ("trade", "arms", "military_assistance", "financial", "travel", "other"),
        ),
        DetailField("programme", "Programme", "text"),
        DetailField("legal_basis", "Legal basis", "text"),
    ),
    rules=RULES,
    settle=settle,
    inherits=("sender", "target"),
)
