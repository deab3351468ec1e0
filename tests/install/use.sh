#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Programs find the installed library by pkg-config, shared and static, and by CMake: use.sh STAGE
set -euo pipefail
stage=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
PKG_CONFIG_PATH=$(dirname "$(find "$stage" -name abjure.pc -print -quit)")
export PKG_CONFIG_PATH
libdir=$(pkg-config --variable=libdir abjure)
cat >"$scratch/main.c" <<'END'
#include <abjure.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    char why[512];
    if (abjure_deny("@exec", 0, why, sizeof why) < 0) return fprintf(stderr, "%s\n", why), 1;
    execl("/bin/true", "true", (char *)NULL);
    return errno == EPERM ? 42 : 2;
}
END
expect() { local status=0; "$@" || status=$?; [ "$status" = 42 ] || { echo "$* ended with $status" >&2; exit 1; }; }

cd "$scratch"

# shellcheck disable=SC2046
cc main.c -o shared $(pkg-config --cflags --libs abjure) -Wl,-rpath,"$libdir"
expect ./shared
# shellcheck disable=SC2046
cc main.c -o static $(pkg-config --cflags abjure) "$libdir/libabjure.a" $(pkg-config --libs jansson libseccomp)
expect ./static
ldd ./static | grep -q libabjure && { echo "static: linked to the shared library" >&2; exit 1; }

printf 'cmake_minimum_required(VERSION 3.25)\nproject(use C)\nfind_package(abjure 0.1 REQUIRED)\nadd_executable(use main.c)\ntarget_link_libraries(use abjure::abjure)\n' >CMakeLists.txt
cmake -S . -B b -DCMAKE_PREFIX_PATH="$stage" >/dev/null
cmake --build b >/dev/null
expect ./b/use
[ "$("$stage/bin/abjure" --version | grep -o '[0-9.]*' | head -n 1)" = "$(pkg-config --modversion abjure)" ]
