"""Word lists are data, and wrong ones are refused."""

from __future__ import annotations

from importlib.resources import files
from itertools import pairwise

import pytest

from workers.extraction.families import FAMILIES
from workers.extraction.family import Family
from workers.extraction.lexicons import LexiconError, load_lexicon, parse_lexicon


def test_terms_are_found_by_their_head_the_longest_first() -> None:
    lexicon = parse_lexicon('[groups.fire]\naction = "shots_fired"\nverbs = ["fire", "fire missile"]')
    assert [term.lemmas for term in lexicon.terms["fire"]] == [("fire", "missile"), ("fire",)]
    assert {(term.group, term.action) for term in lexicon.terms["fire"]} == {("fire", "shots_fired")}


def test_a_group_without_action_or_with_an_unknown_key_is_refused() -> None:
    with pytest.raises(LexiconError):
        parse_lexicon('[groups.go]\nverbs = ["visit"]')
    with pytest.raises(LexiconError):
        parse_lexicon('[groups.go]\naction = "visited"\nverb = ["visit"]')


BY_NAME = pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)


@BY_NAME
def test_groups_and_rules_of_a_family_fit(family: Family) -> None:
    terms = [term for terms in load_lexicon(family.name).terms.values() for term in terms]
    groups = {term.group for term in terms}
    assert {group for rule in family.rules for group in rule.groups} == groups
    assert {term.action for term in terms} <= set(family.actions)


@BY_NAME
def test_every_group_has_a_comment(family: Family) -> None:
    lines = (files("seeds") / "lexicons" / f"{family.name}.toml").read_text("utf-8").splitlines()
    groups = [(before, line) for before, line in pairwise(lines) if line.startswith("[groups.")]
    assert [line for before, line in groups if not before.startswith("# ")] == []
