#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Node.js: tests/languages/node.sh STAGE WORK install|unit|conformance|matrix|bench|example|snippet [ARGUMENT...]
set -euo pipefail
stage=$(cd "$1" && pwd) task=$3
mkdir -p "$2"
work=$(cd "$2" && pwd)
shift 3
root=$(cd "$(dirname "$0")/../.." && pwd)
libraries=$(dirname "$(find "$stage" -name libabjure.so.0 -print -quit)")
export LD_LIBRARY_PATH=$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}

npm() {
    local log=$work/npm.log
    command npm --no-audit --no-fund --no-update-notifier --prefer-offline "$@" >"$log" 2>&1 || { cat "$log" && return 1; }
}

case $task in
install)
    rm -rf "$work/package" "$work/app"
    mkdir -p "$work/package" "$work/app"
    (cd "$root/bindings/node" && git ls-files -co --exclude-standard) | while read -r file; do
        install -D -m 644 "$root/bindings/node/$file" "$work/package/$file"
    done
    (cd "$work/package" && npm pack)
    echo '{ "private": true }' >"$work/app/package.json"
    (cd "$work/app" && npm install "$work"/package/abjure-*.tgz)
    # Node.js looks for packages beside the program.
    cp "$root"/tests/conformance/node/*.js "$root/tests/matrix/node/matrix.js" \
        "$root/tests/bench/languages/node/bench.js" "$root/examples/node/server.mjs" "$work/app"
    ;;
unit)
    cd "$work/package"
    npm install
    command npm test
    command npm run types
    ;;
conformance) exec node "$work/app/runner.js" "$@" ;;
matrix) exec node "$work/app/matrix.js" "$@" ;;
bench) exec node "$work/app/bench.js" "$@" ;;
example) exec node "$work/app/server.mjs" "$@" ;;
snippet)
    suffix=cjs
    if grep -q '^import ' "$1"; then suffix=mjs; fi
    cp "$1" "$work/app/snippet.$suffix"
    exec node "$work/app/snippet.$suffix"
    ;;
*)
    echo "node.sh: there is no task $task" >&2
    exit 2
    ;;
esac
