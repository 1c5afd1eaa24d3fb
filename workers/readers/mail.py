"""Messages: as mail programs save them (EML, RFC 5322), and as Outlook does (MSG, MS-OXMSG)."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import io
import re
import struct
from collections.abc import Iterator
from email.errors import MessageError
from email.message import EmailMessage, MIMEPart
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

import olefile

from service.errors import CorruptError, TooMuchInsideError
from workers.readers import markup
from workers.readers.archives import MOST_ENTRIES
from workers.readers.kinds import MAIL, OUTLOOK
from workers.readers.reading import Child, Reading, Told
from workers.readers.writing import Writer

_OF_ONE = ("multipart/alternative", "multipart/related", "multipart/signed")
_SIGNATURES = ("application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature")
# Properties of MS-OXPROPS: four hexadecimal digits, then 001F for text in UTF-16, 001E in one byte, 0102 for bytes.
SUBJECT, BODY, HTML_BODY, SENDER, HEADERS = "0037", "1000", "1013", "0C1A", "007D"
ATTACHED, LONG_NAME, SHORT_NAME, SHOWN_NAME = "3701", "3707", "3704", "3001"
SUBMITTED = (0x0040, 0x0039)  # a time, in steps of 100 ns since 1601
MOST_TICKS = 1 << 61  # before the year 9999
_QUOTED = re.compile(r'"([^"]*)"')


def read_eml(original: bytes) -> Reading:
    """What it says, as text rather than HTML where it has both; attachments are children. Raises RefusedError."""
    try:
        message = email.message_from_bytes(original, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        body = message.get_body(("plain", "html"))
        writer = Writer()
        if body is not None:
            _write(_content(body), body.get_content_subtype() == "html", writer)
        children = tuple(_attachments(message, body))
        told = _told(message)
    except (MessageError, LookupError, ValueError, AttributeError, TypeError, IndexError) as error:
        raise CorruptError("It is no message that can be read.") from error
    return Reading(writer.text, media_type=MAIL, places=tuple(writer.places), told=told, children=children)


def _write(text: str | bytes, is_html: bool, writer: Writer) -> None:
    if is_html:
        markup.write_blocks(markup.page(text), writer)
        return
    told = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    for block in told.replace("\r\n", "\n").split("\n\n"):
        writer.add(block)


def _content(part: MIMEPart) -> str | bytes:
    """Text where its encoding is known, else bytes."""
    try:
        content = part.get_content()
    except LookupError:  # a charset that there is not
        content = part.get_payload(decode=True)
    if isinstance(content, EmailMessage):
        return content.as_bytes()
    return content if isinstance(content, str | bytes) else b""


def _attachments(message: EmailMessage, body: MIMEPart | None) -> Iterator[Child]:
    parts = [part for part in _leaves(message) if part is not body and not _is_other_form(part, message)]
    if len(parts) > MOST_ENTRIES:
        raise TooMuchInsideError(f"It has more than {MOST_ENTRIES:,} attachments.")
    for number, part in enumerate(parts, 1):
        content = _content(part)
        original = content.encode() if isinstance(content, str) else content
        if original:
            yield Child(part.get_filename() or f"attachment {number}", original)


def _leaves(message: EmailMessage) -> Iterator[EmailMessage]:
    """Its parts, and theirs, but for messages, which are whole."""
    if message.get_content_maintype() != "multipart":
        yield message
        return
    for part in message.iter_parts():
        if isinstance(part, EmailMessage):
            yield from _leaves(part)


def _is_other_form(part: EmailMessage, message: EmailMessage) -> bool:
    """Whether it is the same as the body in another form, a picture within it, or a signature: nothing attached."""
    for outer in message.walk():
        if outer.get_content_type() in _OF_ONE and outer.is_multipart() and part in outer.get_payload():
            return outer.get_content_type() != "multipart/signed" or part.get_content_type() in _SIGNATURES
    return False


def _told(message: EmailMessage) -> dict[str, Told]:
    told = {}
    if title := " ".join(str(message["subject"] or "").split()):
        told["title"] = Told(title, "mail:Subject")
    if sender := _QUOTED.sub(r"\1", " ".join(str(message["from"] or "").split())):
        told["source"] = Told(sender, "mail:From")
    if (day := _day(str(message["date"] or ""))) is not None:
        told["published"] = Told(day, "mail:Date")
    return told


def _day(date: str) -> str | None:
    try:
        return parsedate_to_datetime(date).date().isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None  # a message without a date that can be read is one without a date


def read_msg(original: bytes) -> Reading:
    """The same of a message of Outlook. Raises RefusedError."""
    try:
        with olefile.OleFileIO(io.BytesIO(original)) as file:
            message = _Outlook(file)
            writer = Writer()
            _write(*message.body(), writer)
            told = _told(message.head())
            children = tuple(message.attachments())
    except (OSError, ValueError, IndexError, KeyError, TypeError, AttributeError, struct.error) as error:
        raise CorruptError("It is no message of Outlook that can be read.") from error
    return Reading(writer.text, media_type=OUTLOOK, places=tuple(writer.places), told=told, children=children)


class _Outlook:
    """A message in a storage of a compound file. Its properties are streams; those of fixed length are in one."""

    def __init__(self, file: olefile.OleFileIO[Any], folder: str = "") -> None:
        self._file, self._folder = file, folder

    def body(self) -> tuple[str | bytes, bool]:
        """Its text, else its page, and whether it is that."""
        text, page = self._text(BODY), self._data(HTML_BODY)
        return text or page, not text and bool(page)

    def head(self) -> EmailMessage:
        """Who sent it, of what, and when: as its headers say, or as Outlook does, which knows it of all."""
        headers = email.message_from_string(self._text(HEADERS))
        head = EmailMessage()
        sent = self._submitted()
        for name, value in (
            ("Subject", self._text(SUBJECT)),
            ("From", self._text(SENDER)),
            ("Date", str(headers["date"] or (format_datetime(sent) if sent else ""))),
        ):
            if value.split():
                head[name] = " ".join(value.split())
        return head

    def attachments(self) -> Iterator[Child]:
        """Messages among them as messages of the internet, which they were before."""
        for number, folder in enumerate(self._attached(), 1):
            names = (self._text(name, folder) for name in (LONG_NAME, SHORT_NAME, SHOWN_NAME))
            name = next(filter(None, names), f"attachment {number}")
            if self._file.exists(inner := f"{folder}/__substg1.0_{ATTACHED}000D"):
                yield Child(f"{name.removesuffix('.eml')}.eml", _Outlook(self._file, inner)._as_mail().as_bytes())
            elif original := self._data(ATTACHED, folder):
                yield Child(name, original)

    def _as_mail(self) -> EmailMessage:
        message, (body, is_page) = self.head(), self.body()
        if is_page:
            message.add_attachment(body, maintype="text", subtype="html", disposition="inline")
        else:
            message.set_content(body)
        for child in self.attachments():
            message.add_attachment(child.original, maintype="application", subtype="octet-stream", filename=child.name)
        return message

    def _attached(self) -> list[str]:
        depth = self._folder.count("/") + 1 if self._folder else 0
        paths = ("/".join(path[: depth + 1]) for path in self._file.listdir(storages=True))
        return sorted({path for path in paths if path.startswith(self._in("__attach_version1.0_"))})

    def _in(self, name: str) -> str:
        return f"{self._folder}/{name}" if self._folder else name

    def _text(self, name: str, folder: str | None = None) -> str:
        wide, narrow = (self._stream(f"__substg1.0_{name}{kind}", folder) for kind in ("001F", "001E"))
        return wide.decode("utf-16-le", "replace") if wide is not None else (narrow or b"").decode("cp1252", "replace")

    def _data(self, name: str, folder: str | None = None) -> bytes:
        return self._stream(f"__substg1.0_{name}0102", folder) or b""

    def _stream(self, name: str, folder: str | None = None) -> bytes | None:
        path = f"{folder}/{name}" if folder else self._in(name)
        return bytes(self._file.openstream(path).read()) if self._file.exists(path) else None

    def _submitted(self) -> dt.datetime | None:
        fixed = (self._stream("__properties_version1.0") or b"")[24 if self._folder else 32 :]
        for kind, name, _, value in struct.iter_unpack("<HHIQ", fixed[: len(fixed) // 16 * 16]):
            if (kind, name) == SUBMITTED and value < MOST_TICKS:
                return dt.datetime(1601, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=value // 10)
        return None
