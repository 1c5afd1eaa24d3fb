#!/bin/sh
# Brings the map's files in from their npm packages, unchanged: what they are, where each comes from, and its licence.
# The repository keeps them, so that nobody needs npm to install or run it. Run this to move to another version.
set -eu
cd "$(dirname "$0")/.."
target=service/review/static/vendor
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# vendor PACKAGE VERSION SHA256-OF-THE-PACKAGE FILE…
vendor() {
    package=$1 version=$2 sha256=$3
    shift 3
    (cd "$work" && npm pack --silent "$package@$version" >/dev/null)
    echo "$sha256  $work/$package-$version.tgz" | sha256sum --check --quiet
    tar -xzf "$work/$package-$version.tgz" -C "$work"
    rm -rf "${target:?}/$package"
    mkdir -p "$target/$package"
    cp "$work/package/LICENSE" "$target/$package/LICENSE.txt"
    for file; do cp "$work/package/$file" "$target/$package/"; done
    rm -rf "$work/package"
}

vendor leaflet 1.9.4 84c65a256e50657896f54c33bd857b6849ebe94c817803be818bf32a3dde0b77 dist/leaflet.js dist/leaflet.css
vendor topojson-client 3.1.0 889fadb422f6236d0f8337a236ce6499f258b75e44b81733b13bd971067322bf dist/topojson-client.min.js
# Natural Earth 1:110m, public domain.
vendor world-atlas 2.0.2 032e7765f2ce00edaeafec23ff22bc3b77e42987c257da944cc585b452c05b97 countries-110m.json

(cd "$target" && find . -type f ! -name SHA256SUMS | LC_ALL=C sort | xargs sha256sum > SHA256SUMS)
