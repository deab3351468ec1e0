#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Node.js: the tasks that common.sh tells.
set -euo pipefail
. "$(dirname "$0")/common.sh"
find_by_loader
package=$tree/bindings/node

npm() {
    local log=$work/npm.log
    command npm --no-audit --no-fund --no-update-notifier --prefer-offline "$@" >"$log" 2>&1 || { cat "$log" && return 1; }
}

case $task in
install)
    rm -rf "$work/app" && mkdir -p "$work/app"
    copy_tracked bindings/node
    (cd "$package" && npm pack)
    echo '{ "private": true }' >"$work/app/package.json"
    (cd "$work/app" && npm install "$package"/abjure-*.tgz)
    # Node.js looks for packages beside the program.
    cp "$root"/tests/conformance/node/*.js "$root/tests/matrix/node/matrix.js" \
        "$root/tests/bench/languages/node/bench.js" "$root/examples/node/server.mjs" "$work/app"
    ;;
unit)
    cd "$package"
    npm install
    command npm test
    command npm run types
    ;;
conformance) exec node "$work/app/runner.js" "$@" ;;
matrix) exec node "$work/app/matrix.js" "$@" ;;
bench) timed node "$work/app/bench.js" "$@" ;;
example) exec node "$work/app/server.mjs" "$@" ;;
snippet)
    suffix=cjs
    if grep -q '^import ' "$1"; then suffix=mjs; fi
    cp "$1" "$work/app/snippet.$suffix"
    exec node "$work/app/snippet.$suffix"
    ;;
*) no_such_task ;;
esac
