"""Every setting of Legation, read from the environment once; nothing else reads os.environ."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, get_args, get_type_hints
from urllib.parse import urlsplit

from service.errors import SettingsError

CARRIED_MODELS = Path(__file__).resolve().parent.parent / "workers" / "models"
SHORTEST_SECRET = 32
SIGNING_KEY = re.compile(r"([0-9A-Fa-f]{64})?")
PUBLIC_KEYS = re.compile(r"\s*([A-Za-z0-9_-]{43}(\s*,\s*[A-Za-z0-9_-]{43})*)?\s*")
ROLES = ("administrator", "adjudicator", "reviewer", "reader")
_ROLES = ", ".join(ROLES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Durations are seconds, sizes bytes, texts code points. Field NAME is read from LEGATION_NAME, but for the two
    addresses, which keep the names that every platform sets: DATABASE_URL and REDIS_URL.

    Raises SettingsError, naming the variable, for a missing or bad value.
    """

    database_url: str
    redis_url: str
    secret_key: str
    public_url: str = "http://127.0.0.1:8000"
    log_format: str = "json"
    log_level: str = "INFO"
    upload_limit: int = 10_000_000
    stanza_dir: Path = CARRIED_MODELS
    stanza_package: str = "newswire"
    batch_documents: int = 16
    batch_characters: int = 60_000
    draft_attempts: int = 3
    draft_lease: int = 20
    draft_patience: int = 120
    review_lease: int = 180
    signin_hours: int = 12
    signin_attempts: int = 10
    signin_window: int = 900
    proxies: int | None = None
    idempotency_hours: int = 24
    wait_limit: int = 30
    wait_places: int = 4
    rate_limit: int = 6000
    rate_window: int = 60
    documents_in_work: int = 10_000
    batch_limit: int = 50_000_000
    batch_lines: int = 1000
    feed_readers: int = 8
    webhook_timeout: int = 15
    webhook_threads: int = 16
    webhook_rotation_hours: int = 24
    webhook_patience_days: int = 5
    webhook_log_days: int = 30
    webhook_http: bool = False
    webhook_private: bool = False
    signing_key: str = ""
    retired_signing_keys: str = ""
    key_days: int | None = None
    passwords: bool = True
    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: str | None = None
    oidc_label: str = "Sign in with your organisation"
    oidc_role_claim: str | None = None
    oidc_roles: str | None = None
    oidc_default_role: str | None = None

    def __post_init__(self) -> None:
        _check("DATABASE_URL", self.database_url.startswith("postgresql"), "must be a postgresql:// address")
        _check("REDIS_URL", self.redis_url.startswith(("redis", "unix")), "must be a redis:// address")
        _check("LEGATION_SECRET_KEY", len(self.secret_key) >= SHORTEST_SECRET, f"needs {SHORTEST_SECRET} characters")
        _check(
            "LEGATION_PUBLIC_URL", urlsplit(self.public_url).scheme in ("http", "https"), "must be an http(s) address"
        )
        _check("LEGATION_LOG_FORMAT", self.log_format in ("json", "console"), "must be json or console")
        _check("LEGATION_LOG_LEVEL", self.log_level in ("DEBUG", "INFO", "WARNING", "ERROR"), "is no level")
        _check("LEGATION_SIGNING_KEY", bool(SIGNING_KEY.fullmatch(self.signing_key)), "must be 64 hexadecimal digits")
        _check(
            "LEGATION_RETIRED_SIGNING_KEYS",
            bool(PUBLIC_KEYS.fullmatch(self.retired_signing_keys)),
            "must be public keys (`x` of /api/v1/signing-keys) between commas",
        )
        for name in _counts():
            value = getattr(self, name)
            _check(variable(name), value is None or value > 0, "must be a positive whole number")

        self._check_provider()

    def _check_provider(self) -> None:
        """Half of a provider would be one that nobody gets in by."""
        issuer, client = self.oidc_issuer, self.oidc_client_id
        others = (client, self.oidc_client_secret, self.oidc_role_claim, self.oidc_roles, self.oidc_default_role)
        _check("LEGATION_OIDC_ISSUER", issuer is not None or not any(others), "is missing for the other OIDC settings")
        _check("LEGATION_OIDC_CLIENT_ID", client is not None or issuer is None, "is missing for the OIDC issuer")
        _check("LEGATION_PASSWORDS", self.passwords or issuer is not None, "cannot be False without an OIDC issuer")
        if issuer:
            is_address = urlsplit(issuer).scheme in ("http", "https") and urlsplit(issuer).netloc != ""
            _check("LEGATION_OIDC_ISSUER", is_address, "must be an http(s) address")
        is_paired = (self.oidc_roles is None) == (self.oidc_role_claim is None)
        _check("LEGATION_OIDC_ROLES", is_paired, "and LEGATION_OIDC_ROLE_CLAIM need each other")
        _check("LEGATION_OIDC_ROLES", set(self.role_values) <= set(ROLES), f"must be VALUE=ROLE,… with {_ROLES}")
        is_role = self.oidc_default_role in (None, *ROLES)
        _check("LEGATION_OIDC_DEFAULT_ROLE", is_role, f"must be one of {_ROLES}")

    @property
    def role_values(self) -> dict[str, set[str]]:
        """For each role, the values of the claim that give it."""
        found: dict[str, set[str]] = {}
        for pair in (self.oidc_roles or "").split(",") if self.oidc_roles else ():
            value, _, role = pair.rpartition("=")
            found.setdefault(role.strip() if value.strip() else "", set()).add(value.strip())
        return found

    @property
    def secure_cookies(self) -> bool:
        """Cookies are marked Secure wherever people reach the service over https."""
        return urlsplit(self.public_url).scheme == "https"

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        kinds = _kinds()
        given = {f.name: environ[variable(f.name)] for f in fields(cls) if environ.get(variable(f.name))}
        missing = [variable(name) for name in ("database_url", "redis_url", "secret_key") if name not in given]
        if missing:
            raise SettingsError(f"{', '.join(missing)} must be set")
        return cls(**{name: _parse(variable(name), text, kinds[name]) for name, text in given.items()})


def variable(name: str) -> str:
    """The environment variable that a field of Settings is read from."""
    return name.upper() if name in ("database_url", "redis_url") else f"LEGATION_{name.upper()}"


def _counts() -> list[str]:
    return [name for name, kind in _kinds().items() if kind is int]


def _kinds() -> dict[str, Callable[[str], Any]]:
    """What each field is made with of its text; a field that may be None has the type that it is of else."""
    hints = get_type_hints(Settings)
    return {name: next(iter(get_args(hint)), hint) for name, hint in hints.items()}


def _parse(name: str, text: str, kind: Callable[[str], Any]) -> Any:
    try:
        return _switch(text) if kind is bool else kind(text)
    except ValueError as error:
        raise SettingsError(f"{name}={text!r} is no {getattr(kind, '__name__', kind)}") from error


def _switch(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(text)
    return text.lower() == "true"


def _check(name: str, holds: bool, complaint: str) -> None:
    if not holds:
        raise SettingsError(f"{name} {complaint}")
