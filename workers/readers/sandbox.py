"""Reads a document in a process of its own, which may die, and may neither grow, hang nor reach a network.

The parent writes the bytes into a file and starts `workers.readers.child`; the child sets its limits before it opens
them, and answers into another file, which the kernel keeps small. Nothing of it is unpickled.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from service.errors import BombError, CorruptError, ReadingTimeoutError, UnreadableDocumentError
from workers.readers.reading import Child, Page, Place, Reading, Told, Word

ROOT = Path(__file__).resolve().parents[2]
# In isolated mode Python looks neither at the environment nor beside the document; our own code it is told of here.
START = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from workers.readers.child import main; main()"
LENGTH = 8  # bytes that tell the length of the JSON before what follows it


@dataclass(frozen=True, slots=True)
class Limits:
    """Of a child: bytes of its memory and of its answer, seconds of processor and in all, open files."""

    memory: int = 1_500_000_000
    answer: int = 400_000_000
    processor: int = 60
    seconds: float = 120
    files: int = 64


LIMITS = Limits()


def read(original: bytes, declared: str | None = None, limits: Limits = LIMITS) -> Reading:
    """What the readers make of a document. Raises UnreadableDocumentError for whatever is wrong with it."""
    answer = _run({"do": "read", "declared": declared}, original, limits)
    return _reading(answer)


def picture(original: bytes, page: int, scale: float, limits: Limits = LIMITS) -> bytes:
    """A page of a PDF as PNG, at so many pixels a point. Raises UnreadableDocumentError."""
    return _run({"do": "picture", "page": page, "scale": scale}, original, limits).blobs[0]


def check() -> None:
    """Reads a text of our own, so that a machine on which nothing can be read is found at the start, and no document is
    taken for damaged there. Raises RuntimeError.
    """
    try:
        read(b"{\\rtf1 A short text.}")
    except UnreadableDocumentError as error:
        raise RuntimeError("The process that reads documents does not work on this machine.") from error


@dataclass(frozen=True, slots=True)
class _Answer:
    said: dict[str, Any]
    blobs: list[bytes]


def _run(asked: Mapping[str, Any], original: bytes, limits: Limits) -> _Answer:
    with tempfile.TemporaryDirectory(prefix="legation-reading-") as folder, _file(folder) as sent, _file(folder) as out:
        sent.write(original)
        sent.seek(0)
        environment = {"PATH": os.environ.get("PATH", ""), "TMPDIR": folder, "HOME": folder, "OMP_THREAD_LIMIT": "1"}
        process = subprocess.Popen(  # noqa: S603 - our own code
            [sys.executable, "-I", "-c", START, json.dumps({**asked, "limits": asdict(limits)})],
            stdin=sent,
            stdout=out,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=environment,
            start_new_session=True,
        )
        try:
            ended = process.wait(limits.seconds)
        except subprocess.TimeoutExpired as error:
            raise ReadingTimeoutError(f"It was not read within {limits.seconds:,.0f} seconds.") from error
        finally:
            _end(process)
        _check_end(ended, limits)
        out.seek(0)
        return _parsed(out, limits)


def _file(folder: str) -> IO[bytes]:
    return tempfile.TemporaryFile(dir=folder)


def _end(process: subprocess.Popen[bytes]) -> None:
    """With all that it has started."""
    with contextlib.suppress(ProcessLookupError):  # all of them have ended
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _check_end(ended: int, limits: Limits) -> None:
    """How the child ended. Raises RefusedError where that was no end by itself."""
    if ended in (-signal.SIGXCPU, -signal.SIGKILL):
        raise ReadingTimeoutError(f"It was not read within {limits.processor} seconds of the processor.")
    if ended == -signal.SIGXFSZ:
        raise BombError(f"What it unpacks to is more than {limits.answer:,} bytes.")
    if ended != 0:
        raise CorruptError("It ends the program that reads it.")


def _parsed(out: IO[bytes], limits: Limits) -> _Answer:
    length = int.from_bytes(out.read(LENGTH), "big")
    if not 0 < length <= limits.answer:
        raise CorruptError("It ends the program that reads it.")
    said = json.loads(out.read(length))
    if refused := said.get("refused"):
        raise _refusal(refused["failure"])(refused["detail"])
    return _Answer(said, [out.read(size) for size in said["blobs"]])


def _refusal(name: str) -> type[UnreadableDocumentError]:
    return REFUSALS.get(name, CorruptError)


def _kinds(of: type[UnreadableDocumentError]) -> dict[str, type[UnreadableDocumentError]]:
    found = {of.__name__: of}
    for kind in of.__subclasses__():
        found |= _kinds(kind)
    return found


REFUSALS = _kinds(UnreadableDocumentError)


def _reading(answer: _Answer) -> Reading:
    said = answer.said["reading"]
    return Reading(
        said["text"],
        said["encoding"],
        said["media_type"],
        tuple(Place(*place) for place in said["places"]),
        tuple(_page(*page) for page in said["pages"]),
        {name: Told(*told) for name, told in said["told"].items()},
        tuple(Child(name, blob) for name, blob in zip(said["children"], answer.blobs, strict=True)),
    )


def _page(number: int, width: float, height: float, start: int, end: int, words: list[list[Any]]) -> Page:
    return Page(number, width, height, start, end, tuple(Word(*word) for word in words))
