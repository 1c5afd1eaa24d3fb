"""Odd texts, and annotations of them without a parser: any text as words in trees of extreme shapes."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence

from workers.extraction.annotation import Annotation, Entity, Sentence, Word

Heads = Callable[[int], int]

NEWS = "President Ada Larsen of Finland visited Kenya on Monday, and the two sides signed a treaty against sanctions"
ODD_TEXTS = {
    "bullets": "".join(f"  • {part}\n" for part in NEWS.split(" ")),
    "numbered list": "".join(f"{n}) {NEWS};\n" for n in range(1, 30)),
    "all caps": f"{NEWS.upper()}!!!\n" * 20,
    "punctuation": "?!... --- (((“„”))) ’ , ; : / \\ | * # @ % & ~ ^ _ = + < > " * 30,
    "one long sentence": f"{NEWS}, while " * 200,
    "names": "Ada Larsen, Kenji Mori, Omar Haddad, " * 300,
    "one name": f"visited {'Kenya ' * 199}" * 3,
    "triggers": "visited signed crossed imposed met vetoed fired left " * 100,
    "OCR": re.sub(r"(\w{4})(\w)", "\\1-\n\\2", f"{NEWS}. " * 20),
    "a word to a line": NEWS.replace(" ", "\r\n") * 10,
    "newlines": "\n\r\n\u2028\n" * 500,
    "quotes over paragraphs": "\n\n".join(f"“{NEWS}. He said “they ‘will not come" for _ in range(10)),
    "nothing": "",
    "invisible": "\u200b\ufeff\u00ad \u202eKenya\u202c visited\u200d\u0301 " * 50,
}

# What makes the core look around, again and again, behind what it looks for.
REPEATED = {
    "events": ("", "Putin visited Kim in Pyongyang. "),
    "open roles": ("", "It imposed sanctions. The sanctions on Iran were lifted. "),
    "treaties": ("Kenya and Peru signed a treaty in 1990. ", "The treaty was suspended. "),
    "sides of a border": ("India and Pakistan share a border. ", "Pakistani shells killed 16 people. "),
    "pronouns": ("Kenya and Peru met. ", "They signed it with them. "),
    "offices": ("", "The president said the minister had visited the kingdom. "),
}

# The head of each word of a sentence, by its number; the first is the root. No tree that a parser makes is worse.
TREES: dict[str, Heads] = {
    "flat": lambda number: int(number > 1),
    "chain": lambda number: number - 1,
    "bushy": lambda number: number // 2,
}
_TOKENS = re.compile(r"[^\W_]+|[^\s\w]|_")
_LEMMAS = {"met": "meet", "left": "leave", "sides": "side", "vetoed": "veto"}
_TAGS = {
    **dict.fromkeys(("in", "by", "with", "of", "on", "against"), ("ADP", "case")),
    **dict.fromkeys(("the", "a", "two"), ("DET", "det")),
    **dict.fromkeys(("they", "them", "it", "he"), ("PRON", "nsubj")),
    **dict.fromkeys(("visited", "signed", "crossed", "imposed", "met", "vetoed", "fired", "left"), ("VERB", "conj")),
    "and": ("CCONJ", "cc"),
    "not": ("PART", "advmod"),
}


def annotation_of(text: str, heads: Heads, longest: int) -> Annotation:
    """A text in sentences of so many words, whatever it says."""
    found = iter([match.span() for match in _TOKENS.finditer(text)])
    sentences = []
    while spans := list(itertools.islice(found, longest)):
        sentences.append(_sentence(text, spans, heads))
    return Annotation(text, tuple(sentences), "made up")


def _sentence(text: str, spans: Sequence[tuple[int, int]], heads: Heads) -> Sentence:
    words = tuple(_word(text, span, number, heads(number)) for number, span in enumerate(spans, 1))
    return Sentence(words, tuple(Entity("Location", w.start, w.end) for w in words if w.upos == "PROPN"))


def _word(text: str, span: tuple[int, int], number: int, head: int) -> Word:
    form = text[slice(*span)]
    upos, relation = _TAGS.get(form.casefold()) or _tags_of_others(form)
    lemma = _LEMMAS.get(form.casefold(), form.casefold().removesuffix("ed") if upos == "VERB" else form.casefold())
    xpos, feats = ("VBD", "Tense=Past|VerbForm=Fin") if upos == "VERB" else ("", "")
    return Word(number, form, lemma, upos, xpos, feats, head, relation if head else "root", *span)


def _tags_of_others(form: str) -> tuple[str, str]:
    if not form.isalpha():
        return "PUNCT", "punct"
    return ("PROPN", "conj") if form[0].isupper() else ("NOUN", "nmod")
