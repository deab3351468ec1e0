#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The size of the programs for Docker's default profiles, and what they execute: limits.sh BENCH
# The profiles are fetched as a Go module; where that cannot be, the test is skipped and says so.
set -euo pipefail
bench=$1
check() { # VERSION INSTRUCTIONS
    local folder
    folder=$(go mod download -json "github.com/moby/profiles/seccomp@$1" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
    if [ ! -f "$folder/default.json" ]; then
        echo "skipped: Docker's profile $1 cannot be fetched"
        exit 77
    fi
    echo "$1"
    "$bench" --limit "$2" "$folder/default.json"
}
if ! command -v go >/dev/null; then
    echo "skipped: no go command to fetch Docker's profile with"
    exit 77
fi
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
check v0.1.0 72
check v0.3.0 86
