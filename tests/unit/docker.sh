#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Docker's profiles through OCI and back: docker.sh TEST_PROGRAM
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
paths=()
for version in v0.1.0 v0.3.0; do
    path=$("$here/../docker_profile.sh" "$version") || { status=$?; echo "$path"; exit "$status"; }
    paths+=("$path")
done
exec "$1" "${paths[@]}"
