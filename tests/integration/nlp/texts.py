"""Texts written for these tests: news with what is hard in it, and no text that anyone else has written."""

from __future__ import annotations

VISIT = """Foreign minister of Ostrava lands in Lisbon
The foreign minister, Ms. Ilse Brandt, arrived in Lisbon on Monday for a two-day visit, the U.N. mission's spokesman
said. She didn't meet the press. Portugal’s president, who'd invited her, can't receive her before Wednesday.

“We won’t sign anything today,” she told reporters at the airport (her plane was late).
"""

TREATY = (
    "(Nairobi) Kenya and Uganda signed a $40 million water-sharing agreement on 12 March 2024, ending nine years of "
    "talks. The treaty, which parliament must ratify, enters into force in January.\n\n"
    "SEOUL, June 3 (Agency) — South Korean soldiers fired warning shots at a fishing boat near the border; nobody was "
    "hurt, according to Defence Ministry officials. Signed the treaty the protocol they it.\n"
)

SANCTIONS = (
    "The E.U. has imposed sanctions on the Volga Export Bank and two of its directors. Their assets are frozen.\n"
    "Minister the law the parliament passed. Him the soldiers shot the guards.\n"
    "The Russians the Chinese the Koreans signed. It cost €1.5 billion, see https://example.org/sanctions/list?id=7."
)

SHORT = "Peace talks begin."

ALL = (VISIT, TREATY, SANCTIONS, SHORT)
