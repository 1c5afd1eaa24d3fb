"""No container runs in the tests. What can be known without one: form, pins, and values that must be the same twice."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.settings import Settings
from tests.conftest import REPOSITORY
from workers.nlp.environment import WORKER_ENVIRONMENT

DOCKERFILE = (REPOSITORY / "Dockerfile").read_text()
COMPOSE_TEXT = (REPOSITORY / "compose.yaml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_TEXT)
BIN = Path(sys.executable).parent
SECRETS = {"POSTGRES_PASSWORD": "a" * 64, "REDIS_PASSWORD": "b" * 64, "LEGATION_SECRET_KEY": "c" * 64}


def stage(name: str) -> str:
    return re.split(r"^FROM ", DOCKERFILE.split(f" AS {name}\n")[1], flags=re.MULTILINE)[0]


def test_dockerfile_lints() -> None:
    done = subprocess.run([BIN / "hadolint", REPOSITORY / "Dockerfile"], capture_output=True, text=True, check=False)
    assert done.stdout + done.stderr == ""


def test_compose_file_has_the_published_form() -> None:
    schema = ["--builtin-schema", "vendor.compose-spec"]
    subprocess.run([BIN / "check-jsonschema", *schema, REPOSITORY / "compose.yaml"], check=True, capture_output=True)


def test_worker_image_has_the_environment_that_drafting_needs() -> None:
    assert dict(re.findall(r"([A-Z_]+)=(\S+)", stage("worker").split("ENV ")[1].split("USER")[0])) == WORKER_ENVIRONMENT


@pytest.mark.parametrize("name", ["web", "worker"])
def test_images_run_as_nobody_in_particular_and_know_their_health(name: str) -> None:
    assert re.search(r"^USER [1-9]\d+$", stage(name), re.MULTILINE)
    assert "HEALTHCHECK" in stage(name)


def test_web_image_has_neither_torch_nor_models() -> None:
    assert not re.search(r"^(torch|stanza)\b", (REPOSITORY / "requirements-web.txt").read_text(), re.MULTILINE)
    assert "rm -r workers/models" in stage("web-build")


def test_every_service_gets_its_settings_and_no_secret_has_a_default() -> None:
    for name in ("web", "worker", "sweeper", "deliverer", "migrate"):
        given = {key: substituted(value) for key, value in COMPOSE["services"][name]["environment"].items()}
        Settings.from_env(given)
    assert not re.findall(r"\$\{(?:POSTGRES_PASSWORD|REDIS_PASSWORD|LEGATION_SECRET_KEY)(?!:\?)", COMPOSE_TEXT)


def substituted(value: str) -> str:
    return re.sub(r"\$\{(\w+):[?-]([^}]*)\}", lambda found: SECRETS.get(found[1], found[2]), value)


def test_nothing_is_published_beyond_loopback_unless_asked() -> None:
    published = [port for service in COMPOSE["services"].values() for port in service.get("ports", ())]
    assert [substituted(port) for port in published] == ["127.0.0.1:8000:8000"]


def test_pins_are_exact() -> None:
    for path in REPOSITORY.glob("requirements*.txt"):
        lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
        assert [line for line in lines if not re.match(r"[\w.-]+==[\w.!]+( ;.*)?$", line)] == []


def test_pins_agree_with_each_other() -> None:
    pinned: dict[str, set[str]] = {}
    for path in REPOSITORY.glob("requirements*.txt"):
        for line in path.read_text().splitlines():
            if "==" in line:
                requirement, _, marker = line.partition(" ; ")
                pinned.setdefault(f"{requirement.split('==')[0]} {marker}", set()).add(requirement)
    assert {name: versions for name, versions in pinned.items() if len(versions) > 1} == {}
