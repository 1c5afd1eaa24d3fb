"""Replacements for the parts of Stanza that turn words into numbers and back; `patches` says where they go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np
import torch
from stanza.models.common.seq2seq_constant import PAD_ID

Function = Callable[..., Any]


def fill_rows_at_once(original: Function) -> Function:
    """Stanza makes a tensor of every row (the characters of each word) and copies it; here one copy fills them all."""

    def get_long_tensor(rows: Sequence[Any], size: int, pad_id: int = PAD_ID) -> Any:
        if len(rows) != size or not all(isinstance(row, list) for row in rows) or not any(rows):
            return original(rows, size, pad_id=pad_id)
        lengths = np.fromiter(map(len, rows), dtype=np.int64, count=size)
        values = np.array(list(chain.from_iterable(rows)), dtype=np.int64)
        filled = np.full((size, lengths.max(), *values.shape[1:]), pad_id, dtype=np.int64)
        filled[np.arange(filled.shape[1]) < lengths[:, None]] = values
        return torch.from_numpy(filled)

    return get_long_tensor


def remember_features(original: Function) -> Function:
    """A few hundred combinations of features are spelt out for every word anew; here each is spelt out once."""

    def id2unit(self: Any, ids: Iterable[int] | int) -> Any:
        if not isinstance(ids, list) or self.sep is None:
            return original(self, ids)
        spelt = self.__dict__.setdefault("_spelt", {})
        key = tuple(ids)
        if key not in spelt:
            spelt[key] = original(self, ids)
        return spelt[key]

    return id2unit
