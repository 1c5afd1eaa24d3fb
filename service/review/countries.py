"""The countries that a form offers: ISO 3166-1 alpha-3 codes with their English names."""

from __future__ import annotations

import pycountry

COUNTRIES: list[tuple[str, str]] = sorted(
    ((country.alpha_3, getattr(country, "common_name", country.name)) for country in pycountry.countries),
    key=lambda pair: pair[1],
)
NAME_OF = dict(COUNTRIES)
