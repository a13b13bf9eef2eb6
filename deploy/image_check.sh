#!/bin/sh
# Follows the Dockerfile in bare Debian trees made by debootstrap: the same deploy/image.sh, with the
# packages fetched outside first. Then starts the result as the image would: another account, nothing
# writable but /data and /keys. Called by `./dev image-check`.
set -eu

SUITE=${SUITE:-bookworm}
case $SUITE in
    bookworm) VERSION=3.11 ;;
    trixie) VERSION=3.13 ;;
    *)
        echo "image-check knows bookworm and trixie, not $SUITE" >&2
        exit 2
        ;;
esac
ACCOUNT=10001

# A mount namespace of its own: whatever is mounted below is gone when this program is.
if [ -z "${HEARTHLINE_OWN_MOUNTS:-}" ]; then
    HEARTHLINE_OWN_MOUNTS=1 exec unshare --mount --propagation private sh "$0" "$@"
fi

say() { printf 'image-check: %s\n' "$*"; }
stop() {
    say "FAILED: $*"
    exit 1
}

place=$(mktemp -d)
leave() {
    umount --recursive "$place/final" 2>/dev/null || true
    rm -rf --one-file-system "$place"
}
trap leave EXIT
trap 'exit 1' INT TERM
build=$place/build
final=$place/final

say "bare Debian $SUITE"
debootstrap --variant=minbase "$SUITE" "$build" >"$place/debootstrap.log" 2>&1 || {
    tail -n 20 "$place/debootstrap.log"
    stop "debootstrap"
}
cp -a "$build" "$final"

say "fetching the wheels for Python $VERSION"
for lock in requirements.lock deploy/build.lock; do
    .venv/bin/python -m pip download --quiet --disable-pip-version-check --require-hashes \
        --only-binary :all: --python-version "$VERSION" --dest "$build/wheels" -r "$lock"
done

# inside <tree> <command>...: as root, with /proc, and with the settings pip reads to stay offline
inside() {
    tree=$1
    shift
    mount -t proc proc "$tree/proc"
    status=0
    chroot "$tree" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin PIP_NO_INDEX=1 \
        PIP_FIND_LINKS=/wheels PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore "$@" || status=$?
    umount "$tree/proc"
    return $status
}

say "image.sh build"
mkdir "$build/source"
# What .dockerignore lets through.
tar -c --exclude=__pycache__ bot channels triage handoff config deploy pyproject.toml README.md LICENSE \
    requirements.lock | tar -x -C "$build/source" --no-same-owner
inside "$build" sh -c 'cd /source && sh deploy/image.sh build' || stop "image.sh build"

say "image.sh final"
cp deploy/image.sh "$final/image.sh"
inside "$final" sh /image.sh final || stop "image.sh final"
rm "$final/image.sh"
cp -a "$build/opt/hearthline" "$final/opt/hearthline"
rm -rf --one-file-system "$build"
say "size: $(du -sm --one-file-system "$final" | cut -f 1) MB, of which Hearthline and its packages $(du -sm "$final/opt/hearthline" | cut -f 1) MB"

# As the image runs: read-only root, /data and /keys writable, /tmp in memory, no capabilities.
mount --bind "$final" "$final"
mount -t tmpfs -o "uid=$ACCOUNT,gid=$ACCOUNT,mode=0700" tmpfs "$final/data"
mount -t tmpfs -o "uid=$ACCOUNT,gid=$ACCOUNT,mode=0700" tmpfs "$final/keys"
mount -t tmpfs -o mode=1777 tmpfs "$final/tmp"
mount -t proc proc "$final/proc"
mount --bind /dev "$final/dev"
mount -o remount,ro,bind "$final"

as_hotline() {
    chroot "$final" setpriv --reuid "$ACCOUNT" --regid "$ACCOUNT" --clear-groups \
        --bounding-set=-all --inh-caps=-all --no-new-privs /usr/bin/env -i -C /data \
        PATH=/opt/hearthline/bin:/usr/bin:/bin PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
        HOTLINE_DATA_DIR=/data HOTLINE_KEY_RING=/keys "$@"
}

say "the account, the root and the folders"
[ "$(as_hotline id -u)" = "$ACCOUNT" ] || stop "not running as $ACCOUNT"
! as_hotline sh -c ': >/opt/hearthline/x' 2>/dev/null || stop "the root is writable"
as_hotline sh -c ': >/data/x && rm /data/x && : >/keys/x && rm /keys/x' || stop "/data or /keys is not writable"
[ -z "$(find "$final" -xdev -type f -perm /6000)" ] || stop "a file runs as someone else"
! as_hotline python -c 'import pip' 2>/dev/null || stop "pip is in the image"
! as_hotline python -c 'import hatchling' 2>/dev/null || stop "build tools are in the image"
as_hotline sh -c 'ulimit -c 0 && [ "$(ulimit -c)" = 0 ]' || stop "core dumps cannot be switched off"

say "the packages"
as_hotline python -c 'import bot, channels, triage, handoff, config' || stop "a package cannot be imported"
say "hotline --help"
as_hotline /opt/hearthline/bin/entry --help >"$place/help" || stop "hotline --help"
head -n 3 "$place/help"
say "passed"
