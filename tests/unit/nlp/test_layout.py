from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workers.nlp.layout import paragraphs


def read(text: str) -> list[str]:
    return [text[start:end] for start, end in paragraphs(text)]


WRAPPED = """\
Talks resume in Oslo
The delegations of both countries met in Oslo on Monday to continue
their talks about the border. Norway's foreign minister opened the
meeting.
"""


def test_a_blank_line_ends_a_paragraph() -> None:
    assert read("One line.\n \t\nAnother line.") == ["One line.", "Another line."]


def test_wrapped_lines_are_one_paragraph_and_the_headline_above_them_another() -> None:
    headline, body = read(WRAPPED)
    assert headline == "Talks resume in Oslo"
    assert body.startswith("The delegations")
    assert body.endswith("meeting.")


def test_a_web_address_does_not_widen_the_text() -> None:
    address = "https://example.org/" + "a" * 80
    assert read(f"{address}\n\n{WRAPPED}")[1:] == read(WRAPPED)


def test_long_lines_are_paragraphs_of_their_own() -> None:
    first, second = "The minister arrived. " * 10, "He left again. " * 12
    assert read(f"Headline\n{first}\n{second}") == ["Headline", first.strip(), second.strip()]


def test_a_line_that_goes_on_in_small_letters_was_only_wrapped() -> None:
    assert read("The minister of foreign\naffairs of the Republic arrived.") == [
        "The minister of foreign\naffairs of the Republic arrived."
    ]


def test_a_line_with_an_open_end_was_only_wrapped() -> None:
    text = "Present were the ministers of Kenya,\nUganda, and for the first time in many years of Tanzania."
    assert read(text) == [text]


def test_a_new_page_ends_a_paragraph() -> None:
    assert read("the first page ends\fand the next begins") == ["the first page ends", "and the next begins"]


def test_all_kinds_of_line_breaks_are_known() -> None:
    for line_break in ("\n", "\r\n", "\r", "\x85", "\u2028", "\v"):
        assert read(f"One.{line_break * 2}Two.") == ["One.", "Two."]


@given(st.text(alphabet=st.sampled_from("aB. ,\n\r\t\x85\u2029é\u2003—"), max_size=80))
def test_paragraphs_hold_all_that_is_not_blank(text: str) -> None:
    found = paragraphs(text)
    assert "".join("".join(read(text)).split()) == "".join(text.split())
    assert all(text[start:end].strip() == text[start:end] != "" for start, end in found)
    assert [bound for span in found for bound in span] == sorted(bound for span in found for bound in span)
