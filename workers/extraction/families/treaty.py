"""Treaties: what states and international organisations do with an instrument between them."""

from workers.extraction.family import DetailField, Family, Role

FAMILY = Family(
    name="treaty",
    label="Treaty",
    roles=(Role("party", "Party"),),
    place_label="Place of conclusion",
    details=(
        DetailField(
            "action",
            "Action",
            "choice",
            (
                "negotiated",
                "signed",
                "ratified",
                "acceded",
                "entered_into_force",
                "extended",
                "amended",
                "suspended",
                "withdrawn",
                "terminated",
                "violated",
            ),
        ),
        DetailField("instrument", "Instrument", "text"),
        DetailField("title", "Title", "text"),
        DetailField("subject", "Subject", "text"),
    ),
)
