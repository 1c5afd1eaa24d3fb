"""A ZIP of documents: each member is a document of its own."""

from __future__ import annotations

from pathlib import PurePosixPath

from service.errors import CorruptError
from workers.readers.archives import Archive
from workers.readers.kinds import ZIP
from workers.readers.reading import Child, Reading

# What systems put beside people's files.
_NOT_THEIRS = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


def read(original: bytes) -> Reading:
    """No text, but children. Raises RefusedError."""
    children = tuple(
        Child(name, member)
        for name, member in Archive.open(original).files()
        if member and not name.startswith(_NOT_THEIRS[0]) and PurePosixPath(name).name not in _NOT_THEIRS
    )
    if not children:
        raise CorruptError("It holds no documents.")
    return Reading("", media_type=ZIP, children=children)
