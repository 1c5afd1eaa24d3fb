"""Border incidents: a hostile or unlawful act at or across a border, a line, territorial waters or airspace."""

from workers.extraction.family import DetailField, Family, Role

FAMILY = Family(
    name="border_incident",
    label="Border incident",
    roles=(Role("initiator", "Initiator"), Role("target", "Target")),
    place_label="Place",
    details=(
        DetailField(
            "action",
            "Action",
            "choice",
            (
                "crossing",
                "shots_fired",
                "shelling",
                "clash",
                "air_strike",
                "airspace_violation",
                "maritime_violation",
                "infiltration",
                "detention",
            ),
        ),
        DetailField("border", "Border", "text"),
        DetailField("killed", "Killed", "count"),
        DetailField("wounded", "Wounded", "count"),
        DetailField("captured", "Captured", "count"),
    ),
)
