"""The drawing of a record's life, made from the table that the code goes by."""

from __future__ import annotations

from service.operations.lifecycle import ENDS, STANDINGS, TRANSITIONS

BEGIN, END = "<!-- drawn from service/operations/lifecycle.py -->", "<!-- end of the drawing -->"


def drawing() -> str:
    return "\n\n".join((BEGIN, _picture(), _standings(), _table(), END))


def _picture() -> str:
    """A Mermaid state diagram, without undo, which leads back to where a record stood."""
    ways: dict[tuple[str, str], list[str]] = {}
    for (here, action), goals in TRANSITIONS.items():
        for there in goals if action != "undo" else ():
            ways.setdefault((here, there), []).append(action.replace("_", " "))
    arrows = [f"    {here} --> {there}: {', '.join(actions)}" for (here, there), actions in ways.items()]
    ends = [f"    {end} --> [*]" for end in ENDS]
    return "\n".join(("```mermaid", "stateDiagram-v2", "    [*] --> draft", *arrows, *ends, "```"))


def _standings() -> str:
    return "\n".join(f"- `{name}` {told}." for name, told in STANDINGS.items())


def _table() -> str:
    rows = [
        f"| `{here}` | `{action}` | {', '.join(f'`{there}`' for there in goals)} |"
        for (here, action), goals in TRANSITIONS.items()
    ]
    return "\n".join(("| where it stands | action | where it can stand then |", "|---|---|---|", *rows))
