from __future__ import annotations

import pytest

from service.settings import CARRIED_MODELS
from workers.nlp.annotator import Annotator, load_annotator


@pytest.fixture(scope="session")
def annotator() -> Annotator:
    """The carried models; loading them takes some four seconds."""
    return load_annotator(CARRIED_MODELS, "newswire")
