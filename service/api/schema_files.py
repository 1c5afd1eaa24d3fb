"""Schemas of the exported rows: JSON Schema 2020-12, a file for each version of each family."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from flask import Response

from service.api import described
from service.api.input import Blueprint, conditional
from service.api.record_json_schema import ADDRESS
from service.api.schemas import SchemaListSchema
from service.errors import NotFoundError
from workers.extraction.families import FAMILY_OF

# Files that never change: whoever fetched one may keep it.
PUBLISHED = Path(__file__).parents[1] / "published"
MEDIA_TYPE = "application/schema+json"
FOR_EVER = "public, max-age=31536000, immutable"

blueprint = Blueprint("schemas", __name__, url_prefix="/api/v1/schemas", description=__doc__)


@blueprint.route("")
@blueprint.response(200, SchemaListSchema)
@described.problems_without_key()
@blueprint.doc(security=[])
def list_schemas() -> dict[str, Any]:
    """List the schemas of exported rows, with every version that was ever published"""
    return {"items": [_present(*of) for of in published_versions()]}


@blueprint.route("/<family>/<int:version>")
@blueprint.response(200, {"type": "object"}, content_type=MEDIA_TYPE, headers=described.ETAG)
@described.not_modified
@described.problems_without_key(404, 412)
@blueprint.doc(security=[])
def get_schema(family: str, version: int) -> Response:
    """Read the schema that a row names by its `type` and `schema_version`"""
    if (family, version) not in published_versions():
        raise NotFoundError("schema", f"{family}/{version}")
    response = Response(file_of(family, version).read_bytes(), content_type=MEDIA_TYPE)
    response.headers["Cache-Control"] = FOR_EVER
    response.set_etag(f"{family}-{version}")
    return conditional(response)


def file_of(family: str, version: int) -> Path:
    return PUBLISHED / f"{family}-{version}.json"


def published_versions() -> list[tuple[str, int]]:
    """Family and version of each file, in order."""
    names = (re.fullmatch(r"(\w+)-(\d+)", path.stem) for path in PUBLISHED.glob("*.json"))
    return sorted((name[1], int(name[2])) for name in names if name)


def _present(family: str, version: int) -> dict[str, Any]:
    is_current = family in FAMILY_OF and FAMILY_OF[family].schema_version == version
    return {
        "type": family,
        "schema_version": version,
        "is_current": is_current,
        "url": ADDRESS.format(family=family, version=version),
    }
