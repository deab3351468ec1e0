#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The ABI has not changed in a way that breaks programs since the committed baseline: abi.sh LIBRARY
# After an intended addition: abi.sh --baseline LIBRARY
set -euo pipefail
baseline=tests/lint/abjure.abi
if [ "$1" = --baseline ]; then
    abidw --headers-dir core/include --drop-private-types --exported-interfaces-only --no-comp-dir-path \
        --no-corpus-path --no-show-locs "$2" | sed "s|'$PWD/|'|" >"$baseline"
    exit
fi
if ! readelf -h "$1" | grep -q 'Machine:.*X86-64'; then
    echo "skipped: the baseline is of x86_64"
    exit 77
fi
status=0
abidiff --headers-dir2 core/include --drop-private-types --exported-interfaces-only "$baseline" "$1" || status=$?
# Bit 2: the ABI differs; additions need a new baseline as well, so that the next change is seen against it.
[ "$status" = 0 ] || { echo "the ABI differs from $baseline (abidiff: $status)" >&2; exit 1; }
echo "no change"
