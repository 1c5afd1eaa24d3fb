"""Who or what a phrase means: a state, an official, armed forces, an organisation, resolved within the document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from workers.extraction import gazetteers
from workers.extraction.annotation import Sentence, Word
from workers.extraction.arguments import (
    TIMES,
    agents,
    base,
    case_of,
    coordinated,
    is_predicate,
    obliques,
    possessors,
)
from workers.extraction.cast import (
    Person,
    bodies_in,
    country_in,
    is_person,
    is_public_body,
    is_public_office,
    is_title_word,
    office_in,
)
from workers.extraction.lexicons import load_lexicon
from workers.extraction.reading import Reading
from workers.extraction.spans import Span, span_of

PHRASE = frozenset({"amod", "compound", "nummod", "flat", "nmod:desc", "goeswith", "det", "advmod", "punct"})
NAME_PARTS = frozenset({"flat", "compound", "nmod:desc", "appos", "amod", "list"})
SENTENCES_LOOKED_BACK = 3
PAIRS = frozenset(
    {
        "side",
        "country",
        "nation",
        "government",
        "state",
        "party",
        "neighbour",
        "neighbor",
        "capital",
        "leader",
        "army",
        "president",
        "minister",
        "man",
        "delegation",
        "official",
        "rival",
        "navy",
    }
)
PAIRS_OF_STATES = frozenset(
    {"side", "country", "nation", "government", "state", "party", "neighbour", "neighbor", "capital"}
)
DOMESTIC = frozenset({"ruling", "political", "opposition", "main", "major", "local"})  # parties of one parliament
LEADERS_OF_PAIR = frozenset({"head", "chief", "representative", "chairman"})
STATE_WORDS = frozenset(
    {"country", "kingdom", "republic", "nation", "state", "emirate", "neighbour", "neighbor", "island"}
)
MOST_WORDS_OF_OWNER = 6  # "the president of the Republic of Korea"
BLOC_WORDS = frozenset({"bloc", "alliance", "union", "organisation", "organization", "body", "grouping"})
UNOWNED = frozenset({"team", "expert", "member", "mission", "officer"})  # anybody's, unless the text says whose
KIND_OF_GROUP = {
    "governments": "state",
    "forces": "armed_forces",
    "groups": "armed_group",
    "delegations": "person",
    "companies": "company",
    "vessels": "vessel",
    "private_people": "person",
}
PRIVATE_GROUPS = frozenset({"companies", "private_people"})


@dataclass(frozen=True)
class Mention:
    """A phrase and whom it means. `span` is what the reader sees marked; `public`: acts for a state or an
    international body; `strength` falls with every step of resolution (1 named here, 0.5 guessed). `rule` tells how a
    phrase that does not name anybody was resolved; it makes no other mention of it.
    """

    name: str
    kind: str
    span: Span
    country: str | None = None
    office: str | None = None
    public: bool = True
    strength: float = 1.0
    rule: str = field(default="", compare=False)

    @property
    def key(self) -> tuple[str, str | None]:
        return (gazetteers.fold(self.name), self.country)


def mentions_of(reading: Reading, sentence: Sentence, words: tuple[Word, ...]) -> tuple[Mention, ...]:
    """Whom the phrases mean, pairs ("the two sides") told apart, each once."""
    found: list[Mention] = []
    for word in words:
        for mention in resolve(reading, sentence, word):
            if mention.key not in [m.key for m in found]:
                found.append(mention)
    return tuple(found)


def resolve(reading: Reading, sentence: Sentence, word: Word) -> tuple[Mention, ...]:
    """Whom one phrase means, by its head word: usually one mention, two for a pair, none for a thing. Worked out once,
    however many triggers have the phrase for an argument.
    """
    key = (word.start, word.id)
    if key not in reading.resolved:
        reading.resolved[key] = _resolve(reading, sentence, word)
    return reading.resolved[key]


def _resolve(reading: Reading, sentence: Sentence, word: Word) -> tuple[Mention, ...]:
    for step in (
        _subject_of_copula,
        _pronoun,
        _pair,
        _partitive,
        _of_two_states,
        _person,
        _named,
        _described,
        _apposed,
    ):
        found = step(reading, sentence, word)
        if found:
            return found
    return ()


def _subject_of_copula(reading: Reading, sentence: Sentence, word: Word) -> tuple[Mention, ...]:
    """ "he was the last prime minister to visit": whoever is said to be one."""
    if word.upos not in {"NOUN", "PROPN"} or not is_predicate(sentence, word):
        return ()
    subjects = tuple(c for c in sentence.children(word) if base(c) == "nsubj" and c.upos in {"PRON", "PROPN"})
    return mentions_of(reading, sentence, subjects)


def _apposed(reading: Reading, sentence: Sentence, word: Word) -> tuple[Mention, ...]:
    """ "Komid, the country's chief arms dealer, which": what describes a name means it."""
    head = sentence.head_of(word)
    bare = not any(base(c) in {"cc", "case"} for c in sentence.children(word))
    described = base(word) in {"appos", "conj"} and word.upos == "NOUN" and bare
    return _named(reading, sentence, head) if head is not None and described and head.id < word.id else ()


def _partitive(reading: Reading, sentence: Sentence, word: Word) -> tuple[Mention, ...]:
    """ "a group of Cambodian soldiers", "dozens of drones", "members of the delegation" mean those after "of"."""
    if word.lemma.casefold() not in gazetteers.public_words("partitives"):
        return ()
    for part in obliques(sentence, word, "of"):
        named = word.lemma.casefold() == "member"  # "the 29 members of NATO signed": the organisation did
        found = _described(reading, sentence, part) if part.upos == "NOUN" else ()
        found = found or (tuple(m for m in _named(reading, sentence, part) if named and m.kind == "organization"))
        if found:
            return found
    return ()


def _of_two_states(reading: Reading, sentence: Sentence, word: Word) -> tuple[Mention, ...]:
    """ "Indian and Chinese soldiers", "India's and China's soldiers": one mention for each state."""
    kind = next(
        (k for g, k in KIND_OF_GROUP.items() if {word.lemma.casefold(), word.text.casefold()} & _plurals_of(g)), None
    )
    if kind is None or word.upos != "NOUN":
        return ()
    first = [c for c in sentence.children(word) if base(c) in {"amod", "compound"} or c.deprel == "nmod:poss"]
    adjectives = [w for w in coordinated(sentence, first) if w.text[:1].isupper()]
    states = [(w, code) for w in adjectives if (code := _state_of_adjective(sentence, w))]
    if len({code for _, code in states}) < 2:
        return ()
    after = [c for c in sentence.children(word) if base(c) in {"appos", "conj"} and c.upos == "PROPN"]
    bare = tuple(c for c in after if not any(base(g) == "cc" for g in sentence.children(c)))
    named = mentions_of(reading, sentence, coordinated(sentence, bare))
    if len(named) == len(states) and kind == "person":  # "his Iranian and Russian counterparts, A and B": in that order
        return tuple(
            replace(m, country=m.country or code, public=True) for m, (_, code) in zip(named, states, strict=True)
        )
    return tuple(Mention(f"{w.text} {word.text}", kind, Span(w.start, w.end), code) for w, code in states)


def _state_of_adjective(sentence: Sentence, word: Word) -> str | None:
    """ "Japanese", "South Korean"."""
    before = [c.text for c in sentence.children(word) if base(c) in {"compound", "amod"} and c.id == word.id - 1]
    return gazetteers.state_word(" ".join([*before, word.text])) or gazetteers.state_word(word.text)


def _plurals_of(group: str) -> frozenset[str]:
    return gazetteers.public_words(group) if group not in PRIVATE_GROUPS else frozenset()


# --- named people -------------------------------------------------------------------------------------------------


def phrase_words(sentence: Sentence, word: Word, relations: frozenset[str] = PHRASE) -> list[Word]:
    found, waiting = [word], [word]
    while waiting:
        for child in sentence.children(waiting.pop()):
            if base(child) in relations or child.deprel in relations:
                found.append(child)
                waiting.append(child)
    return sorted(found, key=lambda w: w.id)


def _person(reading: Reading, sentence: Sentence, word: Word) -> tuple[Mention, ...]:
    if word.upos not in {"PROPN", "NOUN", "X", "ADJ"} or _is_collective(word):
        return ()
    near = [
        *phrase_words(sentence, word, NAME_PARTS),
        *_name_after_title(sentence, word),
        *_name_after_comma(sentence, word),
    ]
    direct = reading.entity_at(sentence, word)
    if direct and not is_person(reading.text, direct) and direct.label != "NORP" and not _is_office(word):
        return ()
    for candidate in (word, *near):
        entity = reading.entity_at(sentence, candidate)
        if entity and is_person(reading.text, entity):
            span = Span(entity.start, entity.end)
            named = _as_mention(reading.cast.named(reading.quote(span)), span)
            if named.office is None and candidate is not word:
                named = _in_office_told(reading, sentence, word, named)
            return (_of_home(reading, named),)
    return _unlabelled_leader(reading, sentence, word)


def _in_office_told(reading: Reading, sentence: Sentence, word: Word, named: Mention) -> Mention:
    """ "the deputy minister of Azerbaijan, Ramiz Tahirov": the office that the phrase before the name tells."""
    office = office_in(reading.text, phrase_words(sentence, word))
    if office is None:
        return named
    country, title = country_of_phrase(reading, sentence, word), Span(*office).of(reading.text)
    return replace(named, country=named.country or country, office=title, public=is_public_office(title, country))


def _of_home(reading: Reading, mention: Mention) -> Mention:
    """ "Foreign Minister María Salvador": a minister of no country told is of the one that the text is at home in."""
    office = set(gazetteers.fold(mention.office or "").split())
    national = office & gazetteers.public_words("national_offices")
    listed = gazetteers.fold(mention.office or "") in gazetteers.public_words("international_offices")
    abroad = listed or office == {"secretary"} or gazetteers.leader(mention.name) == (True, None)
    unknown = mention.country is None and mention.public and bool(national) and not abroad
    return replace(mention, country=reading.home, strength=0.8) if unknown and reading.home else mention


def _name_after_title(sentence: Sentence, word: Word) -> list[Word]:
    """The name after a long title: "Minister of Interior and Municipalities" Bassam Mawlawi."""
    if not _is_office(word):
        return []
    following = sentence.words[word.id :]
    end = next((i for i, w in enumerate(following) if not is_title_word(w)), len(following))
    names = [w for w in following[:end] if w.upos == "PROPN"]
    return [w for w in names if any(e.label == "Person" and e.start == w.start for e in sentence.entities)][:1]


def _name_after_comma(sentence: Sentence, word: Word) -> list[Word]:
    """ "the deputy minister of Azerbaijan, Ramiz Tahirov": parsers coordinate such a name instead of apposing it."""
    named = [
        grandchild
        for child in sentence.children(word)
        if base(child) == "nmod" and _is_office(word)
        for grandchild in sentence.children(child)
        if base(grandchild) in {"appos", "conj"} and grandchild.upos == "PROPN" and word.text == word.lemma
    ]
    following = named + [
        c for c in sentence.children(word) if base(c) == "conj" and c.upos == "PROPN" and _is_office(word)
    ]
    return [c for c in following if not any(base(g) == "cc" for g in sentence.children(c))]


def _unlabelled_leader(reading: Reading, sentence: Sentence, word: Word) -> tuple[Mention, ...]:
    """A leader's full name that the parser did not label at all."""
    span = span_of(phrase_words(sentence, word, frozenset({"flat"})))
    name = reading.quote(span)
    if word.upos == "PROPN" and " " in name and gazetteers.leader(name)[0]:
        return (_as_mention(reading.cast.named(name), span),)
    return ()


def _as_mention(person: Person, span: Span, strength: float = 1.0, rule: str = "") -> Mention:
    return Mention(person.name, "person", span, person.country, person.office, person.public, strength, rule)


def _is_office(word: Word) -> bool:
    return word.lemma.casefold() in gazetteers.public_words("offices")


def _is_collective(word: Word) -> bool:
    lemma, text = word.lemma.casefold(), word.text.casefold()
    return any(
        lemma in gazetteers.public_words(group) or text in gazetteers.public_words(group)
        for group in ("governments", "forces")
    )


# --- named states and organisations -------------------------------------------------------------------------------


def _named(reading: Reading, sentence: Sentence, word: Word) -> tuple[Mention, ...]:
    entity = reading.entity_at(sentence, word)
    if entity and entity.label in {"Location", "Organization", "NORP", "Misc", "Facility", "Product"}:
        name = _trimmed(reading.text[entity.start : entity.end])
        found = _mention_of_name(reading, name, Span(entity.start, entity.start + len(name)), entity.label)
        if found:
            return (found,)
    if word.upos == "PROPN":
        span = span_of(phrase_words(sentence, word, frozenset({"compound", "flat", "amod"})))
        name = reading.quote(span)
        name = reading.full_names.get(gazetteers.fold(name), name)
        actor = gazetteers.named_actor(name) or gazetteers.named_actor(word.text)
        if actor:
            return (Mention(name, actor.kind, span, actor.country),)
    return _south_or_north(reading, sentence, word)


def _trimmed(name: str) -> str:
    return name.removesuffix("’s").removesuffix("'s").rstrip()


def _mention_of_name(reading: Reading, name: str, span: Span, label: str) -> Mention | None:
    name = reading.full_names.get(gazetteers.fold(name), name)
    actor = gazetteers.named_actor(name)
    if actor:
        return Mention(name, actor.kind, span, actor.country)
    people = gazetteers.adjectives().get(gazetteers.fold(name))
    if people:
        return Mention(name, "state", span, people)
    if label in {"Organization", "Misc", "Facility", "Product"}:
        country = country_of_name(name)
        return Mention(name, "organization", span, country, public=is_public_body(name))
    return None


def country_of_name(name: str) -> str | None:
    """ "Russian Defence Ministry" -> RUS: the country that the words of a longer name hold."""
    words = name.split()
    for size in (3, 2, 1):
        for start in range(len(words) - size + 1):
            key = gazetteers.fold(" ".join(words[start : start + size]))
            code = gazetteers.adjectives().get(key) or gazetteers.countries().get(key)
            if code:
                return code
    return None


def _south_or_north(reading: Reading, sentence: Sentence, word: Word) -> tuple[Mention, ...]:
    """ "the South" in a document about Korea."""
    sides = {"south": "KOR", "north": "PRK"}
    code = sides.get(word.lemma.casefold())
    if code is None or not word.text[:1].isupper() or not {"KOR", "PRK"} & set(reading.states[:3]):
        return ()
    return (Mention(word.text, "state", Span(word.start, word.end), code, strength=0.8),)


# --- descriptions -------------------------------------------------------------------------------------------------


def _described(reading: Reading, sentence: Sentence, word: Word) -> tuple[Mention, ...]:
    if word.upos not in {"NOUN", "PROPN", "ADJ", "ADV"}:
        return ()
    for step in (_head_of_state, _led_by, _office, _officials_of_several, _collective, _bloc, _members_of_body):
        found = step(reading, sentence, word)
        if found:
            return found
    return ()


def _office(reading: Reading, sentence: Sentence, word: Word) -> tuple[Mention, ...]:
    """ "the Russian president": whoever holds the office, by name if the document tells it."""
    office = office_in(reading.text, phrase_words(sentence, word))
    if office is None or not office[0] <= word.start < office[1]:
        return ()
    country = country_of_phrase(reading, sentence, word)
    span = _with_owner(reading, sentence, word, _phrase_span(sentence, word))
    return (_office_holder(reading, sentence, word, Span(*office), span, country),)


def _with_owner(reading: Reading, sentence: Sentence, word: Word, span: Span) -> Span:
    """ "Peru's foreign minister", "the president of Chile": whose office it is belongs to the name."""
    if country_in(reading.text, phrase_words(sentence, word)):
        return span
    owners = [*possessors(sentence, word), *obliques(sentence, word, "of")][:1]
    named = [w for o in owners if o.upos == "PROPN" for w in sentence.subtree(o) if w.upos != "PUNCT"]
    if not named or len(named) > MOST_WORDS_OF_OWNER or not country_in(reading.text, named):
        return span
    whole = [w for w in named if w.upos != "DET"] if named[0].id < word.id else named
    return Span(min(span.start, *(w.start for w in whole)), max(span.end, *(w.end for w in whole)))


def _phrase_span(sentence: Sentence, word: Word) -> Span:
    """A phrase without its article, and without the day that parsers put into it: "on Friday Israeli jets"."""
    core = [w for w in phrase_words(sentence, word) if w.id == word.id or w.lemma.casefold() not in TIMES]
    outside = {"when", "where", "while", "as"}  # "when Colombian planes"
    return span_of(w for w in core if w.id == word.id or (w.upos not in {"DET", "PUNCT"} and w.lemma not in outside))


def _collective(reading: Reading, sentence: Sentence, word: Word) -> tuple[Mention, ...]:
    """ "North Korean soldiers", "the government", "the kingdom"."""
    span = _phrase_span(sentence, word)
    for group, kind in KIND_OF_GROUP.items():
        words = gazetteers.public_words(group)
        if word.lemma.casefold() in words or word.text.casefold() in words:
            span = _with_origin(reading, sentence, word, span) if group == "delegations" else span
            name = " ".join(reading.quote(span).split())
            country = country_of_phrase(reading, sentence, word)
            if country is None and group in {*PRIVATE_GROUPS, "governments"}:  # "nine persons in the UK"
                country = country_in(reading.text, obliques(sentence, word, "in"))
            if country is None and word.lemma.casefold() == "side":  # "neither side"
                return ()
            players = any(w.lemma.casefold() in gazetteers.public_words("sports") for w in phrase_words(sentence, word))
            private = (
                group in PRIVATE_GROUPS
                or (players and group == "delegations")
                or (country is None and word.lemma.casefold() in UNOWNED)
            )
            return (Mention(name, kind, span, country, public=not private),)
    return _state_described(reading, sentence, word, span) if word.lemma.casefold() in STATE_WORDS else ()


def _members_of_body(reading: Reading, sentence: Sentence, word: Word) -> tuple[Mention, ...]:
    """ "the GCC states", "EU countries": the body that they make."""
    if word.lemma.casefold() not in PAIRS_OF_STATES | {"member"} or word.text == word.lemma:
        return ()
    names = tuple(c for c in sentence.children(word) if base(c) in {"compound", "nmod"} and c.upos == "PROPN")
    return tuple(m for m in mentions_of(reading, sentence, names) if m.kind == "organization" and m.public)


def _bloc(reading: Reading, sentence: Sentence, word: Word) -> tuple[Mention, ...]:
    """ "the bloc", "the alliance": the international body that the text spoke of last."""
    marks = {c.lemma.casefold() for c in sentence.children(word)}
    if word.lemma.casefold() not in BLOC_WORDS or not marks & {"the", "this", "that"}:
        return ()
    bodies = (m for m in _states_before(reading, sentence, word) if m.kind == "organization")
    body = next((m for m in bodies if m.name.casefold() != word.text.casefold()), None)
    span = _phrase_span(sentence, word)
    return (replace(body, span=span, strength=0.6, rule="mention.description"),) if body else ()


def _with_origin(reading: Reading, sentence: Sentence, word: Word, span: Span) -> Span:
    """ "delegation from the Union of Comoros": without the state, nobody knows which."""
    for origin in obliques(sentence, word, "from", "of")[:1]:
        words = [w for w in sentence.subtree(origin) if w.upos != "PUNCT"]
        named = span_of(words)
        known = country_in(reading.text, words) or gazetteers.named_actor(reading.quote(named))
        if len(words) <= 6 and (known or word.lemma.casefold() == "member"):
            return Span(span.start, max(span.end, named.end))
    return span


def _head_of_state(reading: Reading, sentence: Sentence, word: Word) -> tuple[Mention, ...]:
    if word.lemma.casefold() != "head" or not any(c.lemma in {"state", "government"} for c in sentence.children(word)):
        return ()
    words = [
        word,
        *(w for c in sentence.children(word) if c.lemma in {"state", "government"} for w in sentence.subtree(c)),
    ]
    span = span_of(words)
    return (_office_holder(reading, sentence, word, span, span, country_of_phrase(reading, sentence, word)),)


def _officials_of_several(reading: Reading, sentence: Sentence, word: Word) -> tuple[Mention, ...]:
    """ "the leaders of Jordan, Egypt and Iraq" act for three states."""
    collective = gazetteers.public_words("delegations") | gazetteers.public_words("forces")
    if not {word.text.casefold(), word.lemma.casefold()} & collective or word.text == word.lemma:
        return ()
    states = mentions_of(reading, sentence, obliques(sentence, word, "of", "from"))
    states = tuple(m for m in states if m.kind in {"state", "organization"} and m.public)
    return states if len(states) > 1 else ()


def _led_by(reading: Reading, sentence: Sentence, word: Word) -> tuple[Mention, ...]:
    """ "a mission led by Robert Skinner", "a delegation under Speaker Moe": its leader, with its country."""
    if word.lemma.casefold() not in gazetteers.public_words("delegations"):
        return ()
    country = country_of_phrase(reading, sentence, word)
    for leader in _leaders(sentence, word):
        people = _person(reading, sentence, leader)
        if people:
            return tuple(replace(p, country=p.country or country, public=True) for p in people)
    return ()


def _leaders(sentence: Sentence, word: Word) -> Iterator[Word]:
    members = obliques(sentence, word, "of")  # "a delegation of parliamentarians under"
    for head in (word, *members):
        yield from obliques(sentence, head, "under")
    for clause in sentence.children(word):
        if base(clause) == "acl" and clause.lemma.casefold() in {"lead", "head", "chair"}:
            yield from agents(sentence, clause)


def _office_holder(
    reading: Reading, sentence: Sentence, word: Word, office: Span, span: Span, country: str | None
) -> Mention:
    title = reading.quote(office)
    person = reading.cast.in_office(title, _states_meant(sentence, word, country))
    if person is None and country is None and reading.home:  # "the president" of the country that the text is about
        person = reading.cast.in_office(title, frozenset({reading.home}))
    if person:
        return _as_mention(person, span, 0.8, "mention.office")
    complements = [w for child in sentence.children(word) for w in phrase_words(sentence, child)]
    public = all(is_public_body(body) for body in bodies_in(reading.text, sentence, complements))
    public = public and is_public_office(title, country)
    return Mention(" ".join(reading.quote(span).split()), "person", span, country, title, public, 0.8)


def _states_meant(sentence: Sentence, word: Word, country: str | None) -> frozenset[str] | None:
    """The states that an office may belong to: its country, or those of "the South American leader"; None for any."""
    if country:
        return frozenset({country})
    modifiers = " ".join(w.text for w in phrase_words(sentence, word) if w.id < word.id).casefold()
    for region in gazetteers.regions():
        if modifiers.endswith(region):
            return gazetteers.states_of_region(region)
    return None


def _state_described(reading: Reading, sentence: Sentence, word: Word, span: Span) -> tuple[Mention, ...]:
    """ "the kingdom", "the North African country": the fitting state that the text spoke of last."""
    if word.text.casefold() != word.lemma.casefold():
        return ()
    for owner in possessors(sentence, word):  # "his country"
        owned = [m for m in _pronoun(reading, sentence, owner) if m.country]
        return tuple(replace(_state_of(reading, m), span=span, strength=0.6) for m in owned[:1])
    if not any(c.lemma.casefold() in {"the", "this", "that"} for c in sentence.children(word)):
        return ()
    fitting = _states_meant(sentence, word, None) or gazetteers.states_called(word.lemma.casefold())
    for state in _states_before(reading, sentence, word):
        if state.kind == "state" and (fitting is None or state.country in fitting):
            return (replace(state, span=span, strength=0.6, rule="mention.description"),)
    named = [code for code in reading.states if fitting and code in fitting]
    if not named:
        return ()
    name = reading.state_names.get(named[0], word.text)
    return (Mention(name, "state", span, named[0], strength=0.5, rule="mention.description"),)


def country_of_phrase(reading: Reading, sentence: Sentence, word: Word, depth: int = 2) -> str | None:
    """The country in a noun's modifiers: "Russian" soldiers, president "of Kenya", "its" troops."""
    core = [w for w in phrase_words(sentence, word) if w.id != word.id or w.upos == "PROPN"]
    found = country_in(reading.text, core) or _half_of_korea(reading, core)
    if found:
        return found
    owners = [*possessors(sentence, word)]
    owners += [
        c for c in sentence.children(word) if base(c) == "nmod" and case_of(sentence, c) in {"of", "from", "for"}
    ]
    for owner in (o for o in owners if o.id != word.id):
        for mention in _owner(reading, sentence, owner):
            if mention.country:
                return mention.country
        if owner.upos == "NOUN" and depth and (found := country_of_phrase(reading, sentence, owner, depth - 1)):
            return found  # "members of the government of Daniel Ortega"
    return None


def _half_of_korea(reading: Reading, words: list[Word]) -> str | None:
    """ "a northern torpedo" in a document about Korea."""
    halves = {"northern": "PRK", "southern": "KOR"}
    about = {"KOR", "PRK"} <= set(reading.states[:3])
    return next((halves[w.lemma.casefold()] for w in words if about and w.lemma.casefold() in halves), None)


def _owner(reading: Reading, sentence: Sentence, owner: Word) -> tuple[Mention, ...]:
    for step in (_pronoun, _person, _named):
        found = step(reading, sentence, owner)
        if found:
            return found
    code = country_in(reading.text, phrase_words(sentence, owner))
    return (Mention(owner.text, "state", Span(owner.start, owner.end), code),) if code else ()


# --- pronouns and pairs -------------------------------------------------------------------------------------------


def _pronoun(reading: Reading, sentence: Sentence, word: Word) -> tuple[Mention, ...]:
    if word.upos != "PRON":
        return ()
    lemma = word.text.casefold()
    span = Span(word.start, word.end)
    if lemma in {"he", "she", "him", "her", "his", "hers"}:
        others = (m for m in _people_before(reading, sentence, word) if not _is_subject_of_same(sentence, word, m))
        previous = next(others, None) or _subject_to_come(reading, sentence, word)
        return (replace(previous, span=span, strength=0.7, rule="mention.pronoun"),) if previous else ()
    if lemma == "whose":
        return _owner_before(reading, sentence, word)
    if lemma in {"it", "its"}:
        state = next(_states_before(reading, sentence, word), None)
        return (replace(state, span=span, strength=0.6, rule="mention.pronoun"),) if state else ()
    if lemma in {"we", "us", "our"}:
        return _speaker_of(reading, sentence, word)
    if lemma in {"they", "their", "them", "both"}:
        return _several_before(reading, sentence, word) or _pair_before(reading, sentence, word)
    return ()


def _speaker_of(reading: Reading, sentence: Sentence, word: Word) -> tuple[Mention, ...]:
    """ "we signed": the state of the official who speaks in this sentence or one of the few before it."""
    says = load_lexicon("modality").list("says")
    for near in (sentence, *reading.before(sentence, SENTENCES_LOOKED_BACK)):
        for verb in near.words:
            speakers = [c for c in near.children(verb) if base(c) == "nsubj" and c.upos in {"PROPN", "NOUN"}]
            if verb.lemma.casefold() in says and speakers:
                found = [
                    m for m in resolve(reading, near, speakers[0]) if m.kind == "person" and m.public and m.country
                ]
                span = Span(word.start, word.end)
                return tuple(
                    replace(_state_of(reading, m), span=span, strength=0.5, rule="mention.pronoun") for m in found
                )
    return ()


def _several_before(reading: Reading, sentence: Sentence, word: Word) -> tuple[Mention, ...]:
    """ "banned 150 officials from travel and blocked their assets": the people whom the clause before speaks of."""
    clause = sentence.head_of(word) if word.text.casefold() == "their" else word
    verb = sentence.head_of(clause) if clause is not None and base(word) == "nmod" else None
    before = sentence.head_of(verb) if verb is not None and base(verb) in {"conj", "advcl"} else None
    objects = [c for c in sentence.children(before) if base(c) == "obj"] if before else []
    people = [w for w in objects if w.upos == "NOUN" and "Number=Plur" in w.feats and w.id < word.id]
    found = [m for w in people for m in _described(reading, sentence, w) or _partitive(reading, sentence, w)]
    span = Span(word.start, word.end)
    return tuple(replace(m, span=span, strength=0.6, rule="mention.pronoun") for m in found)


def _is_subject_of_same(sentence: Sentence, word: Word, mention: Mention) -> bool:
    """ "the minister welcomed him": not himself."""
    verb = sentence.head_of(word)
    if verb is None or base(word) not in {"obj", "iobj", "obl"} or word.text.casefold() not in {"him", "her"}:
        return False
    subjects = [c for c in sentence.children(verb) if base(c) == "nsubj"]
    return any(mention.span.start <= w.start < mention.span.end for s in subjects for w in sentence.subtree(s))


def _owner_before(reading: Reading, sentence: Sentence, word: Word) -> tuple[Mention, ...]:
    """ "King Charles, whose visit": the name right before it."""
    before = [w for w in sentence.words[: word.id - 1] if w.upos != "PUNCT"][-1:]
    while before and base(before[0]) in {"flat", "compound"}:
        before = [head] if (head := sentence.head_of(before[0])) is not None else []
    return _person(reading, sentence, before[0]) or _named(reading, sentence, before[0]) if before else ()


def _subject_to_come(reading: Reading, sentence: Sentence, word: Word) -> Mention | None:
    """ "after his visit to Oman, Mr. Bos resigned": a pronoun that comes before the name."""
    subjects = [w for w in sentence.words if base(w) == "nsubj" and w.id > word.id and w.upos in {"PROPN", "NOUN"}]
    return next((m for w in subjects[:1] for m in _person(reading, sentence, w)), None)


def _pair(reading: Reading, sentence: Sentence, word: Word) -> tuple[Mention, ...]:
    """ "the two sides", "both countries": the two states that the text spoke of last."""
    if word.text.casefold() in {"two", "both"} and base(word) == "nsubj":
        named = tuple(c for c in sentence.children(word) if base(c) == "appos" and c.upos == "PROPN")
        told = mentions_of(reading, sentence, coordinated(sentence, named))  # "two of them, A and B, were"
        return told or _pair_before(reading, sentence, word)
    if word.lemma.casefold() in LEADERS_OF_PAIR:  # "the heads of the two delegations"
        return tuple(m for w in obliques(sentence, word, "of") for m in _pair(reading, sentence, w))
    if word.lemma.casefold() not in PAIRS:
        return ()
    marks = {c.text.casefold() for c in sentence.children(word)}
    at_home = any(base(c) == "amod" and c.lemma.casefold() in DOMESTIC for c in sentence.children(word))
    told_whose = any(base(c) in {"amod", "compound", "nmod"} for c in sentence.children(word))
    bare = word.text.casefold() == "governments" and "the" in marks and not told_whose
    if at_home or (not marks & {"two", "both"} and word.text.casefold() not in {"sides", "parties"} and not bare):
        return ()
    return _pair_before(reading, sentence, word)


def _pair_before(reading: Reading, sentence: Sentence, word: Word) -> tuple[Mention, ...]:
    span = Span(word.start, word.end)
    recent: dict[str, Mention] = {}
    states = word.lemma.casefold() in PAIRS_OF_STATES
    for mention in _states_before(reading, sentence, word, people=True):
        if mention.country and mention.country not in recent:
            meant = _state_of(reading, mention) if states or mention.kind == "state" else mention
            recent[mention.country] = replace(meant, span=span, strength=0.5, rule="mention.pair")
    main = reading.states[:2]
    pair = [recent[c] for c in main] if len(main) == 2 and set(main) <= set(recent) else [*recent.values()][:2]
    half_told = len(main) == 2 and len(set(recent) & set(main)) == 1
    if half_told and (states or word.lemma.casefold() in {"army", "navy"}):  # "the two navies" are those of the story
        return pair_of_document(reading, span)
    if len(pair) == 2:
        return tuple(reversed(pair))
    return pair_of_document(reading, span)


def state_of_text(reading: Reading, country: str, sentence: Sentence, rule: str) -> tuple[Mention, ...]:
    """A state that the sentence does not name, with the words of the text nearest to it that do; none if none do."""
    named, name = reading.where_named(country, sentence), reading.names_by_country.get(country)
    return (Mention(name, "state", named, country, strength=0.4, rule=rule),) if named and name else ()


def pair_of_document(reading: Reading, span: Span) -> tuple[Mention, ...]:
    """The two states that the document speaks of most, for a pair that no sentence near names."""
    names = reading.names_by_country
    pair = [code for code in reading.states if code in names][:2]
    if len(pair) < 2:
        return ()
    return tuple(Mention(names[code], "state", span, code, strength=0.4, rule="mention.pair") for code in pair)


def _people_before(reading: Reading, sentence: Sentence, word: Word) -> Iterator[Mention]:
    """People named before a word: the sentence's own subjects first, then back through the text, subjects first."""
    yield from _ranked_people(reading, sentence, word.start)
    for earlier in reading.before(sentence, SENTENCES_LOOKED_BACK):
        yield from _ranked_people(reading, earlier, earlier.end)


def _ranked_people(reading: Reading, sentence: Sentence, limit: int) -> list[Mention]:
    ranked: list[tuple[int, int, Mention]] = []
    for word in sentence.words:
        if word.start >= limit or word.upos not in {"PROPN", "NOUN"}:
            continue
        entity = reading.entity_at(sentence, word)
        named = entity is not None and entity.label == "Person" and entity.start == word.start
        if not named and not (_is_office(word) and base(word) in {"nsubj", "nmod"}):
            continue
        for mention in _person(reading, sentence, word) or _described(reading, sentence, word):
            if mention.kind == "person":
                ranked.append((0 if base(word) == "nsubj" else 1, word.id, mention))
    return [mention for _, _, mention in sorted(ranked, key=lambda r: r[:2])]


def _states_before(reading: Reading, sentence: Sentence, word: Word, people: bool = False) -> Iterator[Mention]:
    yield from _ranked_states(reading, sentence, word.start, people)
    for earlier in reading.before(sentence, SENTENCES_LOOKED_BACK):
        yield from _ranked_states(reading, earlier, earlier.end, people)


def _ranked_states(reading: Reading, sentence: Sentence, limit: int, people: bool) -> list[Mention]:
    ranked: list[tuple[int, int, Mention]] = []
    for entity in sentence.entities:
        if entity.start >= limit or entity.end > limit:
            continue
        mention = _entity_mention(reading, entity.label, entity.start, entity.end, people)
        if mention and (mention.country or mention.kind == "organization"):
            head = next((w for w in sentence.words if w.start >= entity.start), None)
            ranked.append((0 if head and base(head) == "nsubj" else 1, -entity.start, mention))
    return [mention for _, _, mention in sorted(ranked, key=lambda r: r[:2])]


def _entity_mention(reading: Reading, label: str, start: int, end: int, people: bool) -> Mention | None:
    name = _trimmed(reading.text[start:end])
    if label == "Person":
        return _as_mention(reading.cast.named(name), Span(start, end)) if people else None
    if label not in {"Location", "Organization", "NORP"}:
        return None
    found = _mention_of_name(reading, name, Span(start, start + len(name)), label)
    return found if found and found.kind in {"state", "organization"} and (found.country or found.public) else None


def _state_of(reading: Reading, mention: Mention) -> Mention:
    """The state that anybody belongs to, a ministry or a firm included."""
    names = reading.names_by_country
    if mention.country not in names:
        return mention
    return replace(mention, name=names[mention.country], kind="state", office=None, public=True)


def as_state(reading: Reading, mention: Mention) -> Mention:
    """The state that a minister, a parliament or an army acts for, named as the document names it where it does."""
    if (
        mention.country is None
        or mention.kind == "organization"
        or (mention.kind == "state" and not mention.name.islower())
    ):
        return mention
    name = reading.state_names.get(mention.country)
    return replace(mention, name=name, kind="state", office=None) if name else replace(mention, kind="state")


def people_named(reading: Reading, sentence: Sentence) -> Iterator[Mention]:
    """Everybody whom a sentence names, whatever the parse makes of a long list of them."""
    for _, span, person in reading.people_near(reading.index_of(sentence), 0):
        yield _as_mention(person, span, 0.7, "mention.listed")


def people_at_home(
    reading: Reading, country: str | None, sentence: int, within: int
) -> Iterator[tuple[int, Span, Mention]]:
    """The heads and ministers of a country that are named within so many sentences, with the index of theirs."""
    for index, span, person in reading.people_near(sentence, within):
        if country and person.country == country and person.leads:
            yield index, span, _as_mention(person, span, 0.55, "mention.at_home")
