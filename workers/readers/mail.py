"""Messages: as mail programs save them (EML, RFC 5322), and as Outlook does (MSG, MS-OXMSG)."""

from __future__ import annotations

import email
import email.policy
import io
from collections.abc import Iterator
from email.errors import MessageError
from email.message import EmailMessage, MIMEPart
from email.utils import parsedate_to_datetime
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
ATTACHED, LONG_NAME, SHORT_NAME = "3701", "3707", "3704"


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
    if sender := " ".join(str(message["from"] or "").split()):
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
            text, page = message.text(BODY), message.data(HTML_BODY)
            _write(text or page or "", not text and bool(page), writer)
            told = _told_by_outlook(message)
            children = tuple(message.attachments())
    except (OSError, ValueError, IndexError, KeyError, TypeError, AttributeError) as error:
        raise CorruptError("It is no message of Outlook that can be read.") from error
    return Reading(writer.text, media_type=OUTLOOK, places=tuple(writer.places), told=told, children=children)


class _Outlook:
    """The properties of a message, each a stream of its own."""

    def __init__(self, file: olefile.OleFileIO[Any]) -> None:
        self._file = file

    def text(self, name: str, folder: str = "") -> str:
        found = self._stream(f"{folder}__substg1.0_{name}001F")
        if found is not None:
            return found.decode("utf-16-le", "replace")
        return (self._stream(f"{folder}__substg1.0_{name}001E") or b"").decode("cp1252", "replace")

    def data(self, name: str, folder: str = "") -> bytes:
        return self._stream(f"{folder}__substg1.0_{name}0102") or b""

    def attachments(self) -> Iterator[Child]:
        folders = sorted({path[0] for path in self._file.listdir() if path[0].startswith("__attach_version1.0_")})
        for number, folder in enumerate(folders, 1):
            original = self.data(ATTACHED, f"{folder}/")
            name = self.text(LONG_NAME, f"{folder}/") or self.text(SHORT_NAME, f"{folder}/")
            if original:
                yield Child(name or f"attachment {number}", original)

    def _stream(self, path: str) -> bytes | None:
        return bytes(self._file.openstream(path).read()) if self._file.exists(path) else None


def _told_by_outlook(message: _Outlook) -> dict[str, Told]:
    told = {}
    if title := " ".join(message.text(SUBJECT).split()):
        told["title"] = Told(title, "mail:Subject")
    if sender := " ".join(message.text(SENDER).split()):
        told["source"] = Told(sender, "mail:From")
    sent = email.message_from_string(message.text(HEADERS))["date"]
    if sent and (day := _day(str(sent))):
        told["published"] = Told(day, "mail:Date")
    return told
