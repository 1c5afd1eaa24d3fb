"""What a benchmark says about the machine that it ran on, since a figure without that says little."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from pathlib import Path

import psutil

BUSY_PERCENT = 5.0


def print_table(title: str, rows: Mapping[str, str]) -> None:
    width = max(len(name) for name in rows)
    print(f"\n{title}\n{'-' * len(title)}")
    for name, value in rows.items():
        print(f"{name:<{width}}  {value}")
    print(f"\n{describe()}")


def describe() -> str:
    """Cores, memory, load, and what else kept the processor busy in the last second."""
    load = ", ".join(f"{value:.2f}" for value in os.getloadavg())
    memory = psutil.virtual_memory().total / 2**30
    others = ", ".join(busy_others()) or "nothing"
    cores = f"{os.cpu_count()} cores of {processor()}, {memory:.0f} GB"
    return f"{cores}; Python {platform.python_version()}; load {load}; besides this ran: {others}"


def processor() -> str:
    with Path("/proc/cpuinfo").open() as lines:
        return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "an unknown kind")


def busy_others() -> list[str]:
    family = {os.getpid(), *(child.pid for child in psutil.Process().children(recursive=True))}
    others = [process for process in psutil.process_iter() if process.pid not in family]
    for process in others:
        _percent(process)
    psutil.cpu_percent(interval=1)
    busy = [(name, percent) for name, percent in map(_percent, others) if percent > BUSY_PERCENT]
    return [f"{name} {percent:.0f} %" for name, percent in busy]


def _percent(process: psutil.Process) -> tuple[str, float]:
    try:
        return process.name(), process.cpu_percent()
    except psutil.NoSuchProcess:
        return "", 0.0
