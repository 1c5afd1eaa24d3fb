"""Whether an event happened: scope of auxiliaries, negation and governing words over the dependency tree.

The word lists are in seeds/lexicons/modality.toml. The trigger is judged first, then each governor up to the root;
the first that decides wins, unless an outer negation turns it round.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workers.extraction.annotation import Sentence, Word
from workers.extraction.arguments import base, case_of, path_to_root
from workers.extraction.lexicons import load_lexicon
from workers.extraction.spans import Span

DOWNWARD = frozenset(
    {"xcomp", "ccomp", "acl", "obj", "obl", "nmod", "csubj", "advcl", "conj", "nsubj", "compound", "parataxis"}
)


@dataclass(frozen=True, slots=True)
class Modality:
    """One of MODALITIES, the word that decides it, and whether the text itself calls it off (cancelled, postponed)."""

    value: str
    cue: Span | None = None


OCCURRED = Modality("occurred")


def judge(sentence: Sentence, word: Word) -> Modality:
    """The modality of what a word names, from the parse of its sentence."""
    path = path_to_root(sentence, word)
    own = _own(sentence, word)
    if own.value != "occurred":
        return own
    for below, above in zip(path, path[1:], strict=False):
        if _leaves_scope(sentence, below, above):
            break
        found = _governed(sentence, below, above)
        if found is not None:
            return found
    return OCCURRED


def _leaves_scope(sentence: Sentence, below: Word, above: Word) -> bool:
    """A relative or adverbial clause of its own tense is asserted whatever its governor is."""
    if below.deprel == "acl:relcl":
        return True
    if base(below) == "conj" and any(base(c) in {"nsubj", "aux"} for c in sentence.children(below)):
        return True
    if base(below) == "acl" and "Tense=Past" in below.feats:
        return True
    if base(below) == "advcl":
        return "VerbForm=Inf" not in below.feats
    return base(below) not in DOWNWARD


def _own(sentence: Sentence, word: Word) -> Modality:
    lists = load_lexicon("modality")
    for child in _with_copula(sentence, word):
        lemma, text = child.lemma.casefold(), child.text.casefold()
        if base(child) in {"advmod", "det", "cc"} and text in lists.list("negation"):
            return Modality("denied", _span(child))
        if text in lists.list("allegedly"):
            return Modality("alleged", _span(child))
        if base(child) == "aux" and (lemma in lists.list("future") or text in lists.list("future")):
            return _future(sentence, word, child)
        if base(child) == "aux" and lemma in lists.list("potential"):
            return Modality("possible", _span(child))
        if base(child) == "amod" and lemma in lists.list("planned_adjectives"):
            return Modality("planned", _span(child))
        if base(child) == "amod" and lemma in lists.list("possible_adjectives"):
            return Modality("possible", _span(child))
        if base(child) == "amod" and lemma in lists.list("alleged_adjectives"):
            return Modality("alleged", _span(child))
        if base(child) == "amod" and lemma in lists.list("cancelled_adjectives"):
            return Modality("denied", _span(child))
    if _conditional(sentence, word):
        return Modality("possible", None)
    return OCCURRED


def _with_copula(sentence: Sentence, word: Word) -> Iterator[Word]:
    yield from sentence.children(word)


def _future(sentence: Sentence, word: Word, auxiliary: Word) -> Modality:
    negated = any(c.text.casefold() in load_lexicon("modality").list("negation") for c in sentence.children(word))
    return Modality("denied" if negated else "planned", _span(auxiliary))


def _conditional(sentence: Sentence, word: Word) -> bool:
    return any(base(c) == "mark" and c.text.casefold() in {"if", "unless", "whether"} for c in sentence.children(word))


def _governed(sentence: Sentence, below: Word, above: Word) -> Modality | None:
    """What a governor says of the word below it."""
    if above.upos == "AUX" and below.upos == "VERB":
        return None
    lists = load_lexicon("modality")
    lemma = above.lemma.casefold()
    negated = any(c.text.casefold() in lists.list("negation") for c in sentence.children(above))
    relation = base(below)
    complement = relation in {"xcomp", "ccomp", "acl", "advcl", "csubj"} or above.upos == "NOUN"
    if lemma in lists.list("cancels") and relation in {"obj", "nsubj", "nmod", "xcomp", "obl", "compound"}:
        return Modality("denied", _span(above))
    if lemma in lists.list("refuses") and relation in {"xcomp", "ccomp", "obj", "nmod", "acl", "obl", "advcl", "nsubj"}:
        return _turned(negated, "denied", above)
    for value in ("alleged", "possible", "planned"):
        if lemma in lists.list(f"{value}_governors") and _reaches(sentence, below, above, complement):
            return _turned(negated, value, above)
    if (relation in {"xcomp", "obj"} and not complement) or relation in {"obj", "nsubj"}:
        return _own_of_governor(sentence, above)
    if relation in {"xcomp", "ccomp", "conj"}:
        return (
            _own_of_governor(sentence, above)
            if relation != "ccomp" or (negated and lemma in lists.list("thinks"))
            else None
        )
    return None


def _reaches(sentence: Sentence, below: Word, above: Word, complement: bool) -> bool:
    if complement:
        return True
    if base(below) == "obj":
        return True
    if above.upos in {"ADJ", "NOUN"}:
        return True
    return base(below) in {"obl", "nsubj"} and (
        case_of(sentence, below) in {"for", "on", "of", "to", "with", "about"} or below.deprel == "nsubj:pass"
    )


def _turned(negated: bool, value: str, cue: Word) -> Modality | None:
    if not negated:
        return Modality(value, _span(cue))
    return None if value == "denied" else Modality("denied", _span(cue))


def _own_of_governor(sentence: Sentence, above: Word) -> Modality | None:
    found = _own(sentence, above)
    return found if found.value != "occurred" else None


def _span(word: Word) -> Span:
    return Span(word.start, word.end)
