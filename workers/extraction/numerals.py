"""Numbers as texts write them."""

from __future__ import annotations

NUMBERS = {
    word: value
    for value, word in enumerate(
        (
            *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
            *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
        )
    )
} | {"a": 1, "an": 1, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70}


def number_of(word: str) -> int | None:
    """ "16", "1,200" and "sixteen"; None for words that are no exact number ("several", "1.5")."""
    digits = word.replace(",", "")
    if digits.isascii() and digits.isdigit():
        return int(digits)
    return NUMBERS.get(word.casefold())
