"""Replacements for parts of Stanza's networks; `patches` says where they go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pack_sequence, pad_packed_sequence

Function = Callable[..., Any]


def load_in_full_precision(original: Function) -> Function:
    """A pretrain file of half the size can be shipped, and the networks still get the float32 vectors they run with."""

    def load(self: Any) -> None:
        original(self)
        if self._emb.dtype != torch.float32:
            self._emb = self._emb.float()

    return load


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


def score_tags_in_one_product(original: Function) -> Function:
    """torch's bilinear form runs one tag at a time on a CPU; as one matrix product it uses the whole vector unit."""

    def forward(self: Any, first: Tensor, second: Tensor) -> Tensor:
        weight: Tensor = self.W_bilin.weight
        tags, rows, columns = weight.shape
        left, right = with_one(first), with_one(second)
        product = left.reshape(-1, rows) @ weight.permute(1, 0, 2).reshape(rows, tags * columns)
        scores = (product.view(-1, tags, columns) * right.reshape(-1, 1, columns)).sum(-1)
        biased: Tensor = scores.view(*first.shape[:-1], tags) + self.W_bilin.bias
        return biased

    return forward


def with_one(states: Tensor) -> Tensor:
    """A one behind each vector makes a bilinear form biaffine."""
    return torch.cat([states, states.new_ones(*states.shape[:-1], 1)], -1)
