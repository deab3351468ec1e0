#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# abjure.h compiles alone, twice included, as C99, C11 and C++, and includes nothing but two headers.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
printf '#include <abjure.h>\n#include <abjure.h>\nint main(void) { return abjure_version() == 0; }\n' >"$scratch/alone.c"
strict=(-Wall -Wextra -pedantic -Wstrict-prototypes -Werror -Icore/include -fsyntax-only)
for compiler in gcc clang; do
    for standard in c99 c11; do $compiler -std=$standard "${strict[@]}" "$scratch/alone.c"; done
    $compiler -x c++ -std=c++11 -Wall -Wextra -pedantic -Werror -Icore/include -fsyntax-only "$scratch/alone.c"
done
included=$(grep '^#include' core/include/abjure.h | sort | tr '\n' ' ')
[ "$included" = '#include <stddef.h> #include <stdint.h> ' ] || { echo "abjure.h includes $included" >&2; exit 1; }
