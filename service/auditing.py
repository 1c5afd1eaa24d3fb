"""`legation audit show`: entries of the audit, for people and for programs."""

from __future__ import annotations

import json
from typing import Any

from service.operations import audit
from service.store.models import AuditEntry

INDENT = " " * 10


def json_line(entry: AuditEntry) -> str:
    return json.dumps(audit.to_json(entry), ensure_ascii=False)


def lines(entry: AuditEntry) -> str:
    """When, who, what and to what; below that, what changed."""
    actor = entry.actor.username if entry.actor else "legation"
    key = f" (key {entry.key.prefix})" if entry.key else ""
    first = f"{entry.number:>8}  {entry.at:%Y-%m-%d %H:%M:%S}  {actor}{key}  {entry.action}  "
    told = [_change(name, entry.before, entry.after) for name in {**(entry.before or {}), **(entry.after or {})}]
    return _visible(
        "\n".join([f"{first}{entry.subject_kind} {entry.subject_id}", *(INDENT + change for change in told)])
    )


def _change(name: str, before: dict[str, Any] | None, after: dict[str, Any] | None) -> str:
    sides = [_written(side[name]) for side in (before, after) if side and name in side]
    return f"{name}: {' → '.join(dict.fromkeys(sides))}"


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _visible(text: str) -> str:
    """What would steer a terminal, or turn the line around, is written as an escape."""
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)
