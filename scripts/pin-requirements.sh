#!/bin/sh
# Pins what pyproject.toml asks for, with everything that it asks for in turn, for each supported Python.
#
#   scripts/pin-requirements.sh            keeps the pins that still fit
#   scripts/pin-requirements.sh --upgrade  takes the newest versions
#
# CUDA's packages are left out: the default build of torch names its own exactly, the CPU build needs none.
set -eu
cd "$(dirname "$0")/.."
uv="${UV:-.venv/bin/uv}"

pin() {
    output=$1
    shift
    "$uv" pip compile --quiet --universal --python-version 3.11 --no-annotate --no-emit-index-url --no-emit-find-links \
        --constraint requirements-bounds.in --custom-compile-command "scripts/pin-requirements.sh" --output-file "$output" "$@"
    grep -vE '^(nvidia|cuda|triton)\b' "$output" | sed 's/^\(torch==[0-9.]*\)+cpu/\1/' > "$output.new"
    mv "$output.new" "$output"
}

pin requirements.txt pyproject.toml --extra worker --extra embedded "$@"
pin requirements-worker.txt pyproject.toml --extra worker --constraint requirements.txt "$@"
pin requirements-web.txt pyproject.toml --constraint requirements.txt "$@"
pin requirements-dev.txt requirements-dev.in --constraint requirements.txt "$@"
