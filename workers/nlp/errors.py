"""Why no parser can be had. The docstring of a class is the sentence that people read."""

from __future__ import annotations


class NlpError(Exception):
    """The parser cannot be used."""

    def __init__(self, detail: str) -> None:
        super().__init__(f"{self.__doc__} {detail}")
        self.detail = detail


class UnsupportedStanzaError(NlpError):
    """This Stanza is not one that Legation's speed-ups were written and tested for."""


class ModelsMissingError(NlpError):
    """The Stanza models that the settings name cannot be loaded."""
