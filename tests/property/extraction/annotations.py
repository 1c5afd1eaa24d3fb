"""Annotations that are valid and say anything: words in any tree, and recorded sentences garbled at random, which keep
enough sense for the core to draft records from many of them.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from hypothesis import strategies as st

from tests.recorded.annotations import recordings
from workers.extraction.annotation import Annotation, Entity, Sentence, Word

TRIGGERS_AND_NAMES = """
visited signed crossed imposed sanctions treaty border troops Putin Moscow Russia Ukraine President minister the a of to
in with by between two sides he it they will not refused Wednesday March 2011 . , visit trip fire opened embargo
withdrew from veto summit Security Council Kim Jong-un North Korean soldiers ’s 31 February 30 - 1995-96
"""
RELATIONS = """
nsubj nsubj:pass obj iobj obl obl:agent nmod nmod:poss nmod:desc amod compound flat appos conj cc case mark det aux
aux:pass cop xcomp ccomp advcl acl acl:relcl parataxis advmod punct compound:prt nummod fixed dep
"""
VOCABULARY = (*TRIGGERS_AND_NAMES.split(), "\N{WAVING HAND SIGN}", "e\u0301", "İ")
UPOS = ("NOUN", "PROPN", "VERB", "AUX", "ADJ", "ADP", "PRON", "DET", "NUM", "PUNCT", "ADV", "X")
DEPRELS = tuple(RELATIONS.split())
FEATS = ("", "Tense=Past|VerbForm=Fin", "Tense=Pres|VerbForm=Fin", "VerbForm=Inf", "Tense=Past|VerbForm=Part")
LABELS = ("Person", "Location", "Organization", "NORP", "Date", "Money", "Facility", "Misc", "Product")


def any_annotation() -> st.SearchStrategy[Annotation]:
    return st.one_of(garbled_recordings(), random_annotations())


@cache
def _recorded() -> tuple[Annotation, ...]:
    return tuple(Annotation.from_json(text, recording) for text, recording in recordings().items())


@st.composite
def garbled_recordings(draw: st.DrawFn) -> Annotation:
    """A recorded text with some relations, parts of speech, lemmas and entities changed; its trees stay trees."""
    annotation = draw(st.sampled_from(_recorded()))
    return replace(annotation, sentences=tuple(_garbled(draw, sentence) for sentence in annotation.sentences))


def _garbled(draw: st.DrawFn, sentence: Sentence) -> Sentence:
    words = list(sentence.words)
    for index in draw(st.lists(st.integers(0, len(words) - 1), max_size=3)):
        change = draw(st.sampled_from(("deprel", "upos", "lemma", "feats")))
        choices = {"deprel": DEPRELS, "upos": UPOS, "lemma": VOCABULARY, "feats": FEATS}[change]
        if change != "deprel" or words[index].head:
            words[index] = replace(words[index], **{change: draw(st.sampled_from(choices))})
    kept = draw(st.lists(st.booleans(), min_size=len(sentence.entities), max_size=len(sentence.entities)))
    return Sentence(tuple(words), tuple(e for e, keep in zip(sentence.entities, kept, strict=True) if keep))


@st.composite
def random_annotations(draw: st.DrawFn) -> Annotation:
    text, sentences = "", []
    for _ in range(draw(st.integers(0, 4))):
        text += draw(st.sampled_from(["", " ", "\r\n", "(Seoul) "]))
        sentence, text = _sentence(draw, text)
        sentences.append(sentence)
    return Annotation(text, tuple(sentences), "random")


def _sentence(draw: st.DrawFn, text: str) -> tuple[Sentence, str]:
    forms = draw(st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=14))
    heads = _tree(draw, len(forms))
    words = []
    for index, (form, head) in enumerate(zip(forms, heads, strict=True), 1):
        start, text = len(text), text + form + " "
        upos, feats = draw(st.sampled_from(UPOS)), draw(st.sampled_from(FEATS))
        deprel = draw(st.sampled_from(DEPRELS)) if head else "root"
        lemma = draw(st.sampled_from([form, form.removesuffix("ed"), "sign", "visit", "cross", "impose"]))
        words.append(Word(index, form, lemma, upos, "", feats, head, deprel, start, start + len(form)))
    return Sentence(tuple(words), _entities(draw, words)), text


def _tree(draw: st.DrawFn, size: int) -> list[int]:
    """The head of each word: any tree, since a word hangs on one placed before it in a random order."""
    order = draw(st.permutations(range(1, size + 1)))
    heads = [0] * size
    for place, word in enumerate(order):
        heads[word - 1] = order[draw(st.integers(0, place - 1))] if place else 0
    return heads


def _entities(draw: st.DrawFn, words: list[Word]) -> tuple[Entity, ...]:
    found, first = [], 0
    while first < len(words):
        last = draw(st.integers(first, len(words) - 1))
        if draw(st.booleans()):
            found.append(Entity(draw(st.sampled_from(LABELS)), words[first].start, words[last].end))
        first = last + 1
    return tuple(found)
