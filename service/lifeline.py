"""Processes that do not outlive the one that started them, even when that one is killed without a chance to say so."""

from __future__ import annotations

import ctypes
import signal

PR_SET_PDEATHSIG = 1  # prctl(2)
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(number: signal.Signals = signal.SIGKILL) -> None:
    """Has the kernel send this process the signal when the thread that forked it ends. A change of user resets it."""
    _libc.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
