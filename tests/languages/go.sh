#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Go: the tasks that common.sh tells.
set -euo pipefail
. "$(dirname "$0")/common.sh"
find_by_loader
# The toolchain that is there, whatever go.mod asks for; and no look at the repository around WORK.
export GOTOOLCHAIN=local GOFLAGS=-buildvcs=false

case $task in
install)
    rm -rf "$work/bin" && mkdir -p "$work/bin"
    # Their go.mod files find the package by its relative path.
    copy_tracked bindings/go tests/conformance/go tests/matrix/go tests/bench/languages/go examples/go
    build() { (cd "$tree/$1" && go build -o "$work/bin/$2" "${3-.}"); }
    build tests/conformance/go runner
    build tests/matrix/go matrix
    build tests/bench/languages/go bench
    build tests/bench/languages/go plain ./plain
    build examples/go example
    ;;
unit)
    cd "$tree/bindings/go"
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
bench) if [ "$1" = plain ]; then timed "$work/bin/plain"; else timed "$work/bin/bench" "$@"; fi ;;
example) exec "$work/bin/example" "$@" ;;
snippet)
    # A user's module, as the README has it.
    rm -rf "$work/user" && mkdir "$work/user"
    cp "$1" "$work/user/main.go"
    cd "$work/user"
    go mod init user 2>/dev/null
    go mod edit -require=abjure@v0.0.0 "-replace=abjure=$tree/bindings/go"
    go build -o "$work/bin/snippet" .
    exec "$work/bin/snippet"
    ;;
*) no_such_task ;;
esac
