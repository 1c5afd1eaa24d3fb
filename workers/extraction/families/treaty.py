"""Treaties: what states and international organisations do with an instrument between them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from workers.extraction import gazetteers
from workers.extraction.annotation import Sentence, Word
from workers.extraction.arguments import (
    actors,
    agents,
    base,
    case_of,
    coordinated,
    deep_obliques,
    modifiers,
    obliques,
    path_to_root,
    possessors,
    predicated_of,
    undergoers,
)
from workers.extraction.family import DetailField, Family, Role
from workers.extraction.findings import Finding, Rule
from workers.extraction.gazetteers import fold
from workers.extraction.lexicons import load_lexicon
from workers.extraction.mentions import Mention, as_state, mentions_of, pair_of_document, phrase_words
from workers.extraction.modality import Modality, judge
from workers.extraction.places import here_or_there, place_at, place_of_dateline
from workers.extraction.reading import Reading
from workers.extraction.spans import Span, span_of
from workers.extraction.triggers import Trigger

# "suspending its part in", "violated the terms of"
SHARES = frozenset({"part", "participation", "membership", "signature", "compliance", "involvement", "adherence"}) | {
    *(
        "text",
        "wording",
        "draft",
        "term",
        "provision",
        "condition",
        "clause",
        "commitment",
        "deadline",
        "obligation",
        "signatory",
    ),
}
YEAR = re.compile(r"(?:19|20)\d\d")
SENTENCES_SPOKEN_OF = 4  # back to where an instrument is named that "it" may mean
MENTIONS_LOOKED_AT = 50  # of an instrument, in search of its parties
ABOUT = ("on", "about")
LONGEST_SUBJECT = 8  # words after its head
ONTO = ("to", "on", "upon", "up")
TAKES_ONTO = frozenset({"agree", "put", "affix", "sign", "work"})  # "agreed on", "put their signatures to"
INSTRUMENT_PHRASE = frozenset({"amod", "compound", "nummod", "flat", "punct"})


# --- rules --------------------------------------------------------------------------------------------------------


def subject_acts_on_instrument(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "Iran and Russia signed a treaty", "agreed on a truce", "the pact signed between X and Y", "ratified it"."""
    sentence, verb = trigger.sentence, trigger.word
    brokered = _only_brings_about(verb)
    if trigger.is_noun or (brokered and base(verb) == "acl"):  # "the truce that Qatar brokered" is told as context
        return
    objects = undergoers(sentence, verb)
    objects += tuple(w for p in trigger.parts[1:] for w in _kept(sentence, p))
    objects += obliques(sentence, verb, *ONTO) if trigger.term.lemmas[0] in TAKES_ONTO else ()
    shares = [o for o in objects if o.lemma.casefold() in SHARES]
    objects += tuple(w for o in (*shares, verb) if shares for w in obliques(sentence, o, "in", "of", "to", "under"))
    known = _instruments(sentence, objects) or _instruments(sentence, _farther_up(sentence, verb))
    known = known or _instruments(sentence, _named_before(sentence, verb))[:1]
    for instrument in known or _spoken_of(trigger, reading, objects):
        parties = () if brokered else actors(sentence, verb) + obliques(sentence, verb, "by")
        parties += obliques(sentence, verb, "with", "between")
        parties += _bound_by(sentence, instrument) + _accusers(trigger)
        places = obliques(sentence, verb, "in", "at") + here_or_there(sentence, verb)
        yield _finding(trigger, reading, instrument, parties, places)


def _kept(sentence: Sentence, verb: Word) -> tuple[Word, ...]:
    """ "failed to honour the accord", "failed to comply with it"."""
    return undergoers(sentence, verb) + obliques(sentence, verb, "with", "by", "to") if verb.upos == "VERB" else ()


def _only_brings_about(verb: Word) -> bool:
    """ "Moscow brokered the truce": the subject is no party."""
    return verb.lemma.casefold() in load_lexicon("treaty").list("brokers")


def truce_fails(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "the ceasefire broke down"."""
    sentence, verb = trigger.sentence, trigger.word
    truces = load_lexicon("treaty").list("truces")
    for truce in (w for w in actors(sentence, verb) if w.lemma.casefold() in truces):
        yield _finding(trigger, reading, truce, (), ())


def subjects_agree_to_stop(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "the generals agreed to stop all firing": a ceasefire by other words."""
    sentence, word, lexicon = trigger.sentence, trigger.word, load_lexicon("treaty")
    stopped = undergoers(sentence, word) + obliques(sentence, word, "of", "in", "to")
    stopped += tuple(c for c in sentence.children(word) if base(c) == "xcomp")  # "stop firing"
    above = sentence.head_of(word)
    if above is None or above.lemma.casefold() not in lexicon.list("agreeing"):
        return
    for fire in (w for w in stopped if w.lemma.casefold() in lexicon.list("fire")):
        parties = actors(sentence, above) or obliques(sentence, above, "between")
        mentions = _as_parties(reading, mentions_of(reading, sentence, parties))
        if len(mentions) < 2:  # "the commanders agreed"
            mentions = pair_of_document(reading, Span(above.start, above.end))
        if len(mentions) > 1:
            finding = Finding(trigger, {"party": mentions}, trigger.term.action, modality=judge(sentence, above))
            yield finding.with_detail("instrument", fire.text, Span(fire.start, fire.end))
            return


def subject_acts_from_instrument(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "withdrew from the treaty", "acceded to the convention"."""
    sentence, verb = trigger.sentence, trigger.word
    targets = obliques(sentence, verb, "from", "to", "of", "out of")
    targets += tuple(w for p in trigger.parts[1:] for w in obliques(sentence, p, "of", "from", "to"))
    for instrument in () if trigger.is_noun else _instruments(sentence, targets):
        yield _finding(trigger, reading, instrument, actors(sentence, verb), ())


def instrument_takes_effect(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "the agreement entered into force"."""
    sentence = trigger.sentence
    for instrument in _instruments(sentence, undergoers(sentence, trigger.word)):
        yield _finding(trigger, reading, instrument, actors(sentence, trigger.word), ())
        return
    for instrument in _instruments(sentence, actors(sentence, trigger.word)):
        yield _finding(trigger, reading, instrument, (), ())


def subject_acts_on_what_was_spoken_of(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "Palestine acceded in 2015", "The two sides prolonged it", "Russia suspended its own participation": a state's
    act on the instrument that the text spoke of last.
    """
    sentence, verb = trigger.sentence, trigger.word
    parties = _as_parties(reading, mentions_of(reading, sentence, actors(sentence, verb)))
    if trigger.is_noun or not parties:
        return
    objects = undergoers(sentence, verb)
    alone = not objects and trigger.term.lemmas[0] in {"accede", "ratify"}
    before = sentence.words[: verb.id - 1]
    alone = alone or (not objects and trigger.term.lemmas == ("sign",) and bool(_instruments(sentence, before)))
    leaves = not objects and trigger.term.lemmas in {("pull", "out"), ("opt", "out"), ("drop", "out"), ("back", "out")}
    leaves = leaves and not obliques(sentence, verb, "of", "from")
    back = bool(objects) and all(_points_back(sentence, o) for o in objects)
    if alone or ((back or leaves) and _spoken_of_before(sentence, verb, reading)):
        yield Finding(trigger, {"party": parties}, trigger.term.action)


def _points_back(sentence: Sentence, word: Word) -> bool:
    """ "it", or a share in what is not named again: "its participation"."""
    named = obliques(sentence, word, "in", "of", "to", "under")
    own_share = word.lemma.casefold() in SHARES and bool(possessors(sentence, word)) and not named
    return own_share or (word.upos == "PRON" and word.lemma.casefold() == "it")


def _spoken_of_before(sentence: Sentence, verb: Word, reading: Reading) -> bool:
    """Whether the last paper that the text speaks of before, some sentences back at most, is an instrument, and no law
    or contract.
    """
    papers = load_lexicon("treaty").list("not_instruments")
    for earlier in (sentence, *reading.before(sentence, SENTENCES_SPOKEN_OF)):
        for word in reversed(earlier.words if earlier is not sentence else sentence.words[: verb.id - 1]):
            if word.lemma.casefold() in papers:
                return False
            if word.upos in {"NOUN", "PROPN"} and _instruments(earlier, (word,)):
                return True
    return False


def act_as_a_noun(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "the signing of the accord between X and Y", "its withdrawal from the treaty", "ratification by"."""
    sentence, noun = trigger.sentence, trigger.word
    carrier = _carrier(sentence, noun)
    about = obliques(sentence, noun, "of", "from", "to", "on", "for", "about") + modifiers(sentence, noun)
    about += obliques(sentence, carrier, "on", "from", "about") if carrier else ()
    about += _ready_for(sentence, noun)
    known = _instruments(sentence, about) or _spoken_of(trigger, reading, about)
    if not known and any(_points_back(sentence, w) for w in about) and _spoken_of_before(sentence, noun, reading):
        yield from _act_on_what_was_spoken_of(trigger, reading)
    for instrument in known:
        parties = possessors(sentence, noun) + obliques(sentence, noun, "by", "between", "with")
        parties = parties or _givers_of_notice(sentence, noun) or _states_before(sentence, noun)
        parties += predicated_of(sentence, noun)
        parties = parties or (actors(sentence, carrier) if carrier else ())
        yield _finding(trigger, reading, instrument, parties, obliques(sentence, noun, "in", "at"))


def _ready_for(sentence: Sentence, noun: Word) -> tuple[Word, ...]:
    """ "the agreement should be ready for signature in September"."""
    ready = sentence.head_of(noun)
    if ready is None or base(noun) != "obl" or ready.lemma not in {"ready", "open", "due", "prepared"}:
        return ()
    return actors(sentence, ready)


def _act_on_what_was_spoken_of(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "Russia was in breach of it"."""
    sentence, noun = trigger.sentence, trigger.word
    words = possessors(sentence, noun) + obliques(sentence, noun, "by")
    words += predicated_of(sentence, noun)
    parties = _as_parties(reading, mentions_of(reading, sentence, words or _states_before(sentence, noun)))
    if parties:
        yield Finding(trigger, {"party": parties}, trigger.term.action)


def _states_before(sentence: Sentence, noun: Word) -> tuple[Word, ...]:
    """ "the U.S. exit from it"."""
    return tuple(w for w in modifiers(sentence, noun) if gazetteers.state_word(w.text))


def _givers_of_notice(sentence: Sentence, noun: Word) -> tuple[Word, ...]:
    """ "Brazil has revoked its notice of withdrawal", "Peru's letter of withdrawal": whose the paper is."""
    paper = sentence.head_of(noun)
    if paper is None or base(noun) != "nmod" or paper.lemma.casefold() not in load_lexicon("treaty").list("notices"):
        return ()
    governor = sentence.head_of(paper)
    given = actors(sentence, governor) if governor is not None and base(paper) == "obj" else ()
    return possessors(sentence, paper) or obliques(sentence, paper, "by", "from") or given


def party_stays(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "revoked its notice": a withdrawal that is not to be."""
    sentence, verb = trigger.sentence, trigger.word
    parties = _as_parties(reading, mentions_of(reading, sentence, actors(sentence, verb)))
    about = tuple(w for p in trigger.parts[1:] for w in obliques(sentence, p, "of", "from", "to"))
    if parties and not about and _spoken_of_before(sentence, verb, reading):
        yield Finding(trigger, {"party": parties}, trigger.term.action, modality=Modality("denied", trigger.span))


def parliament_consents(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "the Senate approved the treaty": a body that consents, and an instrument that is no law of its own."""
    sentence, verb = trigger.sentence, trigger.word
    consenting = load_lexicon("treaty").list("consenting")
    who = actors(sentence, verb)
    if not trigger.is_noun and any(w.lemma.casefold() in consenting for w in who):
        for instrument in _instruments(sentence, undergoers(sentence, verb)):
            yield _finding(trigger, reading, instrument, who, ())


def instrument_lapses(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "the agreement expired", "the expiry of the treaty"."""
    sentence, word = trigger.sentence, trigger.word
    what = obliques(sentence, word, "of") + possessors(sentence, word) if trigger.is_noun else actors(sentence, word)
    for instrument in _instruments(sentence, what):
        yield _finding(trigger, reading, instrument, (), ())


RULES = (
    Rule(
        "treaty.act.subject_instrument",
        ("sign", "ratify", "extend", "amend", "suspend", "terminate", "violate", "negotiate", "accede", "withdraw"),
        subject_acts_on_instrument,
        0.9,
    ),
    Rule("treaty.act.subject_from_instrument", ("accede", "withdraw"), subject_acts_from_instrument, 0.85),
    Rule(
        "treaty.act.spoken_of",
        ("sign", "ratify", "accede", "extend", "amend", "suspend", "terminate", "withdraw", "violate"),
        subject_acts_on_what_was_spoken_of,
        0.6,
    ),
    Rule("treaty.withdraw.taken_back", ("stay",), party_stays, 0.6),
    Rule("treaty.fail.truce", ("fail",), truce_fails, 0.7),
    Rule("treaty.stop.agreed", ("stop", "suspend"), subjects_agree_to_stop, 0.6),
    Rule("treaty.approve.body", ("approve",), parliament_consents, 0.7),
    Rule("treaty.lapse.instrument", ("lapse",), instrument_lapses, 0.7),
    Rule("treaty.force.instrument", ("force",), instrument_takes_effect, 0.8),
    Rule(
        "treaty.act.noun",
        ("sign", "ratify", "extend", "suspend", "terminate", "violate", "negotiate", "accede", "withdraw"),
        act_as_a_noun,
        0.7,
    ),
)


# --- pieces of rules ----------------------------------------------------------------------------------------------


def _instruments(sentence: Sentence, words: tuple[Word, ...]) -> list[Word]:
    """The treaties among the words; of "memorandums and agreements" signed together only the first."""
    lexicon = load_lexicon("treaty")
    known = lexicon.list("strong_instruments") | lexicon.list("weak_instruments")
    heads = ((w, sentence.head_of(w)) for w in words)
    words = tuple(
        h if w.lemma.casefold() == "one" and h is not None else w for w, h in heads
    )  # "truces, such as the one"
    found = [w for w in words if {w.lemma.casefold(), w.text.casefold()} & (known | lexicon.list("named_instruments"))]
    named = [w for w in found if _is_named(sentence, w)]
    return named or found[:1]


def _is_named(sentence: Sentence, instrument: Word) -> bool:
    """ "the Baltic Convention", "the INF treaty"."""
    return instrument.upos == "PROPN" or any(w.upos == "PROPN" for w in modifiers(sentence, instrument))


def _spoken_of(trigger: Trigger, reading: Reading, objects: tuple[Word, ...]) -> list[Word]:
    """ "signed the treaty in 2010 and ratified it": the instrument that the sentence spoke of before."""
    if not any(o.upos == "PRON" and o.lemma.casefold() in {"it", "they"} for o in objects):
        return []
    before = tuple(w for w in trigger.sentence.words if w.id < trigger.word.id and w.upos in {"NOUN", "PROPN"})
    return _instruments(trigger.sentence, before)[-1:]


def _farther_up(sentence: Sentence, verb: Word) -> tuple[Word, ...]:
    """ "the agreement on the resumption of relations that they signed": parsers hang the clause on the nearest noun."""
    path = path_to_root(sentence, verb)[1:] if base(verb) == "acl" else []
    end = next((i for i, w in enumerate(path) if base(w) != "nmod"), 0)
    return tuple(path[1 : end + 1])


def _named_before(sentence: Sentence, verb: Word) -> tuple[Word, ...]:
    """ "the Treaty on Cooperation in the Sea of Azov, signed by Ukraine": a long name that the parse takes apart."""
    if verb.xpos != "VBN" or not agents(sentence, verb) or base(verb) not in {"acl", "advcl"}:
        return ()
    before = sentence.words[: verb.id - 1]
    start = max((w.id for w in before if w.upos == "VERB"), default=0)
    return tuple(w for w in before if w.id > start and w.upos == "PROPN")


def _bound_by(sentence: Sentence, instrument: Word) -> tuple[Word, ...]:
    """ "under the accord signed in 1972, India and Pakistan settle": those who act under it are its parties."""
    governor = sentence.head_of(instrument)
    if governor is None or case_of(sentence, instrument) not in {"under", "in line with", "in accordance with"}:
        return ()
    return actors(sentence, governor)


def _accusers(trigger: Trigger) -> tuple[Word, ...]:
    """ "Iceland accused Norway of violating", "a pact with Norway is being negotiated, Iceland said": who complains of
    a treaty, or tells of its making, is a party.
    """
    if trigger.term.group not in {"violate", "negotiate"}:
        return ()
    accusing = load_lexicon("treaty").list("accuse_verbs")
    path = path_to_root(trigger.sentence, trigger.word)[1:]
    return next((actors(trigger.sentence, w) for w in path if w.lemma.casefold() in accusing), ())


def _carrier(sentence: Sentence, noun: Word) -> Word | None:
    """The light verb of "opened negotiations", "announced its withdrawal"."""
    governor = sentence.head_of(noun)
    if governor is None or base(noun) != "obj":
        return None
    return governor if governor.lemma.casefold() in load_lexicon("treaty").list("light_verbs") else None


def _finding(
    trigger: Trigger, reading: Reading, instrument: Word, parties: tuple[Word, ...], places: tuple[Word, ...]
) -> Finding:
    sentence = trigger.sentence
    words = parties + instrument_parties(sentence, instrument)
    mentions = mentions_of(reading, sentence, coordinated(sentence, words))
    places += deep_obliques(sentence, instrument, "in", "at")
    if trigger.term.group == "sign":  # "was signed by the minister and his counterpart in Lusaka"
        places += tuple(w for party in parties for w in obliques(sentence, party, "in"))
    place = next((p for w in places if (p := place_at(reading, sentence, w))), None)
    under_way = Modality("possible", trigger.span) if trigger.term.group == "negotiate" else None
    roles = {"party": _as_parties(reading, mentions)}
    finding = Finding(trigger, roles, trigger.term.action, place, modality=under_way, focus=instrument)
    finding = _with_subject(finding, reading, sentence, instrument)
    span = span_of(_title(sentence, instrument))
    return finding.with_detail("instrument", instrument.text, Span(instrument.start, instrument.end)).with_detail(
        "title", " ".join(reading.quote(span).split()), span
    )


def _with_subject(finding: Finding, reading: Reading, sentence: Sentence, instrument: Word) -> Finding:
    """ "a memorandum on cooperation between SMEs": what the instrument is about."""
    inside = deep_obliques(sentence, instrument, "in") + obliques(sentence, finding.trigger.word, "in")
    fields = tuple(w for w in inside if w.lemma in {"field", "area", "sphere"})
    told = deep_obliques(sentence, instrument, *ABOUT) + deep_obliques(sentence, instrument, "regarding", "concerning")
    about = next(iter(told + fields), None)
    if about is None or about.id < instrument.id or about.upos == "PROPN":
        return finding
    below = {w.id for w in sentence.subtree(about)}
    following = sentence.words[about.id : about.id + LONGEST_SUBJECT]
    end = next(
        (i for i, w in enumerate(following) if w.id not in below or w.upos in {"PUNCT", "VERB", "SCONJ"}),
        len(following),
    )
    before = [w for w in phrase_words(sentence, about) if w.upos != "DET" and w.id <= about.id]
    span = span_of([*before, *following[:end]])
    return finding.with_detail("subject", " ".join(reading.quote(span).split()), span)


def _title(sentence: Sentence, instrument: Word) -> list[Word]:
    """The words of an instrument's name, up to a comma or the clause that says when it was signed."""
    words = phrase_words(sentence, instrument, INSTRUMENT_PHRASE)
    later = [w for w in words if w.id > instrument.id]
    end = next((w.id for w in later if w.upos in {"PUNCT", "VERB"} and w.text != "-"), len(sentence.words) + 1)
    start = max((w.id for w in words if w.id < instrument.id and w.text == ","), default=0)
    return [w for w in words if start < w.id < end]


def instrument_parties(sentence: Sentence, instrument: Word) -> tuple[Word, ...]:
    """Who an instrument is between: "treaty with Spain", "accord between X and Y", "the US-Russia pact"."""
    found = deep_obliques(sentence, instrument, "between", "with", "among", "by")
    pair = obliques(sentence, instrument, "of")
    found += pair if len(pair) > 1 else ()  # "the agreement of the Union and Japan"
    for clause in sentence.children(instrument):
        if base(clause) == "acl" and clause.deprel != "acl:relcl":
            found += obliques(sentence, clause, "between", "with")
            found += tuple(w for by in agents(sentence, clause) for w in obliques(sentence, by, "between"))
            found += () if _only_brings_about(clause) else obliques(sentence, clause, "by") + agents(sentence, clause)
    return found


def _as_parties(reading: Reading, mentions: tuple[Mention, ...]) -> tuple[Mention, ...]:
    """Ministers sign for their states: the party is the state, each once."""
    found: list[Mention] = []
    for mention in mentions:
        party = as_state(reading, mention)
        at_home = party.country is None and fold(party.name) in load_lexicon("treaty").list("consenting")
        at_home = at_home or bool(set(fold(party.name).split()) & gazetteers.public_words("governments"))  # a ministry
        known = party.country is not None or (party.kind in {"organization", "armed_group"} and not at_home)
        actor = party.public and known and party.kind in {"state", "organization", "armed_group"}
        if actor and (party.country is None or party.country not in [p.country for p in found]):
            found.append(party)
    return tuple(found)


# --- what holds for every treaty ----------------------------------------------------------------------------------


def settle(finding: Finding, reading: Reading) -> Finding | None:
    """An instrument between states has two parties, or a name that only treaties bear."""
    if "instrument" not in finding.details:
        return finding
    finding = _with_parties_told_elsewhere(finding, reading)
    parties = finding.within("party")
    instrument = str(finding.details["instrument"][0]).casefold()
    lexicon = load_lexicon("treaty")
    strong = instrument.rstrip("s") in {w.rstrip("s") for w in lexicon.list("strong_instruments")}
    strong = strong or finding.details["instrument"][0] != instrument  # a name: the "Simla Agreement"
    strong = strong or _has_name(finding) or _one_of_many_joins(finding.trigger)
    strong = strong or instrument in lexicon.list("named_instruments") or finding.trigger.term.group == "withdraw"
    if not parties or (len(parties) < 2 and not strong):
        return None
    return _signed_where_written(finding, reading)


def _signed_where_written(finding: Finding, reading: Reading) -> Finding:
    """What is reported as signed from the capital of a party was signed there, unless the text tells more."""
    written = place_of_dateline(reading)
    parties = {p.country for p in finding.within("party")}
    told = any(YEAR.fullmatch(w.text) for w in finding.trigger.sentence.words)  # of old treaties, it is background
    signed = finding.trigger.term.group == "sign" and not told and finding.place is None
    if written is None or not signed or len(parties) < 2 or written.country not in parties:
        return finding
    return replace(finding, place=replace(written, strength=0.5))


def _one_of_many_joins(trigger: Trigger) -> bool:
    """ "the latest country to sign the free trade agreement"."""
    above = trigger.sentence.head_of(trigger.word)
    joins = base(trigger.word) == "acl" and trigger.term.group in {"sign", "ratify", "accede"}
    return (
        joins and above is not None and above.lemma.casefold() in {"country", "state", "nation", "member", "government"}
    )


def _has_name(finding: Finding) -> bool:
    """ "the Prespa agreement between Greece and its neighbour": named after a place, which contracts are not."""
    sentence, instrument = finding.trigger.sentence, finding.focus
    if instrument is None or not obliques(sentence, instrument, "between"):
        return False
    return any(base(c) == "compound" and c.upos == "PROPN" for c in sentence.children(instrument))


def _with_parties_told_elsewhere(finding: Finding, reading: Reading) -> Finding:
    """ "the accord was signed in Lima": between whom, another sentence says that names the instrument alike."""
    parties, here = finding.within("party"), finding.focus
    if len(parties) > 1 or here is None:
        return finding
    known = _known_parties(finding, reading) if finding.action != "withdrawn" else ()  # who leaves, leaves alone
    if known and {p.country for p in parties} <= {m.country for m in known}:
        return finding.with_role(
            "party", (*parties, *(m for m in known if m.country not in {p.country for p in parties}))
        )
    told = _parties_by_name(finding.trigger.sentence, here, reading) if _is_definite(finding, here) else ()
    own = {p.country for p in parties}
    if own and not own & {m.country for m in told}:
        return finding
    if (
        not told
        and not parties
        and (here.lemma.casefold() in load_lexicon("treaty").list("truces") or _by_ministers(finding))
    ):
        told = pair_of_document(reading, Span(here.start, here.end))
    return finding.with_role("party", (*parties, *(m for m in told if m.country not in own)))


def _by_ministers(finding: Finding) -> bool:
    """ "the pact that the defence ministers signed": of the two states that the text is about."""
    sentence, verb = finding.trigger.sentence, finding.trigger.word
    strong = finding.focus is not None and finding.focus.lemma.casefold() in load_lexicon("treaty").list(
        "strong_instruments"
    )
    officials = any(w.text.casefold() in gazetteers.public_words("delegations") for w in actors(sentence, verb))
    return strong and officials and finding.trigger.term.group == "sign"


def _known_parties(finding: Finding, reading: Reading) -> tuple[Mention, ...]:
    """ "suspending its part in New START": between whom, the world knows."""
    title, span = finding.details.get("title", ("", finding.trigger.span))
    return tuple(
        Mention(
            reading.names_by_country.get(code) or gazetteers.country_name(code) or code,
            "state",
            span,
            code,
            strength=0.6,
            rule="treaty.known_parties",
        )
        for code in gazetteers.treaty_parties(str(title))
    )


def _is_definite(finding: Finding, instrument: Word) -> bool:
    marks = {c.lemma.casefold() for c in finding.trigger.sentence.children(instrument)}
    return instrument.upos == "PROPN" or bool(marks & {"the", "this", "that", "its", "their"})


def _parties_by_name(sentence: Sentence, instrument: Word, reading: Reading) -> tuple[Mention, ...]:
    """The parties of the nearest mention of an instrument of the same word and name that tells two of them."""
    name = _name_words(sentence, instrument)
    here = reading.index_of(sentence)
    for other, word in reading.noun_near(instrument.lemma, here, MENTIONS_LOOKED_AT):
        if word.start != instrument.start and _fits(name, _name_words(other, word), instrument.upos == "PROPN"):
            parties = _as_parties(reading, mentions_of(reading, other, instrument_parties(other, word)))
            if len(parties) > 1:
                return tuple(replace(p, strength=p.strength * 0.6, rule="treaty.same_instrument") for p in parties)
    return ()


def _fits(name: frozenset[str], other: frozenset[str], proper: bool) -> bool:
    """A name must be told in full; a description must not say anything else."""
    return name <= other if proper else not name or not other or bool(name & other)


def _name_words(sentence: Sentence, instrument: Word) -> frozenset[str]:
    words = phrase_words(sentence, instrument, frozenset({"amod", "compound", "flat"}))
    return frozenset(w.text.casefold() for w in words if w.id != instrument.id)


FAMILY = Family(
    name="treaty",
    label="Treaty",
    roles=(Role("party", "Party"),),
    place_label="Place of conclusion",
    details=(
        DetailField(
            "action",
            "Action",
            "choice",
            (
                "negotiated",
                "signed",
                "ratified",
                "acceded",
                "entered_into_force",
                "extended",
                "amended",
                "suspended",
                "withdrawn",
                "terminated",
                "violated",
            ),
        ),
        DetailField("instrument", "Instrument", "text"),
        DetailField("title", "Title", "text"),
        DetailField("subject", "Subject", "text"),
    ),
    rules=RULES,
    settle=settle,
    inherits=("party",),
    contested=("violated",),
)
