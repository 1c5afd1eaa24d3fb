"""Each speed-up of Stanza gives what Stanza itself gives, on the carried models."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import stanza
import torch
from stanza.models.common import chuliu_edmonds
from stanza.models.common.biaffine import BiaffineScorer
from stanza.models.common.pretrain import Pretrain
from stanza.models.depparse import data as depparse_data

from service.settings import CARRIED_MODELS
from tests.integration.nlp import texts
from workers.extraction.source_text import SourceText
from workers.nlp import patches
from workers.nlp.annotator import Annotator
from workers.nlp.errors import UnsupportedStanzaError
from workers.nlp.patches import HALF_PRECISION, PATCHES, Patch

SOURCES = [SourceText(text) for text in texts.ALL]
SPEED_UPS = [patch for patch in PATCHES if patch is not HALF_PRECISION]

Revert = Callable[[Patch], None]


@pytest.fixture
def revert(monkeypatch: pytest.MonkeyPatch) -> Revert:
    """Puts Stanza's own code back, for one test."""

    def put_back(patch: Patch) -> None:
        owner, name = patch.owner()
        monkeypatch.setattr(owner, name, getattr(owner, name).__wrapped__)

    return put_back


def networks(annotator: Annotator) -> dict[str, Any]:
    """As they predict: Stanza switches dropout off with the first prediction only."""
    processors = annotator._pipeline._stanza.processors
    return {name: processors[name].trainer.model.eval() for name in ("pos", "depparse", "ner")}


@pytest.mark.parametrize("patch", SPEED_UPS, ids=lambda patch: patch.module.rsplit(".", 1)[1] + "." + patch.attribute)
def test_trees_tags_lemmas_and_entities_stay_the_same(annotator: Annotator, revert: Revert, patch: Patch) -> None:
    patched = annotator.annotate(SOURCES)
    revert(patch)
    assert annotator.annotate(SOURCES) == patched


def test_all_speed_ups_together_give_what_stanza_gives(annotator: Annotator, revert: Revert) -> None:
    patched = annotator.annotate(SOURCES)
    for patch in SPEED_UPS:
        revert(patch)
    assert annotator.annotate(SOURCES) == patched


def test_the_texts_have_trees_to_repair(annotator: Annotator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the comparisons above would not reach the full table of labels."""
    patched = annotator.annotate(SOURCES)
    monkeypatch.setitem(annotator._pipeline._stanza.processors["depparse"].config, "resolve_head_constraints", False)
    assert annotator.annotate(SOURCES) != patched


@pytest.mark.parametrize("name", ["pos", "depparse", "ner"])
def test_characters_of_words_give_the_same_vectors(annotator: Annotator, name: str) -> None:
    model = networks(annotator)[name].charmodel
    lengths = [40, 12, 7, 3, 3, 1]
    characters = torch.zeros(len(lengths), max(lengths), dtype=torch.long)
    for row, length in zip(characters, lengths, strict=True):
        row[:length] = torch.arange(2, 2 + length)
    batch = (characters, characters == 0, [3, 0, 5, 1, 4, 2], [4, 2], lengths)
    with torch.no_grad():
        ours, theirs = type(model).forward(model, *batch), type(model).forward.__wrapped__(model, *batch)
    torch.testing.assert_close(_vectors(ours), _vectors(theirs))


def _vectors(sentences: Any) -> torch.Tensor:
    return sentences.data if hasattr(sentences, "batch_sizes") else sentences


def test_heads_of_the_tagger_give_the_same_scores(annotator: Annotator) -> None:
    heads = [module for module in networks(annotator)["pos"].modules() if isinstance(module, BiaffineScorer)]
    assert heads
    for head in heads:
        rows, columns = (size - 1 for size in head.W_bilin.weight.shape[1:])
        states = torch.randn(37, rows), torch.randn(37, columns)
        with torch.no_grad():
            ours, theirs = BiaffineScorer.forward(head, *states), BiaffineScorer.forward.__wrapped__(head, *states)
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("sharpness", [0.1, 10.0], ids=["with cycles", "mostly trees"])
def test_the_tree_search_gives_the_same_trees(annotator: Annotator, sharpness: float) -> None:
    owner, name = Patch("stanza.models.depparse.model", "chuliu_edmonds_one_root", lambda original: original).owner()
    search = getattr(owner, name)
    random = np.random.default_rng(7)
    for length in range(2, 42):
        scores = random.normal(size=(length, length)).astype(np.float32)
        scores[np.arange(1, length), np.arange(length - 1)] += sharpness
        np.fill_diagonal(scores, -np.inf)
        assert search(scores).tolist() == search.__wrapped__(scores).tolist()


def test_cycles_are_found_in_the_order_that_stanza_finds_them_in(annotator: Annotator) -> None:
    random = np.random.default_rng(11)
    for length in range(1, 60):
        heads = random.integers(0, length, size=length)
        heads[0] = 0
        ours, theirs = chuliu_edmonds.tarjan(heads), chuliu_edmonds.tarjan.__wrapped__(heads)
        assert [cycle.tolist() for cycle in ours] == [cycle.tolist() for cycle in theirs]


@pytest.mark.parametrize(
    "rows",
    [
        [[3, 1, 2], [4], [5, 6]],
        [[], [7]],
        [[[1, 2], [3, 4]], [[5, 6]]],
        [[[1], [2]], [[3]]],
    ],
    ids=repr,
)
def test_rows_are_padded_alike(annotator: Annotator, rows: list[Any]) -> None:
    for padding in (0, 9):
        ours = depparse_data.get_long_tensor(rows, len(rows), pad_id=padding)
        assert torch.equal(ours, depparse_data.get_long_tensor.__wrapped__(rows, len(rows), pad_id=padding))


def test_features_are_spelt_alike_the_second_time_too(annotator: Annotator) -> None:
    vocabulary = annotator._pipeline._stanza.processors["pos"].vocab["feats"]
    ids = [3] + [0] * (len(vocabulary._id2unit) - 1)
    expected = type(vocabulary).id2unit.__wrapped__(vocabulary, ids)
    assert [vocabulary.id2unit(ids), vocabulary.id2unit(ids)] == [expected, expected]


def test_vectors_are_read_in_full_precision_and_mean_the_same(annotator: Annotator) -> None:
    file = CARRIED_MODELS / "en" / "pretrain" / "newswire.pt"
    stored = torch.load(file, weights_only=True)["emb"]
    loaded = Pretrain(str(file)).emb
    assert (stored.dtype, loaded.dtype) == (torch.float16, torch.float32)
    assert torch.equal(loaded.half(), stored)


def test_applying_twice_changes_nothing(annotator: Annotator) -> None:
    before = [getattr(*patch.owner()) for patch in PATCHES]
    patches.apply()
    assert [getattr(*patch.owner()) for patch in PATCHES] == before


def test_another_version_of_stanza_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stanza, "__version__", "1.16.0")
    with pytest.raises(UnsupportedStanzaError, match=r"It is 1\.16\.0; wanted is 1\.15"):
        patches.apply()


@pytest.mark.parametrize("place", ["stanza.models.nothing:load", "stanza.models.common.pretrain:Pretrain.fetch"])
def test_a_stanza_without_the_attribute_is_refused_before_anything_is_changed(place: str) -> None:
    module, attribute = place.split(":")
    lacking = Patch(module, attribute, lambda original: original)
    first = Patch("stanza.models.common.pretrain", "Pretrain.save", lambda original: lambda *_: None)
    before = Pretrain.save
    with pytest.raises(UnsupportedStanzaError, match=f"{place} is missing"):
        patches.apply([first, lacking])
    assert Pretrain.save is before
