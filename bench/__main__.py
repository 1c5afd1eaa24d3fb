"""All benchmarks, one after the other, each in a process of its own: `make bench`."""

from __future__ import annotations

import subprocess
import sys

BENCHMARKS = ("bench.drafting", "bench.core", "bench.latency", "bench.uploads")

for name in BENCHMARKS:
    subprocess.run([sys.executable, "-m", name], check=True)
