"""A text made ready for the parser: blocks of bounded length that know where each of their characters came from.

Stanza takes blank lines as ends of paragraphs and nothing else; therefore every paragraph becomes a block of its own.
What no parser should see is blanked (datelines, a web address as first line, words too long to be words), left out
(characters without width, hyphens inside words at the ends of lines) or written small (capitals), and `Block.origins`
leads every character back to the text as it was written.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from service.storable import DRAWN_BLANK, WITHOUT_WIDTH
from workers.nlp.casing import recased
from workers.nlp.datelines import find_datelines
from workers.nlp.layout import paragraphs

# A longer run without blanks is a key, an encoded picture or a script that this parser does not know.
LONGEST_WORD = 200

# A longer paragraph is cut; the tokenizer reads a thousand characters at a time, so that little is lost at a cut.
LONGEST_BLOCK = 10_000

# Left out: characters without width, and the hyphen with which a line ends inside a word.
_WITHOUT_WIDTH = re.compile(rf"[{WITHOUT_WIDTH}]+|(?<=[a-z]{{2}})-[ \t]*\r?\n[ \t]*(?=[a-z]{{2}})")
_BLANKS = re.compile(rf"[\s\x00-\x1f\x7f-\x9f{DRAWN_BLANK}]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_TOO_LONG = re.compile(rf"\S{{{LONGEST_WORD + 1},}}")
_WEB_ADDRESS = re.compile(r"\s*((?:https?://|www\.)\S+)[^\S\n\r]*(?=[\n\r]|\Z)", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]]*\s+(?=[\"'“‘(\[]*[A-Z0-9])")


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch to parse. The character `text[i]` is the one at `origins[i]` of the document."""

    text: str
    origins: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The document's span for a stretch of the block that is not empty."""
        return self.origins[start], self.origins[end - 1] + 1

    def part(self, start: int, end: int) -> Block:
        return Block(self.text[start:end], self.origins[start:end])

    def stripped(self) -> Block:
        """Without blanks around it; a paragraph's first blank would be news to a tokenizer."""
        start = len(self.text) - len(self.text.lstrip())
        return self.part(start, max(start, len(self.text.rstrip())))


def cut(text: str) -> list[Block]:
    """The blocks of a text, in order; none for a text without anything to parse."""
    masked = _without_surrogates(mask(text))  # of the same length, so that the text's own layout holds for it
    return [block for start, end in paragraphs(text) for block in _blocks(masked, start, end)]


def mask(text: str) -> str:
    """The text with blanks in place of what would mislead the parser, of the same length."""
    spans = [(dateline.start, dateline.end) for dateline in find_datelines(text)]
    address = _WEB_ADDRESS.match(text)
    return _blanked(text, [*spans, *([address.span(1)] if address else [])])


def _blanked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    pieces, at = [], 0
    for start, end in sorted(spans):
        pieces += [text[at:start], " " * (end - start)]
        at = end
    return "".join([*pieces, text[at:]])


def _without_surrogates(text: str) -> str:
    """A lone half of a surrogate pair cannot be encoded; the replacement character stands for it."""
    return _SURROGATES.sub("\ufffd", text)


def _blocks(text: str, start: int, end: int) -> Iterator[Block]:
    visible = _visible(text, start, end)
    flat = recased(_BLANKS.sub(" ", visible.text))
    whole = Block(_TOO_LONG.sub(lambda match: " " * len(match[0]), flat), visible.origins)
    for cut_start, cut_end in pieces(whole.text, LONGEST_BLOCK):
        piece = whole.part(cut_start, cut_end).stripped()
        if piece.text:
            yield piece


def _visible(text: str, start: int, end: int) -> Block:
    """A paragraph without the characters that would tear words apart or hide them."""
    kept = array("L")
    at = start
    for match in _WITHOUT_WIDTH.finditer(text, start, end):
        kept.extend(range(at, match.start()))
        at = match.end()
    if at == start:
        return Block(text[start:end], range(start, end))
    kept.extend(range(at, end))
    return Block(_WITHOUT_WIDTH.sub("", text[start:end]), kept)


def pieces(text: str, longest: int) -> Iterator[tuple[int, int]]:
    """Spans that cover a text, none longer than `longest`: cut after a sentence, else at a blank, else anywhere."""
    start = 0
    while len(text) - start > longest:
        end = _best_cut(text, start, start + longest)
        yield start, end
        start = end
    yield start, len(text)


def _best_cut(text: str, start: int, limit: int) -> int:
    half = start + (limit - start) // 2  # an early cut would make many small pieces
    ends = [match.end() for match in _SENTENCE_END.finditer(text, half, limit)]
    blank = text.rfind(" ", half, limit) + 1
    return (ends[-1] if ends else blank) or limit
