"""Signatures of exports, by which who got one proves offline whose it is and that it is whole (docs/adr/0028).

Ed25519 (RFC 8032). Public keys are told as a JWK set (RFC 8037), each with the thumbprint of RFC 7638 as its id. The
library is loaded by who signs or checks: most web processes do neither.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.settings import Settings

PURPOSE = b"legation: signatures of exports"

Jwk = dict[str, str]


def canonical(statement: Mapping[str, Any]) -> bytes:
    """The bytes that are signed: JSON in ASCII, its keys in order, without blanks."""
    return json.dumps(statement, sort_keys=True, separators=(",", ":")).encode()


def jwk(public: bytes) -> Jwk:
    """Of the 32 bytes of a public key."""
    required = {"crv": "Ed25519", "kty": "OKP", "x": _base64url(public)}
    return {**required, "kid": _base64url(hashlib.sha256(canonical(required)).digest()), "alg": "EdDSA", "use": "sig"}


def is_signed_by(key: Mapping[str, Any], statement: Mapping[str, Any], signature: str) -> bool:
    """Whether the signature of the statement was made with this key, a JWK. What is no key or signature made none."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        public = Ed25519PublicKey.from_public_bytes(_bytes(key["x"]))
        public.verify(_bytes(signature), canonical(statement))
    except (InvalidSignature, KeyError, TypeError, ValueError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class Signer:
    """The service's key, and the public ones that it had before."""

    seed: bytes
    retired: Sequence[str] = ()

    @classmethod
    def of(cls, settings: Settings) -> Signer:
        """The configured key, or else one that is derived from the secret key, the same at each start."""
        retired = [key.strip() for key in settings.retired_signing_keys.split(",") if key.strip()]
        return cls(bytes.fromhex(settings.signing_key) or _derived(settings.secret_key), retired)

    @property
    def kid(self) -> str:
        return jwk(self._public())["kid"]

    def sign(self, statement: Mapping[str, Any]) -> str:
        return _base64url(self._private().sign(canonical(statement)))

    def keys(self) -> dict[str, list[Jwk]]:
        """The JWK set, today's key first."""
        return {"keys": [jwk(self._public()), *(jwk(_bytes(key)) for key in self.retired)]}

    def _public(self) -> bytes:
        return bytes(self._private().public_key().public_bytes_raw())

    def _private(self) -> Any:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self.seed)


class Seal:
    """Goes over the lines of an export as they are sent, and makes the last one, which signs them."""

    def __init__(self) -> None:
        self._hash, self._rows = hashlib.sha256(), 0

    def add(self, line: str) -> None:
        self._hash.update(line.encode())
        self._rows += 1

    def line(self, signer: Signer, told: Mapping[str, Any]) -> str:
        """With what is told of the export besides its rows."""
        statement = {"rows": self._rows, "sha256": self._hash.hexdigest(), **told, "kid": signer.kid}
        return json.dumps({"signed": statement, "signature": signer.sign(statement)}) + "\n"


def _derived(secret: str) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(secret.encode())


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
