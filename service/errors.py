"""What can go wrong, in the words of the domain. No HTTP here: service/api/problems.py maps each class to a problem.

The docstring of a class is the sentence that people read; `detail` says what it was this time, `facts` what a program
can act on.
"""

from __future__ import annotations

import datetime as dt
from typing import Any


class LegationError(Exception):
    """Something went wrong."""

    def __init__(self, detail: str = "", **facts: Any) -> None:
        super().__init__(detail or self.__doc__)
        self.detail = detail
        self.facts = facts


class SettingsError(LegationError):
    """A setting is missing or has a value that cannot be used."""


# Who asks


class NotSignedInError(LegationError):
    """The request carries no valid API key or sign-in."""


class ScopeMissingError(LegationError):
    """The API key or role does not allow this."""


class NotOwnerError(LegationError):
    """This belongs to somebody else."""


class UnknownUserError(LegationError):
    """The user name or the password is wrong."""


class OwnAccountError(LegationError):
    """An administrator can neither disable himself nor change his own role."""


class IdentityRefusedError(LegationError):
    """The person whom the sign-in service names has no account here."""


class IdentityTakenError(LegationError):
    """Whom the sign-in service names there signs in somebody else here."""


class LastAdministratorError(LegationError):
    """Nobody else could sign in as an administrator."""


class TooManyAttemptsError(LegationError):
    """Too many attempts to sign in. `retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after=retry_after)


class KeyEndedError(LegationError):
    """The key has been revoked."""


class NameTakenError(LegationError):
    """The name is taken."""


# What is asked for


class NotFoundError(LegationError):
    """There is nothing with this id."""

    def __init__(self, kind: str, id: object) -> None:
        super().__init__(f"There is no {kind} {id}.", kind=kind, id=str(id))


class InvalidInputError(LegationError):
    """The request has a value that cannot be accepted. `errors` maps each field to its complaints."""

    def __init__(self, errors: dict[str, Any], detail: str = "") -> None:
        super().__init__(detail, errors=errors)


class IdempotencyKeyMissingError(LegationError):
    """A request that does something each time it is sent needs an Idempotency-Key."""


class IdempotencyKeyReusedError(LegationError):
    """The Idempotency-Key belongs to another request."""


class RateLimitedError(LegationError):
    """The key has made more requests than it may. `retry_after` is in seconds."""

    def __init__(self, limit: int, window: int, retry_after: int, policy: str) -> None:
        detail = f"This key may make {limit:,} requests in {window} seconds; more from {retry_after} seconds on."
        super().__init__(detail, retry_after=retry_after, **{"violated-policies": [policy]})


class TooManyInWorkError(LegationError):
    """The key has as many documents in work as it may. `retry_after` is in seconds."""

    def __init__(self, limit: int, retry_after: int) -> None:
        detail = f"{limit:,} documents of this key wait to be drafted or are drafted; that is as many as may."
        super().__init__(detail, retry_after=retry_after, limit=limit)


class RequestInProgressError(LegationError):
    """The same request is being carried out. `retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after=retry_after)


class TooManyReadersError(LegationError):
    """So many readers wait for changes that no more can. `retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after=retry_after)


# Documents


class UnreadableDocumentError(LegationError):
    """The document has no text that can be read."""


class EmptyDocumentError(UnreadableDocumentError):
    """The document is empty or has only blanks."""


class BinaryContentError(UnreadableDocumentError):
    """The document is binary data, not text."""


class UnknownEncodingError(UnreadableDocumentError):
    """The text is not UTF-8 and its encoding could not be detected."""


class RefusedError(UnreadableDocumentError):
    """The document cannot be read. `failure` is the name under which it stays visible."""

    failure = "corrupt"


class EncryptedError(RefusedError):
    """The document is protected by a password."""

    failure = "encrypted"


class NoTextLayerError(RefusedError):
    """The document holds pictures of its pages, and no text."""

    failure = "no_text_layer"


class TooMuchInsideError(RefusedError):
    """The document holds more than is read of one."""

    failure = "too_large"


class BombError(RefusedError):
    """The document unpacks to far more than it is."""

    failure = "bomb"


class CorruptError(RefusedError):
    """The document is damaged, or not what it says it is."""

    failure = "corrupt"


class NoReaderError(RefusedError):
    """The document is of a type that is not read."""

    failure = "unsupported_type"


class UnsupportedLanguageError(RefusedError):
    """The document is not in English, the language that drafts are made from."""

    failure = "unsupported_language"


class ReadingTimeoutError(RefusedError):
    """Reading the document took too long."""

    failure = "timeout"


class DocumentTooLargeError(LegationError):
    """The document is larger than the limit."""


class UnsupportedTypeError(LegationError):
    """Documents of this type are not read."""


class NotReplayableError(LegationError):
    """Only failed documents can be drafted again."""


class RetractedError(LegationError):
    """The record was published and is no longer."""


class VersionMissingError(LegationError):
    """The request must say which version it changes (If-Match)."""


class VersionChangedError(LegationError):
    """It was changed after it was read."""


# Review


class RevisionMissingError(LegationError):
    """The request must say which revision it decides on (If-Match)."""


class RevisionChangedError(LegationError):
    """The record was changed after it was shown."""


class HeldByAnotherError(LegationError):
    """Another reviewer holds this item."""

    def __init__(self, holder: str, until: dt.datetime) -> None:
        super().__init__(
            f"{holder} holds this item until {until:%H:%M:%S} UTC.", holder=holder, until=until.isoformat()
        )


class LeaseLostError(LegationError):
    """The claim on this item has run out or was taken over."""


class AlreadyDecidedError(LegationError):
    """This record has been decided."""


class BeingDraftedError(LegationError):
    """The machine drafts this record again."""


class OwnReadingError(LegationError):
    """You have read this record already; somebody else reads it now."""


class FamilyNotYoursError(LegationError):
    """You do not review records of this family."""


class NotForManyError(LegationError):
    """This record is not decided together with others."""


class NothingToUndoError(LegationError):
    """There is no decision of yours that can still be undone."""


class NotGoldError(LegationError):
    """Only a decided record that the machine drafted has a known answer to check reviewers with."""


class NotMergeableError(LegationError):
    """These two records cannot be made into one."""


class TransitionError(LegationError):
    """A record in this state cannot take this decision."""


# Drafting


class DraftLeaseLostError(LegationError):
    """Another worker drafts this document now; this one's result is not recorded."""


# Exports


class FormatMissingError(LegationError):
    """This installation lacks what the format is written with."""

    def __init__(self, extra: str) -> None:
        super().__init__(f"Install it where the service runs: pip install 'legation[{extra}]'.", extra=extra)


# Audit


class AuditBrokenError(LegationError):
    """The audit is not as it was written."""
