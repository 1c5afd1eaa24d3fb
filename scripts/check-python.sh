#!/bin/sh
# Says in one line what is wrong with the Python that .venv is to be made with.
set -u
python=$1
if ! command -v "$python" >/dev/null; then
    echo "There is no $python. Legation needs Python 3.11, 3.12 or 3.13; name yours with make PYTHON=…" >&2
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))'; then
    echo "$("$python" --version) is not supported. Legation needs Python 3.11, 3.12 or 3.13; name yours with make PYTHON=…" >&2
    exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    echo "$("$python" --version) has no venv. On Debian and Ubuntu: apt-get install python3-venv" >&2
    exit 1
fi
