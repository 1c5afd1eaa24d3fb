"""PostgreSQL refuses to run as root. Where root starts us (containers, bare machines) it runs as a user of its own."""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
from pathlib import Path

from service.embedded.processes import Account

DATABASE_ACCOUNT = "pgserver"
READ_AND_ENTER = stat.S_IRGRP | stat.S_IXGRP | stat.S_IROTH | stat.S_IXOTH


def own_name() -> str:
    """As the kernel knows us, which is what PostgreSQL asks; not as the environment says."""
    return pwd.getpwuid(os.geteuid()).pw_name


def database_account() -> Account | None:
    """None when we are not root: the database then runs as we do. Makes the system user the first time."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(DATABASE_ACCOUNT)
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", DATABASE_ACCOUNT]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - fixed words
        entry = pwd.getpwnam(DATABASE_ACCOUNT)
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def give(path: Path, account: Account | None) -> None:
    if account is not None:
        os.chown(path, account.uid, account.gid)


def let_enter(path: Path) -> list[Path]:
    """Lets every user pass through the directories above `path`: x alone, so none of them can be listed.

    Returns those it had to change.
    """
    closed = [folder for folder in path.resolve().parents if not folder.stat().st_mode & stat.S_IXOTH]
    for folder in closed:
        folder.chmod(folder.stat().st_mode | stat.S_IXOTH)
    return closed


def let_read(tree: Path) -> None:
    """Opens an installation made under a strict umask, which the database account could not load."""
    if tree.stat().st_mode & READ_AND_ENTER == READ_AND_ENTER:
        return
    for path in (*tree.rglob("*"), tree):  # the top last: it marks the tree as done
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | READ_AND_ENTER)
