"""What two people answered about the same record, field by field, so that it can be compared."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from workers.extraction.families import FAMILY_OF
from workers.extraction.family import Family

# A person's answers to a record that he was to read.
ANSWERS = ("approve", "fix", "reject")
NOT_TOLD = "null"


def fields_of(family: Family) -> dict[str, str]:
    """The fields that are compared, by the name that they have here, with their labels."""
    return {
        "action": "Action",
        "modality": "Modality",
        "background": "Older event",
        "date": "Date",
        "place": family.place_label,
        **{f"participants/{role.name}": role.label for role in family.roles},
        **{f"details/{detail.name}": detail.label for detail in family.details[1:]},
        "attributed_to": "Attributed to",
    }


def values_of(body: Mapping[str, Any]) -> dict[str, str]:
    """A record's values in these fields, each as one text: equal texts are equal answers. What was looked up for a
    place goes by its name, and the order of a list tells nothing.
    """
    family = FAMILY_OF[body["type"]]
    date, place = body["date"] or {}, body["place"]
    found: dict[str, Any] = {
        "action": body["details"]["action"],
        "modality": body["modality"],
        "background": body["background"],
        "date": date.get("edtf") or date.get("text"),
        "place": {part: place[part] for part in ("name", "country")} if place else None,
        "attributed_to": body["attributed_to"],
    }
    for role in family.role_names:
        found[f"participants/{role}"] = [item for item in body["participants"] if item["role"] == role]
    for detail in family.details[1:]:
        found[f"details/{detail.name}"] = body["details"].get(detail.name)
    return {name: as_text(found[name]) for name in fields_of(family)}


def as_text(value: Any) -> str:
    """A value so that equal ones are equal texts; a list is the same in any order."""
    if isinstance(value, list):
        return json.dumps(sorted(as_text(item) for item in value))
    return json.dumps(value, sort_keys=True)
