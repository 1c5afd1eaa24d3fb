"""The public keys that exports are signed with."""

from __future__ import annotations

from typing import Any

from service.api import described
from service.api.input import Blueprint
from service.api.schemas import SigningKeysSchema
from service.signing import Signer
from service.web import services

blueprint = Blueprint("signing keys", __name__, url_prefix="/api/v1/signing-keys", description=__doc__)


@blueprint.route("")
@blueprint.response(200, SigningKeysSchema)
@blueprint.doc(security=[])
@described.problems_without_key()
def list_signing_keys() -> dict[str, Any]:
    """Read the public keys of signed exports, as a JWK set; today's is the first

    Keep them where you check exports: `legation verify --keys FILE` reads them.
    """
    return Signer.of(services().settings).keys()
