"""Takes from this process, and from what it starts, what the reading of a document has no need of.

Landlock (Linux 5.13; https://docs.kernel.org/userspace-api/landlock.html) leaves it the files of programs and its own
folder, and since 6.12 signals to itself alone. A filter of system calls (seccomp) leaves it no way to a socket, be it
of the network or of the file system, nor into other processes. A namespace without a network is its own where the
kernel grants one. What the kernel does not know is left out.
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import struct
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

_libc = ctypes.CDLL(None, use_errno=True)

_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 22, 38
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000

# include/uapi/linux/landlock.h
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION, _PATH_BENEATH = 1, 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 14
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
_READ = _EXECUTE | _READ_FILE | _READ_DIR

# include/uapi/linux/seccomp.h, audit.h, and the calls by their numbers on x86-64 and on 64-bit ARM
_FILTER, _ALLOW, _REFUSE = 2, 0x7FFF0000, 0x00050001
_LOAD, _IS, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER, _ARCHITECTURE = 0, 4
_X32 = 0x40000000  # the same calls under other numbers
_MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
_REFUSED = {
    "socket": (41, 198),
    "socketpair": (53, 199),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "io_uring_setup": (425, 425),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "mount": (165, 40),
    "unshare": (272, 97),
    "setns": (308, 268),
    "open_by_handle_at": (304, 265),
}


class _Ruleset(ctypes.Structure):
    _fields_ = [("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scope", ctypes.c_uint64)]


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32)]


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_char_p)]


def confine(folder: Path) -> None:
    """Leaves this process the files of programs to read, and this folder to write in. There is no way back."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # nobody is left to hear the answer
    _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if _libc.unshare(_CLONE_NEWNET) != 0:
        _libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)
    version = landlock_version()
    if version > 0:
        _confine_files(version, map(Path, _programs()), [folder, Path("/dev/null")])
    if platform.machine() in _MACHINES:
        _refuse_calls(*_MACHINES[platform.machine()])


def landlock_version() -> int:
    """Of what this kernel has; less than 1 where it has none."""
    return int(_libc.syscall(_CREATE_RULESET, None, 0, _VERSION))


def _programs() -> Iterable[str]:
    """Where Python, our code, and the programs and libraries of the system are: no settings, no data."""
    ours = (place for name in ("service", "workers") for place in find_spec(name).submodule_search_locations or ())  # type: ignore[union-attr]
    yield from (sys.prefix, sys.base_prefix, *ours)
    yield from (path for path in sys.path if "site-packages" in path or "dist-packages" in path)
    yield from ("/usr", "/bin", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/fonts", "/etc/localtime")
    yield from ("/dev/urandom", "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu")


def _confine_files(version: int, readable: Iterable[Path], writable: Iterable[Path]) -> None:
    files = (1 << {1: 13, 2: 14, 3: 15, 4: 15}.get(version, 16)) - 1
    wanted = _Ruleset(files, 0b11 if version >= 4 else 0, 0b11 if version >= 6 else 0)
    size = 8 if version < 4 else 16 if version < 6 else 24
    rules = _checked(_libc.syscall(_CREATE_RULESET, ctypes.byref(wanted), ctypes.c_size_t(size), 0))
    for paths, allowed in ((readable, _READ), (writable, files)):
        for path in filter(Path.exists, paths):
            _allow(rules, path, allowed & files)
    _checked(_libc.syscall(_RESTRICT_SELF, rules, 0))
    os.close(rules)


def _allow(rules: int, path: Path, allowed: int) -> None:
    opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    beneath = _Beneath(allowed if path.is_dir() else allowed & _OF_FILES, opened)
    _checked(_libc.syscall(_ADD_RULE, rules, _PATH_BENEATH, ctypes.byref(beneath), 0))
    os.close(opened)


def _refuse_calls(architecture: int, column: int) -> None:
    refused = [(_AT_LEAST, _X32), *((_IS, numbers[column]) for numbers in _REFUSED.values())]
    code = [_step(_LOAD, _ARCHITECTURE), _step(_IS, architecture, otherwise=len(refused) + 2), _step(_LOAD, _NUMBER)]
    code += [_step(test, value, then=len(refused) - at) for at, (test, value) in enumerate(refused)]
    code += [_step(_RETURN, _ALLOW), _step(_RETURN, _REFUSE)]
    program = _Program(len(code), b"".join(code))
    _checked(_libc.prctl(_PR_SET_SECCOMP, _FILTER, ctypes.byref(program), 0, 0))


def _step(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
    """An instruction of the filter; `then` and `otherwise` are how many of the next ones are left out."""
    return struct.pack("HBBI", code, then, otherwise, value)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
