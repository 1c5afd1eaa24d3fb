#!/bin/sh
# Provides the browser that the tests drive: by apt when we are root, else it says what to install.
set -eu
packages="chromium fonts-dejavu-core"
if command -v chromium >/dev/null; then
    exit 0
fi
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq
    # shellcheck disable=SC2086  # a list
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages
    exit 0
fi
echo "The tests need the browser Chromium as 'chromium'. On Debian: apt-get install $packages" >&2
exit 1
