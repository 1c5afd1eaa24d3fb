"""The recordings that the spec tests stand on are what the carried models say today."""

from __future__ import annotations

import pytest

from tests.recorded.annotations import annotate, recordings, texts_of_specs

pytest.importorskip("stanza", reason="the parser is not installed")


def test_recordings_are_those_of_the_texts_in_the_specs() -> None:
    assert sorted(recordings()) == sorted(texts_of_specs())


def test_live_models_say_what_was_recorded() -> None:
    known = recordings()
    live = annotate(known)
    assert [text for text in known if live[text] != known[text]] == []
