"""Builds the pipeline once per process. Nothing here is imported by the web service."""

from __future__ import annotations

from collections.abc import Sequence

from service.services import Services
from service.settings import Settings
from workers.drafting import Drafter
from workers.extraction.pipeline import Extraction, extract
from workers.extraction.source_text import SourceText
from workers.nlp.annotator import Annotator, load_annotator
from workers.readers import language, sandbox
from workers.reading import Reader

_drafter: Drafter | None = None
_reader: Reader | None = None


def start(settings: Settings) -> None:
    """Makes this process able to read and draft. Called once in each worker child."""
    global _drafter, _reader
    services = Services.start(settings)
    sandbox.check()
    language.load()
    _reader = Reader(services)
    _drafter = Drafter(services, load_annotator(settings.stanza_dir, settings.stanza_package))


def drafter() -> Drafter:
    assert _drafter is not None, "start() has not been called in this process"
    return _drafter


def reader() -> Reader:
    assert _reader is not None, "start() has not been called in this process"
    return _reader


def draft_texts(annotator: Annotator, texts: Sequence[SourceText]) -> list[Extraction]:
    """The same drafting without database or broker."""
    return [extract(annotation, text) for annotation, text in zip(annotator.annotate(texts), texts, strict=True)]
