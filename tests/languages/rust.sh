#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Rust: the tasks that common.sh tells.
set -euo pipefail
. "$(dirname "$0")/common.sh"
find_by_loader
# One folder for what all of them build. The packages have no dependencies, so no registry is asked.
export CARGO_TARGET_DIR=$work/target CARGO_NET_OFFLINE=true

case $task in
install)
    # Their manifests find the crate by its relative path.
    copy_tracked bindings/rust tests/conformance/rust tests/matrix/rust tests/bench/languages/rust examples/rust
    for folder in tests/conformance/rust tests/matrix/rust tests/bench/languages/rust examples/rust; do
        (cd "$tree/$folder" && RUSTFLAGS="-D warnings" cargo build --release)
    done
    ;;
unit)
    cd "$tree/bindings/rust"
    RUSTFLAGS="-D warnings" cargo test
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps
    ;;
conformance) exec "$work/target/release/conformance" "$@" ;;
matrix) exec "$work/target/release/matrix" "$@" ;;
bench) if [ "$1" = plain ]; then timed "$work/target/release/plain"; else timed "$work/target/release/bench" "$@"; fi ;;
example) exec "$work/target/release/server" "$@" ;;
snippet)
    # A user's package, as the README has it.
    rm -rf "$work/user" && mkdir -p "$work/user"
    (cd "$work/user" && cargo init --quiet --vcs none --name user && cargo add --quiet --path "$tree/bindings/rust/abjure")
    cp "$1" "$work/user/src/main.rs"
    (cd "$work/user" && cargo build --quiet)
    exec "$work/target/debug/user"
    ;;
*) no_such_task ;;
esac
