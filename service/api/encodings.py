"""Compression of streams, as the asker accepts it."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

import zstandard
from flask import Response, request


class Compressor(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self) -> bytes: ...


GZIP = 31  # zlib's number for a gzip header and trailer around its largest window
COMPRESSORS: dict[str, Callable[[], Compressor]] = {
    "zstd": lambda: zstandard.ZstdCompressor().compressobj(),
    "gzip": lambda: zlib.compressobj(wbits=GZIP),
}
NONE = "identity"


def stream(pieces: Iterable[str], content_type: str) -> Response:
    """A text that is sent as it comes, compressed as `Accept-Encoding` wishes."""
    coding = request.accept_encodings.best_match((*COMPRESSORS, NONE), NONE)
    encoded = (piece.encode() for piece in pieces)
    response = Response(_compressed(encoded, coding) if coding != NONE else encoded, content_type=content_type)
    response.vary.add("Accept-Encoding")
    if coding != NONE:
        response.headers["Content-Encoding"] = coding
    return response


def _compressed(pieces: Iterable[bytes], coding: str) -> Iterator[bytes]:
    """Sent whenever the compressor has a block full, so that memory stays bounded and little is lost on size."""
    compressor = COMPRESSORS[coding]()
    for piece in pieces:
        if block := compressor.compress(piece):
            yield block
    yield compressor.flush()
