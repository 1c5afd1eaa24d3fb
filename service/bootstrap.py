"""What a new installation needs before anybody can use it: people, an API key, documents to look at."""

from __future__ import annotations

import contextlib
import itertools
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.orm import Session

from service import files
from service.errors import NotSignedInError
from service.operations import accounts, documents, keys
from service.operations.actor import Actor
from service.operations.documents import Upload
from service.services import Services
from service.store.models import SCOPES, User
from workers import readers

SEEDS = Path(__file__).resolve().parent.parent / "seeds" / "documents"


@dataclass(frozen=True, slots=True)
class Credentials:
    """How the first people and the first program get in. Random, and kept in one private file."""

    administrator: str
    administrator_password: str
    reviewer: str
    password: str
    api_key: str

    def to_env(self, url: str) -> dict[str, str]:
        return {
            "LEGATION_URL": url,
            "LEGATION_API_KEY": self.api_key,
            "LEGATION_REVIEWER": self.reviewer,
            "LEGATION_PASSWORD": self.password,
            "LEGATION_ADMINISTRATOR": self.administrator,
            "LEGATION_ADMINISTRATOR_PASSWORD": self.administrator_password,
        }


def provide_credentials(
    services: Services, known: Mapping[str, str], keep: Callable[[Mapping[str, str]], None]
) -> Credentials:
    """Makes what is missing, and leaves what `known` (the variables of an earlier start) already lets in.

    `keep` is given new passwords before they are used, so that none is lost when the start is cut off in between.
    """
    wanted = {**_new_people(), **known}
    keep(wanted)
    with services.sessions() as session:
        administrator = _provide_user(
            session, "administrator", wanted["LEGATION_ADMINISTRATOR"], wanted["LEGATION_ADMINISTRATOR_PASSWORD"]
        )
        reviewer = _provide_user(session, "reviewer", wanted["LEGATION_REVIEWER"], wanted["LEGATION_PASSWORD"])
    return Credentials(
        administrator.username,
        wanted["LEGATION_ADMINISTRATOR_PASSWORD"],
        reviewer.username,
        wanted["LEGATION_PASSWORD"],
        _provide_key(services, known.get("LEGATION_API_KEY", ""), administrator),
    )


def seed_actor(services: Services, credentials: Credentials) -> Actor:
    with services.sessions() as session:
        return keys.authenticate(session, credentials.api_key)


def load_seeds(services: Services, *, by: Actor) -> Iterator[Path]:
    """Sends the example documents in as any sender would. The same document again changes nothing."""
    for path in files.find([SEEDS]):
        with services.sessions() as session:
            documents.submit(session, _upload(files.load(path)), by=by, dispatch=services.dispatch)
        yield path


def _new_people() -> dict[str, str]:
    return {
        "LEGATION_REVIEWER": "reviewer",
        "LEGATION_PASSWORD": secrets.token_urlsafe(15),
        "LEGATION_ADMINISTRATOR": "administrator",
        "LEGATION_ADMINISTRATOR_PASSWORD": secrets.token_urlsafe(15),
    }


def _provide_user(session: Session, role: str, name: str, password: str) -> User:
    """The user of an earlier start, or a new one. Where the name is taken by somebody whose password we do not know,
    because the file was lost or the database is shared, the new one gets a number.
    """
    user = accounts.find_user(session, name)
    if user and _lets_in(user, password):
        return user
    free = next(name for name in _names(name) if accounts.find_user(session, name) is None)
    return accounts.create_user(session, free, password, role, by=None)


def _lets_in(user: User, password: str) -> bool:
    try:
        return accounts.HASHER.verify(user.password_hash or "", password)
    except (VerificationError, InvalidHashError):
        return False


def _names(first: str) -> Iterator[str]:
    yield first
    yield from (f"{first}-{number}" for number in itertools.count(2))


def _provide_key(services: Services, known: str, owner: User) -> str:
    with services.sessions() as session, contextlib.suppress(NotSignedInError):
        keys.authenticate(session, known)
        return known
    with services.sessions() as session:
        longest = services.settings.key_days
        return keys.create_key(session, "first key", SCOPES, owner, by=None, longest=longest).secret


def _upload(file: files.DocumentFile) -> Upload:
    reading = readers.read(file.original)
    return Upload(
        original=file.original,
        text=reading.text,
        encoding=reading.encoding,
        media_type=readers.MEDIA_TYPES[0],
        filename=file.path.name,
        title=file.title,
        source=file.source,
        published=file.published,
    )
