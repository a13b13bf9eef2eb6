#!/bin/sh
# Writes the lock files anew from pyproject.toml: every package pinned with the hashes of all its
# files, so that other platforms are covered, and with no address to fetch from.
# Needs pip-tools: python3 -m venv /tmp/lock && /tmp/lock/bin/pip install pip-tools
# Then: PATH=/tmp/lock/bin:$PATH deploy/lock.sh [--upgrade]
set -eu
cd "$(dirname "$0")/.."

compile() {
    pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-header \
        --no-emit-index-url --no-emit-trusted-host --no-emit-find-links "$@" pyproject.toml
}

compile "$@" --output-file requirements.lock
compile "$@" --extra dev --constraint requirements.lock --output-file requirements-dev.lock
compile --only-build-deps --build-deps-for wheel --build-deps-for editable \
    --constraint requirements-dev.lock --output-file deploy/build.lock
(
    cd tests/peers/telegram
    pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-header \
        --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-annotate \
        --output-file aiogram.lock aiogram.in
)

# The homeserver of the tests has an environment of its own: it is never installed beside the hotline.
pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-header --no-emit-index-url \
    --no-emit-trusted-host --no-emit-find-links "$@" \
    --output-file tests/matrix/synapse.lock tests/matrix/synapse.in
