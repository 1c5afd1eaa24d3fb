"""Drafting throughput from source text to records, against Stanza as its authors wrote it.

`python -m bench.drafting [--documents 50] [--rounds 3] [--characters N]` takes documents of ../shared/newswire where
that is there, else those of seeds/ again and again, each cut to N characters where that is asked for. Every figure
comes from child processes with one thread each; the kinds of work take turns and the best round of each counts, so that
what else the machine does harms all alike and the ratios little.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.machine import print_table
from service.settings import CARRIED_MODELS
from workers.extraction.source_text import SourceText
from workers.nlp.environment import WORKER_ENVIRONMENT

REPOSITORY = Path(__file__).resolve().parent.parent
NEWSWIRE = REPOSITORY.parent / "shared/newswire"
SEEDS = REPOSITORY / "seeds/documents"
PACKAGE = "newswire"
WARM_UP = 5


@dataclass(frozen=True)
class Took:
    """One pass over the documents: seconds by the wall and of the processor, and those of them that the core took."""

    wall: float
    processor: float
    core: float = 0.0
    words: int = 0
    records: int = 0
    peak_megabytes: float = 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--characters", type=int, default=1_000_000)
    parser.add_argument("--child", choices=WORKS)
    arguments = parser.parse_args()
    if arguments.child:
        serve(arguments.child, arguments.documents, arguments.characters)
    else:
        compare(arguments.documents, arguments.rounds, arguments.characters)


# The parent


def compare(documents: int, rounds: int, characters: int) -> None:
    with ExitStack() as stack:
        children = {name: stack.enter_context(child(name, documents, characters)) for name in WORKS}
        children["second"] = stack.enter_context(child("bulk", documents, characters))
        turns = [[name] for name in WORKS] + [["bulk", "second"]]
        took: dict[tuple[str, ...], list[list[Took]]] = {tuple(turn): [] for turn in turns}
        for turn in itertools.chain.from_iterable(itertools.repeat(turns, rounds)):
            took[tuple(turn)].append(together([children[name] for name in turn]))
    print_table(f"Drafting {documents} documents, one thread per child, best of {rounds} rounds", rows(took))


def together(children: list[subprocess.Popen[str]]) -> list[Took]:
    """Let children draft at the same time, and wait for all."""
    for running in children:
        assert running.stdin
        print("go", file=running.stdin, flush=True)
    return [answer(running) for running in children]


def answer(running: subprocess.Popen[str]) -> Took:
    assert running.stdout
    return Took(**json.loads(running.stdout.readline()))


@contextmanager
def child(work: str, documents: int, characters: int) -> Iterator[subprocess.Popen[str]]:
    """A child that has loaded its models and read a few documents."""
    size = ["--documents", str(documents), "--characters", str(characters)]
    command = [sys.executable, "-m", "bench.drafting", "--child", work, *size]
    environment = {**os.environ, **WORKER_ENVIRONMENT}
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=REPOSITORY, env=environment, text=True, **pipes) as running:
        answer(running)
        yield running
        assert running.stdin
        running.stdin.close()


def rows(took: dict[tuple[str, ...], list[list[Took]]]) -> dict[str, str]:
    bulk, single, stanza = (best(took[name,], "wall") for name in ("bulk", "single", "stanza"))
    alone = best(took["bulk",], "processor").processor
    two, two_processors = (
        min(max(getattr(one, field) for one in both) for both in took["bulk", "second"])
        for field in ("wall", "processor")
    )
    twice = 2 * alone / two_processors
    return {
        "words and records": f"{bulk.words} words, {bulk.records} records",
        "one child": f"{bulk.words / bulk.wall:.0f} tokens/s ({bulk.words / alone:.0f} per second of processor time)",
        "the core's share of it": f"{bulk.core / bulk.wall:.1%}",
        "Stanza unpatched, parse only": f"{bulk.words / stanza.wall:.0f} tokens/s",
        "one document at a time": f"{bulk.words / single.wall:.0f} tokens/s",
        "two children": f"{2 * bulk.words / two:.0f} tokens/s",
        "ratio to Stanza unpatched": ratio(took, "stanza", "bulk") + " (goal 1.15)",
        "ratio to one document at a time": ratio(took, "single", "bulk") + " (goal 1.5)",
        "ratio to Stanza one document at a time": ratio(took, "stanza_single", "bulk"),
        "ratio of two children to one": f"{2 * bulk.wall / two:.2f}, in processor time {twice:.2f} (goal 1.7)",
        "peak memory of a child": f"{bulk.peak_megabytes:.0f} MB",
    }


def best(passes: list[list[Took]], field: str) -> Took:
    return min((one for one, *_ in passes), key=lambda one: getattr(one, field))


def ratio(took: dict[tuple[str, ...], list[list[Took]]], slow: str, fast: str) -> str:
    wall, processor = (
        getattr(best(took[slow,], field), field) / getattr(best(took[fast,], field), field)
        for field in ("wall", "processor")
    )
    return f"{wall:.2f}, in processor time {processor:.2f}"


# The children


def serve(work: str, documents: int, characters: int) -> None:
    """Draft all documents once for each line of standard input."""
    draft = WORKS[work]()
    sources = texts(documents, characters)
    draft(sources[:WARM_UP])
    print(json.dumps(asdict(Took(0, 0))), flush=True)
    for _ in sys.stdin:
        wall, processor = time.perf_counter(), time.process_time()
        took = draft(sources)
        took["wall"], took["processor"] = time.perf_counter() - wall, time.process_time() - processor
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(asdict(Took(**took, peak_megabytes=peak))), flush=True)


def texts(count: int, characters: int) -> list[SourceText]:
    """Documents spread over the whole collection; the same ones in every child."""
    files = sorted(NEWSWIRE.glob("*.txt")) or sorted(SEEDS.glob("*.txt"))
    step = max(1, len(files) // count)
    chosen = itertools.islice(itertools.cycle(files[::step]), count)
    return [SourceText(file.read_text("utf-8")[:characters]) for file in chosen]


Draft = Callable[[list[SourceText]], dict[str, Any]]


def bulk() -> Draft:
    """As workers draft: all documents in one call."""
    return drafting(lambda sources: [sources])


def single() -> Draft:
    return drafting(lambda sources: [[source] for source in sources])


def drafting(calls: Callable[[list[SourceText]], list[list[SourceText]]]) -> Draft:
    from workers.extraction.pipeline import extract
    from workers.nlp.annotator import load_annotator

    annotator = load_annotator(CARRIED_MODELS, PACKAGE)

    def draft(sources: list[SourceText]) -> dict[str, Any]:
        took = {"core": 0.0, "words": 0, "records": 0}
        for call in calls(sources):
            annotations = annotator.annotate(call)
            started = time.perf_counter()
            extractions = [extract(annotation, source) for annotation, source in zip(annotations, call, strict=True)]
            took["core"] += time.perf_counter() - started
            took["words"] += sum(len(s.words) for annotation in annotations for s in annotation.sentences)
            took["records"] += sum(len(extraction.records) for extraction in extractions)
        return took

    return draft


def stanza() -> Draft:
    """Stanza's own pipeline in its own default settings, all documents in one call."""
    pipeline = unpatched()

    def draft(sources: list[SourceText]) -> dict[str, Any]:
        documents = pipeline.bulk_process([source.text for source in sources])
        return {"words": sum(document.num_words for document in documents)}

    return draft


def stanza_single() -> Draft:
    pipeline = unpatched()

    def draft(sources: list[SourceText]) -> dict[str, Any]:
        return {"words": sum(pipeline(source.text).num_words for source in sources)}

    return draft


def unpatched() -> Any:
    """Only the vectors are brought to full precision; without that Stanza cannot use the carried models."""
    import torch

    from workers.nlp import patches, stanza_pipeline

    patches.apply(patches.UNPATCHED)
    torch.set_num_threads(1)
    return stanza_pipeline.pipeline(CARRIED_MODELS, PACKAGE)


WORKS: dict[str, Callable[[], Draft]] = {
    "bulk": bulk,
    "single": single,
    "stanza": stanza,
    "stanza_single": stanza_single,
}


if __name__ == "__main__":
    main()
