"""Speed-ups of Stanza 1.15 on a CPU: the same arithmetic with less waste, so that trees, tags and lemmas stay the same.

Each entry of `PATCHES` names what it replaces and builds the replacement from the original, so that a replacement can
fall back on it. Stanza's insides are no public interface, therefore `apply` refuses every version but the one that the
replacements were compared with.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import stanza

from workers.nlp.errors import UnsupportedStanzaError
from workers.nlp.patched_data import fill_rows_at_once, remember_features
from workers.nlp.patched_networks import (
    keep_characters_packed,
    load_in_full_precision,
    score_tags_in_one_product,
)
from workers.nlp.patched_parser import (
    label_chosen_arcs_only,
    look_for_cycles_along_heads,
    take_plain_trees_at_once,
)

SUPPORTED = "1.15"

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


_MODELS = "stanza.models"

HALF_PRECISION = Patch(f"{_MODELS}.common.pretrain", "Pretrain.load", load_in_full_precision)

PATCHES: tuple[Patch, ...] = (
    HALF_PRECISION,
    Patch(f"{_MODELS}.common.char_model", "CharacterModel.forward", keep_characters_packed),
    Patch(f"{_MODELS}.common.biaffine", "BiaffineScorer.forward", score_tags_in_one_product),
    Patch(f"{_MODELS}.common.vocab", "CompositeVocab.id2unit", remember_features),
    # What modules import by name has to be replaced in each of them.
    *(
        Patch(f"{_MODELS}.{module}", "get_long_tensor", fill_rows_at_once)
        for module in ("pos.data", "lemma.data", "depparse.data", "ner.data", "ner.model")
    ),
    Patch(f"{_MODELS}.common.chuliu_edmonds", "tarjan", look_for_cycles_along_heads),
    Patch(f"{_MODELS}.depparse.model", "chuliu_edmonds_one_root", take_plain_trees_at_once),
    Patch(f"{_MODELS}.depparse.head_constraints", "chuliu_edmonds_one_root", take_plain_trees_at_once),
    Patch(f"{_MODELS}.depparse.model", "GraphParser.predict", label_chosen_arcs_only),
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
