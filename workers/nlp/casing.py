"""Paragraphs in capitals written as the parser has learnt to read: names with a capital, the rest small."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from workers.extraction import gazetteers
from workers.extraction.families import FAMILIES
from workers.extraction.lexicons import load_lexicon

LETTERS_AT_LEAST = 20  # a shorter line in capitals is a name or a label
LARGE_CITY = 100_000  # people; smaller ones bear the names of common words
LONGEST_NAME = 3  # words
_WORD = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W\d_]+(?:[’'][^\W\d_]+)?")
_TIMES = re.compile(
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|april|june|july|august|september|october|november|december",
    re.IGNORECASE,
)


def recased(text: str) -> str:
    """The paragraph as mixed text where it is all in capitals, of the same length; else as it is."""
    letters = [c for c in text if c.isalpha()]
    if len(letters) < LETTERS_AT_LEAST or any(c.islower() for c in letters):
        return text
    words = list(_WORD.finditer(text))
    pieces, at = [], 0
    for match, written in zip(words, _rewritten([m.group() for m in words]), strict=True):
        pieces += [text[at : match.start()], written]
        at = match.end()
    return _with_capital_sentences("".join([*pieces, text[at:]]))


def _rewritten(words: list[str]) -> Iterator[str]:
    index = 0
    while index < len(words):
        size = next((n for n in range(LONGEST_NAME, 0, -1) if _is_name(words[index : index + n], n)), 0)
        after_title = index > 0 and words[index - 1].casefold() in gazetteers.public_words("offices")
        for word in words[index : index + max(size, 1)]:
            yield _name(word, alone=size < 2) if size or (after_title and _is_unknown(word)) else _small(word)
        index += max(size, 1)


def _is_name(words: list[str], size: int) -> bool:
    name = re.sub(r"[’']s$", "", " ".join(words), flags=re.IGNORECASE)
    if len(words) < size or (len(name) < 3 and gazetteers.named_actor(name) is None):
        return False
    if (size == 1 and "." in name) or (size > 1 and _is_leader(name)):
        return True
    if _TIMES.fullmatch(name) or gazetteers.state_word(name) is not None or gazetteers.named_actor(name):
        return True
    city = gazetteers.city_called(name)
    return city is not None and city.population >= LARGE_CITY and len(name) > 4


def _is_leader(name: str) -> bool:
    known = all(word in gazetteers.leaders() for word in gazetteers.name_words(name))
    return known and gazetteers.leader(name)[0]


def _is_unknown(word: str) -> bool:
    """No office, no verb of ours and no small word, so that after a title it is somebody's name."""
    small = word.casefold()
    stems = {
        small,
        small.removesuffix("s"),
        small.removesuffix("d"),
        small.removesuffix("ed"),
        small.removesuffix("es"),
    }
    return len(word) > 3 and not stems & _common_words()


@cache
def _common_words() -> frozenset[str]:
    families = [load_lexicon(name) for name in (*(family.name for family in FAMILIES), "modality")]
    heads = {term for lexicon in families for term in lexicon.terms} | set(load_lexicon("irregular").forms)
    return gazetteers.public_words("offices").union(
        heads, *(words for lexicon in families for words in lexicon.words.values())
    )


def _name(word: str, alone: bool) -> str:
    """ "CHILE'S" -> "Chile's"; what is known by its letters keeps them: "EU"."""
    bare = re.sub(r"[’'][sS]$", "", word)
    if "." in bare:  # "U.S."
        return word
    if (
        alone
        and len(bare) <= 4
        and gazetteers.named_actor(bare)
        and gazetteers.named_actor(bare.casefold().capitalize()) is None
    ):
        return word
    kept = bare if alone and len(bare) <= 3 else bare[0] + _small(bare[1:])
    return kept + _small(word[len(bare) :])


def _small(word: str) -> str:
    return "".join(low if len(low := letter.lower()) == 1 else letter for letter in word)


def _with_capital_sentences(text: str) -> str:
    return re.sub(r"(?:^|(?<!\.\w)[.!?]\s+)\W*([^\W\d_])", lambda m: m.group()[:-1] + m.group(1).upper(), text)
