"""Secrets that have to be used again, and are kept encrypted: under a key that is derived from the service's own, so
that a copy of the database alone tells none of them.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32


class CannotUnsealError(Exception):
    """The secret was sealed under another key."""


class Sealer:
    """Seals by Fernet (AES-128-CBC with HMAC-SHA256) under HKDF-SHA256 of a key. `purpose` keeps keys apart."""

    def __init__(self, secret_key: str, purpose: str) -> None:
        derived = HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose.encode()).derive(secret_key.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(derived))

    def seal(self, secret: bytes) -> bytes:
        return self._fernet.encrypt(secret)

    def unseal(self, sealed: bytes) -> bytes:
        """Raises CannotUnsealError."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken as error:
            raise CannotUnsealError from error
