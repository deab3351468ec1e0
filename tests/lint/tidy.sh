#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# clang-tidy over the core and the command, with the checks in .clang-tidy: tidy.sh BUILD
# Releases differ in what they check, so one of them decides.
set -euo pipefail
major=$(clang-tidy --version | sed -n 's/.*version \([0-9]*\).*/\1/p')
if [ "$major" != 14 ]; then
    echo "skipped: clang-tidy 14 (Debian 12) decides; this is $major"
    exit 77
fi
mapfile -t files < <(find core/src core/tool -name '*.c' -not -path '*/generated/*' | sort)
[ "${#files[@]}" -gt 30 ]
printf '%s\n' "${files[@]}" | xargs -P "$(nproc)" -n 1 clang-tidy --quiet -p "$1" 2>/dev/null
echo "${#files[@]} files"
