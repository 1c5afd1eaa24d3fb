"""Secrets that have to be used again, and are kept encrypted: under a key that is derived from the service's own, so
that a copy of the database alone tells none of them.
"""

from __future__ import annotations

import base64
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

KEY_BYTES = 32


class CannotUnsealError(Exception):
    """The secret was sealed under another key."""


class Sealer:
    """Seals by Fernet (AES-128-CBC with HMAC-SHA256) under HKDF-SHA256 of a key. `purpose` keeps keys apart."""

    def __init__(self, secret_key: str, purpose: str) -> None:
        self._secret_key, self._purpose = secret_key, purpose

    @cached_property
    def _fernet(self) -> Fernet:
        from cryptography.fernet import Fernet  # here, as few web processes need its 8 MB
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        hkdf = HKDF(SHA256(), KEY_BYTES, salt=None, info=self._purpose.encode())
        return Fernet(base64.urlsafe_b64encode(hkdf.derive(self._secret_key.encode())))

    def seal(self, secret: bytes) -> bytes:
        return self._fernet.encrypt(secret)

    def unseal(self, sealed: bytes) -> bytes:
        """Raises CannotUnsealError."""
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken as error:
            raise CannotUnsealError from error
