"""Sanctions actions: a state or organisation imposes, changes, threatens or lifts sanctions on somebody abroad."""

from workers.extraction.family import DetailField, Family, Role

FAMILY = Family(
    name="sanctions_action",
    label="Sanctions action",
    roles=(Role("sender", "Sender"), Role("target", "Target")),
    place_label="Place",
    details=(
        DetailField(
            "action",
            "Action",
            "choice",
            ("imposed", "expanded", "extended", "eased", "lifted", "vetoed", "joined", "violated"),
        ),
        DetailField(
            "measures",
            "Measures",
            "choices",
            ("trade", "arms", "military_assistance", "financial", "travel", "other"),
        ),
        DetailField("programme", "Programme", "text"),
        DetailField("legal_basis", "Legal basis", "text"),
    ),
)
