"""Diplomatic visits: an official travels to another country, meets there, or was to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from workers.extraction.annotation import Sentence, Word
from workers.extraction.arguments import (
    NOUN_TAGS,
    actors,
    base,
    case_of,
    coordinated,
    deep_obliques,
    is_passive,
    is_predicate,
    modifiers,
    obliques,
    path_to_root,
    possessors,
    predicated_of,
    undergoers,
)
from workers.extraction.family import DetailField, Family, Role
from workers.extraction.findings import Finding, Rule
from workers.extraction.gazetteers import fold, public_words
from workers.extraction.lexicons import load_lexicon
from workers.extraction.mentions import Mention, country_of_phrase, mentions_of, people_at_home, people_named
from workers.extraction.modality import Modality, judge
from workers.extraction.places import HERE, PlaceMention, here_or_there, place_at, place_of_dateline, place_of_state
from workers.extraction.reading import Reading
from workers.extraction.spans import Span, span_of
from workers.extraction.triggers import Trigger, is_in_group

TO = ("to", "in", "into", "for", "at", "inside")
AT = ("in", "at", "near")
WITH = ("with", "as well as", "along with", "together with")
SURE_PLACE = 0.6  # of where somebody "was": named, or the dateline's for "here"
ATTENDEES_WITHIN = 12  # sentences after a meeting in which the text lists who attended it
NEAR = 5  # sentences within which a host is named
CONVENES = frozenset({"host", "organize", "organise", "convene", "call", "chair"})
GETS_VISIT = frozenset({"receive", "host", "get", "arrange", "organize", "organise"})
GIVES = frozenset({"extend", "issue", "send", "give", "hand", "convey", "deliver", "renew"})  # an invitation


# --- rules --------------------------------------------------------------------------------------------------------


def subject_goes_to_object(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "Yoon visited Ukraine", "Ukraine, where Yoon visited", "was visited by"."""
    sentence, verb = trigger.sentence, trigger.word
    targets = undergoers(sentence, verb) + obliques(sentence, verb, *TO)
    targets = targets or tuple(c for c in sentence.children(verb) if base(c) == "parataxis" and c.upos in NOUN_TAGS)
    yield from _one_per_destination(trigger, reading, actors(sentence, verb), targets)


def somebody_visiting(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "told visiting Foreign Minister Menon in Jakarta": the object of "visiting" is the visitor, not the place."""
    sentence, verb = trigger.sentence, trigger.word
    if verb.text.casefold() != "visiting" or (undergoers(sentence, verb) and _places_of(trigger, reading)):
        return
    visitors = _people(mentions_of(reading, sentence, undergoers(sentence, verb) or _right_after(sentence, verb)))
    above = sentence.head_of(verb)
    near = tuple(w for head in (verb, above) if head for w in deep_obliques(sentence, head, *AT))
    place = _first_place(reading, sentence, near) or _written_abroad(reading, visitors)
    if visitors and place and all(v.strength >= 0.8 for v in visitors):
        yield Finding(trigger, {"visitor": visitors}, trigger.term.action, place)


def _places_of(trigger: Trigger, reading: Reading) -> list[PlaceMention]:
    objects = undergoers(trigger.sentence, trigger.word)
    return [p for w in objects if (p := place_at(reading, trigger.sentence, w))]


def _right_after(sentence: Sentence, verb: Word) -> tuple[Word, ...]:
    """The subject that "Visiting" at the start of a sentence belongs to."""
    subjects = actors(sentence, verb)
    return tuple(s for s in subjects if min(w.id for w in sentence.subtree(s)) == verb.id + 1)


def subject_moves_to(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "flew to Doha", "arrived in North Korea", "left for Beijing"."""
    sentence, verb = trigger.sentence, trigger.word
    prepositions = {"leave": ("for",), "shuttle": ("between",)}.get(trigger.term.group, TO)
    targets = obliques(sentence, verb, *prepositions) + here_or_there(sentence, verb)
    left = undergoers(sentence, verb) if trigger.term.group == "leave" and not targets else ()
    visitors = actors(sentence, verb)
    if not left:
        yield from _one_per_destination(trigger, reading, visitors, targets)
    elif left[0].upos == "PROPN":  # "the delegation left Lima without a deal"
        found = _one_per_destination(trigger, reading, visitors, left)
        yield from (f for f in found if f.place and all(v.country for v in f.within("visitor")))


def subject_was_away(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "came back from Beijing", "returned home from a visit to Beijing": only with a place abroad."""
    sentence, verb = trigger.sentence, trigger.word
    if not any(c.lemma.casefold() in {"trip", "visit", "tour"} for c in obliques(sentence, verb, "from")):
        found = _one_per_destination(trigger, reading, actors(sentence, verb), obliques(sentence, verb, "from"))
        yield from (f for f in found if f.place)


def object_is_awaited(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "is expected in Tokyo on Monday", "Tokyo expects the minister": no verb of travel is needed."""
    sentence, verb = trigger.sentence, trigger.word
    places = obliques(sentence, verb, *AT)
    for finding in _one_per_destination(trigger, reading, undergoers(sentence, verb), places):
        if finding.place:
            yield replace(finding, modality=Modality("planned", trigger.span))


def subject_sends_object(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "Russia sent its envoy to Damascus": who is sent is the visitor."""
    sentence, verb = trigger.sentence, trigger.word
    targets = obliques(sentence, verb, "to", "into")
    found = _one_per_destination(trigger, reading, undergoers(sentence, verb), targets)
    yield from (f for f in found if f.place)


def trip_of_somebody(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "Putin's trip to Pyongyang", "the visit of X to Y", "paid a visit to", "during a visit to"."""
    sentence, noun = trigger.sentence, trigger.word
    if not trigger.is_noun:
        return
    who = _travellers(sentence, noun)
    targets = deep_obliques(sentence, noun, *TO) + _verb_targets(sentence, noun)
    targets += tuple(w for w in who[1:] if _is_land(reading, sentence, w) and not _is_land(reading, sentence, who[0]))
    hosts = _public(mentions_of(reading, sentence, _who_got(sentence, noun)))
    carrying = _carrying_clause(sentence, noun)
    modality = judge(sentence, carrying) if carrying else None
    for finding in _one_per_destination(trigger, reading, tuple(w for w in who if w not in targets), targets, True):
        yield replace(finding.with_role("host", hosts), modality=modality)


def subject_is_in_place(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "Mr. Ross was in Beijing on June 2"."""
    sentence = trigger.sentence
    place = sentence.head_of(trigger.word)
    if place is None or trigger.word.deprel != "cop":
        return
    if case_of(sentence, place) not in {"in", "at", "due in"} and place.lemma.casefold() not in HERE:
        return
    is_due = case_of(sentence, place) == "due in" or sentence.words[place.id - 2].lemma.casefold() == "due"
    due = Modality("planned", trigger.span) if is_due else None
    visitors = _people(mentions_of(reading, sentence, actors(sentence, place)))
    further = [w for w in obliques(sentence, place, *AT) if base(w) == "conj"]  # "in Lima on Monday and in Quito on"
    for word in coordinated(sentence, [place, *further]):
        found = place_at(reading, sentence, word)
        sure = found is not None and found.country is not None and found.strength >= SURE_PLACE
        if found and sure and visitors and all(v.strength >= 0.7 for v in visitors):
            roles = {"visitor": visitors}
            yield Finding(trigger, roles, trigger.term.action, found, modality=due, focus=word, vague=True)


def host_receives(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "King Abdullah received President Abbas", "was received by Xi", "hosted Kim in the Far East"."""
    sentence, verb = trigger.sentence, trigger.word
    received = undergoers(sentence, verb) or _named_after(sentence, verb)
    named = tuple(w for guest in received for w in _members_named(sentence, guest))
    visitors = _people(mentions_of(reading, sentence, named or received))
    place = _first_place(reading, sentence, _where_received(sentence, verb, received))
    hosts = _public(_at_home(reading, mentions_of(reading, sentence, actors(sentence, verb)), place))
    if hosts and visitors:
        yield Finding(trigger, {"visitor": visitors, "host": hosts}, trigger.term.action, place)


def _where_received(sentence: Sentence, verb: Word, received: tuple[Word, ...]) -> tuple[Word, ...]:
    return obliques(sentence, verb, *AT) + tuple(w for guest in received for w in deep_obliques(sentence, guest, *AT))


def _members_named(sentence: Sentence, guests: Word) -> tuple[Word, ...]:
    """ "hosting several dignitaries including Mahmud Abbas and Kais Saied"."""
    listed = [c for c in sentence.children(guests) if case_of(sentence, c) in {"including", "among them"}]
    return coordinated(sentence, listed)


def _named_after(sentence: Sentence, verb: Word) -> tuple[Word, ...]:
    """ "received at his office on Sunday Mohammed Al Wahaibi": parsers hang a late object on the day."""
    if is_passive(sentence, verb):
        return ()
    people = [e for e in sentence.entities if e.label == "Person" and e.start > verb.end]
    named = [w for w in sentence.words if people and w.start == people[0].start]
    return tuple(w for w in named if base(w) == "nmod" and not case_of(sentence, w))


def subjects_meet(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "met his Dutch counterpart in The Hague", "Kim and Moon met at Panmunjom"."""
    sentence, verb = trigger.sentence, trigger.word
    inner = [w for w in trigger.parts if w.id != verb.id]
    if verb.lemma == "see" and verb.xpos != "VBD":  # much is seen, but "then saw the king in Jeddah"
        return
    people = actors(sentence, verb) + obliques(sentence, verb, *WITH)
    people += () if inner else undergoers(sentence, verb)
    for noun in inner:
        people += obliques(sentence, noun, "with")
    partners = undergoers(sentence, verb) + obliques(sentence, verb, *WITH)
    places = obliques(sentence, verb, *AT)
    places += tuple(
        w for n in (*inner, *partners) for w in obliques(sentence, n, *AT)
    )  # "with her counterpart in Lomé"
    places += obliques(sentence, verb, "on") + _aside(sentence, verb)
    places += here_or_there(sentence, verb)
    official = any(_is_official(w) for w in partners) or any(
        _is_official(w) and "Number=Plur" in w.feats for w in actors(sentence, verb)
    )
    yield from _meeting(trigger, reading, people, _first_place(reading, sentence, places), official)


def _is_official(word: Word) -> bool:
    """ "will meet the leaders of the Nordic states": officials, whoever they are."""
    return word.lemma.casefold() in public_words("heads") | {"minister", "counterpart"}


def meeting_between(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "his talks with Xi in Beijing", "a meeting between the ministers in Geneva"."""
    sentence, noun = trigger.sentence, trigger.word
    bodies = [
        m.kind == "organization" for w in obliques(sentence, noun, "of") for m in mentions_of(reading, sentence, (w,))
    ]
    people = possessors(sentence, noun) + obliques(sentence, noun, "between", "with")
    people += () if all(bodies) and bodies else obliques(sentence, noun, "of")  # not "the summit of the union"
    people += _light_subjects(sentence, noun)
    places = deep_obliques(sentence, noun, *AT) + _clause_places(sentence, noun) + _aside(sentence, noun)
    yield from _meeting(trigger, reading, people, _first_place(reading, sentence, places))


def _aside(sentence: Sentence, word: Word) -> tuple[Word, ...]:
    """ "met during the conference", "a meeting on the sidelines of the Jeddah Summit": what it was beside."""
    governor = sentence.head_of(word)
    heads = (word, governor) if governor is not None and base(word) == "obl" else (word,)
    edges = [
        w for head in heads for w in obliques(sentence, head, "on") if w.lemma.casefold() in {"sideline", "margin"}
    ]
    beside = tuple(w for edge in edges for w in obliques(sentence, edge, "of"))
    return obliques(sentence, word, "during", "on the sidelines of", "on the margins of") + beside


def subject_attends(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "took part in the summit in Baku", "will attend the Nato summit"."""
    sentence, word = trigger.sentence, trigger.word
    if trigger.is_noun:
        who, events = possessors(sentence, word) + obliques(sentence, word, "of"), obliques(sentence, word, "in", "at")
        who = who or _who_is(sentence, word)
    else:
        who = actors(sentence, word)
        events = undergoers(sentence, word) + obliques(sentence, word, "in", "at", "from")
        events += tuple(w for p in trigger.parts[1:] for w in obliques(sentence, p, "in", "at"))
    events = tuple(_gathering_of(sentence, w) for w in events)
    gatherings = [w for w in events if w.lemma.casefold() in load_lexicon("visit").list("gatherings")]
    visitors = _public(mentions_of(reading, sentence, who))
    if visitors and gatherings:
        place = _first_place(reading, sentence, _places_of_gathering(sentence, word, gatherings))
        place = place or _written_abroad(reading, visitors)
        if place is None and not any(w.lemma.casefold() == "summit" for w in gatherings):
            return
        hosts = _conveners(reading, sentence, gatherings)
        yield Finding(trigger, {"visitor": visitors, "host": hosts}, trigger.term.action, place)


def _gathering_of(sentence: Sentence, word: Word) -> Word:
    """ "the conference on security in Asia, CICA, which Iran attends": parsers hang the clause on the last name."""
    known, path = load_lexicon("visit").list("gatherings"), path_to_root(sentence, word)
    above = next((i for i, w in enumerate(path) if base(w) not in {"appos", "nmod", "flat", "compound"}), 0)
    return next((w for w in path[: above + 1] if w.lemma.casefold() in known), word)


def _conveners(reading: Reading, sentence: Sentence, gatherings: list[Word]) -> tuple[Mention, ...]:
    """ "an African Union summit", "the summit of the Group of Eight", "a conference hosted by UNESCO"."""
    words: list[Word] = []
    for gathering in gatherings:
        words += [*modifiers(sentence, gathering), *obliques(sentence, gathering, "of")]
        hosting = (c for c in sentence.children(gathering) if base(c) == "acl")
        words += [w for c in hosting if c.lemma in CONVENES for w in actors(sentence, c)]
    return tuple(m for m in _public(mentions_of(reading, sentence, tuple(words))) if m.kind == "organization")


def _who_is(sentence: Sentence, noun: Word) -> tuple[Word, ...]:
    """ "Davutoglu, a guest at the session", "was a guest at"."""
    head = sentence.head_of(noun)
    if base(noun) == "appos" and head is not None:
        return (head,)
    return predicated_of(sentence, noun)


def subject_speaks_abroad(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "will present the case in Washington before the Organization", "gave a speech in Warsaw": one must be there."""
    sentence, verb = trigger.sentence, trigger.word
    visitors = _people(mentions_of(reading, sentence, actors(sentence, verb)))
    place = _first_place(reading, sentence, obliques(sentence, verb, *AT))
    if visitors and place and all(v.country and v.strength >= 0.7 for v in visitors):
        yield Finding(trigger, {"visitor": visitors}, trigger.term.action, place)


def subject_stays_away(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "will skip the summit in Madrid": attendance that is not to be."""
    for finding in subject_attends(trigger, reading):
        yield replace(finding, modality=Modality("denied", trigger.span))


def subject_is_at_summit(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "during the June summit in Spain, Yoon said": the subject attended it."""
    sentence, noun = trigger.sentence, trigger.word
    if base(noun) != "obl" or case_of(sentence, noun) not in {"at", "during", "on the sidelines of", "in"}:
        return
    visitors = _people(mentions_of(reading, sentence, _light_subjects(sentence, noun)))
    place = _first_place(reading, sentence, deep_obliques(sentence, noun, *AT))
    hosts = _conveners(reading, sentence, [noun])
    if visitors and (place or hosts) and noun.lemma.casefold() == "summit":
        yield Finding(trigger, {"visitor": visitors, "host": hosts}, "attended", place)


def host_invites(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "invited Modi to Washington", "an invitation to visit Oman"."""
    sentence, word = trigger.sentence, trigger.word
    hosts = _public(mentions_of(reading, sentence, actors(sentence, word)))
    visitors = _public(mentions_of(reading, sentence, undergoers(sentence, word)))
    place = _first_place(reading, sentence, obliques(sentence, word, "to") + _places_of_purpose(sentence, word))
    if visitors and (place or {h.country for h in hosts} - {v.country for v in visitors} - {None}):
        cue = Span(word.start, word.end)
        roles = {"visitor": visitors, "host": hosts}
        yield Finding(trigger, roles, "invited", place, modality=Modality("possible", cue))


def invitation_for_somebody(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "handed the president an invitation to visit Oman", "accepted an invitation from Oman to"."""
    sentence, noun = trigger.sentence, trigger.word
    if not trigger.is_noun:
        return
    hosts = _public(
        mentions_of(reading, sentence, possessors(sentence, noun) + obliques(sentence, noun, "from", "by", "of"))
    )
    visitors = _people(mentions_of(reading, sentence, obliques(sentence, noun, "to", "for") + _invited(sentence, noun)))
    place = _first_place(reading, sentence, _places_of_purpose(sentence, noun) + obliques(sentence, noun, "to"))
    governor = sentence.head_of(noun)
    if governor is not None and base(noun) == "obj" and governor.lemma.casefold() in GIVES:
        place = place or _first_place(reading, sentence, _places_of_purpose(sentence, governor))
        hosts = hosts or _public(mentions_of(reading, sentence, actors(sentence, governor)))
    if visitors and place:
        cue = Span(noun.start, noun.end)
        roles = {"visitor": visitors, "host": hosts}
        yield Finding(trigger, roles, "invited", place, modality=Modality("possible", cue))


RULES = (
    Rule("visit.go.visiting", ("go",), somebody_visiting, 0.7),
    Rule("visit.go.subject_object", ("go", "reach"), subject_goes_to_object, 0.9),
    Rule("visit.back.subject_from", ("back",), subject_was_away, 0.7),
    Rule("visit.expect.object_place", ("expect",), object_is_awaited, 0.6),
    Rule("visit.send.object_to", ("send",), subject_sends_object, 0.6),
    Rule("visit.move.subject_to", ("move", "arrive", "leave", "shuttle"), subject_moves_to, 0.8),
    Rule("visit.trip.noun", ("trip", "arrive", "leave"), trip_of_somebody, 0.8),
    Rule("visit.presence.copula", ("presence",), subject_is_in_place, 0.6),
    Rule("visit.receive.subject_object", ("receive", "host"), host_receives, 0.8),
    Rule("visit.meet.subjects", ("meet",), subjects_meet, 0.7),
    Rule("visit.meeting.noun", ("meeting",), meeting_between, 0.6),
    Rule("visit.summit.subject", ("meeting",), subject_is_at_summit, 0.6),
    Rule("visit.attend.subject", ("attend",), subject_attends, 0.7),
    Rule("visit.speak.subject", ("speak",), subject_speaks_abroad, 0.6),
    Rule("visit.attend.skip", ("skip",), subject_stays_away, 0.7),
    Rule("visit.invite.noun", ("invite",), invitation_for_somebody, 0.6),
    Rule("visit.invite.subject_object", ("invite",), host_invites, 0.7),
)


# --- pieces of rules ----------------------------------------------------------------------------------------------


def _one_per_destination(
    trigger: Trigger, reading: Reading, who: tuple[Word, ...], targets: tuple[Word, ...], noun: bool = False
) -> Iterator[Finding]:
    """ "to Israel and Saudi Arabia" is one visit for each destination."""
    sentence = trigger.sentence
    visitors = _people(mentions_of(reading, sentence, who))
    if noun and not visitors:  # "the US visit": a state may own a trip, but not make a move
        states = (m for m in _public(mentions_of(reading, sentence, who)) if m.kind == "state")
        visitors = tuple(m for m in states if m.rule not in {"mention.pair", "mention.pronoun"})  # not "their journeys"
    places = _destinations(reading, sentence, targets)
    where = None if places else _place_of_where(trigger, reading)
    for focus, place in [*places, *([(None, where)] if where else [])]:
        if visitors or noun:
            yield Finding(trigger, {"visitor": visitors}, trigger.term.action, place, focus=focus)
    if not places and not where and visitors:
        yield Finding(trigger, {"visitor": visitors}, trigger.term.action)


def _destinations(
    reading: Reading, sentence: Sentence, words: Iterable[Word]
) -> list[tuple[Word | None, PlaceMention]]:
    """Each place once, with its word: the place itself, or where the thing is that is visited ("the headquarters of
    the panel in Port Louis").
    """
    found: list[tuple[Word | None, PlaceMention]] = []
    for word in words:
        place = _first_place(reading, sentence, [word])
        if place and place.country and place.place.name not in [p.place.name for _, p in found]:
            found.append((word, place))
    return found


def _place_of_where(trigger: Trigger, reading: Reading) -> PlaceMention | None:
    """ "Ukraine, where Yoon visited": the place right before "where"."""
    for child in trigger.sentence.children(trigger.word):
        if child.lemma.casefold() == "where":
            before = trigger.sentence.words[max(0, child.id - 4) : child.id - 1]
            return next((p for w in reversed(before) if (p := place_at(reading, trigger.sentence, w))), None)
    return None


def _travellers(sentence: Sentence, noun: Word) -> tuple[Word, ...]:
    carrying = _carrying_clause(sentence, noun)
    if is_predicate(sentence, noun) or carrying is not None:
        subject = undergoers(sentence, carrying) if carrying else actors(sentence, noun)
        if subject and subject[0].lemma.casefold() not in {
            "it",
            "this",
            "that",
        }:  # "who was on its visit", "a tour that will take him to"
            return subject
    owners = possessors(sentence, noun) + obliques(sentence, noun, "of", "by", "from") + _who_paid(sentence, noun)
    governor = sentence.head_of(noun)
    if not owners and governor is not None and governor.lemma == "follow":  # "the visit was followed by another to"
        return _owners_of_trip(sentence, governor) or _who_met_there(sentence, noun)
    if not owners and governor is not None and base(noun) == "obj":
        owners = obliques(sentence, governor, "by")  # "arranged a tour by the team"
        owners = owners or _owners_of_trip(sentence, governor)
    return owners or _light_subjects(sentence, noun) or modifiers(sentence, noun)


def _who_paid(sentence: Sentence, noun: Word) -> tuple[Word, ...]:
    """ "the visit that the president paid to Sudan"."""
    light = load_lexicon("visit").list("light_verbs")
    clauses = [c for c in sentence.children(noun) if base(c) == "acl" and c.lemma.casefold() in light]
    return tuple(w for c in clauses if noun in undergoers(sentence, c) for w in actors(sentence, c))


def _who_met_there(sentence: Sentence, noun: Word) -> tuple[Word, ...]:
    """ "another visit to Tehran, during which he met officials"."""
    governor = sentence.head_of(noun)
    clauses = [c for w in sentence.subtree(noun) for c in sentence.children(w) if c.deprel == "acl:relcl"]
    clauses += [c for c in sentence.children(governor) if base(c) == "advcl"] if governor else []
    return next((actors(sentence, c) for c in clauses if any(w.lemma == "which" for w in sentence.children(c))), ())


def _owners_of_trip(sentence: Sentence, governor: Word) -> tuple[Word, ...]:
    """ "his visit to Algeria follows a visit in Turkey": both are one person's."""
    lexicon = load_lexicon("visit")
    trips = [c for c in sentence.children(governor) if base(c) == "nsubj" and is_in_group(c, lexicon, "trip")]
    return tuple(w for trip in trips for w in possessors(sentence, trip))


def _who_got(sentence: Sentence, noun: Word) -> tuple[Word, ...]:
    """ "President Bukele received a visit from his counterpart": the subject is the host."""
    governor = sentence.head_of(noun)
    got = governor is not None and base(noun) == "obj" and governor.lemma.casefold() in GETS_VISIT
    return actors(sentence, governor) if governor and got else ()


def _is_land(reading: Reading, sentence: Sentence, word: Word) -> bool:
    """A place that the parse coordinates with a person is a second destination: "of X to Egypt and Jordan"."""
    entity = reading.entity_at(sentence, word)
    return entity is not None and entity.label == "Location"


def _light_subjects(sentence: Sentence, noun: Word) -> tuple[Word, ...]:
    """The subject of "paid a visit", "is on a visit", or of the clause that happens "during a visit"."""
    governor = sentence.head_of(noun)
    if base(noun) == "root" or is_predicate(sentence, noun):
        return actors(sentence, noun)
    if governor is None or governor.upos not in {"VERB", "AUX", "NOUN", "PROPN"}:
        return ()
    lexicon = load_lexicon("visit")
    light = governor.lemma.casefold() in (
        lexicon.list("light_verbs") | lexicon.list("cancel_verbs") | lexicon.list("postpone_verbs")
    )
    if base(noun) == "obj" and light:
        return actors(sentence, governor)
    if base(noun) == "nmod" and case_of(sentence, noun) in {"on", "during"}:
        return (governor,)
    if base(noun) == "obl" and is_passive(sentence, governor):
        return undergoers(sentence, governor)
    if base(noun) == "obl":
        return actors(sentence, governor) or undergoers(sentence, governor)
    return ()


def _carrying_clause(sentence: Sentence, noun: Word) -> Word | None:
    """ "a tour that will take him to Brasilia"."""
    carry = load_lexicon("visit").list("carry_verbs")
    clauses = (c for c in sentence.children(noun) if c.deprel == "acl:relcl" and c.lemma.casefold() in carry)
    return next((c for c in clauses if noun in actors(sentence, c)), None)


def _verb_targets(sentence: Sentence, noun: Word) -> tuple[Word, ...]:
    """ "paid a visit on Monday to Kuwait": the destination may hang on the verb."""
    governor = _carrying_clause(sentence, noun)
    if governor is not None:
        return obliques(sentence, governor, "to")
    governor = sentence.head_of(noun)
    if governor is None or governor.upos != "VERB":
        return ()
    if base(noun) == "nsubj" and governor.lemma.casefold() in load_lexicon("visit").list("carry_verbs"):
        return undergoers(sentence, governor) + obliques(sentence, governor, "to")
    if base(noun) not in {"obj", "obl"}:
        return ()
    return tuple(w for w in obliques(sentence, governor, "to") if w.id > noun.id) or _where_spoken(sentence, noun)


def _where_spoken(sentence: Sentence, noun: Word) -> tuple[Word, ...]:
    """ "speaking in Warsaw during a visit": what is done on a visit without a place was done there."""
    governor = sentence.head_of(noun)
    on_visit = base(noun) == "obl" and case_of(sentence, noun) in {"during", "on"}
    return obliques(sentence, governor, *AT) if governor and on_visit and not obliques(sentence, noun, *TO) else ()


def _places_of_purpose(sentence: Sentence, word: Word) -> tuple[Word, ...]:
    """Where one is invited to: "to visit Oman", "to meet him in New York"."""
    purposes = [
        c for c in sentence.children(word) if "VerbForm=Inf" in c.feats and base(c) in {"acl", "xcomp", "advcl"}
    ]
    return tuple(w for verb in purposes for w in undergoers(sentence, verb) + obliques(sentence, verb, *TO))


def _invited(sentence: Sentence, noun: Word) -> tuple[Word, ...]:
    """Who gets the invitation: the indirect object, or the one who accepts it."""
    governor = sentence.head_of(noun)
    if governor is None or base(noun) != "obj":
        return ()
    given = tuple(c for c in sentence.children(governor) if base(c) == "iobj")
    taken = governor.lemma.casefold() in {"accept", "receive", "decline", "refuse", "turn", "reject"}
    return given or (actors(sentence, governor) if taken else obliques(sentence, governor, "to"))


def _clause_places(sentence: Sentence, noun: Word) -> tuple[Word, ...]:
    governor = sentence.head_of(noun)
    held = [c for c in sentence.children(noun) if base(c) == "acl"]
    verbs = [*held, *([governor] if governor and governor.upos == "VERB" and base(noun) != "obl" else [])]
    return tuple(w for verb in verbs for w in obliques(sentence, verb, *AT))


def _places_of_gathering(sentence: Sentence, word: Word, gatherings: list[Word]) -> tuple[Word, ...]:
    places = [w for g in gatherings for w in (*deep_obliques(sentence, g, *AT), *modifiers(sentence, g))]
    places += [
        w for g in gatherings for v in sentence.children(g) if base(v) == "acl" for w in obliques(sentence, v, *AT)
    ]
    places += [w for w in obliques(sentence, word, *AT) if w not in gatherings]
    return tuple(places)


def _at_dateline(reading: Reading, people: tuple[Mention, ...]) -> PlaceMention | None:
    """A meeting without a place, reported from the capital of one side, was there."""
    written = place_of_dateline(reading)
    at_home = [m for m in people if written and m.country == written.country]
    return written if 0 < len(at_home) < len(people) else None


def _written_abroad(reading: Reading, visitors: tuple[Mention, ...]) -> PlaceMention | None:
    """The place of the dateline, when it is nobody's home."""
    written = place_of_dateline(reading)
    homes = {v.country for v in visitors}
    return written if written and written.country and written.country not in homes else None


def _first_place(reading: Reading, sentence: Sentence, words: Iterable[Word]) -> PlaceMention | None:
    listed = list(words)
    named = next((p for w in listed if (p := place_at(reading, sentence, w))), None)
    inside = (i for w in listed for i in deep_obliques(sentence, w, *AT))  # "at the palace in Jakarta"
    return named or next((p for w in inside if (p := place_at(reading, sentence, w))), None)


def _meeting(
    trigger: Trigger, reading: Reading, words: tuple[Word, ...], place: PlaceMention | None, official: bool = False
) -> Iterator[Finding]:
    """Those at home in the place are hosts, the others visitors. `official`: with somebody in office, not named."""
    people = _public(mentions_of(reading, trigger.sentence, coordinated(trigger.sentence, words)))
    place = place or _at_dateline(reading, people)
    several = len(people) > 1 or official or trigger.word.lemma.casefold() in {"gather", "convene", "assemble"}
    if not people or not several or place is None or place.country is None:
        return
    hosts = tuple(m for m in people if m.country == place.country)
    visitors = tuple(m for m in people if m.country != place.country)
    yield Finding(trigger, {"visitor": visitors, "host": hosts}, trigger.term.action, place)


def _at_home(reading: Reading, hosts: tuple[Mention, ...], place: PlaceMention | None) -> tuple[Mention, ...]:
    """A host without a country is of the one where he receives, or where the document was written."""
    abroad, home = public_words("international_offices"), place.country if place else reading.home
    return tuple(
        replace(h, country=home, public=h.public or (h.office is not None and place is not None))
        if h.country is None and h.kind == "person" and fold(h.office or "") not in abroad
        else h
        for h in hosts
    )


def _people(mentions: Iterable[Mention]) -> tuple[Mention, ...]:
    """Officials and delegations: those who can travel."""
    return tuple(m for m in mentions if m.public and m.kind == "person")


def _public(mentions: Iterable[Mention]) -> tuple[Mention, ...]:
    return tuple(m for m in mentions if m.public and m.kind not in {"company", "armed_group"})


# --- what holds for every visit ----------------------------------------------------------------------------------


def settle(finding: Finding, reading: Reading) -> Finding | None:
    """Refuse travel inside one's own country, and talks that nobody travels to; take called-off visits as such."""
    if _is_remote(finding.trigger) or _is_purpose_of_invitation(finding.trigger) or _is_sport(finding.trigger):
        return None
    place = finding.place or _place_by_host(finding, reading)
    visitors = finding.within("visitor")
    if place and place.country:
        visitors = tuple(v for v in visitors if v.country != place.country and not _may_be_at_home(v, finding, place))
    if finding.action in {"met", "attended"}:  # an ambassador lives there
        visitors = tuple(v for v in visitors if "ambassador" not in fold(v.office or ""))
    if not visitors:
        return None
    finding = _with_kind(_with_host(finding, reading)).with_role("visitor", visitors)
    passing = place is None and not _needs_no_place(finding)
    return _called_off(replace(_with_attendees(finding, reading), place=place, passing=passing))


def _with_attendees(finding: Finding, reading: Reading) -> Finding:
    """ "Safadi and Husni attended the meeting on the Jordanian side", some sentences on: who else sat at the table."""
    sides = {m.country: role for role in ("host", "visitor") for m in finding.within(role) if m.country}
    if len(sides) != 2 or finding.action not in {"met", "visited"}:
        return finding
    for sentence in reading.after(finding.trigger.sentence, ATTENDEES_WITHIN):
        lemmas = {w.lemma.casefold() for w in sentence.words}
        side = _side_told(reading, sentence)
        if lemmas & {"attend", "attendance"} and (side or "meeting" in lemmas):
            for mention in people_named(reading, sentence):
                role = sides.get(side or mention.country or "")
                known = mention.name in {m.name for m in finding.mentions}
                if role is not None and not known and "ambassador" not in fold(mention.office or ""):
                    joined = replace(mention, country=mention.country or side, public=True)
                    finding = finding.with_role(role, (*finding.within(role), joined))
    return finding


def _side_told(reading: Reading, sentence: Sentence) -> str | None:
    """ "on the Jordanian side"."""
    sides = (w for w in sentence.words if w.lemma.casefold() == "side")
    return next((c for w in sides if (c := country_of_phrase(reading, sentence, w))), None)


def _may_be_at_home(visitor: Mention, finding: Finding, place: PlaceMention) -> bool:
    """ "the minister attended a meeting": without a country, and without travel, nobody says that he is not at home."""
    moved = finding.action not in {"met", "attended"} and place.strength > 0.6
    international = fold(visitor.office or "") in public_words("international_offices")
    unknown = visitor.office is not None or visitor.kind == "state"
    return unknown and visitor.country is None and not moved and not international


def _is_remote(trigger: Trigger) -> bool:
    """ "met virtually", "held talks by phone", "a virtual summit"."""
    sentence, remote = trigger.sentence, load_lexicon("visit").list("remote")
    about = [w for head in trigger.parts for w in sentence.children(head)]
    return any(w.lemma.casefold() in remote and base(w) in {"advmod", "obl", "amod", "compound"} for w in about)


def _is_sport(trigger: Trigger) -> bool:
    """ "Chile and Peru meet in the semi-final"."""
    sports = load_lexicon("visit").list("sports")
    return any(w.lemma.casefold() in sports for w in trigger.sentence.children(trigger.word))


def _is_purpose_of_invitation(trigger: Trigger) -> bool:
    """ "an invitation to visit Oman" is told by the invitation."""
    above = trigger.sentence.head_of(trigger.word)
    purpose = base(trigger.word) in {"acl", "xcomp", "advcl", "ccomp"} and "VerbForm=Inf" in trigger.word.feats
    return above is not None and purpose and is_in_group(above, load_lexicon("visit"), "invite")


def _with_host(finding: Finding, reading: Reading) -> Finding:
    """The leader of the destination whom the text names together with the visitor is the host."""
    place, visitors = finding.place, finding.within("visitor")
    if finding.within("host") or place is None or finding.action == "attended" or not visitors:
        return finding
    told = _people(mentions_of(reading, finding.trigger.sentence, _partners(finding.trigger)))
    if hosts := [m for m in told if m.country == place.country]:
        return finding.with_role("host", hosts)
    here = reading.index_of(finding.trigger.sentence)
    together = [
        (abs(there - here), span.start, host)
        for there, span, host in people_at_home(reading, place.country, here, NEAR)
        if any(visitor.name in reading.people_in(there) for visitor in visitors)
    ]
    return finding.with_role("host", [min(together, key=lambda t: t[:2])[2]] if together else [])


def _partners(trigger: Trigger) -> tuple[Word, ...]:
    """ "is expected for talks with the president", "visited Slovakia as the guest of": perhaps at home."""
    sentence, partners = trigger.sentence, load_lexicon("visit").list("partners")
    occasions = obliques(sentence, trigger.word, "for", "as")
    told = [w for w in occasions if w.lemma.casefold() in partners]
    return tuple(p for w in told for p in obliques(sentence, w, "with", "of"))


def _with_kind(finding: Finding) -> Finding:
    """ "an official visit", "a state visit"; two adjectives make "official_working"."""
    kinds = load_lexicon("visit").list("visit_kinds")
    told = [w for w in modifiers(finding.trigger.sentence, finding.trigger.word) if w.text.casefold() in kinds]
    if not finding.trigger.is_noun or not told:
        return finding
    name = "_".join(sorted(w.text.casefold() for w in told))
    known = next(detail for detail in FAMILY.details if detail.name == "visit_kind").choices
    return finding.with_detail("visit_kind", name, span_of(told)) if name in known else finding


def _place_by_host(finding: Finding, reading: Reading) -> PlaceMention | None:
    """Who receives is at home, unless the text says otherwise: in the place of the dateline, or just in his country."""
    if finding.trigger.term.group not in {"receive", "host", "trip"} or not _abroad(finding):
        return None
    host = finding.within("host")[0]
    written = place_of_dateline(reading)
    return written if written and written.country == host.country else place_of_state(reading, host.country, host.span)


def _needs_no_place(finding: Finding) -> bool:
    return finding.trigger.term.group == "invite" or _abroad(finding) or finding.action == "attended"


def _abroad(finding: Finding) -> bool:
    """Without a place, host and visitor must be of different states."""
    hosts = {m.country for m in finding.within("host")}
    visitors = {m.country for m in finding.within("visitor")}
    return bool(hosts - {None}) and bool(visitors - {None}) and not hosts & visitors


def _called_off(finding: Finding) -> Finding:
    """ "cancelled his trip", "the visit was postponed"."""
    lexicon, sentence = load_lexicon("visit"), finding.trigger.sentence
    governor = sentence.head_of(finding.trigger.word)
    if governor is None or not finding.trigger.is_noun or base(finding.trigger.word) not in {"obj", "nsubj"}:
        return finding
    particles = {c.lemma.casefold() for c in sentence.children(governor) if c.deprel == "compound:prt"}
    lemma, cue = governor.lemma.casefold(), Span(governor.start, governor.end)
    if lemma in lexicon.list("cancel_verbs") and (lemma != "call" or "off" in particles):
        return replace(finding, action="cancelled", modality=Modality("denied", cue))
    if lemma in lexicon.list("postpone_verbs") and (lemma != "put" or "off" in particles):
        return replace(finding, action="postponed", modality=Modality("denied", cue))
    return finding


FAMILY = Family(
    name="visit",
    label="Visit",
    roles=(Role("visitor", "Visitor"), Role("host", "Host")),
    place_label="Destination",
    details=(
        DetailField(
            "action",
            "Action",
            "choice",
            ("visited", "arrived", "met", "attended", "departed", "invited", "cancelled", "postponed"),
        ),
        DetailField(
            "visit_kind",
            "Kind of visit",
            "choice",
            (
                "state",
                "official",
                "official_working",
                "working",
                "private",
                "informal",
                "transit",
                "unspecified",
            ),
        ),
        DetailField("occasion", "Occasion", "text"),
        DetailField("purpose", "Purpose", "text"),
    ),
    rules=RULES,
    settle=settle,
)
