"""gunicorn's settings. The address to listen on comes from the command line (`--bind`)."""

from __future__ import annotations

import ctypes
import gc
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

# Requests wait for the database most of their time, so threads; two processes, so that one can fail or be recycled.
worker_class = "gthread"
workers = 2
threads = 16

# The code is loaded once and its memory shared. No connection is open at that time, so none is shared.
preload_app = True

# A process that shows no life for so long is replaced. It bounds no single request: a slow sender holds his thread, so
# a service that strangers can reach needs a proxy in front that takes requests in whole (docs/deploying.md).
timeout = 30
# Ctrl-C must end everything within ten seconds.
graceful_timeout = 2
keepalive = 5

# A document of 10 MB is a few blocks of that size for a moment. glibc learns to keep such blocks in its heap, where
# they are never given back; with fixed settings they are. A process that took three keeps 78 MB instead of 128 MB
# (bench/uploads.py). The numbers are those of mallopt(3); other C libraries have no such function.
M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8
libc = ctypes.CDLL(None)
if hasattr(libc, "mallopt"):
    libc.mallopt(M_MMAP_THRESHOLD, 1024 * 1024)
    libc.mallopt(M_ARENA_MAX, 2)

# Heartbeat files on a disk can block a worker long enough to be killed (gunicorn's FAQ).
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - memory, not a shared folder

# Recycled now and then, at different times, in case something leaks.
max_requests = 20_000
max_requests_jitter = 2_000

# One installation, one command: nobody talks to gunicorn by its socket, which would lie in the home directory.
control_socket_disable = True

# The application writes its own log (service/traffic.py), without document text.
accesslog = None
errorlog = "-"

# The processes' counts are added up in a folder, which must be known before the application is loaded.
_own_folder = None
if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    _own_folder = os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="legation-metrics-")


def pre_fork(server: Any, worker: Any) -> None:
    """What was loaded before the fork stays out of garbage collection, which would copy its pages for each process and
    take a second of the time that stopping has.
    """
    gc.freeze()


def child_exit(server: Any, worker: Any) -> None:
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(server: Any) -> None:
    if _own_folder:
        shutil.rmtree(_own_folder, ignore_errors=True)
