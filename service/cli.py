"""The `legation` command. Each command is thin: read options, call one function, print. What only some commands need is
imported inside them, so that `legation --help` is quick and only those that draft ever load a model.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, fields
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO
from uuid import UUID

import click

from service.errors import LegationError
from service.operations.actor import ROLE_SCOPES
from service.settings import CARRIED_MODELS, Settings
from workers.nlp.environment import WORKER_ENVIRONMENT
from workers.nlp.errors import NlpError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from service.client import Client

PACKAGE = next(field.default for field in fields(Settings) if field.name == "stanza_package")


def _together(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Options that several commands have, as one decorator."""
    return lambda command: functools.reduce(lambda made, option: option(made), reversed(options), command)


DATA = click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), default="var", show_default=True, help="Data directory."
)
DRAFTED = _together(
    click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True)),
    click.option("--date", type=click.DateTime(["%Y-%m-%d"]), help="Day that relative dates are counted from."),
)
MODELS = _together(
    click.option(
        "--stanza-dir",
        envvar="LEGATION_STANZA_DIR",
        type=click.Path(path_type=Path),
        default=CARRIED_MODELS,
        hidden=True,
    ),
    click.option("--stanza-package", envvar="LEGATION_STANZA_PACKAGE", default=PACKAGE, hidden=True),
)
COMMANDS_THAT_DRAFT = ("extract", "explain", "evaluate")
UNFOLDED = 500  # columns, where no person reads it as it comes
ROLES = tuple(ROLE_SCOPES)
SCOPES = sorted(ROLE_SCOPES["administrator"])
FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
JSON_FILE = click.File("w", encoding="utf-8", lazy=True)


class Commands(click.Group):
    """Expected failures are one line and exit status 1."""

    def invoke(self, ctx: click.Context) -> Any:
        from sqlalchemy.exc import OperationalError

        try:
            return super().invoke(ctx)
        except LegationError as error:
            raise click.ClickException(_in_words(error)) from error
        except NlpError as error:
            raise click.ClickException(str(error)) from error
        except OperationalError as error:
            raise click.ClickException(f"The database cannot be used: {error.orig}".strip()) from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(version("legation"), prog_name="legation")
def cli() -> None:
    """Turns documents into reviewed event records: visits, treaties, border incidents, sanctions."""


@cli.command()
@DATA
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on.  [default: 8000, or a free one]")
@click.option("--children", type=click.IntRange(1), help="Worker processes.  [default: one for each core]")
@click.option("--seeds/--no-seeds", default=True, help="Load the example documents at the first start.")
def up(data: Path, host: str, port: int | None, children: int | None, seeds: bool) -> None:
    """Run everything: PostgreSQL, Valkey, worker, sweeper, deliverer and web, until Ctrl-C.

    With DATABASE_URL or REDIS_URL set, that server is used and none is started.
    """
    from service.embedded.up import Options, up

    up(Options(data=data, host=host, port=port, children=children, seeds=seeds), os.environ, click.echo)


@cli.command()
@DATA
def migrate(data: Path) -> None:
    """Bring the database to the newest schema."""
    from service.store.migrate import upgrade

    upgrade(_settings(data).database_url)


@cli.command()
@DATA
def sweep(data: Path) -> None:
    """Return documents of lost workers and ring for waiting ones, every few seconds, until stopped."""
    from service import log, sweeper
    from service.services import Services

    settings = _settings(data)
    log.configure(settings.log_format, settings.log_level)
    sweeper.run(Services.start(settings), _until_stopped())


@cli.command()
@DATA
def deliver(data: Path) -> None:
    """Send what webhooks have to be sent, until stopped."""
    from service import delivering, log
    from service.services import Services

    settings = _settings(data)
    log.configure(settings.log_format, settings.log_level)
    delivering.run(Services.start(settings), _until_stopped())


def _until_stopped() -> threading.Event:
    """Set by the signals that end a program."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


class Complaints:
    """One line on standard error for each file that could not be drafted, or not wholly."""

    number = 0

    def __call__(self, path: Path, complaint: str) -> None:
        self.number += 1
        click.echo(f"{path}: {complaint}", err=True)


@cli.command()
@DRAFTED
@MODELS
def extract(files: tuple[Path, ...], date: dt.datetime | None, stanza_dir: Path, stanza_package: str) -> None:
    """Draft event records of FILES, without database or broker: one JSON line a file."""
    from service import extracting
    from service.files import find
    from workers.nlp.annotator import load_annotator

    annotator, complain = load_annotator(stanza_dir, stanza_package), Complaints()
    for one in extracting.drafted(annotator, find(files), date and date.date(), complain=complain):
        click.echo(extracting.json_line(one, annotator.model))
    sys.exit(1 if complain.number else 0)


@cli.command()
@DRAFTED
@click.option("--html", is_flag=True, help="Write a page that needs nothing else, instead of text.")
@click.option("-o", "output", type=click.File("w", "utf-8"), default="-", help="Write to a file.")
@MODELS
def explain(
    files: tuple[Path, ...],
    date: dt.datetime | None,
    html: bool,
    output: TextIO,
    stanza_dir: Path,
    stanza_package: str,
) -> None:
    """Draft FILES and show each with its records: the words behind every field and the rules that chose them."""
    from service import extracting
    from service.explaining import page, terminal
    from service.explaining.explanation import explanation_of
    from service.files import find
    from workers.nlp.annotator import load_annotator

    annotator, complain = load_annotator(stanza_dir, stanza_package), Complaints()
    drafted = extracting.drafted(annotator, find(files), date and date.date(), complain=complain)
    explanations = (explanation_of(one.file.path.name, one.file.source, one.records) for one in drafted)
    if html:
        output.writelines(page.page(list(explanations)))
    else:
        terminal.show(explanations, output)
    sys.exit(1 if complain.number else 0)


@cli.command()
@click.argument("gold", type=FOLDER)
@click.argument("texts", type=FOLDER)
@click.option("--errors", is_flag=True, help="List what was missed, what is wrong and what is no event.")
@click.option("--json", "figures", type=JSON_FILE, help="Write the figures as JSON, - to print them alone.")
@click.option("--predictions", type=FILE, help="Judge lines that `legation extract` wrote earlier.")
@MODELS
def evaluate(
    gold: Path,
    texts: Path,
    errors: bool,
    figures: TextIO | None,
    predictions: Path | None,
    stanza_dir: Path,
    stanza_package: str,
) -> None:
    """Draft the documents TEXTS/NAME.txt that GOLD/NAME.json annotates, and say how right the drafts are.

    docs/annotating.md tells what a gold record is, docs/quality.md what the figures mean.
    """
    from rich.console import Console

    from service import evaluating
    from workers.nlp.annotator import load_annotator

    annotated = evaluating.read_gold(gold, texts)
    drafts = (
        evaluating.read_drafts(predictions)
        if predictions
        else evaluating.draft(load_annotator(stanza_dir, stanza_package), annotated)
    )
    judged = evaluating.judge(annotated, drafts)
    if figures:
        figures.write(evaluating.as_json(judged, with_mistakes=errors))
    if figures is None or figures.name != "-":
        Console(width=None if sys.stdout.isatty() else UNFOLDED).print(*evaluating.tables(judged), sep="\n")
        for line in evaluating.lines(judged) if errors else ():
            click.echo(line)


@cli.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--wait", is_flag=True, help="Wait until the documents are drafted.")
@click.option("--url", envvar="LEGATION_URL", help="Address of the service.  [env: LEGATION_URL]")
@DATA
def upload(paths: tuple[Path, ...], wait: bool, url: str | None, data: Path) -> None:
    """Send documents in: files, or folders with all their .txt and .json documents.

    The API key is LEGATION_API_KEY, or that of credentials.env in the data directory.
    """
    from rich.console import Console

    from service import uploading
    from service.files import find

    with _client(url, data) as client:
        outcomes = uploading.upload(client, find(paths), Console(stderr=True), wait=wait)
    Console(width=None if sys.stdout.isatty() else UNFOLDED).print(uploading.table(outcomes))
    sys.exit(0 if all(outcome.is_good for outcome in outcomes) else 1)


@cli.command()
@click.argument("export", type=click.File("rb"))
@click.argument("documents", type=FOLDER)
@click.option(
    "--keys", type=click.File(), help="Public keys, as /api/v1/signing-keys gives them: one must have signed."
)
@click.option("--json", "as_json", is_flag=True, help="Print each finding as a JSON object a line.")
def verify(export: BinaryIO, documents: Path, keys: TextIO | None, as_json: bool) -> None:
    """Prove offline that each quote of EXPORT stands in the texts of the folder DOCUMENTS, where its record says.

    EXPORT is what /api/v1/exports/events.jsonl gave, - for standard input; DOCUMENTS has files as
    /api/v1/documents/ID/text gives them. Where the export ends with a signature (`signed=true`), its rows must be those
    that were signed; whose signature it is, is proven with --keys. Prints what is wrong; the exit status is 1 then.
    """
    from service import verifying

    proof, found = verifying.Proof(), 0
    known = verifying.read_keys(keys.read()) if keys else None
    for finding in verifying.verify(export, verifying.Texts(documents), proof, known):
        found += 1
        click.echo(json.dumps(asdict(finding)) if as_json else finding)
    click.echo(f"{proof.quotes:,} quotes of {proof.records:,} records looked up, {found:,} findings.", err=True)
    if proof.statement is not None:
        click.echo(_of_signature(proof.statement, is_checked=known is not None and not found), err=True)
    sys.exit(1 if found else 0)


def _of_signature(statement: Mapping[str, Any], *, is_checked: bool) -> str:
    told = json.dumps(statement, sort_keys=True)
    return f"Signed: {told}" if is_checked else f"Says of itself, unproven: {told}"


@cli.group()
def documents() -> None:
    """Look after documents."""


@documents.command()
@click.argument("document_id", type=click.UUID)
@click.option("--url", envvar="LEGATION_URL", help="Address of the service.  [env: LEGATION_URL]")
@DATA
def replay(document_id: UUID, url: str | None, data: Path) -> None:
    """Draft a failed document again."""
    with _client(url, data) as client:
        click.echo(f"{document_id} is {client.replay(str(document_id)).state}")


@documents.command("redraft")
@click.option("--url", envvar="LEGATION_URL", help="Address of the service.  [env: LEGATION_URL]")
@DATA
def redraft_documents(url: str | None, data: Path) -> None:
    """Draft all documents again that another version or model drafted than the newest.

    What comes out differently is reviewed again; what was decided stays published until then.
    """
    with _client(url, data) as client:
        click.echo(f"{client.redraft_outdated()} documents are drafted again.")


@cli.group()
def user() -> None:
    """Manage people."""


PASSWORD_FILE = click.option(
    "--password-file", type=click.File(), help="Read the password from a file, - for standard input."
)


@user.command("create")
@click.argument("username")
@click.option("--role", type=click.Choice(ROLES), required=True)
@PASSWORD_FILE
@DATA
def create_user(username: str, role: str, password_file: TextIO | None, data: Path) -> None:
    """Add a person. Asks for the password."""
    from service.operations import accounts

    password = _read_password(password_file)
    with _session(data) as session:
        made = accounts.create_user(session, username, password, role, by=None)
    click.echo(f"Added {made.username} as {made.role}.")


@user.command("list")
@DATA
def list_users(data: Path) -> None:
    """List people with their roles."""
    from service.operations import people

    with _session(data) as session:
        for one in people.everybody(session, by=None):
            state = "disabled" if one.user.disabled_at else ""
            click.echo(f"{one.user.username:<24}  {one.user.role:<14}  {state}".rstrip())


@user.command("change")
@click.argument("username")
@click.option("--role", type=click.Choice(ROLES), help="Another role.")
@click.option(
    "--disable/--enable", "is_disabled", default=None, help="Sign the person out for good, or let him in again."
)
@DATA
def change_user(username: str, role: str | None, is_disabled: bool | None, data: Path) -> None:
    """Change a person's role, or whether he can sign in. The last administrator stays."""
    from service.operations import people

    with _session(data) as session:
        person = people.change(session, username, people.Change(role=role, is_disabled=is_disabled), by=None)
    click.echo(f"{username} is {person.user.role}{', disabled' if person.user.disabled_at else ''}.")


@user.command("password")
@click.argument("username")
@PASSWORD_FILE
@DATA
def set_password(username: str, password_file: TextIO | None, data: Path) -> None:
    """Give a person another password. Asks for it, and ends his sign-ins."""
    from service.operations import accounts

    password = _read_password(password_file)
    with _session(data) as session:
        accounts.set_password(session, username, password, by=None)
    click.echo(f"{username} has another password.")


@cli.group()
def key() -> None:
    """Manage API keys."""


OWN_LIMITS = _together(
    click.option("--rate-limit", type=click.IntRange(1), help="Requests in a window, of this key alone."),
    click.option("--documents-in-work", type=click.IntRange(1), help="Documents in work, of this key alone."),
)
DAYS = click.option("--days", type=click.IntRange(1), help="Days from now on until it ends.")


@key.command("create")
@click.argument("name")
@click.option("--owner", required=True, help="User that the key acts for.")
@click.option("--scope", "scopes", type=click.Choice(SCOPES), multiple=True, required=True, help="Can be repeated.")
@DAYS
@OWN_LIMITS
@DATA
def create_key(name: str, owner: str, scopes: tuple[str, ...], days: int | None, data: Path, **limits: int) -> None:
    """Make a key and print it: it is shown this once."""
    from service.errors import NotFoundError
    from service.operations import accounts, keys

    with _session(data) as session:
        found = accounts.find_user(session, owner)
        if found is None:
            raise NotFoundError("user", owner)
        more = {"longest": _settings(data).key_days, **_end(days), **_given(limits)}
        click.echo(keys.create_key(session, name, scopes, found, by=None, **more).secret)


@key.command("list")
@DATA
def list_keys(data: Path) -> None:
    """List keys by prefix; whole keys are not kept."""
    from service.operations import keys

    with _session(data) as session:
        now = dt.datetime.now(dt.UTC)
        for one in keys.list_keys(session, by=None):
            state = keys.state_of(one, now)
            used = f"used {one.last_used_at:%Y-%m-%d}" if one.last_used_at else "never used"
            ends = f"ends {one.expires_at:%Y-%m-%d}" if one.expires_at else "has no end"
            who = f"{','.join(one.scopes):<24}  {one.owner.username:<16}"
            click.echo(f"{one.prefix}  {state:<7}  {who}  {used:<15}  {ends:<15}  {one.name}")


@key.command("change")
@click.argument("prefix")
@click.option("--name", help="Another name.")
@DAYS
@OWN_LIMITS
@DATA
def change_key(prefix: str, name: str | None, days: int | None, data: Path, **limits: int) -> None:
    """Change a key's name, end or limits."""
    from service.operations import keys

    with _session(data) as session:
        changes = {**_given({"name": name, **limits}), **_end(days)}
        keys.change(session, keys.id_of(session, prefix), changes, by=None, longest=_settings(data).key_days)
    click.echo(f"{prefix} is changed.")


@key.command("rotate")
@click.argument("prefix")
@click.option(
    "--overlap", type=click.FloatRange(0), default=24, show_default=True, help="Hours that the old one is good."
)
@DAYS
@DATA
def rotate_key(prefix: str, overlap: float, days: int | None, data: Path) -> None:
    """Make a new secret for a key and print it: it is shown this once. All else about the key stays."""
    from service.operations import keys

    with _session(data) as session:
        found, hours, longest = keys.id_of(session, prefix), dt.timedelta(hours=overlap), _settings(data).key_days
        click.echo(keys.rotate(session, found, overlap=hours, by=None, longest=longest, **_end(days)).secret)


@key.command("revoke")
@click.argument("prefix")
@DATA
def revoke_key(prefix: str, data: Path) -> None:
    """End a key at once."""
    from service.operations import keys

    with _session(data) as session:
        keys.revoke(session, keys.id_of(session, prefix), by=None)
    click.echo(f"{prefix} is revoked.")


def _end(days: int | None) -> dict[str, Any]:
    return {"expires_at": dt.datetime.now(dt.UTC) + dt.timedelta(days=days)} if days else {}


def _given(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


@cli.group()
def audit() -> None:
    """Read the audit, and prove that nobody changed it."""


@audit.command("verify")
@click.option("--expect", metavar="NUMBER:HASH", help="A head that was printed earlier: the chain must still have it.")
@DATA
def verify_audit(expect: str | None, data: Path) -> None:
    """Prove that the audit and all revisions of records are as they were written.

    Prints the head of the chain, NUMBER:HASH. Keep it where nobody who rules the database can change it, and give it to
    --expect next time: a chain that was written anew is found out.
    """
    from service.operations import audit_chain

    with _session(data) as session:
        proof = audit_chain.verify(session, expected=audit_chain.Head.parse(expect) if expect else None)
    click.echo(f"{proof.head.number:,} entries and {proof.revisions:,} hashes of revisions fit.", err=True)
    click.echo(proof.head)


@audit.command("show")
@click.argument("whose")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="The newest entries only.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@DATA
def show_audit(whose: str, limit: int, as_json: bool, data: Path) -> None:
    """Show what was done to a record, document or key (by its id), or by a person (by user name), newest first."""
    from service import auditing
    from service.operations import audit

    with _session(data) as session:
        wanted = audit.Wanted(concerning=audit.subject_of(session, whose))
        for entry in audit.find(session, wanted, by=None, limit=limit):
            click.echo(auditing.json_line(entry) if as_json else auditing.lines(entry))


def main() -> None:
    if sys.argv[1:2] and sys.argv[1] in COMMANDS_THAT_DRAFT:
        _start_again_as_worker(os.environ)
    cli()


def _start_again_as_worker(environ: Mapping[str, str]) -> None:
    """glibc and OpenMP read their settings when a process starts, and they are worth a third of the speed."""
    if not WORKER_ENVIRONMENT.items() <= dict(environ).items():
        os.execve(sys.executable, sys.orig_argv, {**environ, **WORKER_ENVIRONMENT})  # noqa: S606 - this very program


@contextlib.contextmanager
def _session(data: Path) -> Iterator[Session]:
    from service.store.session import make_engine, make_session_factory

    engine = make_engine(_settings(data).database_url)
    try:
        with make_session_factory(engine)() as session:
            yield session
    finally:
        engine.dispose()


def _settings(data: Path) -> Settings:
    """Those of the environment, else those of the `legation up` that runs on the data directory."""
    from service.embedded.data_directory import DataDirectory, read_env

    return Settings.from_env({**read_env(DataDirectory(data).running), **os.environ})


def _client(url: str | None, data: Path) -> Client:
    from service.client import Client
    from service.embedded.data_directory import DataDirectory, read_env

    known = {**read_env(DataDirectory(data).credentials), **os.environ}
    url, api_key = url or known.get("LEGATION_URL"), known.get("LEGATION_API_KEY")
    if not url or not api_key:
        raise click.UsageError(f"Set LEGATION_URL and LEGATION_API_KEY: there is no {data}/credentials.env.")
    return Client(url, api_key)


def _read_password(file: TextIO | None) -> str:
    if file:
        return file.readline().rstrip("\n")
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password


def _in_words(error: LegationError) -> str:
    """The sentence, and which values it was about."""
    complaints = error.facts.get("errors") or {}
    first = error.detail or "This cannot be accepted:" if complaints else str(error)
    return "\n".join([first, *(f"  {name}: {' '.join(map(str, of))}" for name, of in complaints.items())])


if __name__ == "__main__":
    main()
