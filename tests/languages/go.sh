#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Go: tests/languages/go.sh STAGE WORK install|unit|conformance|matrix|bench|example|snippet [ARGUMENT...]
set -euo pipefail
[ $# -ge 3 ] || { echo "usage: go.sh STAGE WORK TASK [ARGUMENT...]" >&2; exit 2; }
stage=$1 task=$3
mkdir -p "$2"
work=$(cd "$2" && pwd)
shift 3
root=$(cd "$(dirname "$0")/../.." && pwd)
PKG_CONFIG_PATH=$(dirname "$(find "$(cd "$stage" && pwd)" -name abjure.pc -print -quit)")
libraries=$(dirname "$PKG_CONFIG_PATH")
export PKG_CONFIG_PATH LD_LIBRARY_PATH=$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
# The toolchain that is there, whatever go.mod asks for; and no look at the repository around WORK.
export GOTOOLCHAIN=local GOFLAGS=-buildvcs=false

case $task in
install)
    # The folders as a clone has them: their go.mod files find the package by its relative path.
    rm -rf "$work/tree" "$work/bin" && mkdir -p "$work/tree" "$work/bin"
    folders=(bindings/go tests/conformance/go tests/matrix/go tests/bench/languages/go examples/go)
    (cd "$root" && git ls-files -z -co --exclude-standard -- "${folders[@]}" | xargs -0 cp --parents -t "$work/tree")
    build() { (cd "$work/tree/$1" && go build -o "$work/bin/$2" "${3-.}"); }
    build tests/conformance/go runner
    build tests/matrix/go matrix
    build tests/bench/languages/go bench
    build tests/bench/languages/go plain ./plain
    build examples/go example
    ;;
unit)
    cd "$work/tree/bindings/go"
    go vet ./...
    go test -count=1 -v ./...
    # Without cgo, and on systems that have no filters, it compiles and says what is missing.
    CGO_ENABLED=0 go vet ./...
    CGO_ENABLED=0 go test -count=1 -v ./...
    for system in darwin windows plan9; do
        CGO_ENABLED=0 GOOS=$system GOARCH=amd64 go build ./...
        echo "builds on $system"
    done
    ;;
conformance) exec "$work/bin/runner" "$@" ;;
matrix) exec "$work/bin/matrix" "$@" ;;
bench) if [ "$1" = plain ]; then exec "$work/bin/plain"; else exec "$work/bin/bench" "$@"; fi ;;
example) exec "$work/bin/example" "$@" ;;
snippet)
    # A user's module, as the README has it.
    rm -rf "$work/user" && mkdir "$work/user"
    cp "$1" "$work/user/main.go"
    cd "$work/user"
    go mod init user 2>/dev/null
    go mod edit -require=abjure@v0.0.0 "-replace=abjure=$work/tree/bindings/go"
    go build -o "$work/bin/snippet" .
    exec "$work/bin/snippet"
    ;;
*)
    echo "go.sh: there is no task $task" >&2
    exit 2
    ;;
esac
