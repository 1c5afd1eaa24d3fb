"""The process that reads one document and ends (sandbox.py starts it). It bounds itself first, then opens the bytes."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

from workers.readers.confining import confine


def main() -> None:
    asked = json.loads(sys.argv[1])
    _bound(asked["limits"])
    confine(Path.cwd())
    answer = sys.stdout.buffer
    try:
        said, blobs = _do(asked, sys.stdin.buffer.read())
    except MemoryError:
        said, blobs = _refused("BombError", "It needs more memory than a document may."), []
    written = json.dumps({**said, "blobs": [len(blob) for blob in blobs]}).encode()
    answer.write(len(written).to_bytes(8, "big") + written + b"".join(blobs))
    answer.flush()
    os._exit(0)  # no library's last deeds


def _bound(limits: dict[str, Any]) -> None:
    seconds = limits["processor"]
    for what, soft, hard in (
        (resource.RLIMIT_AS, limits["memory"], limits["memory"]),
        (resource.RLIMIT_CPU, seconds, seconds + 1),
        (resource.RLIMIT_FSIZE, limits["answer"], limits["answer"]),
        (resource.RLIMIT_NOFILE, limits["files"], limits["files"]),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        resource.setrlimit(what, (soft, hard))
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python ignores it, and could not tell an answer that is cut off


def _do(asked: dict[str, Any], original: bytes) -> tuple[dict[str, Any], list[bytes]]:
    from service.errors import UnreadableDocumentError  # here, since nothing is to be loaded before the limits are set

    try:
        if asked["do"] == "picture":
            return {}, [_picture(original, asked["page"], asked["scale"])]
        return _read(original, asked["declared"])
    except UnreadableDocumentError as error:
        return _refused(type(error).__name__, error.detail), []
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a document does to a parser is a fault of the document
        return _refused("CorruptError", f"Its reader fails on it ({type(error).__name__})."), []


def _read(original: bytes, declared: str | None) -> tuple[dict[str, Any], list[bytes]]:
    from workers.readers import formats, language

    found = language.told(formats.read(original, declared))
    reading = {
        "text": found.text,
        "encoding": found.encoding,
        "media_type": found.media_type,
        "places": [dataclasses.astuple(place) for place in found.places],
        "pages": [dataclasses.astuple(page) for page in found.pages],
        "told": {name: dataclasses.astuple(told) for name, told in found.told.items()},
        "children": [child.name for child in found.children],
    }
    return {"reading": reading}, [child.original for child in found.children]


def _picture(original: bytes, number: int, scale: float) -> bytes:
    from workers.readers import kinds, ocr, pdf

    made = io.BytesIO()
    draw = ocr.picture if kinds.looks_like(original) in kinds.IMAGES else pdf.picture
    draw(original, number, scale).save(made, "PNG")
    return made.getvalue()


def _refused(failure: str, detail: str) -> dict[str, Any]:
    return {"refused": {"failure": failure, "detail": detail}}
