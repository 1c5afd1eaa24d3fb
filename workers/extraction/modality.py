"""Whether an event happened: scope of auxiliaries, negation and governing words over the dependency tree.

The word lists are in seeds/lexicons/modality.toml. The word that tells the event is judged first, by what depends on
it; then each of its governors up to the root, as far as their scope reaches. The first that decides wins.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from workers.extraction.annotation import Sentence, Word
from workers.extraction.arguments import base, case_of, path_to_root
from workers.extraction.lexicons import load_lexicon
from workers.extraction.spans import Span


@dataclass(frozen=True, slots=True)
class Modality:
    """One of records.MODALITIES, and the word that decides it; no word for what is simply told as fact. `rule` says
    how it does, empty where that is the rule of the finding.
    """

    value: str
    cue: Span | None = None
    rule: str = ""


OCCURRED = Modality("occurred")

# What a dependent says of its head: relation, word list, modality. A list is searched for lemma and written form.
DEPENDENTS = (
    ("advmod", "negation", "denied"),
    ("det", "negation", "denied"),
    ("cc", "negation", "denied"),
    ("advmod", "allegedly", "alleged"),
    ("aux", "future", "planned"),
    ("aux", "potential", "possible"),
    ("amod", "planned_adjectives", "planned"),
    ("amod", "possible_adjectives", "possible"),
    ("amod", "alleged_adjectives", "alleged"),
    ("amod", "cancelled_adjectives", "denied"),
    ("mark", "conditions", "possible"),
)

# What a governor says of what it governs: word list, modality. "promised to" has another reach than "cancelled".
GOVERNORS = (
    ("cancels", "denied"),
    ("refuses", "denied"),
    ("alleged_governors", "alleged"),
    ("possible_governors", "possible"),
    ("planned_governors", "planned"),
)

# Relations that a governor's meaning passes through on its way down to the event.
PASSED = frozenset(
    ["xcomp", "ccomp", "acl", "obj", "obl", "nmod", "csubj", "advcl", "conj", "nsubj", "compound", "parataxis"],
)
COMPLEMENTS = frozenset({"xcomp", "ccomp", "acl", "advcl", "csubj"})
PREPOSITIONS_IN_SCOPE = frozenset({"for", "on", "of", "to", "with", "about"})


def judge(sentence: Sentence, word: Word) -> Modality:
    """The modality of what a word names, from the parse of its sentence."""
    found = _by_dependents(sentence, word) or _is_to(sentence, word) or _when_it_comes(sentence, word)
    found = found or _has_yet_to(sentence, word)
    for below, above in pairwise(path_to_root(sentence, word)):
        if found is not None or _leaves_scope(sentence, below):
            break
        found = _by_governor(sentence, below, above)
    return found or OCCURRED


def is_habit(sentence: Sentence, word: Word) -> bool:
    """ "leaders often visit Lima": what is done again and again is no event."""
    return any(base(child) == "advmod" and _listed(child, "habits") for child in sentence.children(word))


def _leaves_scope(sentence: Sentence, below: Word) -> bool:
    """A clause with a tense of its own is asserted whatever its governor is: relative, coordinated, adverbial."""
    if below.deprel == "acl:relcl":
        return True
    if base(below) == "conj" and any(base(c) in {"nsubj", "aux"} for c in sentence.children(below)):
        return True
    if base(below) == "acl":
        return "Tense=Past" in below.feats
    if base(below) == "advcl":
        accused_of = "VerbForm=Ger" in below.feats or below.xpos == "VBG"  # "charged Russia with cheating"
        return "VerbForm=Inf" not in below.feats and not (
            accused_of and case_of(sentence, below) in {"of", "with", "on"}
        )
    return base(below) not in PASSED


def _by_dependents(sentence: Sentence, word: Word) -> Modality | None:
    for child in sentence.children(word):
        for relation, words, value in DEPENDENTS:
            if base(child) == relation and _listed(child, words):
                negated = value == "planned" and _is_negated(sentence, word)
                return Modality("denied" if negated else value, Span(child.start, child.end), "modality.dependent")
    return None


def _is_to(sentence: Sentence, word: Word) -> Modality | None:
    """ "is to visit": arranged."""
    children = sentence.children(word)
    be = next((c for c in children if base(c) in {"cop", "aux"} and c.lemma == "be" and word.upos == "VERB"), None)
    to = next((c for c in children if base(c) == "mark" and c.lemma == "to"), None)
    if be is None or to is None or be.id > to.id:
        return None
    value = "denied" if _is_negated(sentence, word) else "planned"
    return Modality(value, Span(be.start, be.end), "modality.is_to")


def _has_yet_to(sentence: Sentence, word: Word) -> Modality | None:
    """ "has yet to ratify"."""
    above = sentence.head_of(word)
    if above is None or base(word) != "xcomp" or above.lemma not in {"have", "be"}:
        return None
    yet = next((c for c in sentence.children(above) if c.lemma.casefold() == "yet"), None)
    return Modality("denied", Span(yet.start, yet.end), "modality.yet_to") if yet else None


def _when_it_comes(sentence: Sentence, word: Word) -> Modality | None:
    """ "when the premier comes to Moscow": the present of a clause of time is still to come."""
    if base(word) != "advcl" or "Tense=Pres" not in word.feats or "VerbForm=Fin" not in word.feats:
        return None
    when = next((c for c in sentence.children(word) if c.lemma.casefold() in {"when", "once"}), None)
    return Modality("planned", Span(when.start, when.end), "modality.when_it_comes") if when else None


def _by_governor(sentence: Sentence, below: Word, above: Word) -> Modality | None:
    for words, value in GOVERNORS:
        if _listed(above, words) and _reaches(sentence, below, above, words):
            return _unless_negated(sentence, above, value)
    first = base(below) == "acl" and "VerbForm=Inf" in below.feats  # "will be the first head to attend"
    if first or base(below) in {"obj", "nsubj", "xcomp", "conj"}:
        return _by_dependents(sentence, above)
    if base(below) == "ccomp" and _listed(above, "thinks") and _is_negated(sentence, above):
        return _by_dependents(sentence, above)
    return None


def _reaches(sentence: Sentence, below: Word, above: Word, words: str) -> bool:
    """Whether a governor speaks of the word below it: its complement or object, or a phrase it is about."""
    relation = base(below)
    if words in {"cancels", "refuses"}:
        return relation in {"obj", "nsubj", "nmod", "xcomp", "ccomp", "acl", "obl", "advcl", "compound"}
    if relation in COMPLEMENTS or relation == "obj" or above.upos in {"ADJ", "NOUN"}:
        return True
    if relation in {"obl", "nsubj"}:
        return below.deprel == "nsubj:pass" or case_of(sentence, below) in PREPOSITIONS_IN_SCOPE
    return False


def _unless_negated(sentence: Sentence, governor: Word, value: str) -> Modality | None:
    """ "did not threaten to" denies; "did not refuse to" says nothing."""
    if not _is_negated(sentence, governor):
        return Modality(value, Span(governor.start, governor.end), "modality.governor")
    return None if value == "denied" else Modality("denied", Span(governor.start, governor.end), "modality.governor")


def _is_negated(sentence: Sentence, word: Word) -> bool:
    return any(_listed(child, "negation") for child in sentence.children(word))


def _listed(word: Word, words: str) -> bool:
    listed = load_lexicon("modality").list(words)
    return word.lemma.casefold() in listed or word.text.casefold() in listed
