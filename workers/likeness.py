"""How alike two texts are, by sketches that are small enough to keep: MinHash (Broder 1997) over words in a row."""

from __future__ import annotations

import re

from datasketch import MinHash

from service.likeness import NUMBERS

IN_A_ROW = 5
"""Words of a shingle: two stories on one event share words, only copies share five of them in a row again and again."""
SEED = 1

_WORDS = re.compile(r"\w+")


def sketch(text: str) -> tuple[int, ...]:
    """NUMBERS numbers below 2^32. Of two texts, about as many of them are equal as the share of word shingles that the
    texts have in common (their Jaccard index). Case and whatever stands between words do not count.
    """
    words = _WORDS.findall(text.casefold())
    shingles = {" ".join(words[i : i + IN_A_ROW]) for i in range(max(len(words) - IN_A_ROW + 1, 1))}
    made = MinHash(num_perm=NUMBERS, seed=SEED)
    made.update_batch([shingle.encode() for shingle in shingles])
    return tuple(int(number) for number in made.hashvalues)
