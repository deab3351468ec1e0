#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The size of the programs for Docker's default profiles, and what they execute: limits.sh BENCH
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
bench=$1
check() { # VERSION INSTRUCTIONS
    local path status
    path=$("$here/../docker_profile.sh" "$1") || { status=$?; echo "$path"; exit "$status"; }
    echo "$1"
    "$bench" --limit "$2" "$path"
}
check v0.1.0 72
check v0.3.0 86
