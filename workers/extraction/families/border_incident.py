"""Border incidents: a hostile or unlawful act at or across a border, a line, territorial waters or airspace."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace

from workers.extraction.annotation import Sentence, Word
from workers.extraction.arguments import (
    actors,
    base,
    deep_obliques,
    is_passive,
    modifiers,
    obliques,
    path_to_root,
    possessors,
    tree_distance,
    undergoers,
)
from workers.extraction.cast import country_in
from workers.extraction.family import DetailField, Family, Role
from workers.extraction.findings import Finding, Rule
from workers.extraction.gazetteers import fold, public_words, state_word
from workers.extraction.lexicons import load_lexicon
from workers.extraction.mentions import Mention, as_state, mentions_of, pair_of_document, phrase_words, state_of_text
from workers.extraction.numerals import number_of
from workers.extraction.places import PlaceMention, place_at, place_of_state
from workers.extraction.reading import Reading
from workers.extraction.records import Place
from workers.extraction.spans import Span, span_of
from workers.extraction.triggers import Trigger, terms_of

ACROSS = (
    "into",
    "over",
    "across",
    "through",
    "in",
    "inside",
    "at",
    "near",
    "on",
    "along",
    "around",
    "within",
    "beside",
    "outside",
    "off",
)
AGAINST = ("at", "on", "against", "toward", "towards", "into", "across", "inside", "around", "off")
WATERS = frozenset({"gulf", "sea", "strait", "bay", "ocean", "channel"})
SHOTS = frozenset({"fire", "shell", "kill", "fall", "attack", "sink", "take"})
BORDERS_SPOKEN_OF = 2  # times, for a text to be about a border
MISSILE_GROUPS = ("fall", "strike", "fire", "shell", "kill")


# --- rules --------------------------------------------------------------------------------------------------------


def subject_crosses(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "soldiers crossed the line", "planes entered Ecuadorian airspace", "strayed into"."""
    sentence, verb = trigger.sentence, trigger.word
    crossed = undergoers(sentence, verb) + obliques(sentence, verb, *ACROSS)
    yield from _trespass(trigger, reading, actors(sentence, verb), crossed)


def subject_sends_soldiers(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "accused Venezuela of sending soldiers into the department of Norte de Santander"."""
    sentence, verb = trigger.sentence, trigger.word
    sent = tuple(w for w in undergoers(sentence, verb) if w.text.casefold() in public_words("forces"))
    named = any(m.country for m in mentions_of(reading, sentence, sent))
    if sent:
        yield from _trespass(
            trigger,
            reading,
            sent if named else actors(sentence, verb),
            obliques(sentence, verb, "into", "across", "over"),
        )


def crossing_of_somebody(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "an incursion by", "the violation of its airspace by"."""
    sentence, noun = trigger.sentence, trigger.word
    who = possessors(sentence, noun) + obliques(sentence, noun, "by") + modifiers(sentence, noun)
    crossed = obliques(sentence, noun, *ACROSS, "of")
    above = sentence.head_of(noun)
    if not crossed and above is not None and base(noun) == "obj" and above.lemma.casefold() in _words("repels"):
        crossed = actors(sentence, above)  # "the Chadian army repelled an incursion by"
        who += obliques(sentence, above, "by")
    yield from _trespass(trigger, reading, who, crossed)


def subject_fires(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "troops opened fire on", "artillery shelled a village", "was bombed by"."""
    sentence, verb = trigger.sentence, trigger.word
    objects = undergoers(sentence, verb)
    if trigger.is_noun or any(w.lemma.casefold() in _words("not_targets") for w in objects[:1]):
        return
    if trigger.term.group == "sink" and not objects:  # boats sink by themselves
        return
    objects = tuple(w for w in objects if w.lemma.casefold() not in _words("projectiles"))
    targets = objects + obliques(sentence, verb, *AGAINST)
    targets += tuple(w for p in trigger.parts[1:] for w in obliques(sentence, p, *AGAINST))
    if trigger.term.group != "attack" or _attacks_somebody(trigger, reading, targets):
        yield from _force(trigger, reading, actors(sentence, verb), targets)


def _attacks_somebody(trigger: Trigger, reading: Reading, targets: tuple[Word, ...]) -> bool:
    """Not "they set out to attack", nor "they attacked a bus" of two states."""
    attackers = mentions_of(reading, trigger.sentence, actors(trigger.sentence, trigger.word))
    return bool(targets) and not all("mention.pair" in m.rule for m in attackers)


def subject_takes_position(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "Azerbaijani troops took heights at Talysh", "stormed a post"."""
    sentence, verb = trigger.sentence, trigger.word
    objects = undergoers(sentence, verb)
    if any(w.lemma.casefold() in _words("positions") for w in objects) and not trigger.is_noun:
        yield from _force(trigger, reading, actors(sentence, verb), objects)


def projectiles_fall(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "shells fired from the Congolese side fell on a Rwandan town", "rockets rained on"."""
    sentence, verb = trigger.sentence, trigger.word
    moved = actors(sentence, verb) + (undergoers(sentence, verb) if is_passive(sentence, verb) else ())
    above = sentence.head_of(verb)
    firing = above if above is not None and above.lemma.casefold() in {"fire", "launch"} else None
    if firing is not None and not moved:  # "rockets fired from Lebanon struck", misparsed
        moved = actors(sentence, firing)
    missiles = [w for w in moved if w.lemma.casefold() in _words("projectiles")]
    fired = [
        w
        for m in missiles
        for clause in sentence.children(m)
        if base(clause) == "acl"
        for w in obliques(sentence, clause, "from", "by")
    ]
    origins = tuple(w for m in missiles for w in (*obliques(sentence, m, "from", "of"), *possessors(sentence, m)))
    if firing is not None:
        origins += obliques(sentence, firing, "from", "by") + obliques(sentence, verb, "from")
    if is_passive(sentence, verb):  # "six rockets were launched from Syria at"
        origins += obliques(sentence, verb, "from", "by")
    who = (*fired, *origins, *missiles)
    if missiles and not trigger.is_noun:
        struck = tuple(w for w in undergoers(sentence, verb) if w not in missiles)
        targets = struck + obliques(sentence, verb, *ACROSS, *AGAINST)
        found = _force(trigger, reading, tuple(_with_modifiers(sentence, who)), targets)
        yield from (_of_those_who_fired(f) for f in found)


def _of_those_who_fired(finding: Finding) -> Finding:
    """The missile itself is nobody when the text says whose it is."""
    owners = [m for m in finding.within("initiator") if m.country or m.kind == "armed_group"]
    return replace(finding.with_role("initiator", owners or finding.within("initiator")), action="shelling")


def fight_breaks_out(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "fighting broke out between Armenia and Azerbaijan along their border"."""
    sentence, verb = trigger.sentence, trigger.word
    subjects = [c for c in sentence.children(verb) if base(c) == "nsubj" and c.text.casefold() in _words("fights")]
    sides = tuple(w for head in (verb, *subjects) for w in deep_obliques(sentence, head, "between", "with"))
    sides = tuple(w for w in sides if w.lemma.casefold() not in _words("weapons"))
    line = next((w for w in sentence.subtree(verb) if _line_kind(w) == "borders"), None)
    if subjects and not sides and line is not None:
        sides = _sides_of(sentence, line)
        if len({m.country for m in _armed(mentions_of(reading, sentence, sides))}) < 2:
            yield from _between_the_pair(trigger, reading, line)
            return
    if subjects:
        yield from _force(trigger, reading, sides, ())


def _between_the_pair(trigger: Trigger, reading: Reading, line: Word | None) -> Iterator[Finding]:
    """A fight of which nobody is named is one between the two states that the text is about."""
    sentence = trigger.sentence
    sides = pair_of_document(reading, trigger.span)
    if len(sides) > 1:
        place = _place_of(reading, sentence, _around(sentence, trigger))
        yield _with_border(reading, sentence, Finding(trigger, {"initiator": sides}, trigger.term.action, place), line)


def both_sides_fight(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "the two armies fought at Tsorona", "Thai and Cambodian troops battled near the temple"."""
    sentence, verb = trigger.sentence, trigger.word
    places, sides = obliques(sentence, verb, *ACROSS), actors(sentence, verb)
    armed = public_words("forces") | _words("sides")
    fighters = all({w.text.casefold(), w.lemma.casefold()} & armed for w in sides)
    countries = {m.country for m in mentions_of(reading, sentence, sides)}
    if fighters and places and not undergoers(sentence, verb) and len(countries) == 2:
        yield from _force(trigger, reading, sides, ())


def fighting_takes_lives(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "a firefight near the border killed two", "fighting left 55 dead on both sides": between whom, if nobody is
    named, tells the border, or else the two states that the document is about.
    """
    sentence, noun = trigger.sentence, trigger.word
    verb = sentence.head_of(noun)
    died_in = verb is not None and base(noun) == "obl" and verb.lemma in {"die", "kill", "wound", "injure"}
    if not trigger.is_noun or verb is None or (base(noun) != "nsubj" and not died_in):
        return
    verbs = {v.lemma.casefold() for v in (verb, *sentence.children(verb)) if v.upos == "VERB"}
    across = any(_line_kind(w) == "borders" for w in obliques(sentence, noun, "across", "over", "along"))
    if not verbs & _words("outcomes") and not across and not died_in:  # "fire across the line had buried the truce"
        return
    near = list(sentence.subtree(verb))
    fallen = {m.country: w for w in near if (m := _soldiers(reading, sentence, w)) is not None}
    line = next((w for w in near if _line_kind(w) == "borders"), None)
    both = next((w for w in near if w.text.casefold() in _words("sides")), None)
    if line is None and both is None and len(fallen) != 2:
        return
    told = tuple(fallen.values()) if len(fallen) == 2 and line is None else ()
    told += deep_obliques(sentence, noun, "between") + (_sides_of(sentence, line) if line else ())
    sides = _armed(mentions_of(reading, sentence, told))
    if len(sides) < 2:
        yield from _between_the_pair(trigger, reading, line)
        return
    place = _place_of(reading, sentence, _around(sentence, trigger))
    yield _with_border(reading, sentence, Finding(trigger, {"initiator": sides}, trigger.term.action, place), line)


def _soldiers(reading: Reading, sentence: Sentence, word: Word) -> Mention | None:
    """ "killed two Cambodian soldiers, and a Thai soldier died": of one state."""
    if word.upos != "NOUN" or word.lemma.casefold() not in {
        "soldier",
        "guard",
        "trooper",
        "officer",
        "policeman",
        "marine",
    }:
        return None
    return next((m for m in mentions_of(reading, sentence, (word,)) if m.country), None)


def _sides_of(sentence: Sentence, line: Word) -> tuple[Word, ...]:
    """ "the border between X and Y", "the X-Y border"."""
    return deep_obliques(sentence, line, "between") + modifiers(sentence, line)


def kills_at_border(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "two soldiers were killed by Indian fire across the line", "guards killed a farmer at the border"."""
    sentence, verb = trigger.sentence, trigger.word
    line = any(_line_kind(w) == "borders" and _near(sentence, w, verb) for w in sentence.words)
    line = line or (_is_about_border(reading) and _soldiers_of_two(reading, sentence, verb))
    line = line or any(_is_across(sentence, word) for word in (verb, *actors(sentence, verb)))
    above = sentence.head_of(verb)
    is_outcome = any(  # "attacked a post, killing two", not "after soldiers killed two"
        base(w) == "advcl" and "VerbForm=Fin" not in w.feats for w in path_to_root(sentence, verb)
    ) or (base(verb) == "conj" and above is not None and bool(terms_of(above, load_lexicon("border_incident"))))
    who = tuple(_with_modifiers(sentence, actors(sentence, verb))) + obliques(sentence, verb, "from")
    if line and not trigger.is_noun and not is_outcome:
        yield from _force(trigger, reading, who, undergoers(sentence, verb))


def _soldiers_of_two(reading: Reading, sentence: Sentence, verb: Word) -> bool:
    """ "an Armenian soldier was killed by Azerbaijani fire"."""
    fallen = [m for m in mentions_of(reading, sentence, undergoers(sentence, verb)) if m.kind == "armed_forces"]
    firing = mentions_of(reading, sentence, tuple(_with_modifiers(sentence, actors(sentence, verb))))
    return len({m.country for m in (*fallen, *firing) if m.country}) == 2 and bool(fallen)


def _is_across(sentence: Sentence, word: Word) -> bool:
    """ "fire from the Sudanese side"."""
    return any(_line_kind(w) == "territory" for w in obliques(sentence, word, "from"))


def _with_modifiers(sentence: Sentence, words: tuple[Word, ...]) -> Iterator[Word]:
    for word in words:
        yield from (word, *modifiers(sentence, word))
        yield from (m for w in obliques(sentence, word, "from") for m in (w, *modifiers(sentence, w)))


def fire_as_a_noun(trigger: Trigger, reading: Reading) -> Iterator[Finding]:
    """ "Turkish bombing of the region", "shelling by", "clashes between"."""
    sentence, noun = trigger.sentence, trigger.word
    if not trigger.is_noun:
        return
    who = possessors(sentence, noun) + obliques(sentence, noun, "by", "between", "from") + modifiers(sentence, noun)
    at = obliques(sentence, noun, "of", "with", *AGAINST)
    carrier = _carrier(sentence, noun)
    if carrier is not None:
        who += actors(sentence, carrier)
        at += obliques(sentence, carrier, "in", "near", *AGAINST)
    yield from _force(trigger, reading, who, at)


def _carrier(sentence: Sentence, noun: Word) -> Word | None:
    """The light verb of "carried out air strikes"."""
    verb = sentence.head_of(noun)
    if verb is None:
        return None
    answered = base(noun) == "obl" and verb.lemma.casefold() in _words("answers")  # "responded with artillery fire"
    return verb if answered or (base(noun) == "obj" and verb.lemma.casefold() in _words("light_verbs")) else None


def _words(name: str) -> frozenset[str]:
    return load_lexicon("border_incident").list(name)


RULES = (
    Rule("border.cross.nsubj_obj", ("cross", "infiltrate", "airspace", "violate", "sail"), subject_crosses, 0.8),
    Rule("border.cross.sent", ("send",), subject_sends_soldiers, 0.6),
    Rule("border.cross.noun", ("cross", "infiltrate", "airspace", "violate"), crossing_of_somebody, 0.7),
    Rule("border.fall.subject_place", MISSILE_GROUPS, projectiles_fall, 0.7),
    Rule("border.fight.between", ("erupt",), fight_breaks_out, 0.7),
    Rule("border.fight.both", ("fight",), both_sides_fight, 0.6),
    Rule("border.fight.losses", ("clash", "fire", "shell", "exchange"), fighting_takes_lives, 0.5),
    Rule("border.kill.nsubj_obj", ("kill",), kills_at_border, 0.6),
    Rule("border.fire.nsubj_obj", ("fire", "shell", "strike", "attack", "clash", "detain", "sink"), subject_fires, 0.7),
    Rule("border.take.nsubj_obj", ("take",), subject_takes_position, 0.6),
    Rule("border.fire.noun", ("fire", "shell", "strike", "clash", "detain"), fire_as_a_noun, 0.6),
)


# --- pieces of rules ----------------------------------------------------------------------------------------------


def _trespass(
    trigger: Trigger, reading: Reading, who: tuple[Word, ...], crossed: tuple[Word, ...]
) -> Iterator[Finding]:
    """Somebody of one state comes over the line, or into the land, air or waters, of another."""
    sentence = trigger.sentence
    if _was_let_in(sentence, trigger.word):
        return
    initiators = _armed(mentions_of(reading, sentence, who))
    line = next((w for w in crossed if _line_kind(w)), None)
    moves_only = trigger.word.lemma.casefold() in _words("plain_moves")
    at_arms = any(m.kind != "state" for m in initiators)
    loose = trigger.term.group in {"cross", "infiltrate", "send"} and (at_arms or not moves_only)
    armies = all(m.kind in {"armed_forces", "armed_group"} and m.country for m in initiators)
    loose = loose and (armies or trigger.word.lemma.casefold() != "enter")  # "troops entered Guyana's Essequibo"
    loose = loose or (trigger.word.lemma.casefold() == "fly" and bool(obliques(sentence, trigger.word, "over")))
    if not initiators or (line is None and not loose):
        return
    place = _place_of(reading, sentence, crossed)
    targets = _owners(reading, sentence, crossed)
    targets = tuple(t for t in targets if t.country not in {m.country for m in initiators})
    if line is None and not targets and loose:
        countries = {m.country for m in initiators if m.country}
        targets = _complainers(reading, sentence, trigger.word, countries) if len(countries) == 1 else ()
    if line is None and not targets:
        return
    kind = "airspace" if line is not None and _is_air_zone(sentence, line) else _line_kind(line)
    action = {"airspace": "airspace_violation", "waters": "maritime_violation"}.get(kind, trigger.term.action)
    finding = Finding(trigger, {"initiator": initiators, "target": targets}, action, place)
    yield _with_border(reading, sentence, finding, line)


def _was_let_in(sentence: Sentence, verb: Word) -> bool:
    """ "allowed Russian troops to enter its territory": who is let in does not trespass."""
    above = sentence.head_of(verb)
    complement = base(verb) in {"xcomp", "ccomp", "advcl", "acl"}
    return above is not None and complement and above.lemma.casefold() in _words("permits")


def _is_air_zone(sentence: Sentence, line: Word) -> bool:
    """ "air defence identification zone"."""
    return line.lemma.casefold() == "zone" and any(w.lemma == "air" for w in phrase_words(sentence, line))


def _line_kind(word: Word | None) -> str:
    if word is None:
        return ""
    lists = load_lexicon("border_incident")
    lemma, text = word.lemma.casefold(), word.text.casefold()
    kinds = ("borders", "airspace", "waters", "territory")
    return next((name for name in kinds if {lemma, text} & lists.list(name)), "")


def _force(trigger: Trigger, reading: Reading, who: tuple[Word, ...], at: tuple[Word, ...]) -> Iterator[Finding]:
    sentence = trigger.sentence
    above = sentence.head_of(trigger.word)
    if (
        above is not None
        and above.lemma.casefold() in _words("ends")
        and base(trigger.word) in {"obj", "xcomp", "nmod"}
    ):
        return
    initiators = _armed(mentions_of(reading, sentence, who))
    targets = _armed(mentions_of(reading, sentence, at)) or _owners(reading, sentence, at)
    place = _place_of(reading, sentence, _around(sentence, trigger))
    line = next((w for w in sentence.words if _line_kind(w) == "borders" and _near(sentence, w, trigger.word)), None)
    armies = {m.country for m in initiators if m.kind == "armed_forces" and m.country}
    if trigger.term.group == "clash" and trigger.is_noun and line is None and len(armies) < 2:
        return
    if trigger.term.group == "detain" and not any(m.kind == "armed_forces" for m in (*initiators, *targets)):
        return
    if not initiators and line is not None and line in modifiers(sentence, trigger.word):
        initiators = pair_of_document(reading, Span(line.start, line.end))
    countries = {m.country for m in (*initiators, *targets) if m.country} | (
        {place.country} if place and place.country else set()
    )
    if line is None and len(countries) == 1 and not targets:
        targets = _complainers(reading, sentence, trigger.word, countries)
        countries |= {t.country for t in targets if t.country}
    if line is None and len(countries) == 1 and not targets and trigger.term.group in SHOTS:
        targets = _other_side(reading, sentence, countries)
        countries |= {t.country for t in targets if t.country}
    armed_group = (
        trigger.term.group in {"shell", "strike"} and bool(targets) and all(m.kind == "armed_group" for m in initiators)
    )
    if not initiators or (line is None and len(countries) < 2 and not armed_group):
        return
    targets = tuple(t for t in targets if t.country not in {m.country for m in initiators} or t.country is None)
    action = "shelling" if _by_guns(sentence, who) and trigger.term.group == "strike" else trigger.term.action
    yield _with_border(
        reading, sentence, Finding(trigger, {"initiator": initiators, "target": targets}, action, place), line
    )


def _by_guns(sentence: Sentence, who: tuple[Word, ...]) -> bool:
    """ "Sudanese artillery hit a camp" from the ground."""
    return bool(who) and all({w.lemma.casefold(), w.text.casefold()} & _words("weapons") for w in who)


def _is_about_border(reading: Reading) -> bool:
    return reading.times_said(_words("borders")) >= BORDERS_SPOKEN_OF


def _other_side(reading: Reading, sentence: Sentence, countries: set[str]) -> tuple[Mention, ...]:
    """ "Pakistani shells killed 16 people in Poonch", in a report on one border: the other of its two states."""
    main = reading.states[:2]
    others = [code for code in main if code not in countries]
    if not _is_about_border(reading) or len(others) != 1 or not countries & set(main):
        return ()
    return state_of_text(reading, others[0], sentence, "border.other_side")


def _near(sentence: Sentence, word: Word, trigger: Word) -> bool:
    return tree_distance(sentence, word, trigger) <= 4


def _around(sentence: Sentence, trigger: Trigger) -> tuple[Word, ...]:
    words = [trigger.word, *trigger.parts[1:], *undergoers(sentence, trigger.word)]
    carrier = _carrier(sentence, trigger.word) if trigger.is_noun else None
    words += [carrier] if carrier else []
    near = [w for word in words for w in deep_obliques(sentence, word, *ACROSS)]
    return (*near, *(w for word in near for w in obliques(sentence, word, "in", "inside")))  # "on militants in Iraq"


def _place_of(reading: Reading, sentence: Sentence, words: tuple[Word, ...]) -> PlaceMention | None:
    named = next((p for word in words if (p := _place_at(reading, sentence, word))), None)
    if named is not None and named.country is not None:  # rather than the line near it
        return named
    for word in words:
        found = _place_at(reading, sentence, word)
        if found:
            return found
        if _line_kind(word):
            span = span_of(phrase_words(sentence, word, frozenset({"amod", "compound", "flat"})))
            owner = None if _line_kind(word) == "borders" else country_in(reading.text, phrase_words(sentence, word))
            return PlaceMention(Place(" ".join(reading.quote(span).split()), owner), span)
    return None


def _place_at(reading: Reading, sentence: Sentence, word: Word) -> PlaceMention | None:
    """A village at a border may bear a town's name: one of a country that the text does not speak of is another."""
    found = place_at(reading, sentence, word) or _place_named(reading, sentence, word)
    if found is None or found.country is None or found.country in reading.states:
        return found
    return replace(found, place=Place(found.place.name))


def _place_named(reading: Reading, sentence: Sentence, word: Word) -> PlaceMention | None:
    """ "the Rwandan border town of Rubavu"."""
    for name in obliques(sentence, word, "of"):
        found = place_at(reading, sentence, name) if name.upos == "PROPN" else None
        if found is not None:
            land = country_in(reading.text, phrase_words(sentence, word))
            return replace(found, place=Place(found.place.name, land)) if land else found
    return None


def _owners(reading: Reading, sentence: Sentence, words: tuple[Word, ...]) -> tuple[Mention, ...]:
    """Whose land, air or waters: "Ecuadorian airspace", "into Rwanda", "a village in Iraq"."""
    found: list[Mention] = []
    for word in words:
        line = _line_kind(word) == "borders"  # not the "military" of a demarcation line
        near = [
            word,
            *(m for m in modifiers(sentence, word) if not line or state_word(m.text)),
            *possessors(sentence, word),
            *(obliques(sentence, word, "of") if word.lemma.casefold() not in WATERS else ()),  # not "the Gulf of Oman"
            *obliques(sentence, word, "in", "inside"),
        ]
        for mention in mentions_of(reading, sentence, tuple(near)):
            if mention.kind in {"state", "armed_forces", "armed_group"} and mention.key not in [m.key for m in found]:
                found.append(mention)
        if not found:
            place = _place_at(reading, sentence, word)
            land = (place and place.country) or country_in(reading.text, phrase_words(sentence, word))
            if place and land:  # "the Israeli-held Golan Heights"
                found.append(Mention(place.place.name, "state", place.span, land, strength=0.7))
    return tuple(found)


def _armed(mentions: tuple[Mention, ...]) -> tuple[Mention, ...]:
    kinds = {"armed_forces", "armed_group", "vessel"}
    return tuple(m for m in mentions if m.kind in kinds or (m.kind == "state" and m.country))  # no "parliament"


def _with_border(reading: Reading, sentence: Sentence, finding: Finding, line: Word | None) -> Finding:
    if line is None or _line_kind(line) != "borders":
        return finding
    span = span_of(phrase_words(sentence, line, frozenset({"amod", "compound", "flat"})))
    return finding.with_detail("border", " ".join(reading.quote(span).split()), span)


def _with_losses(finding: Finding) -> Finding:
    """ "killing at least nine men", "two sergeants were wounded": counts that the sentence of the incident tells."""
    sentence, lexicon = finding.trigger.sentence, load_lexicon("border_incident")
    for verb in sentence.words:
        for detail in ("killed", "wounded", "captured"):
            counted = (
                _count(sentence, undergoers(sentence, verb)) if verb.lemma.casefold() in lexicon.list(detail) else None
            )
            if counted and detail not in finding.details:
                number, word = counted
                finding = finding.with_detail(detail, number, Span(word.start, word.end))
    return finding


def _count(sentence: Sentence, words: tuple[Word, ...]) -> tuple[int, Word] | None:
    for word in words:
        for child in (word, *sentence.children(word)):
            number = number_of(child.text) if base(child) == "nummod" or child.upos == "NUM" else None
            if number is not None:
                return number, child
    return None


def _without_bare_weapons(finding: Finding) -> Finding:
    """ "the rockets that fell in Eilat": a weapon that nobody is said to own is no participant."""
    for role in finding.roles:
        kept = [m for m in finding.within(role) if m.country or fold(m.name).split()[-1] not in _words("weapons")]
        finding = finding.with_role(role, kept)
    return finding


def _on_land_of_target(finding: Finding) -> Finding:
    """ "attacked Djiboutian positions at Ras Doumeira": a place unknown to gazetteers is on their land."""
    place, lands = finding.place, {m.country for m in finding.within("target")}
    if place is None or place.country is not None or len(lands) != 1 or "border" in finding.details:
        return finding
    return replace(finding, place=replace(place, place=replace(place.place, country=lands.pop())))


def _against_the_accuser(finding: Finding, reading: Reading) -> Finding:
    """Who complains of it is the target where no other is named."""
    sentence, verb, initiators = finding.trigger.sentence, finding.trigger.word, finding.countries
    if finding.within("target") or len(initiators) != 1:
        return finding
    return finding.with_role("target", _complainers(reading, sentence, verb, initiators))


def _complainers(reading: Reading, sentence: Sentence, verb: Word, initiators: AbstractSet[str]) -> tuple[Mention, ...]:
    """ "Tanzania accused Burundian soldiers of crossing", "Armenia says Azerbaijani forces shelled a village": who
    complains of it suffered it; and who provoked it, "South Korea fired after soldiers crossed", is fired at.
    """
    accused = [
        w for w in path_to_root(sentence, verb)[1:] if w.lemma.casefold() in load_lexicon("treaty").list("accuse_verbs")
    ]
    clauses = [c for c in sentence.children(verb) if base(c) == "advcl"]
    provoked = [c for c in clauses if min(sentence.subtree(c), key=lambda w: w.id).lemma == "after"]
    others = [m for w in (*accused[:1], *provoked) for m in mentions_of(reading, sentence, actors(sentence, w))]
    targets = [as_state(reading, m) for m in others if m.country and m.country not in initiators]
    return tuple(replace(m, strength=0.5, rule="border.complainer") for m in targets[:1])


def settle(finding: Finding, reading: Reading) -> Finding | None:
    """Somebody is named; the state on whose land it happened is a target."""
    finding = _on_land_of_target(_with_losses(_without_bare_weapons(finding)))
    if not finding.countries and not any(m.kind == "armed_group" for m in finding.mentions):
        return None  # "customs officers seized 40 kilos at the border"
    finding = _against_the_accuser(finding, reading)
    place = finding.place
    if place is None or place.country is None or place.country in finding.countries:
        return finding if finding.mentions else None
    land = place_of_state(reading, place.country, place.span)
    name = land.place.name if land else place.place.name
    state = Mention(name, "state", place.span, place.country, strength=0.6, rule="border.land")
    return finding.with_role("target", (*finding.within("target"), state))


ACTIONS = (
    "crossing",
    "shots_fired",
    "shelling",
    "clash",
    "air_strike",
    "airspace_violation",
    "maritime_violation",
    "infiltration",
    "detention",
)

FAMILY = Family(
    name="border_incident",
    label="Border incident",
    roles=(Role("initiator", "Initiator"), Role("target", "Target")),
    place_label="Place",
    details=(
        DetailField(
            "action",
            "Action",
            "choice",
            ACTIONS,
        ),
        DetailField("border", "Border", "text"),
        DetailField("killed", "Killed", "count"),
        DetailField("wounded", "Wounded", "count"),
        DetailField("captured", "Captured", "count"),
    ),
    rules=RULES,
    settle=settle,
    contested=ACTIONS,
)
