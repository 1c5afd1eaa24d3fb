"""The `legation` command on a real database."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service import bootstrap
from service.cli import cli
from service.embedded.data_directory import write_env
from service.errors import NotSignedInError
from service.operations import accounts, keys, reviews
from service.operations.actor import Actor
from service.services import Services
from service.settings import Settings
from service.sweeper import sweep_once
from tests.factories import create_document, create_drafted_document
from tests.processes import variables

PASSWORD = "long enough for anybody\n"
Run = Callable[..., Result]


@pytest.fixture
def run(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in an empty folder, with the settings in the environment."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, typed: str | None = None, **environment: str | None) -> Result:
        return CliRunner().invoke(cli, arguments, input=typed, env={**variables(settings), **environment})

    return run


def test_help_names_every_command(run: Run) -> None:
    said = run("--help").output
    for command in (
        "up",
        "migrate",
        "sweep",
        "extract",
        "explain",
        "evaluate",
        "upload",
        "user",
        "key",
        "documents",
        "audit",
    ):
        assert f"\n  {command} " in said


def test_version(run: Run) -> None:
    assert run("--version").output.startswith("legation, version ")


def test_people_and_keys(run: Run, services: Services) -> None:
    assert run("user", "create", "Ada", "--role", "administrator", "--password-file", "-", typed=PASSWORD).output == (
        "Added ada as administrator.\n"
    )
    assert run("user", "change", "ada", "--disable").output.startswith("Error: Nobody else could sign in")
    assert (
        run("user", "create", "bea", "--role", "administrator", "--password-file", "-", typed=PASSWORD).exit_code == 0
    )
    assert run("user", "change", "bea", "--role", "reader", "--disable").output == "bea is reader, disabled.\n"
    assert run("user", "change", "bea", "--enable").output == "bea is reader.\n"
    assert run("user", "password", "bea", "--password-file", "-", typed="another one\n\n").exit_code == 1
    changed = run("user", "password", "bea", "--password-file", "-", typed="another good one\n")
    assert changed.output == "bea has another password.\n"
    with services.sessions() as session:
        accounts.sign_in(session, "bea", "another good one", hours=1)
    assert run("user", "list").output.split() == ["ada", "administrator", "bea", "reader"]
    made = run("key", "create", "feed", "--owner", "ada", "--scope", "upload", "--scope", "read")
    secret = made.output.strip()
    with services.sessions() as session:
        assert keys.authenticate(session, secret).scopes == {"upload", "read"}
    prefix = secret.split("_")[1]
    listed = run("key", "list").output
    assert listed.split()[:4] == [prefix, "valid", "upload,read", "ada"]
    assert "has no end" in listed
    changed = run("key", "change", prefix, "--name", "wire", "--days", "9", "--rate-limit", "5")
    assert changed.output == f"{prefix} is changed.\n"
    rotated = run("key", "rotate", prefix, "--overlap", "0").output.strip()
    with services.sessions() as session:
        actor = keys.authenticate(session, rotated)
        with pytest.raises(NotSignedInError):
            keys.authenticate(session, secret)
    assert actor.key is not None
    assert actor.key.rate_limit == 5
    assert {"wire", "ends"} <= set(run("key", "list").output.split())
    assert run("key", "revoke", prefix).output == f"{prefix} is revoked.\n"
    assert "revoked" in run("key", "list").output


def test_the_password_can_be_typed_twice(run: Run, services: Services) -> None:
    typed = run("user", "create", "rosa", "--role", "reviewer", typed=PASSWORD * 2)
    assert typed.exit_code == 0
    with services.sessions() as session:
        accounts.sign_in(session, "rosa", PASSWORD.strip(), hours=1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["user", "create", "x", "--role", "reader", "--password-file", "-"], "Needs at least 12 characters."),
        (["key", "create", "x", "--owner", "nobody", "--scope", "read"], "There is no user nobody."),
        (["key", "revoke", "nothing"], "There is no key nothing."),
    ],
)
def test_what_fails_as_expected_is_said_without_a_traceback(run: Run, arguments: list[str], message: str) -> None:
    failed = run(*arguments, typed="short\n")
    assert failed.exit_code == 1
    assert failed.output.startswith("Error: ")
    assert message in failed.output
    assert isinstance(failed.exception, SystemExit)


def test_a_database_that_is_away_is_said_in_words(run: Run) -> None:
    failed = run("key", "list", DATABASE_URL="postgresql://127.0.0.1:1/none")
    assert failed.exit_code == 1
    assert failed.output.startswith("Error: The database cannot be used: ")


def test_without_settings_it_says_which_are_missing(run: Run) -> None:
    failed = run("migrate", DATABASE_URL=None, REDIS_URL=None)
    assert failed.output == "Error: DATABASE_URL, REDIS_URL must be set\n"


def test_commands_find_the_database_that_runs_here(run: Run, settings: Settings, tmp_path: Path) -> None:
    """By what `legation up` leaves in the data directory while it runs."""
    (tmp_path / "var").mkdir()
    write_env(tmp_path / "var" / "running.env", variables(settings))
    nothing = dict.fromkeys(variables(settings))
    assert run("migrate", **nothing).exit_code == 0
    assert run("key", "list", "--data", "elsewhere", **nothing).exit_code == 1


def test_upload_needs_an_address_and_a_key(run: Run, tmp_path: Path) -> None:
    failed = run("upload", str(tmp_path), LEGATION_URL=None, LEGATION_API_KEY=None)
    assert failed.exit_code == 2
    assert "there is no var/credentials.env" in failed.output


def test_the_sweeper_rings_for_what_waits(services: Services, administrator: Actor) -> None:
    create_document(services, administrator)
    assert sweep_once(services).rung == 0, "it was rung for a moment ago"


def test_credentials_are_made_once_and_again_when_they_are_lost(services: Services) -> None:
    kept: list[dict[str, str]] = []

    def provide(known: dict[str, str]) -> bootstrap.Credentials:
        return bootstrap.provide_credentials(services, known, lambda wanted: kept.append(dict(wanted)))

    first = provide({})
    assert kept[0]["LEGATION_PASSWORD"] == first.password, "kept before it was used"
    known = first.to_env("http://127.0.0.1:1")
    assert provide(known) == first
    assert provide(kept[0]).reviewer == first.reviewer, "a start that was cut off goes on where it was"
    again = provide({})
    assert again.reviewer == "reviewer-2"
    assert again.administrator == "administrator-2"
    assert again.api_key != first.api_key


def test_examples_are_ordinary_documents_and_load_once(services: Services) -> None:
    credentials = bootstrap.provide_credentials(services, {}, lambda wanted: None)
    by = bootstrap.seed_actor(services, credentials)
    names = [path.name for path in bootstrap.load_seeds(services, by=by)]
    assert len(names) >= 6
    assert [path.name for path in bootstrap.load_seeds(services, by=by)] == names
    assert sweep_once(services).returned == 0


def test_the_audit_is_proven_and_its_head_can_be_kept(run: Run, services: Services, administrator: Actor) -> None:
    create_drafted_document(services, administrator)
    proven = run("audit", "verify")
    assert proven.stderr == "5 entries and 2 hashes of revisions fit.\n"
    head = proven.stdout.strip()
    create_document(services, administrator, "Another.")
    assert run("audit", "verify", "--expect", head).stderr.startswith("6 entries")
    failed = run("audit", "verify", "--expect", f"7:{head[2:]}")
    assert (failed.exit_code, failed.output) == (1, "Error: Entry 7 is missing: the chain ends with 6.\n")
    assert "Must be NUMBER:HASH" in run("audit", "verify", "--expect", "7").output


def test_the_audit_of_a_record_and_of_a_person(run: Run, services: Services, administrator: Actor) -> None:
    _, event_ids = create_drafted_document(services, administrator)
    with services.sessions() as session:
        verdict = reviews.Verdict("reject", reason="other", reason_text="not\x1b[2J \u202ethis")
        reviews.decide(session, event_ids[0], verdict, revision=1, by=administrator)
    shown = run("audit", "show", str(event_ids[0])).output
    assert shown.index(f"ada  event.decided  event {event_ids[0]}") < shown.index("legation  event.drafted")
    assert "          state: draft → rejected\n" in shown
    assert "reason_text: not\\x1b[2J \\u202ethis\n" in shown
    entries = [json.loads(line) for line in run("audit", "show", "Ada", "--json", "--limit", "2").output.splitlines()]
    assert [entry["action"] for entry in entries] == ["event.decided", "document.submitted"]
    assert run("audit", "show", "nobody").output == "Error: There is no user nobody.\n"
