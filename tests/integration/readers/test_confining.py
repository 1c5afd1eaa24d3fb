"""What a process that reads a document cannot do any more, even when the document has taken it over."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from workers.readers import sandbox
from workers.readers.confining import landlock_version

# What is tried once it is confined to its folder, whose parent has a secret.
SOCKETS = {
    "a socket of the network": "socket.socket()",
    "a socket in the file system": "socket.socket(socket.AF_UNIX)",
    "a pair of sockets": "socket.socketpair()",
}
BEYOND = {
    "the secret": "open('../secret').read()",
    "the secret, by another program": "subprocess.run(['cat', '../secret'], check=True, stderr=subprocess.DEVNULL)",
    "the accounts of the machine": "open('/etc/passwd').read()",
    "its parent's environment": "open(f'/proc/{os.getppid()}/environ').read()",
    "an end of its parent": "os.kill(os.getppid(), 0)",
    "a file beside its folder": "open('../made', 'w')",
    "a link to the secret": "os.link('../secret', 'linked')",
}
TRY = """
import json, os, socket, subprocess, sys
from pathlib import Path
from workers.readers.confining import confine
confine(Path.cwd())
done = []
for name, attempt in json.loads(sys.argv[1]).items():
    try:
        eval(attempt)
    except (OSError, subprocess.CalledProcessError):
        continue
    done.append(name)
print(json.dumps(done))
"""
REPOSITORY = Path(__file__).parents[3]


def tried(folder: Path, attempts: dict[str, str]) -> list[str]:
    """The names of those that came through."""
    code = f"import sys; sys.path.insert(0, {str(REPOSITORY)!r})" + TRY
    command = [sys.executable, "-I", "-c", code, json.dumps(attempts)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def test_there_is_no_way_to_a_socket(tmp_path: Path) -> None:
    assert tried(tmp_path, SOCKETS) == []


@pytest.mark.skipif(landlock_version() < 6, reason="this kernel's Landlock does not scope signals (Linux 6.12)")
def test_nothing_but_its_own_folder_is_within_reach(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("A key.")
    folder = tmp_path / "own"
    folder.mkdir()
    assert tried(folder, BEYOND) == []


def test_a_machine_on_which_nothing_can_be_read_is_found_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox.check()
    monkeypatch.setattr(sandbox, "START", "raise SystemExit(1)")
    with pytest.raises(RuntimeError, match="does not work on this machine"):
        sandbox.check()


def test_it_can_do_its_work(tmp_path: Path) -> None:
    work = {
        "a file of its own": "open('made', 'w').write('x')",
        "a program": "subprocess.run(['true'], check=True)",
        "a library": "__import__('lxml.etree')",
        "our own code": "__import__('workers.readers.pdf')",
    }
    assert tried(tmp_path, work) == list(work)
