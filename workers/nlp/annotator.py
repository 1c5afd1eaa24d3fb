"""Source texts in, annotations out: the one door to the parser. Importing this module does not import Stanza."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from workers.extraction.annotation import Annotation, Sentence
from workers.extraction.source_text import SourceText
from workers.nlp.conversion import sentence
from workers.nlp.cutting import Block, cut

if TYPE_CHECKING:
    from workers.nlp.stanza_pipeline import StanzaPipeline

# Chosen by measurement: a third of it is a seventh slower, all at once a twentieth faster; but a batch is also how long
# short documents wait for a long one and a lease for its renewal, and this one takes some ten seconds.
BATCH_CHARACTERS = 60_000


def load_annotator(model_dir: Path, package: str, *, threads: int = 1) -> Annotator:
    """Load Stanza and the models, offline, in some four seconds; once in a process, and never before it forks.

    Raises `ModelsMissingError` and `UnsupportedStanzaError`.
    """
    from workers.nlp import stanza_pipeline  # imports torch, which only a process that parses may pay for

    return Annotator(stanza_pipeline.load(model_dir, package, threads), stanza_pipeline.model_name(package))


class Annotator:
    """A loaded parser; `model` names it for the records that are drawn from its annotations."""

    def __init__(self, pipeline: StanzaPipeline, model: str) -> None:
        self._pipeline = pipeline
        self.model = model

    def annotate(
        self, texts: Sequence[SourceText], *, after_batch: Callable[[], None] = lambda: None
    ) -> list[Annotation]:
        """One annotation for each text, whatever it contains. `after_batch` is called every ten seconds or so.

        Short texts share a batch and a long one takes several, so that memory is bounded by the batch.
        """
        found: list[list[Sentence]] = [[] for _ in texts]
        waiting = ((index, block) for index, source in enumerate(texts) for block in cut(source.text))
        for batch in batches(waiting, BATCH_CHARACTERS):
            parsed = self._pipeline.parse([block for _, block in batch])
            for (index, _), sentences in zip(batch, parsed, strict=True):
                text = texts[index].text
                found[index] += [sentence(text, s.block, s.tree, s.entities) for s in sentences]
            after_batch()
        return [
            Annotation(source.text, tuple(sentences), self.model)
            for source, sentences in zip(texts, found, strict=True)
        ]


def batches(blocks: Iterable[tuple[int, Block]], characters: int) -> Iterator[list[tuple[int, Block]]]:
    """The blocks in order, in groups of about as many characters, at least one block in each."""
    batch: list[tuple[int, Block]] = []
    size = 0
    for index, block in blocks:
        if batch and size + len(block.text) > characters:
            yield batch
            batch, size = [], 0
        batch.append((index, block))
        size += len(block.text)
    if batch:
        yield batch
