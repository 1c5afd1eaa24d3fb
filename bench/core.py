"""Seconds that the core takes for 10,000 words, beyond the parser's own time: of news, and of texts made to be slow.

`python -m bench.core [--words 10000]`. The carried models parse each text once; the core reads each annotation three
times, and the best time counts. The annotator cuts what has no sentence ends, so that no sentence is longer
than LONGEST_SENTENCE; the last rows are made-up annotations of such sentences, with the worst trees that there can be.
"""

from __future__ import annotations

import argparse
import itertools
import re
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from bench.machine import print_table
from service.settings import CARRIED_MODELS
from tests.property.extraction.odd import NEWS, REPEATED, TREES, annotation_of
from workers.extraction.annotation import Annotation
from workers.extraction.pipeline import extract
from workers.extraction.source_text import SourceText
from workers.nlp.stanza_pipeline import LONGEST_SENTENCE

SEEDS = Path(__file__).resolve().parent.parent / "seeds/documents"
LIMIT = 2.0  # seconds for 10,000 words
ROUNDS = 3
FIRST = "Ada Ben Carla Dmitri Elif Farid Goran Hana Ilse Jomo Karim Lena Mateo Nadia Omar Petra Quinn Rosa Sven Tariq"
PEOPLES = (
    "Swedish",
    "Finnish",
    "Polish",
    "Greek",
    "Turkish",
    "Chinese",
    "Indian",
    "Mexican",
    "Cuban",
    "Danish",
    "Thai",
)
PLACES = ("Kenya", "Peru", "Japan", "Norway", "Chile", "Egypt", "Italy")
LAST = "Okoro Larsen Mori Silva Novak Haddad Brandt Kamau Petrov Aydin Castro Nguyen Rossi Weber Popescu Singh Diallo"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--words", type=int, default=10_000)
    words = parser.parse_args().words
    rows = {name: told(annotations) for name, annotations in annotated(words)}
    rows |= {f"made up: {name}": told([annotation]) for name, annotation in made_up(words)}
    print_table(f"The core's seconds for 10,000 words, best of {ROUNDS} (limit {LIMIT:g})", rows)


def annotated(words: int) -> Iterator[tuple[str, list[Annotation]]]:
    from workers.nlp.annotator import load_annotator

    annotator = load_annotator(CARRIED_MODELS, "newswire")
    for name, texts in TEXTS.items():
        yield name, annotator.annotate([SourceText(text) for text in texts(words)])


def made_up(words: int) -> Iterator[tuple[str, Annotation]]:
    """Sentences as long as the annotator lets them be, as chains, as fans and in between."""
    for (kind, phrase), (tree, heads) in itertools.product(PHRASES.items(), TREES.items()):
        text = first_words(phrase * (words // len(phrase.split()) + 1), words)
        yield f"{kind}, {tree}", annotation_of(text, heads, LONGEST_SENTENCE)


def told(annotations: Iterable[Annotation]) -> str:
    drafted = list(annotations)
    words = sum(len(sentence.words) for annotation in drafted for sentence in annotation.sentences)
    records, seconds = min((timed(drafted) for _ in range(ROUNDS)), key=lambda one: one[1])
    return f"{seconds * 10_000 / words:6.2f} s  ({words} words, {records} records)"


def timed(annotations: list[Annotation]) -> tuple[int, float]:
    fresh = [Annotation.from_json(one.text, one.to_json()) for one in annotations]  # nothing remembered
    began = time.perf_counter()
    extractions = [extract(annotation, SourceText(annotation.text)) for annotation in fresh]
    took = time.perf_counter() - began
    assert not [note for extraction in extractions for note in extraction.notes]
    return sum(len(extraction.records) for extraction in extractions), took


# Texts


def articles() -> list[str]:
    return [path.read_text("utf-8") for path in sorted(SEEDS.glob("*.txt"))]


def first_words(text: str, words: int) -> str:
    ends = [found.end() for found in itertools.islice(re.finditer(r"\S+", text), words)]
    return text[: ends[-1]]


def news(words: int) -> list[str]:
    return articles() * max(1, words // 4000)


def one_long(words: int) -> list[str]:
    return [first_words("\n\n".join(articles() * (words // 1000 + 1)), words)]


def without_ends(words: int) -> list[str]:
    return [re.sub(r"[.!?\n]+", " ", text) for text in one_long(words)]


def names() -> Iterator[str]:
    for first, second, last in itertools.product(FIRST.split(), FIRST.split(), LAST.split()):
        yield f"{first} {second[0]}. {last}{second.lower()}"


def many_names(words: int) -> list[str]:
    return ["Those who signed: " + ", ".join(itertools.islice(itertools.cycle(names()), words // 4)) + "."]


def many_events(words: int) -> list[str]:
    """No two alike, so that each must be compared with all others."""
    told = (
        f"{people} President {name} arrived in {place}."
        for people, name, place in zip(itertools.cycle(PEOPLES), names(), itertools.cycle(PLACES), strict=False)
    )
    return [" ".join(itertools.islice(told, words // 9))]


def again(phrase: str, before: str = "") -> Callable[[int], list[str]]:
    return lambda words: [before + phrase * (words // len(phrase.split()))]


TEXTS: dict[str, Callable[[int], list[str]]] = {
    "news": news,
    "one long document": one_long,
    "no sentence ends": without_ends,
    "a list of names": many_names,
    "one trigger": again("visited "),
    "events without an end": again("Russia, France and the two sides signed it with them, "),
    "a new event in each sentence": many_events,
    **{f"again and again: {name}": again(phrase, before) for name, (before, phrase) in REPEATED.items()},
}
PHRASES = {
    "news": f"{NEWS}, ",
    "triggers": "visited ",
    "states and pronouns": "Russia , France and the two sides signed it with them , ",
}


if __name__ == "__main__":
    main()
