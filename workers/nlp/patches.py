"""Speed-ups of Stanza 1.15 on a CPU: the same arithmetic with less waste, so that trees, tags and lemmas stay the same.

Each entry of `PATCHES` names what it replaces and builds the replacement from the original, so that a replacement can
fall back on it. Stanza's insides are no public interface, therefore `apply` refuses every version but the one that the
replacements were compared with.
"""

from __future__ import annotations

import functools
import importlib
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import stanza
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own name for it
from stanza.models.common.vocab import VOCAB_PREFIX_SIZE
from stanza.models.depparse.head_constraints import (
    find_head_constraint_violations,
    resolve_head_constraint_violations,
)
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pack_sequence, pad_packed_sequence

from workers.nlp.errors import UnsupportedStanzaError

SUPPORTED = "1.15"

# Chosen by measurement: the label weights and a chunk of this many arcs stay in the second-level cache.
_ARCS_AT_ONCE = 256

# The repair of a tree is far more than cubic in the length: 30 s for 400 pronouns in a row. Longer sentences than this
# are one in a thousand in news, and keep the tree that they have.
LONGEST_REPAIRED = 100

Function = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Patch:
    """One attribute of Stanza, `module` and dotted `attribute`, and what makes its replacement from the original."""

    module: str
    attribute: str
    replace: Callable[[Function], Function]

    def owner(self) -> tuple[Any, str]:
        """The module or class that holds the attribute, and the attribute's last name."""
        *path, name = self.attribute.split(".")
        try:
            owner = functools.reduce(getattr, path, importlib.import_module(self.module))
            getattr(owner, name)
        except (ImportError, AttributeError) as error:
            raise UnsupportedStanzaError(f"{self.module}:{self.attribute} is missing.") from error
        return owner, name


# Half-precision word vectors


def load_in_full_precision(original: Function) -> Function:
    """A pretrain file of half the size can be shipped, and the networks still get the float32 vectors they run with."""

    def load(self: Any) -> None:
        original(self)
        if self._emb.dtype != torch.float32:
            self._emb = self._emb.float()

    return load


# Characters of a word


def keep_characters_packed(original: Function) -> Function:
    """Stanza pads every word to the longest of the batch (one web address: 90 columns) and weighs the padding too.

    Here embedding, LSTM and attention work on the packed characters; padding contributed zeros to the sum.
    """

    def forward(self: Any, chars: Tensor, _mask: Tensor, word_orig_idx: Any, sentlens: Any, wordlens: Any) -> Any:
        packed = pack_padded_sequence(chars, wordlens, batch_first=True)
        embedded = PackedSequence(self.dropout(self.char_emb(packed.data)), packed.batch_sizes)
        output = self.charlstm(embedded, wordlens, hx=_first_states(self, chars.size(0)))
        words = _attended(self, output[0], chars.size(0)) if self.attn else _last_states(output[1][0])
        words = _unsorted(words, word_orig_idx)
        sentences = pack_sequence(list(torch.split(words, sentlens)))
        return pad_packed_sequence(sentences, batch_first=True)[0] if self.pad else sentences

    return forward


def _first_states(model: Any, words: int) -> tuple[Tensor, Tensor]:
    shape = (model.num_dir * model.args["char_num_layers"], words, model.args["char_hidden_dim"])
    return model.charlstm_h_init.expand(*shape).contiguous(), model.charlstm_c_init.expand(*shape).contiguous()


def _last_states(hidden: Tensor) -> Tensor:
    return hidden[-2:].transpose(0, 1).reshape(hidden.size(1), -1)


def _attended(model: Any, output: PackedSequence, words: int) -> Tensor:
    """The sum of each word's character states, weighed by attention."""
    weighed: Tensor = output.data * torch.sigmoid(model.char_attn(model.dropout(output.data)))
    row = torch.arange(words)
    owner: Tensor = row.expand(len(output.batch_sizes), words)[row < output.batch_sizes.unsqueeze(1)]
    nothing = torch.zeros(words, weighed.size(1), dtype=weighed.dtype, device=weighed.device)
    summed: Tensor = nothing.index_add(0, owner.to(weighed.device), weighed)
    return summed


def _unsorted(rows: Tensor, original_places: Sequence[int]) -> Tensor:
    places = torch.as_tensor(original_places, device=rows.device)
    return torch.empty_like(rows).index_copy(0, places, rows)


# Heads of the tagger


def score_tags_in_one_product(original: Function) -> Function:
    """torch's bilinear form runs one tag at a time on a CPU; as one matrix product it uses the whole vector unit."""

    def forward(self: Any, first: Tensor, second: Tensor) -> Tensor:
        weight: Tensor = self.W_bilin.weight
        tags, rows, columns = weight.shape
        left, right = _with_one(first), _with_one(second)
        product = left.reshape(-1, rows) @ weight.permute(1, 0, 2).reshape(rows, tags * columns)
        scores = (product.view(-1, tags, columns) * right.reshape(-1, 1, columns)).sum(-1)
        biased: Tensor = scores.view(*first.shape[:-1], tags) + self.W_bilin.bias
        return biased

    return forward


def _with_one(states: Tensor) -> Tensor:
    """A one behind each vector makes a bilinear form biaffine."""
    return torch.cat([states, states.new_ones(*states.shape[:-1], 1)], -1)


# Trees


def take_plain_trees_at_once(original: Function) -> Function:
    """Where each word's best head already makes a tree with one root, that tree is the optimum: nothing to search.

    Stanza penalises the root so much that every sentence goes through cycle contraction.
    """

    def chuliu_edmonds_one_root(scores: Any) -> Any:
        plain = scores.copy()
        np.fill_diagonal(plain, -np.inf)
        heads = plain.argmax(axis=1)
        heads[0] = 0
        return heads if _is_tree_with_one_root(heads) else original(scores)

    return chuliu_edmonds_one_root


def _is_tree_with_one_root(heads: Any) -> bool:
    if np.count_nonzero(heads[1:] == 0) != 1:
        return False
    above = heads
    for _ in range(len(heads).bit_length()):  # each step doubles how far up every word looks
        above = above[above]
    return not above.any()


def label_chosen_arcs_only(original: Function) -> Function:
    """Stanza scores some fifty labels for every possible arc of a sentence, and then uses those of one head per word.

    Here the tree comes first and its arcs alone are labelled. The full table is made for a single sentence where the
    labelled tree breaks a head constraint (two subjects), because the repair looks at other arcs.
    """

    @torch.no_grad()
    def predict(self: Any, *batch: Any, resolve_head_constraints: bool = False) -> list[list[list[Any]]]:
        if self.args.get("use_arc_embedding"):
            result: list[list[list[Any]]] = original(self, *batch, resolve_head_constraints=resolve_head_constraints)
            return result
        states = self.embed(*batch)
        lengths = batch[_SENTENCE_LENGTHS]
        parse = _Parse(self, states, lengths)
        return [parse.sentence(index, resolve_head_constraints) for index in range(len(lengths))]

    return predict


# The place of `sentlens` among the arguments of GraphParser.predict.
_SENTENCE_LENGTHS = 12


class _Parse:
    """The trees of one batch, with what is needed to repair one of them."""

    def __init__(self, parser: Any, states: Tensor, lengths: Sequence[int]) -> None:
        self.parser, self.lengths = parser, lengths
        self.scores = F.log_softmax(_arc_scores(parser, states), 2).cpu().numpy()
        self.trees = [_one_root()(self.scores[i][:n, :n]) for i, n in enumerate(lengths)]
        self.dependents, self.governors = _label_sides(parser, states)
        self.labels = self._labels()

    def _labels(self) -> list[list[int]]:
        heads = torch.zeros(self.governors.shape[:2], dtype=torch.long)
        for index, tree in enumerate(self.trees):
            heads[index, : len(tree)] = torch.from_numpy(tree.astype(np.int64))
        places = heads.to(self.governors.device).unsqueeze(2).expand(-1, -1, self.governors.size(2))
        chosen = torch.gather(self.governors, 1, places)
        best = _label_scores(self.parser.deprel.scorer.W_bilin, self.dependents, chosen).argmax(-1)
        labels: list[list[int]] = (best + VOCAB_PREFIX_SIZE).tolist()
        return labels

    def sentence(self, index: int, resolve_head_constraints: bool) -> list[list[Any]]:
        """Head and relation of each word of a sentence, as Stanza's trainer wants them."""
        tree = self.trees[index]
        relations = self.parser.vocab["deprel"].unmap(self.labels[index][1 : self.lengths[index]])
        short = self.lengths[index] <= LONGEST_REPAIRED
        if short and resolve_head_constraints and find_head_constraint_violations(tree, relations):
            tree, relations = self._repaired(index)
        return [[head, relation] for head, relation in zip(tree[1:], relations, strict=True)]

    def _repaired(self, index: int) -> tuple[Any, list[str]]:
        length, vocabulary = self.lengths[index], self.parser.vocab["deprel"]
        one = slice(index, index + 1)
        sides = self.dependents[one, :length, :-1], self.governors[one, :length, :-1]
        table = F.log_softmax(self.parser.deprel.scorer(*sides)[0], 2).cpu().numpy()
        scores = self.scores[index][:length, :length]
        with warnings.catch_warnings(action="ignore"):  # it warns of what it could not repair; no reader can act on it
            tree, labels = resolve_head_constraint_violations(scores, table, self.trees[index], vocabulary)
        return tree, vocabulary.unmap([label + VOCAB_PREFIX_SIZE for label in labels])


def _one_root() -> Function:
    """The tree search as the parser's module has it now, patched or not."""
    search: Function = importlib.import_module("stanza.models.depparse.model").chuliu_edmonds_one_root
    return search


def _arc_scores(parser: Any, states: Tensor) -> Tensor:
    """Scores of all arcs without labels, exactly as GraphParser.forward_scores makes them."""
    scores: Tensor = parser.unlabeled(states, states).squeeze(3)
    places = torch.arange(states.size(1), device=states.device)
    offsets = (places.view(1, 1, -1) - places.view(1, -1, 1)).expand(states.size(0), -1, -1)
    if parser.args["linearization"]:
        direction = parser.linearization(states, states).squeeze(3)
        scores = scores + F.logsigmoid(direction * torch.sign(offsets).float())
    if parser.args["distance"]:
        expected = 1 + F.softplus(parser.distance(states, states).squeeze(3))
        scores = scores - torch.log((torch.abs(offsets).float() - expected) ** 2 / 2 + 1)
    itself = torch.eye(states.size(1), dtype=torch.bool, device=states.device)
    return scores.masked_fill(itself.unsqueeze(0), -float("inf")).float()


def _label_sides(parser: Any, states: Tensor) -> tuple[Tensor, Tensor]:
    """Each word as a dependent and as a governor of a labelled arc."""
    deprel = parser.deprel
    return _with_one(deprel.hidden_func(deprel.W1(states))), _with_one(deprel.hidden_func(deprel.W2(states)))


def _label_scores(bilinear: Any, dependents: Tensor, governors: Tensor) -> Tensor:
    """Scores of all labels for arcs that are given as pairs of rows."""
    rows, columns, labels = bilinear.weight.shape
    weight = bilinear.weight.permute(0, 2, 1).reshape(rows, labels * columns)
    left, right = dependents.reshape(-1, rows), governors.reshape(-1, columns, 1)
    chunks = [slice(at, at + _ARCS_AT_ONCE) for at in range(0, left.size(0), _ARCS_AT_ONCE)]
    scores = [torch.bmm((left[chunk] @ weight).view(-1, labels, columns), right[chunk]) for chunk in chunks]
    bias: Tensor = bilinear.bias
    return torch.cat(scores).view(*dependents.shape[:-1], labels) + bias


HALF_PRECISION = Patch("stanza.models.common.pretrain", "Pretrain.load", load_in_full_precision)

PATCHES: tuple[Patch, ...] = (
    HALF_PRECISION,
    Patch("stanza.models.common.char_model", "CharacterModel.forward", keep_characters_packed),
    Patch("stanza.models.common.biaffine", "BiaffineScorer.forward", score_tags_in_one_product),
    # Two modules hold the tree search under a name of their own.
    Patch("stanza.models.depparse.model", "chuliu_edmonds_one_root", take_plain_trees_at_once),
    Patch("stanza.models.depparse.head_constraints", "chuliu_edmonds_one_root", take_plain_trees_at_once),
    Patch("stanza.models.depparse.model", "GraphParser.predict", label_chosen_arcs_only),
)

# All that models in half precision need, for comparisons with Stanza as its authors wrote it.
UNPATCHED: tuple[Patch, ...] = (HALF_PRECISION,)


def apply(patches: Iterable[Patch] = PATCHES) -> None:
    """Put the replacements in place, once; raises `UnsupportedStanzaError` where they would not fit."""
    check_version(stanza.__version__)
    places = [(patch, *patch.owner()) for patch in patches]
    for patch, owner, name in places:
        current = getattr(owner, name)
        if not hasattr(current, "__wrapped__"):  # the mark that functools.wraps leaves: it is in place already
            setattr(owner, name, functools.wraps(current)(patch.replace(current)))


def check_version(version: str) -> None:
    if version.split(".")[:2] != SUPPORTED.split("."):
        raise UnsupportedStanzaError(f"It is {version}; wanted is {SUPPORTED}.")
