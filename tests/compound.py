"""Compound files (MS-CFB, version 3), and in them messages as Outlook keeps them (MS-OXMSG), written by hand."""

from __future__ import annotations

import datetime as dt
import struct
from collections.abc import Mapping
from typing import Any

SECTOR, SMALL_SECTOR, SMALL = 512, 64, 4096
END, FREE, OF_THE_TABLE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
STORAGE, STREAM, ROOT = 1, 2, 5
ADDRESSES_IN_HEADER = 109

Tree = Mapping[str, Any]
"""By name, the bytes of a stream or the tree of a storage."""


def compound(tree: Tree) -> bytes:
    """A compound file with these streams and storages."""
    return _Writer().written(tree)


def outlook(subject: str, body: str, *, sent: dt.datetime | None = None, attached: Tree | None = None) -> Tree:
    """The storage of a message; `attached` has bytes, or the storage of another message, by name."""
    sent_at = int((sent - dt.datetime(1601, 1, 1, tzinfo=dt.UTC)).total_seconds() * 10**7) if sent else None
    time = struct.pack("<HHIQ", 0x40, 0x39, 6, sent_at) if sent_at else b""
    message: dict[str, Any] = {
        "__properties_version1.0": bytes(32) + time,
        "__substg1.0_0037001F": subject.encode("utf-16-le"),
        "__substg1.0_0C1A001F": "Press Office".encode("utf-16-le"),
        "__substg1.0_1000001F": body.encode("utf-16-le"),
    }
    for number, (name, content) in enumerate((attached or {}).items()):
        kind = "0102" if isinstance(content, bytes) else "000D"
        message[f"__attach_version1.0_#{number:08X}"] = {
            f"__substg1.0_3701{kind}": content if isinstance(content, bytes) else _inner(content),
            "__substg1.0_3001001F": name.encode("utf-16-le"),
        }
    return message


def _inner(message: Tree) -> Tree:
    """A message in another one has a shorter head before its properties."""
    return {**message, "__properties_version1.0": message["__properties_version1.0"][8:]}


class _Writer:
    def __init__(self) -> None:
        self._entries: list[list[Any]] = []
        self._sectors: list[bytes] = []
        self._table: list[int] = []
        self._small = bytearray()
        self._small_table: list[int] = []

    def written(self, tree: Tree) -> bytes:
        self._entries.append(["Root Entry", ROOT, FREE, FREE, 0, 0])
        self._entries[0][3] = self._add_all(tree)
        small_size = len(self._small)
        self._entries[0][4:] = [self._put(bytes(self._small)), small_size]
        small_table = self._put(b"".join(struct.pack("<I", at) for at in self._small_table))
        directory = self._put(b"".join(map(_entry, self._entries)))
        small_sectors = -(-len(self._small_table) * 4 // SECTOR)
        tables = self._put_table()
        head = struct.pack("<8s16xHHHHH6xIII4xIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6, 0,
                           len(tables), directory, SMALL, small_table, small_sectors, END, 0)  # fmt: skip
        addresses = tables + [FREE] * (ADDRESSES_IN_HEADER - len(tables))
        return head + struct.pack(f"<{ADDRESSES_IN_HEADER}I", *addresses) + b"".join(self._sectors)

    def _add_all(self, tree: Tree) -> int:
        """Returns the number of the first entry; each of the others is to the right of the one before."""
        first, before = FREE, None
        for name, content in sorted(tree.items(), key=lambda item: (len(item[0]), item[0].upper())):
            number = len(self._entries)
            if isinstance(content, bytes):
                self._entries.append([name, STREAM, FREE, FREE, self._keep(content), len(content)])
            else:
                self._entries.append([name, STORAGE, FREE, FREE, 0, 0])
                self._entries[number][3] = self._add_all(content)
            if before is None:
                first = number
            else:
                self._entries[before][2] = number
            before = number
        return first

    def _keep(self, content: bytes) -> int:
        if len(content) >= SMALL:
            return self._put(content)
        if not content:
            return END
        start, count = len(self._small_table), -(-len(content) // SMALL_SECTOR)
        self._small += content.ljust(count * SMALL_SECTOR, b"\0")
        self._small_table += [*range(start + 1, start + count), END]
        return start

    def _put(self, content: bytes) -> int:
        start, count = len(self._sectors), -(-len(content) // SECTOR)
        self._sectors += [content[at : at + SECTOR].ljust(SECTOR, b"\0") for at in range(0, len(content), SECTOR)]
        self._table += [*range(start + 1, start + count), END]
        return start

    def _put_table(self) -> list[int]:
        count = 1
        while count * SECTOR < 4 * (len(self._table) + count):
            count += 1
        numbers = list(range(len(self._sectors), len(self._sectors) + count))
        whole = [*self._table, *[OF_THE_TABLE] * count]
        whole += [FREE] * (count * SECTOR // 4 - len(whole))
        packed = struct.pack(f"<{len(whole)}I", *whole)
        self._sectors += [packed[at : at + SECTOR] for at in range(0, len(packed), SECTOR)]
        return numbers


def _entry(entry: list[Any]) -> bytes:
    name, kind, right, child, start, size = entry
    written = name.encode("utf-16-le") + b"\0\0"
    return struct.pack("<64sHBBIII16x4x16xIQ", written, len(written), kind, 1, FREE, right, child, start, size)
