#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Prints where Docker's default profile of a version is: docker_profile.sh VERSION
# It is fetched as a Go module. Where that cannot be, says why as a test that is skipped does, and exits with 77.
set -euo pipefail
if ! command -v go >/dev/null; then
    echo "skipped: no go command to fetch Docker's profile with"
    exit 77
fi
cd / # no go.mod asks for another toolchain
folder=$(go mod download -json "github.com/moby/profiles/seccomp@$1" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p') || true
if [ ! -f "$folder/default.json" ]; then
    echo "skipped: Docker's profile $1 cannot be fetched"
    exit 77
fi
echo "$folder/default.json"
