#!/bin/sh
# Provides what tests and benchmarks need and pip has not: the browser, Node.js, wrk and what PyICU is compiled with, by
# apt when we are root; and from npm, into .venv, axe-core and what tests/node pins. Says what to install where it cannot.
set -eu
cd "$(dirname "$0")/.."
axe_version=4.14.1
axe_sha256=e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745
axe_folder=.venv/share/axe-core-$axe_version
node_folder=.venv/share/node

# install PACKAGE…: Debian's packages
install() {
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        echo "The tests need more than pip installs. On Debian: apt-get install $*" >&2
        exit 1
    fi
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}

# need COMMAND PACKAGE…: the packages that bring the command
need() {
    command -v "$1" >/dev/null && return
    shift
    install "$@"
}

pkg-config --exists icu-i18n 2>/dev/null || install pkg-config libicu-dev g++
need wrk wrk
need chromium chromium fonts-dejavu-core
# Programs that make documents for the tests of the readers, one that judges them, and the one that reads pictures.
need soffice libreoffice-writer-nogui
need pandoc pandoc
need pdftotext poppler-utils
need tesseract tesseract-ocr

if [ ! -f "$axe_folder/axe.min.js" ]; then
    need npm npm
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    (cd "$work" && npm pack --silent "axe-core@$axe_version" >/dev/null)
    echo "$axe_sha256  $work/axe-core-$axe_version.tgz" | sha256sum --check --quiet
    tar -xzf "$work/axe-core-$axe_version.tgz" -C "$work"
    mkdir -p "$axe_folder"
    cp "$work/package/LICENSE" "$work/package/axe.min.js" "$axe_folder/"
fi

need node nodejs
if ! cmp -s tests/node/package-lock.json "$node_folder/package-lock.json"; then
    need npm npm
    rm -rf "$node_folder"
    mkdir -p "$node_folder"
    cp tests/node/package.json "$node_folder/"
    # The lock is what says that all is there, so it comes last.
    (cp tests/node/package-lock.json "$node_folder/" && cd "$node_folder" && npm ci --silent --ignore-scripts --no-audit) ||
        { rm -f "$node_folder/package-lock.json"; exit 1; }
fi
