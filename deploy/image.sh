#!/bin/sh
# Every step of the container image, so that they can be followed without a container engine too
# (`./dev image-check`). Runs as root in a Debian tree.
#
#   image.sh build   in a stage that is thrown away: makes /opt/hearthline from the sources in .
#   image.sh final   in the image itself: Python, the account, the folders
set -eu

PREFIX=/opt/hearthline
ACCOUNT=10001 # a number, so that a cluster can check that it is not root

install_packages() {
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install --yes --no-install-recommends -qq "$@" >/dev/null
    rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log
}

build() {
    install_packages python3 python3-venv
    python3 -m venv /tmp/tools
    tools=/tmp/tools/bin/python
    "$tools" -m pip install --quiet --require-hashes --only-binary :all: -r deploy/build.lock
    # The tools stay outside: what is shipped holds no pip.
    python3 -m venv --without-pip "$PREFIX"
    "$tools" -m pip --python "$PREFIX/bin/python" install --quiet --no-compile --require-hashes \
        --only-binary :all: -r requirements.lock
    "$tools" -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir /tmp/wheel .
    "$tools" -m pip --python "$PREFIX/bin/python" install --quiet --no-compile --no-deps --no-index \
        /tmp/wheel/*.whl
    # Compiled now, because the root file system is read-only later.
    "$PREFIX/bin/python" -m compileall -q "$PREFIX/lib"
    install -m 0755 deploy/entry.sh "$PREFIX/bin/entry"
}

final() {
    install_packages python3 ca-certificates
    groupadd --gid "$ACCOUNT" hotline
    useradd --uid "$ACCOUNT" --gid "$ACCOUNT" --no-create-home --home-dir /data \
        --shell /usr/sbin/nologin hotline
    install -d -o "$ACCOUNT" -g "$ACCOUNT" -m 0700 /data /keys
    # Nothing here needs to become someone else.
    find / -xdev -type f -perm /6000 -exec chmod a-s {} +
    rm -rf /usr/share/doc/* /usr/share/man/* /usr/share/locale/*
}

case ${1:-} in
    build) build ;;
    final) final ;;
    *)
        echo "usage: image.sh build|final" >&2
        exit 2
        ;;
esac
