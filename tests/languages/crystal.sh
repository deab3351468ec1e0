#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Crystal: the tasks that common.sh tells.
set -euo pipefail
. "$(dirname "$0")/common.sh"
find_by_loader

# crystal build, in the folder of a user's program: the shard is in its lib/.
compile() { # compile SOURCE PROGRAM
    (cd "$work/app" && crystal build --no-color -o "$2" "$1")
}

case $task in
install)
    rm -rf "$work" && mkdir -p "$work/app/lib" "$work/bin"
    copy_tracked bindings/crystal
    if command -v shards >/dev/null; then
        printf 'name: app\nversion: 0.0.0\ndependencies:\n  abjure:\n    path: %s\n' "$tree/bindings/crystal" >"$work/app/shard.yml"
        (cd "$work/app" && shards install --no-color >/dev/null)
    else
        ln -s "$tree/bindings/crystal" "$work/app/lib/abjure"
    fi
    compile "$root/tests/conformance/crystal/runner.cr" "$work/bin/runner"
    compile "$root/tests/matrix/crystal/matrix.cr" "$work/bin/matrix"
    compile "$root/tests/bench/languages/crystal/bench.cr" "$work/bin/bench"
    compile "$root/tests/bench/languages/crystal/plain.cr" "$work/bin/plain"
    compile "$root/examples/crystal/server.cr" "$work/bin/example"
    ;;
unit)
    (cd "$tree/bindings/crystal" && mkdir -p lib && ln -sfn .. lib/abjure && crystal spec --no-color)
    ;;
conformance) exec "$work/bin/runner" "$@" ;;
matrix) exec "$work/bin/matrix" "$@" ;;
bench) if [ "$1" = plain ]; then timed "$work/bin/plain"; else timed "$work/bin/bench" "$@"; fi ;;
example) exec "$work/bin/example" "$@" ;;
snippet)
    compile "$(realpath "$1")" "$work/bin/snippet"
    exec "$work/bin/snippet"
    ;;
*) no_such_task ;;
esac
