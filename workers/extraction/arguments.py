"""Who did what to whom, read off Universal Dependencies: actors, undergoers and obliques of a verb or noun.

All functions return the head words of the phrases, coordinated ones included, in text order of discovery. They follow
the usual detours: passives, relative clauses, participles, control ("plans to sign"), coordination.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workers.extraction.annotation import Sentence, Word
from workers.extraction.dates import MONTHS, WEEKDAYS

# The object of these verbs does what their complement says: "urged the EU to impose".
OBJECT_CONTROL = frozenset(
    [
        "urge",
        "ask",
        "invite",
        "allow",
        "permit",
        "persuade",
        "force",
        "order",
        "tell",
        "call",
        "compel",
        "lead",
        "enable",
        "encourage",
        "press",
        "want",
        "expect",
        "authorize",
        "authorise",
        "require",
        "request",
        "beg",
        "summon",
        "accuse",
        "charge",
        "push",
        "get",
        "let",
        "help",
        "prompt",
        "see",
        "watch",
        "hear",
    ]
)
RELATIVE_PRONOUNS = frozenset({"who", "which", "that", "whom"})
NOUN_TAGS = frozenset({"NOUN", "PROPN", "PRON", "NUM", "DET", "ADJ"})
CONJUNCTIONS_TOO = frozenset({"", "after", "before", "since", "until", "as"})  # prepositions that may begin a clause
TIMES = frozenset(
    {
        *WEEKDAYS,
        *MONTHS,
        *("today", "yesterday", "tomorrow", "hour", "day", "week", "month", "year", "weekend"),
        *("morning", "afternoon", "evening", "night", "noon"),
    }
)
LONGEST_SUBJECT = 16  # words between "that" and the verb of its clause
MAX_DETOURS = 6  # clauses climbed in search of a shared subject


def base(word: Word) -> str:
    """The relation without its subtype: "nsubj:pass" -> "nsubj"."""
    return word.deprel.split(":")[0]


def is_passive(sentence: Sentence, verb: Word) -> bool:
    relations = {child.deprel for child in sentence.children(verb)}
    if relations & {"nsubj:pass", "aux:pass", "csubj:pass"}:
        return True
    if _object_relative(sentence, verb) is not None:
        return False
    if base(verb) == "conj" and "VerbForm=Part" in verb.feats and "nsubj" not in relations:
        head = sentence.head_of(verb)
        return head is not None and is_passive(sentence, head)
    if _noun_before_participle(sentence, verb) is not None:
        return True
    own = "nsubj" in relations  # "sanctions that the EU imposed"
    return (
        verb.deprel == "acl" and "Tense=Past" in verb.feats and not own
    )  # finite by the tag too: "the treaty signed between"


def _object_relative(sentence: Sentence, verb: Word) -> tuple[Word, Word] | None:
    """Subject and object of "the pact that the ministers signed on Monday is short": parsers hang the subject on the
    main clause, as if the verb were a participle.
    """
    if verb.deprel != "acl" or verb.xpos not in {"VBD", "VBN"}:
        return None
    before = sentence.words[max(0, verb.id - 1 - LONGEST_SUBJECT) : verb.id - 1]
    that = next((w for w in reversed(before) if w.lemma.casefold() in {"that", "which"}), None)
    noun = sentence.words[that.id - 2] if that is not None and that.id > 1 else None
    while noun is not None and base(noun) in {"compound", "flat"}:
        noun = sentence.head_of(noun)
    if that is None or noun is None or noun.upos not in {"NOUN", "PROPN"} or noun.id > that.id:
        return None
    subject = next((w for w in sentence.words[that.id : verb.id - 1] if base(w) == "nsubj" and w.head > verb.id), None)
    return (subject, noun) if subject is not None else None


def _noun_before_participle(sentence: Sentence, verb: Word) -> Word | None:
    """ "the treaty, signed in 1960, is": parsers hang such a participle on the main verb, not on its noun."""
    if verb.deprel != "advcl" or verb.xpos not in {"VBN", "VBD"}:
        return None
    if any(base(c) in {"nsubj", "aux", "obj", "mark"} for c in sentence.children(verb)):
        return None
    before = [w for w in sentence.words[max(0, verb.id - 3) : verb.id - 1] if w.text != ","]
    noun = before[-1] if before and before[-1].upos in {"NOUN", "PROPN"} and before[-1].id >= verb.id - 2 else None
    while noun is not None and base(noun) in {"compound", "flat"}:
        noun = sentence.head_of(noun)
    if noun is not None and noun.head == verb.id:  # "from the Congolese side fell": its own phrase
        return None
    finite = verb.xpos == "VBD" and noun is not None and case_of(sentence, noun) in CONJUNCTIONS_TOO
    return None if finite else noun  # "after a destroyer sailed", but "under the accord signed" with a wrong tag


def coordinated(sentence: Sentence, words: Iterable[Word]) -> tuple[Word, ...]:
    """The words with the nouns coordinated to them: "Iran and Russia" -> Iran, Russia."""
    found: list[Word] = []
    for word in words:
        if word not in found:
            found.append(word)
        found += [w for w in _conjuncts(sentence, word) if w not in found]
    return tuple(found)


def _conjuncts(sentence: Sentence, word: Word, listed: bool = False) -> Iterator[Word]:
    for child in sentence.children(word):
        in_list = _in_list(sentence, word, child) or (listed and base(child) == "appos")
        if (base(child) == "conj" or in_list) and child.upos in NOUN_TAGS:
            yield child
            yield from _conjuncts(sentence, child, in_list)


def _in_list(sentence: Sentence, word: Word, child: Word) -> bool:
    """ "of Jordan, Egypt, Iraq and the States": parsers make appositions of the first members of a list."""
    siblings = [c for c in sentence.children(word) if base(c) == "appos"]
    return base(child) == "appos" and any(base(g) == "conj" for s in siblings for g in sentence.children(s))


def case_of(sentence: Sentence, word: Word) -> str:
    """The prepositions of a phrase as one string: "in", "according to"; empty when there is none."""
    titles = [c for c in sentence.children(word) if c.deprel == "nmod:desc"]  # "of" hangs on "President" Marchand
    cases = [c for head in (word, *titles) for c in sentence.children(head) if base(c) in {"case", "mark"}]
    words = [w for c in cases for w in (c, *(f for f in sentence.children(c) if f.deprel == "fixed"))]
    return " ".join(w.text.casefold() for w in sorted(words, key=lambda w: w.id))


def obliques(sentence: Sentence, word: Word, *prepositions: str) -> tuple[Word, ...]:
    """Phrases attached to a verb or noun by one of the prepositions."""
    phrases = [child for child in sentence.children(word) if base(child) in {"obl", "nmod", "advmod", "xcomp"}]
    phrases += [p for time in phrases if _is_time(time) for p in sentence.children(time) if base(p) == "nmod"]
    found = [p for p in phrases if case_of(sentence, p) in prepositions]
    found += _bare_conjuncts(sentence, phrases, found)
    found = [_antecedent(sentence, word, p) for p in found]  # "the list, from which it was removed"
    return coordinated(sentence, [*found, *_further_stops(sentence, word, phrases, prepositions)])


def _is_time(word: Word) -> bool:
    """ "met on Wednesday at the library": parsers hang on a day what belongs to the verb."""
    return word.lemma.casefold() in TIMES


def _bare_conjuncts(sentence: Sentence, phrases: list[Word], found: list[Word]) -> list[Word]:
    """ "ministers of Iran and Saudi Arabia": parsers hang a second name beside the first, with its "and"."""
    last = max((w.id for w in found), default=None)
    return [
        p
        for p in phrases
        if last is not None and p.id > last and not case_of(sentence, p) and p.upos == "PROPN"
        if any(base(c) == "cc" for c in sentence.children(p))
    ]


def _further_stops(
    sentence: Sentence, word: Word, phrases: list[Word], prepositions: tuple[str, ...]
) -> Iterator[Word]:
    """ "to Poland on Monday and to Romania on Friday": parsers coordinate the second place with the first day, or with
    the verb.
    """
    for head in (*phrases, *([word] if word.upos == "VERB" else [])):
        for child in sentence.children(head):
            if base(child) == "conj" and child.upos in NOUN_TAGS and case_of(sentence, child) in prepositions:
                yield child


def deep_obliques(sentence: Sentence, word: Word, *prepositions: str) -> tuple[Word, ...]:
    """The same, or, where the parse hung them on a later phrase of the word, from there: "visit of X to Greece"."""
    found = obliques(sentence, word, *prepositions)
    for child in sentence.children(word):
        if not found and child.id > word.id and base(child) in {"nmod", "conj", "appos", "obj", "obl"}:
            found = deep_obliques(sentence, child, *prepositions)
    return found


def possessors(sentence: Sentence, noun: Word) -> tuple[Word, ...]:
    return coordinated(sentence, [c for c in sentence.children(noun) if c.deprel == "nmod:poss"])


def modifiers(sentence: Sentence, noun: Word) -> tuple[Word, ...]:
    """Adjectives and compounds before a noun: "Turkish" bombing, "US" visit."""
    return tuple(c for c in sentence.children(noun) if base(c) in {"amod", "compound"} or c.deprel == "nmod:desc")


def actors(sentence: Sentence, verb: Word, detours: int = MAX_DETOURS) -> tuple[Word, ...]:
    """Who does what the verb says."""
    if is_passive(sentence, verb):
        return agents(sentence, verb)
    return coordinated(sentence, _subjects(sentence, verb, detours))


def is_predicate(sentence: Sentence, word: Word) -> bool:
    """ "was in *breach* of it", "is a *guest*": said of somebody with "be"."""
    return any(base(c) == "cop" for c in sentence.children(word))


def predicated_of(sentence: Sentence, noun: Word) -> tuple[Word, ...]:
    """ "*Russia* was in breach of it": whom the noun is said of with "be", if it is."""
    return actors(sentence, noun) if is_predicate(sentence, noun) else ()


def agents(sentence: Sentence, verb: Word) -> tuple[Word, ...]:
    """The "by" phrase of a passive."""
    by = [
        c
        for c in sentence.children(verb)
        if c.deprel == "obl:agent" or (base(c) in {"obl", "nmod"} and case_of(sentence, c) == "by")
    ]
    return coordinated(sentence, by)


def undergoers(sentence: Sentence, verb: Word, detours: int = MAX_DETOURS) -> tuple[Word, ...]:
    """What the verb is done to: the object, or the subject of a passive."""
    if is_passive(sentence, verb):
        return coordinated(sentence, _subjects(sentence, verb, detours))
    relative = _object_relative(sentence, verb)
    if relative is not None:
        return coordinated(sentence, [relative[1]])
    objects = [_antecedent(sentence, verb, c) for c in sentence.children(verb) if base(c) in {"obj", "iobj"}]
    objects = [_so_called(sentence, c) for c in objects]
    if not objects and verb.deprel == "acl:relcl" and _own_subjects(sentence, verb):
        head = sentence.head_of(verb)
        objects = [head] if head and not _relative_subject(sentence, verb) else []
    return coordinated(sentence, objects)


def _so_called(sentence: Sentence, word: Word) -> Word:
    """ "what the army called positions" are the positions."""
    clauses = [c for c in sentence.children(word) if c.lemma.casefold() in {"call", "describe", "term"}]
    named = [c for clause in clauses for c in sentence.children(clause) if base(c) in {"obj", "xcomp"}]
    return named[0] if word.lemma.casefold() == "what" and named else word


def _own_subjects(sentence: Sentence, verb: Word) -> list[Word]:
    """Its subjects, and those that parsers hang on an auxiliary far before it: "had in February blacklisted"."""
    heads = (verb, *(c for c in sentence.children(verb) if base(c) == "aux"))
    return [c for head in heads for c in sentence.children(head) if base(c) == "nsubj"]


def _relative_subject(sentence: Sentence, verb: Word) -> bool:
    return any(c.lemma.casefold() in RELATIVE_PRONOUNS for c in _own_subjects(sentence, verb))


def _subjects(sentence: Sentence, verb: Word, detours: int) -> list[Word]:
    own = _own_subjects(sentence, verb)
    relative = _object_relative(sentence, verb)
    if relative is not None:
        return [relative[0]]
    if own:
        return [_antecedent(sentence, verb, subject) for subject in own]
    late = _subject_after_conjunction(sentence, verb)
    if late is not None:
        return [late]
    head = sentence.head_of(verb)
    if head is None:
        return _noun_before(sentence, verb)
    return _shared_subjects(sentence, verb, head, detours - 1) if detours else []


def _noun_before(sentence: Sentence, verb: Word) -> list[Word]:
    """ "Before dawn on Friday Israeli jets struck": parsers hang the subject on the phrase before it."""
    before = sentence.words[verb.id - 2] if verb.id > 1 else None
    while before is not None and (base(before) in {"flat", "compound"} or _is_origin(sentence, before)):
        before = sentence.head_of(before)
    finite = "VerbForm=Fin" in verb.feats or not any(base(c) == "aux" for c in sentence.children(verb))
    if before is None or before.upos not in {"NOUN", "PROPN"} or not finite or verb.xpos not in {"VBD", "VBN"}:
        return []
    children = sentence.children(before)
    bare = not any(base(c) == "case" for c in children) or any(_is_time(c) for c in children)
    return [before] if bare else []


def _is_origin(sentence: Sentence, word: Word) -> bool:
    """ "shells from North Korean batteries": the end of a longer phrase."""
    return base(word) == "nmod" and case_of(sentence, word) in {"from", "of"}


def _shared_subjects(sentence: Sentence, verb: Word, head: Word, detours: int) -> list[Word]:
    relation = verb.deprel
    described = _noun_before_participle(sentence, verb)
    if described is not None:
        return [described]
    if relation.startswith("acl"):
        return _subjects_of_noun(sentence, verb, head, detours)
    if relation in {"xcomp", "advcl", "ccomp"} and head.lemma.casefold() in OBJECT_CONTROL:
        objects = undergoers(sentence, head, detours)
        return list(objects) or _subjects(sentence, head, detours)
    if relation == "advcl" and "VerbForm=Fin" in verb.feats:
        return _misplaced_subject(sentence, verb, head)
    if base(verb) in {"conj", "xcomp", "advcl", "ccomp", "parataxis"}:
        return _subjects(sentence, head, detours)
    return []


def _subject_after_conjunction(sentence: Sentence, verb: Word) -> Word | None:
    """ "after Lee, the president at the time, was allowed to visit": parsers take "after" for a preposition."""
    auxiliaries = [c for c in sentence.children(verb) if base(c) == "aux" and c.lemma in {"be", "have"}]
    if not auxiliaries or base(verb) not in {"conj", "advcl"}:
        return None
    start = min(c.id for c in auxiliaries)
    for word in reversed(sentence.words[max(0, start - 1 - LONGEST_SUBJECT) : start - 1]):
        if base(word) == "obl" and case_of(sentence, word) in {"after", "before", "since", "until"}:
            last = max(w.id for w in sentence.subtree(word))
            return word if start - 2 <= last < start else None
    return None


def _misplaced_subject(sentence: Sentence, verb: Word, head: Word) -> list[Word]:
    """ "after a destroyer sailed": parsers hang the subject on the main verb as if "after" were a preposition."""
    phrases = [c for c in sentence.children(head) if base(c) == "obl" and c.id < verb.id]
    return [p for p in phrases if max(w.id for w in sentence.subtree(p)) == verb.id - 1]


def _subjects_of_noun(sentence: Sentence, verb: Word, noun: Word, detours: int) -> list[Word]:
    """ "officials visiting Moscow" -> officials; "Putin's plan to visit", "has a plan to visit" -> who has the plan."""
    infinitive = "VerbForm=Inf" in verb.feats
    if not infinitive or any(c.lemma in {"first", "last", "only"} for c in sentence.children(noun)):
        return [noun]  # "the last prime minister to visit Beijing"
    owners = possessors(sentence, noun) or obliques(sentence, noun, "of", "by")
    governor = sentence.head_of(noun)
    if owners or governor is None:
        return list(owners)
    return _subjects(sentence, governor, detours)


def _antecedent(sentence: Sentence, verb: Word, word: Word) -> Word:
    """ "who" and "which" stand for the noun that their clause belongs to."""
    if word.lemma.casefold() not in RELATIVE_PRONOUNS:
        return word
    clause: Word | None = verb
    while clause is not None and not clause.deprel.startswith("acl"):
        clause = sentence.head_of(clause) if base(clause) in {"conj", "xcomp"} else None
    head = sentence.head_of(clause) if clause else None
    if head is not None and any(c.lemma == "not" for c in sentence.children(head)):  # "it was Putin, not Biden, who"
        other = sentence.head_of(head)
        return other if other is not None and other.upos == "PROPN" else head
    if head is not None and clause is not None and not _agree(sentence, clause, head):
        before = [w for w in sentence.words[head.id : word.id - 1] if w.upos in {"NOUN", "PROPN"}]
        return next((w for w in reversed(before) if _agree(sentence, clause, w)), head)
    return head or word


def _agree(sentence: Sentence, verb: Word, noun: Word) -> bool:
    """ "measures in the Union, which has banned": a verb in the singular does not belong to a noun in the plural."""
    finite = next(
        (c for c in (*sentence.children(verb), verb) if "VerbForm=Fin" in c.feats and "Number=" in c.feats), None
    )
    singular = finite is not None and "Number=Sing" in finite.feats and "Tense=Pres" in finite.feats
    return not (singular and "Number=Plur" in noun.feats)


def path_to_root(sentence: Sentence, word: Word) -> list[Word]:
    """The word and its governors up to the root."""
    path = [word]
    while (head := sentence.head_of(path[-1])) is not None and len(path) <= len(sentence.words):
        path.append(head)
    return path


def path_between(sentence: Sentence, one: Word, other: Word) -> tuple[list[Word], list[Word]]:
    """The words below the nearest common governor on each side: from one up to it, from the other up to it."""
    mine, theirs = path_to_root(sentence, one), path_to_root(sentence, other)
    while mine and theirs and mine[-1].id == theirs[-1].id:
        mine, theirs = mine[:-1], theirs[:-1]
    return mine, theirs


def tree_distance(sentence: Sentence, one: Word, other: Word) -> int:
    """Number of dependency arcs between two words."""
    mine, theirs = path_between(sentence, one, other)
    return len(mine) + len(theirs)
