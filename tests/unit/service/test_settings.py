"""Settings: read once, and refused at start when they cannot work."""

from __future__ import annotations

from pathlib import Path

import pytest

from service import settings as settings_module
from service.errors import SettingsError
from service.settings import Settings
from service.store.models import ROLES

GOOD = {
    "DATABASE_URL": "postgresql://localhost/legation",
    "REDIS_URL": "redis://localhost:6379/0",
    "LEGATION_SECRET_KEY": "k" * 32,
}


def test_three_settings_are_enough() -> None:
    settings = Settings.from_env(GOOD)
    assert settings.upload_limit == 10_000_000
    assert (settings.stanza_dir / "resources.json").name == "resources.json"
    assert settings.secure_cookies is False


def test_every_setting_can_be_given() -> None:
    given = {"LEGATION_UPLOAD_LIMIT": "5", "LEGATION_STANZA_DIR": "/models", "LEGATION_PUBLIC_URL": "https://a.example"}
    settings = Settings.from_env(GOOD | given)
    assert settings.upload_limit == 5
    assert settings.stanza_dir == Path("/models")
    assert settings.secure_cookies is True


PROVIDER = {"LEGATION_OIDC_ISSUER": "https://id.example", "LEGATION_OIDC_CLIENT_ID": "legation"}


def test_a_provider_is_given_whole_with_the_roles_of_its_claim() -> None:
    claim = {"LEGATION_OIDC_ROLE_CLAIM": "groups", "LEGATION_OIDC_ROLES": "a=reviewer, b=reviewer,c=d=administrator"}
    settings = Settings.from_env(GOOD | PROVIDER | claim | {"LEGATION_PASSWORDS": "false"})
    assert settings.role_values == {"reviewer": {"a", "b"}, "administrator": {"c=d"}}
    assert settings.passwords is False
    assert set(settings_module.ROLES) == set(ROLES)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"LEGATION_OIDC_ISSUER": "https://id.example"}, "LEGATION_OIDC_CLIENT_ID"),
        ({"LEGATION_OIDC_CLIENT_ID": "legation"}, "LEGATION_OIDC_ISSUER"),
        ({"LEGATION_OIDC_DEFAULT_ROLE": "reader"}, "LEGATION_OIDC_ISSUER"),
        (PROVIDER | {"LEGATION_OIDC_ISSUER": "id.example"}, "LEGATION_OIDC_ISSUER"),
        (PROVIDER | {"LEGATION_OIDC_DEFAULT_ROLE": "king"}, "LEGATION_OIDC_DEFAULT_ROLE"),
        (PROVIDER | {"LEGATION_OIDC_ROLE_CLAIM": "groups"}, "LEGATION_OIDC_ROLES"),
        (PROVIDER | {"LEGATION_OIDC_ROLES": "a=reader"}, "LEGATION_OIDC_ROLES"),
        (PROVIDER | {"LEGATION_OIDC_ROLE_CLAIM": "groups", "LEGATION_OIDC_ROLES": "reader"}, "LEGATION_OIDC_ROLES"),
        (PROVIDER | {"LEGATION_OIDC_ROLE_CLAIM": "groups", "LEGATION_OIDC_ROLES": "a=king"}, "LEGATION_OIDC_ROLES"),
        ({"LEGATION_PASSWORDS": "false"}, "LEGATION_PASSWORDS"),
    ],
)
def test_half_a_provider_is_refused(given: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        Settings.from_env(GOOD | given)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "sqlite://"),
        ("REDIS_URL", "amqp://localhost"),
        ("LEGATION_SECRET_KEY", "short"),
        ("LEGATION_PUBLIC_URL", "example.org"),
        ("LEGATION_UPLOAD_LIMIT", "ten"),
        ("LEGATION_UPLOAD_LIMIT", "0"),
        ("LEGATION_DRAFT_ATTEMPTS", "-1"),
        ("LEGATION_LOG_FORMAT", "xml"),
    ],
)
def test_a_bad_value_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_env(GOOD | {name: value})


@pytest.mark.parametrize("name", GOOD)
def test_a_missing_value_is_refused_by_name(name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_env({key: value for key, value in GOOD.items() if key != name})
