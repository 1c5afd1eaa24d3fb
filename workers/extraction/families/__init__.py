"""The event families, in the order in which they are drafted and shown."""

from workers.extraction.families import border_incident, sanctions_action, treaty, visit
from workers.extraction.family import Family

FAMILIES: tuple[Family, ...] = (visit.FAMILY, treaty.FAMILY, border_incident.FAMILY, sanctions_action.FAMILY)

FAMILY_OF: dict[str, Family] = {family.name: family for family in FAMILIES}
