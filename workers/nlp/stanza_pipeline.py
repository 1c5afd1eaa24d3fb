"""The only module that runs Stanza. It imports torch, so whoever must stay light imports `annotator` instead."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import stanza
import torch
from stanza.models.common.doc import Document

from workers.nlp import patches
from workers.nlp.cutting import Block
from workers.nlp.errors import ModelsMissingError

LANGUAGE = "en"
PROCESSORS = ("tokenize", "mwt", "pos", "lemma", "depparse", "ner")

# A longer sentence is a list or a table. The parser's time and memory grow with the square of the length.
LONGEST_SENTENCE = 200

# A tree with two subjects of one verb is taken back and the next best without is chosen. This is Stanza's default, but
# the carried parser was saved with it off; on news it changes one sentence in ten, mostly "minister X" read as two.
_OUTPUT = {"depparse_resolve_head_constraints": True}

# Chosen by measurement: larger batches leave the processor's caches.
_BATCH_SIZES = {
    "pos_batch_size": 250,
    "lemma_batch_size": 200,
    "depparse_batch_size": 4000,
    "ner_batch_size": 128,
}


@dataclass(frozen=True, slots=True)
class Parsed:
    """Stanza's tree and entities of one sentence; its offsets count in `block`."""

    block: Block
    tree: Any
    entities: Any


def model_name(package: str) -> str:
    return f"stanza-{stanza.__version__}/{package}"


def load(model_dir: Path, package: str, threads: int) -> StanzaPipeline:
    """Read the models, offline; `package` is a package of the directory's resources.json or the name of its models."""
    check_models(model_dir, package)
    patches.apply()
    torch.set_num_threads(threads)
    try:
        return StanzaPipeline(pipeline(model_dir, package, **_OUTPUT, **_BATCH_SIZES))
    except (OSError, UnpicklingError) as error:
        raise ModelsMissingError(str(error)) from error


def pipeline(model_dir: Path, package: str, **options: Any) -> Any:
    """Stanza's own pipeline on models of a directory, never fetched and never on a GPU."""
    return stanza.Pipeline(
        LANGUAGE,
        dir=str(model_dir),
        package=None,
        processors=dict.fromkeys(PROCESSORS, package),
        download_method=None,
        use_gpu=False,
        logging_level="ERROR",
        **options,
    )


def check_models(model_dir: Path, package: str) -> None:
    """Raises where Stanza would leave a processor out with no more than a warning."""
    resources = model_dir / "resources.json"
    if not resources.is_file():
        raise ModelsMissingError(f"{resources} does not exist.")
    known = json.loads(resources.read_text("utf-8")).get(LANGUAGE, {})
    packages = known.get("packages", {}).get(package, {})
    missing = [name for name in PROCESSORS if package not in known.get(name, {}) and name not in packages]
    if missing:
        raise ModelsMissingError(f"{resources} has no {package!r} for {', '.join(missing)}.")


class StanzaPipeline:
    """Blocks in, parsed sentences out, many at a time through Stanza's bulk interface."""

    def __init__(self, stanza_pipeline: Any) -> None:
        self._stanza = stanza_pipeline

    def parse(self, blocks: Sequence[Block]) -> list[list[Parsed]]:
        """The parsed sentences of each block, in order. Nothing of Stanza's is kept between two calls."""
        read = self._tokenized(blocks)
        documents = [document for parts in read for _, document in parts]
        self._stanza.bulk_process(documents, processors=["pos", "lemma", "depparse"])
        named = iter(self._named([sentence for document in documents for sentence in document.sentences]))
        return [
            [Parsed(part, sentence, next(named)) for part, document in parts for sentence in document.sentences]
            for parts in read
        ]

    def _tokenized(self, blocks: Sequence[Block]) -> list[list[tuple[Block, Any]]]:
        """Each block with its Stanza document, or the parts of a block with theirs where sentences were too long."""
        documents = [Document([], text=block.text) for block in blocks]
        self._stanza.bulk_process(documents, processors=["tokenize", "mwt"])
        return [self._bounded(block, document) for block, document in zip(blocks, documents, strict=True)]

    def _bounded(self, block: Block, document: Any) -> list[tuple[Block, Any]]:
        if all(len(sentence.tokens) <= LONGEST_SENTENCE for sentence in document.sentences):
            return [(block, document)]
        shorter = [block.part(start, end) for start, end in _short_spans(document.sentences)]
        return [part for parts in self._tokenized(shorter) for part in parts]

    def _named(self, sentences: Sequence[Any]) -> list[Any]:
        """The sentences as the entity recogniser reads them: word by word, as its training data and vectors have them.

        Universal Dependencies makes one token of "China's"; on its two words the recogniser is better by 3 to 4 points
        of F1. It does not sort sentences by length, and pads them to the longest of a batch, so they come sorted.
        """
        if not sentences:
            return []
        order = sorted(range(len(sentences)), key=lambda index: -len(sentences[index].words))
        document = Document([_plain_words(sentences[index]) for index in order])
        self._stanza.process(document, processors=["ner"])
        named = dict(zip(order, document.sentences, strict=True))
        return [named[index] for index in range(len(sentences))]


def _short_spans(sentences: Iterable[Any]) -> Iterator[tuple[int, int]]:
    """Spans of the sentences, and of stretches of the longest length allowed where a sentence is longer."""
    for sentence in sentences:
        for at in range(0, len(sentence.tokens), LONGEST_SENTENCE):
            tokens = sentence.tokens[at : at + LONGEST_SENTENCE]
            yield tokens[0].start_char, tokens[-1].end_char


def _plain_words(sentence: Any) -> list[dict[str, Any]]:
    return [{"id": (word.id,), "text": word.text} for word in sentence.words]
