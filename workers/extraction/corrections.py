"""What parsers are known to get wrong, mended once before anybody reads an annotation."""

from __future__ import annotations

from dataclasses import replace

from workers.extraction import gazetteers
from workers.extraction.annotation import Annotation, Entity, Sentence, Word
from workers.extraction.lexicons import load_lexicon

DOUBLED = ("bb", "dd", "gg", "mm", "nn", "pp", "rr", "tt")
REALLY_DOUBLED = frozenset({"add", "ebb", "egg", "err", "purr", "putt"})


def corrected(annotation: Annotation) -> Annotation:
    """The annotation with states that were taken for people as places, and with the dictionary forms of verbs."""
    names_of_people = _words_of_longer_names(annotation)

    def as_place(entity: Entity) -> Entity:
        name = gazetteers.fold(annotation.text[entity.start : entity.end])
        is_state = entity.label == "Person" and name in gazetteers.countries() and name not in names_of_people
        return replace(entity, label="Location") if is_state else entity

    sentences = tuple(
        replace(s, words=_corrected_words(s), entities=tuple(map(as_place, s.entities))) for s in annotation.sentences
    )
    return replace(annotation, sentences=sentences)


def _words_of_longer_names(annotation: Annotation) -> frozenset[str]:
    """ "Chad" is somebody where a longer name has it too ("Chad Myers"), else the state."""
    people = (annotation.text[e.start : e.end] for s in annotation.sentences for e in s.entities if e.label == "Person")
    return frozenset(word for name in people if " " in name for word in gazetteers.name_words(name))


def _corrected_words(sentence: Sentence) -> tuple[Word, ...]:
    return tuple(_with_lemma(_corrected_word(sentence, word)) for word in sentence.words)


def _corrected_word(sentence: Sentence, word: Word) -> Word:
    if _acts(sentence, word):
        feats = "Mood=Ind|Number=Sing|Person=3|Tense=Pres|VerbForm=Fin"
        return replace(word, upos="VERB", xpos="VBZ", feats=feats)
    if _is_named_act(sentence, word):
        return replace(word, upos="NOUN", xpos="NN", feats="Number=Sing", lemma=word.text.casefold(), deprel="nsubj")
    return word


def _is_named_act(sentence: Sentence, word: Word) -> bool:
    """ "Shelling along the border has killed two": a participle that acts, and does nothing to anybody, is a noun."""
    head = sentence.head_of(word)
    if word.xpos != "VBG" or head is None or word.deprel not in {"csubj", "nsubj", "advcl"}:
        return False
    if word.deprel == "advcl" and (
        word.id > head.id or any(c.deprel.startswith("nsubj") for c in sentence.children(head))
    ):
        return False
    return not {child.deprel for child in sentence.children(word)} & {"obj", "nsubj", "aux", "xcomp"}


def _acts(sentence: Sentence, word: Word) -> bool:
    """ "the prime minister heads for Abu Dhabi": a noun that has a subject, and is not said to be one, is a verb."""
    if word.upos != "NOUN" or word.xpos != "NNS" or word.deprel not in {"root", "parataxis"}:
        return False
    below = {child.deprel for child in sentence.children(word)}
    return "nsubj" in below and bool(below & {"obl", "obj"}) and not below & {"cop", "det", "amod"}


def _with_lemma(word: Word) -> Word:
    lemma = dictionary_form(word)
    return word if lemma == word.lemma else replace(word, lemma=lemma)


def dictionary_form(word: Word) -> str:
    """The parser's lemma, or for a verb the listed one ("froze"), or the one without a doubled consonant ("scrapp")."""
    if word.upos != "VERB":
        return word.lemma
    listed = load_lexicon("irregular").forms.get(word.text.casefold())
    if listed is not None:
        return listed
    made_up = word.lemma.endswith(DOUBLED) and word.lemma not in REALLY_DOUBLED
    return word.lemma[:-1] if made_up else word.lemma
