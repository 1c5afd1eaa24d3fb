"""Where stretches of a text stand in its next version: only where the whole sentence around them is the same."""

from __future__ import annotations

import itertools
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from workers.extraction.records import Evidence

# Sentences, roughly: to the end of a line, or behind a full stop. What is cut too small only keeps more apart.
_PIECE = re.compile(r"[^\n]*?(?:[.!?]+[\"'”’)]*\s+|\n+|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """Sentences of the one text and what they are in the other, by their numbers; `is_same` where they are alike."""

    is_same: bool
    old: range
    new: range


class Rebasing:
    """From one text to another. Offsets are code points."""

    def __init__(self, old: str, new: str) -> None:
        self.new = new
        self._old, self._starts = _pieces(old)
        pieces, self._new_starts = _pieces(new)
        opcodes = SequenceMatcher(None, self._old, pieces).get_opcodes()
        self._blocks = [Block(tag == "equal", range(a, b), range(c, d)) for tag, a, b, c, d in opcodes]

    def block_of(self, start: int) -> Block | None:
        """Where the sentence at an offset of the old text has gone."""
        return next((one for one in self._blocks if self._sentence(start) in one.old), None)

    def is_in(self, block: Block, start: int) -> bool:
        """Whether an offset of the new text is in what a block has become."""
        return bisect_right(self._new_starts, start) - 1 in block.new

    def moved(self, evidence: Evidence) -> Evidence | None:
        """The same words in the same sentence of the new text; None where that is gone or another one."""
        first, last = self._sentence(evidence.start), self._sentence(evidence.end - 1)
        block = self.block_of(evidence.start)
        if block is None or not block.is_same or last not in block.old:
            return None
        by = self._new_starts[block.new.start + first - block.old.start] - self._starts[first]
        return self._at(evidence, evidence.start + by)

    def moved_all(self, evidence: Sequence[Evidence]) -> list[Evidence] | None:
        """All of them, or None."""
        moved = [self.moved(one) for one in evidence]
        return None if any(one is None for one in moved) else [one for one in moved if one]

    def found_all(self, evidence: Sequence[Evidence]) -> list[Evidence] | None:
        """All of them where each quote stands in the new text exactly once, or in its old sentence; else None."""
        found = [self.moved(one) or self._only(one) for one in evidence]
        return None if any(one is None for one in found) else [one for one in found if one]

    def _only(self, evidence: Evidence) -> Evidence | None:
        start = self.new.find(evidence.quote)
        if start < 0 or self.new.find(evidence.quote, start + 1) >= 0:
            return None
        return self._at(evidence, start)

    def _at(self, evidence: Evidence, start: int) -> Evidence:
        end = start + evidence.end - evidence.start
        return Evidence.at(evidence.field, self.new, start, end, evidence.rule)

    def _sentence(self, offset: int) -> int:
        return bisect_right(self._starts, offset) - 1


def _pieces(text: str) -> tuple[list[str], list[int]]:
    pieces = [match[0] for match in _PIECE.finditer(text) if match[0]]
    return pieces, [0, *itertools.accumulate(map(len, pieces))][:-1]
