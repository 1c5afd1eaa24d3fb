"""Diplomatic visits: an official travels to another country, meets there, or was to."""

from workers.extraction.family import DetailField, Family, Role

FAMILY = Family(
    name="visit",
    label="Visit",
    roles=(Role("visitor", "Visitor"), Role("host", "Host")),
    place_label="Destination",
    details=(
        DetailField(
            "action",
            "Action",
            "choice",
            ("visited", "arrived", "met", "attended", "departed", "invited", "cancelled", "postponed"),
        ),
        DetailField(
            "visit_kind",
            "Kind of visit",
            "choice",
            (
                "state",
                "official",
                "official_working",
                "working",
                "private",
                "informal",
                "transit",
                "unspecified",
            ),
        ),
        DetailField("occasion", "Occasion", "text"),
        DetailField("purpose", "Purpose", "text"),
    ),
)
