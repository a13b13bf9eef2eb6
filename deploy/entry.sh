#!/bin/sh
# First program of the container: no core dumps (they would hold keys and words), no files for others.
set -eu
ulimit -c 0
umask 077
exec /opt/hearthline/bin/hotline "$@"
