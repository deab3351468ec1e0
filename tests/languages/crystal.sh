#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Crystal: tests/languages/crystal.sh STAGE WORK install|unit|conformance|matrix|bench|example|snippet [ARGUMENT...]
set -euo pipefail
stage=$(realpath "$1") work=$(realpath -m "$2") task=$3
shift 3
root=$(cd "$(dirname "$0")/../.." && pwd)
PKG_CONFIG_PATH=$(dirname "$(find "$stage" -name abjure.pc -print -quit)")
libraries=$(dirname "$PKG_CONFIG_PATH")
export PKG_CONFIG_PATH LD_LIBRARY_PATH=$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}

# crystal build, in the folder of a user's program: the shard is in its lib/.
compile() { # compile SOURCE PROGRAM
    (cd "$work/app" && crystal build --no-color -o "$2" "$1")
}

case $task in
install)
    rm -rf "$work" && mkdir -p "$work/package" "$work/app/lib" "$work/bin"
    (cd "$root/bindings/crystal" && git ls-files -co --exclude-standard) | while read -r file; do
        install -D -m 644 "$root/bindings/crystal/$file" "$work/package/$file"
    done
    if command -v shards >/dev/null; then
        printf 'name: app\nversion: 0.0.0\ndependencies:\n  abjure:\n    path: %s\n' "$work/package" >"$work/app/shard.yml"
        (cd "$work/app" && shards install --no-color >/dev/null)
    else
        ln -s "$work/package" "$work/app/lib/abjure"
    fi
    compile "$root/tests/conformance/crystal/runner.cr" "$work/bin/runner"
    compile "$root/tests/matrix/crystal/matrix.cr" "$work/bin/matrix"
    compile "$root/tests/bench/languages/crystal/bench.cr" "$work/bin/bench"
    compile "$root/tests/bench/languages/crystal/plain.cr" "$work/bin/plain"
    compile "$root/examples/crystal/server.cr" "$work/bin/example"
    ;;
unit)
    (cd "$work/package" && mkdir -p lib && ln -sfn .. lib/abjure && crystal spec --no-color)
    ;;
conformance) exec "$work/bin/runner" "$@" ;;
matrix) exec "$work/bin/matrix" "$@" ;;
bench) if [ "$1" = plain ]; then exec "$work/bin/plain"; else exec "$work/bin/bench" "$@"; fi ;;
example) exec "$work/bin/example" "$@" ;;
snippet)
    compile "$(realpath "$1")" "$work/bin/snippet"
    exec "$work/bin/snippet"
    ;;
*)
    echo "crystal.sh: there is no task $task" >&2
    exit 2
    ;;
esac
