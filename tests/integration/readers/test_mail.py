"""Messages: what they say, and what is attached to them."""

from __future__ import annotations

from email.message import EmailMessage

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
