"""Replacements for parts of Stanza's dependency parser; `patches` says where they go."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own name for it
from stanza.models.common.chuliu_edmonds import chuliu_edmonds
from stanza.models.common.vocab import VOCAB_PREFIX_SIZE
from stanza.models.depparse.head_constraints import (
    find_head_constraint_violations,
    resolve_head_constraint_violations,
)
from torch import Tensor

from workers.nlp.patched_networks import with_one

# Chosen by measurement: the label weights and a chunk of this many arcs stay in the second-level cache.
_ARCS_AT_ONCE = 128

# The repair of a tree is far more than cubic in the length: 30 s for 400 pronouns in a row. Longer sentences than this
# are one in a thousand in news, and keep the tree that they have.
LONGEST_REPAIRED = 100

Function = Callable[..., Any]


def take_plain_trees_at_once(original: Function) -> Function:
    """The best head of each word, where that makes a tree with one root; then the best tree, where it has one root.

    Stanza weighs the root down so that no tree can have two, which sends every sentence through the contraction of
    cycles, most of them twice. A tree that is the best of all and has one root is the best of those with one root.
    """

    def chuliu_edmonds_one_root(scores: Any) -> Any:
        plain = scores.astype(np.float64)
        np.fill_diagonal(plain, -np.inf)
        heads = plain.argmax(axis=1)
        heads[0] = 0
        tree = chuliu_edmonds(plain) if find_cycles(heads) else heads
        return tree if np.count_nonzero(tree[1:] == 0) == 1 else original(scores)

    return chuliu_edmonds_one_root


def look_for_cycles_along_heads(original: Function) -> Function:
    """Every word has one head, so its cycles are found by walking up; no search for components in general graphs."""

    def tarjan(heads: Any) -> list[Any]:
        return [_marked(cycle, len(heads)) for cycle in find_cycles(heads)]

    return tarjan


def find_cycles(heads: Any) -> list[list[int]]:
    """The cycles of more than one word, ordered by their first word, which is the order that Stanza finds them in."""
    above: list[int] = heads.tolist()
    walk_of = [-1] * len(above)
    cycles = []
    for start in range(len(above)):
        word = start
        while walk_of[word] < 0:
            walk_of[word] = start
            word = above[word]
        if walk_of[word] == start and above[word] != word:
            cycles.append(_cycle_through(word, above))
    return sorted(cycles, key=min)


def _cycle_through(word: int, above: Sequence[int]) -> list[int]:
    cycle = [word]
    while above[cycle[-1]] != word:
        cycle.append(above[cycle[-1]])
    return cycle


def _marked(words: Sequence[int], length: int) -> Any:
    marks = np.zeros(length, dtype=bool)
    marks[words] = True
    return marks


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
    return with_one(deprel.hidden_func(deprel.W1(states))), with_one(deprel.hidden_func(deprel.W2(states)))


def _label_scores(bilinear: Any, dependents: Tensor, governors: Tensor) -> Tensor:
    """Scores of all labels for arcs that are given as pairs of rows."""
    rows, columns, labels = bilinear.weight.shape
    weight = bilinear.weight.reshape(rows, columns * labels)
    left, right = dependents.reshape(-1, rows), governors.reshape(-1, 1, columns)
    chunks = [slice(at, at + _ARCS_AT_ONCE) for at in range(0, left.size(0), _ARCS_AT_ONCE)]
    scores = [torch.bmm(right[chunk], (left[chunk] @ weight).view(-1, columns, labels)) for chunk in chunks]
    bias: Tensor = bilinear.bias
    return torch.cat(scores).view(*dependents.shape[:-1], labels) + bias
