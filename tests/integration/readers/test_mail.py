"""Messages: what they say, and what is attached to them."""

from __future__ import annotations

import datetime as dt
from email.message import EmailMessage
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

from tests.compound import compound, outlook
from workers.readers import kinds, sandbox
from workers.readers.reading import Child

TEXT = "The minister of Norvale will visit Sudmark.\n\nHer office said so on Tuesday.\n"


def message() -> EmailMessage:
    made = EmailMessage()
    made["From"] = "Press Office <press@norvale.example>"
    made["To"] = "desk@daily.example"
    made["Subject"] = "A visit\n of the minister".replace("\n", "")
    made["Date"] = "Wed, 19 Jun 2024 10:00:00 +0200"
    made["Message-ID"] = "<1@norvale.example>"
    made.set_content(TEXT)
    return made


def test_a_message_with_attachments() -> None:
    made = message()
    made.add_alternative("<p>The same as <b>HTML</b></p>", subtype="html")
    made.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="../note.pdf")
    made.add_attachment("Names.", filename="names.txt")
    forwarded = message()
    made.add_attachment(forwarded)
    reading = sandbox.read(made.as_bytes())
    assert reading.media_type == kinds.MAIL
    assert reading.text == "The minister of Norvale will visit Sudmark.\n\nHer office said so on Tuesday."
    assert {name: told.value for name, told in reading.told.items()} == {
        "title": "A visit of the minister",
        "source": "Press Office <press@norvale.example>",
        "published": "2024-06-19",
    }
    assert reading.children[:2] == (Child("../note.pdf", b"%PDF-1.7"), Child("names.txt", b"Names.\n"))
    assert sandbox.read(reading.children[2].original).text == reading.text


def test_a_message_in_html_alone() -> None:
    made = message()
    made.set_content("<h1>Talks</h1><p>They <i>met</i> on Tuesday.</p><script>alert(1)</script>", subtype="html")
    assert sandbox.read(made.as_bytes()).text == "Talks\n\nThey met on Tuesday."


def test_parts_in_parts_are_attached_and_other_forms_are_not() -> None:
    inner = message()
    inner.add_alternative("<p>The same</p>", subtype="html")
    inner.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="note.pdf")
    signed = MIMEMultipart("signed")
    signed.attach(inner)
    signed.attach(MIMEApplication(b"---", "pgp-signature"))
    footer = MIMEText("To leave this list, write to its owner.")
    outer = MIMEMultipart("mixed")
    for name in ("From", "Subject", "Date", "Message-ID"):
        outer[name] = inner[name]
        del inner[name]
    del inner["To"]
    outer.attach(signed)
    outer.attach(footer)
    reading = sandbox.read(outer.as_bytes())
    assert reading.text.startswith("The minister of Norvale")
    assert [child.name for child in reading.children] == ["note.pdf", "attachment 2"]


def test_an_unknown_charset_and_a_line_of_a_mailbox_spoil_nothing() -> None:
    raw = message().as_bytes().replace(b"utf-8", b"x-klingon")
    reading = sandbox.read(b"From press@norvale.example Wed Jun 19 10:00:00 2024\n" + raw)
    assert reading.media_type == kinds.MAIL
    assert reading.text.startswith("The minister of Norvale")


def test_a_message_of_outlook_with_a_message_in_it() -> None:
    sent = dt.datetime(2024, 6, 19, 8, tzinfo=dt.UTC)
    inner = outlook("Re: A visit", "She will come.", sent=sent, attached={"plan.txt": b"The plan."})
    made = compound(outlook("A visit", TEXT, sent=sent, attached={"list.txt": b"x" * 5000, "Re: A visit": inner}))
    reading = sandbox.read(made)
    assert (reading.media_type, reading.text) == (kinds.OUTLOOK, TEXT.strip())
    assert {name: (told.value, told.origin) for name, told in reading.told.items()} == {
        "title": ("A visit", "mail:Subject"),
        "source": ("Press Office", "mail:From"),
        "published": ("2024-06-19", "mail:Date"),
    }
    attached, message = reading.children
    assert attached == Child("list.txt", b"x" * 5000)
    assert message.name == "Re: A visit.eml"
    read = sandbox.read(message.original)
    assert (read.media_type, read.text, read.told["title"].value) == (kinds.MAIL, "She will come.", "Re: A visit")
    assert read.children == (Child("plan.txt", b"The plan."),)
