"""Archives (ZIP, and formats that are one) within bounds: as they declare themselves, and while they are unpacked."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from zipfile import ZipFile, ZipInfo

from service.errors import BombError, CorruptError, EncryptedError, TooMuchInsideError

MOST_ENTRIES = 1_000
MOST_BYTES = 200_000_000
MOST_RATIO = 100
SMALL = 1_000_000  # below which no ratio is a danger
ENCRYPTED = 0x1
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)


@dataclass(frozen=True, slots=True)
class Archive:
    """The members of an archive, each read whole but never past the bounds."""

    file: ZipFile

    @classmethod
    def open(cls, original: bytes) -> Archive:
        """Raises CorruptError, EncryptedError, TooMuchInsideError, BombError."""
        try:
            archive = cls(ZipFile(io.BytesIO(original)))
        except DAMAGE as error:
            raise CorruptError("It is no whole archive.") from error
        members = archive.file.infolist()
        if len(members) > MOST_ENTRIES:
            raise TooMuchInsideError(f"It has {len(members):,} members; {MOST_ENTRIES:,} are read.")
        if any(member.flag_bits & ENCRYPTED for member in members):
            raise EncryptedError("Its members are protected by a password.")
        _check_sizes(sum(one.file_size for one in members), len(original), "declares")
        return archive

    def names(self) -> list[str]:
        return [member.filename for member in self.file.infolist() if not member.is_dir()]

    def read(self, name: str) -> bytes:
        """Raises CorruptError where there is no such member, or a damaged one, BombError."""
        try:
            return self._read(self.file.getinfo(name))
        except KeyError as error:
            raise CorruptError(f"It has no {name}.") from error

    def _read(self, member: ZipInfo) -> bytes:
        try:
            with self.file.open(member) as stream:
                found = stream.read(MOST_BYTES + 1)
        except DAMAGE as error:
            raise CorruptError(f"{member.filename} in it is damaged.") from error
        _check_sizes(len(found), member.compress_size, "holds")
        return found

    def files(self) -> Iterator[tuple[str, bytes]]:
        """All members but folders and links, in order. Raises as `read` does, BombError for all together."""
        total = 0
        for member in self.file.infolist():
            if member.is_dir() or _is_link(member):
                continue
            found = self._read(member)  # by itself: two may have one name
            total += len(found)
            if total > MOST_BYTES:
                raise BombError(f"It unpacks to more than {MOST_BYTES:,} bytes.")
            yield member.filename, found


def _check_sizes(unpacked: int, packed: int, verb: str) -> None:
    if unpacked > MOST_BYTES or (unpacked > SMALL and unpacked > MOST_RATIO * max(packed, 1)):
        raise BombError(f"It {verb} {unpacked:,} bytes in {packed:,}.")


def _is_link(member: ZipInfo) -> bool:
    return (member.external_attr >> 16) & 0o170000 == 0o120000
