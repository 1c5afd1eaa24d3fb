"""Letters that pass for letters of another script, as the Cyrillic "Р" in "Рutin" does.

Which letters look alike is Unicode's own list (UTS 39, confusables.txt), and so is the script of each letter; both come
with confusable_homoglyphs, whose tables are loaded for the first text that is not plainly Latin. What is marked and
what is not: docs/adr/0014-look-alike-letters.md.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from service.storable import WITHOUT_WIDTH

LATIN, CYRILLIC, GREEK, COMMON = "LATIN", "CYRILLIC", "GREEK", "COMMON"
# The recommended scripts (UAX 31, table 5) that nobody reads as Latin. Many are written without blanks, or join their
# articles and particles to a Latin word. With them, letters of no script that Unicode knows.
# fmt: off
SEEN_APART = frozenset(
    {
        "ARABIC", "BENGALI", "BOPOMOFO", "DEVANAGARI", "ETHIOPIC", "GEORGIAN", "GUJARATI", "GURMUKHI", "HANGUL",
        "HAN", "HEBREW", "HIRAGANA", "KANNADA", "KATAKANA", "KHMER", "LAO", "MALAYALAM", "MYANMAR", "ORIYA",
        "SINHALA", "TAMIL", "TELUGU", "THAANA", "THAI", "TIBETAN", "Unknown",
    }
)
# fmt: on
SYMBOLS = (GREEK, COMMON)  # a lone letter of these is one

# A letter with its accents; what has no width does not end a word, since no reader sees it.
_LETTER = re.compile(rf"([^\W\d_][\u0300-\u034e\u0350-\u036f]*)[{WITHOUT_WIDTH}]*")
_WORD = re.compile(rf"(?:{_LETTER.pattern})+")
_NOT_PLAINLY_LATIN = re.compile(r"[^\W\d_\u0000-\u024f\u1e00-\u1eff]")


@dataclass(frozen=True, slots=True)
class LookAlike:
    """text[start:end] are letters that look like those of another script."""

    start: int
    end: int
    name: str


@dataclass(frozen=True, slots=True)
class _Letter:
    start: int
    end: int
    char: str
    script: str


def look_alikes(text: str, *, among_latin: bool = False) -> list[LookAlike]:
    """Those of a paragraph, or of a value that stands `among_latin` words. None where all is written in one script."""
    if not _NOT_PLAINLY_LATIN.search(text):
        return []
    words = [_letters(text, found) for found in _WORD.finditer(text)]
    suspects = itertools.chain(map(_strangers, words), _disguised(words, among_latin))
    found = [_told(text, group) for letters in suspects for group in _side_by_side(letters)]
    return sorted(found, key=lambda one: one.start)


def _letters(text: str, word: re.Match[str]) -> list[_Letter]:
    """A word that is Latin throughout is told as one, since most are."""
    if not _NOT_PLAINLY_LATIN.search(word[0]):
        return [_Letter(word.start(), word.end(), word[0], LATIN)]
    found = _LETTER.finditer(text, word.start(), word.end())
    return [_Letter(one.start(), one.end(1), one[1][0], _script(one[1][0])) for one in found]


@cache
def _script(letter: str) -> str:
    from confusable_homoglyphs.categories import alias

    return LATIN if letter.isascii() else str(alias(letter))


def _strangers(word: Sequence[_Letter]) -> list[_Letter]:
    """The letters of a mixed word that belong to another script than most of it. No ordinary word mixes Latin with
    Cyrillic. Greek stands beside Latin in units and formulas ("kΩ", "Δt"), so that only look-alikes count, as of all
    other scripts.
    """
    base = _script_of_most(word)
    barred = {LATIN, CYRILLIC} if {LATIN, CYRILLIC} <= {letter.script for letter in word} else set()
    return [letter for letter in word if letter.script != base and (letter.script in barred or _passes(letter, base))]


def _passes(letter: _Letter, base: str) -> bool:
    return letter.script not in SEEN_APART and _looks_like(letter.char, base)


def _script_of_most(word: Iterable[_Letter]) -> str:
    counts = Counter(letter.script for letter in word)
    return max(counts, key=lambda one: (one not in SEEN_APART, one != COMMON, counts[one], one == LATIN))


@cache
def _looks_like(letter: str, script: str) -> bool:
    """Whether Unicode lists a letter of the script that is taken for it, or for the same third one. Of Latin only plain
    ones count, no small capitals or phonetic letters.
    """
    twins = _twins(unicodedata.normalize("NFD", letter)[0])
    if script == LATIN:
        return any(twin.isascii() for twin in twins)
    return any(_script(other) == script for twin in twins for other in (twin, *_twins(twin)))


def _twins(letter: str) -> list[str]:
    from confusable_homoglyphs.confusables import confusables_data

    twins = (twin["c"] for twin in confusables_data.get(letter, []))
    return [twin for twin in twins if len(twin) == 1 and twin.isalpha()]


def _disguised(words: Sequence[Sequence[_Letter]], among_latin: bool) -> Iterator[Sequence[_Letter]]:
    """Words that are foreign as a whole and look Latin as a whole, in a text that is mostly Latin. Beside a foreign
    word that nobody can read as Latin they are a quotation, and show what they are.
    """
    counts: Counter[str] = Counter()
    for letter in itertools.chain.from_iterable(words):
        counts[letter.script] += letter.end - letter.start
    for script, found in itertools.groupby(words, key=_script_of_most):
        phrase = list(found)
        if script == LATIN or not (among_latin or counts[LATIN] > counts[script]):
            continue
        if all(letter.script == script and _looks_like(letter.char, LATIN) for word in phrase for letter in word):
            yield from (word for word in phrase if len(word) > 1 or script not in SYMBOLS)


def _side_by_side(letters: Sequence[_Letter]) -> Iterator[list[_Letter]]:
    group: list[_Letter] = []
    for letter in letters:
        if group and group[-1].end != letter.start:
            yield group
            group = []
        group.append(letter)
    if group:
        yield group


def _told(text: str, letters: Sequence[_Letter]) -> LookAlike:
    """One letter by its name in Unicode, several by their number and the first word of it."""
    names = [unicodedata.name(letter.char, f"U+{ord(letter.char):04X}") for letter in letters]
    name = names[0].lower() if len(names) == 1 else f"{len(names)} {names[0].split()[0].capitalize()} letters"
    return LookAlike(letters[0].start, letters[-1].end, name)
