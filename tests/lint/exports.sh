#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What the library exports is what the version map lists, and the header declares the same: exports.sh LIBRARY
set -euo pipefail
exported=$(nm --dynamic --defined-only --format=posix "$1" | awk '$2 != "A" { sub(/@.*/, "", $1); print $1 }' | sort)
mapped=$(grep -o 'abjure_[a-z_]*;' core/libabjure.map | tr -d ';' | sort)
declared=$(grep '^ABJURE_API' core/include/abjure.h | grep -o 'abjure_[a-z_]*(' | tr -d '(' | sort)
diff <(echo "$mapped") <(echo "$exported") || { echo "exports and core/libabjure.map differ" >&2; exit 1; }
diff <(echo "$mapped") <(echo "$declared") || { echo "core/libabjure.map and abjure.h differ" >&2; exit 1; }
soname=$(readelf -d "$1" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')
major=$(sed -n 's/^project(abjure VERSION \([0-9]*\).*/\1/p' CMakeLists.txt)
[ "$soname" = "libabjure.so.$major" ] || { echo "SONAME is $soname" >&2; exit 1; }
echo "$(echo "$mapped" | wc -l) symbols, $soname"
