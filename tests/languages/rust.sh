#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Rust: tests/languages/rust.sh STAGE WORK install|unit|conformance|matrix|bench|example|snippet [ARGUMENT...]
set -euo pipefail
[ $# -ge 3 ] || { echo "usage: rust.sh STAGE WORK TASK [ARGUMENT...]" >&2; exit 2; }
stage=$1 task=$3
mkdir -p "$2"
work=$(cd "$2" && pwd)
shift 3
root=$(cd "$(dirname "$0")/../.." && pwd)
PKG_CONFIG_PATH=$(dirname "$(find "$(cd "$stage" && pwd)" -name abjure.pc -print -quit)")
libraries=$(dirname "$PKG_CONFIG_PATH")
export PKG_CONFIG_PATH LD_LIBRARY_PATH=$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
# One folder for what all of them build. The packages have no dependencies, so no registry is asked.
export CARGO_TARGET_DIR=$work/target CARGO_NET_OFFLINE=true

case $task in
install)
    # The folders as a clone has them: their manifests find the crate by its relative path.
    rm -rf "$work/tree" && mkdir -p "$work/tree"
    folders=(bindings/rust tests/conformance/rust tests/matrix/rust tests/bench/languages/rust examples/rust)
    (cd "$root" && git ls-files -z -co --exclude-standard -- "${folders[@]}" | xargs -0 cp --parents -t "$work/tree")
    for folder in tests/conformance/rust tests/matrix/rust tests/bench/languages/rust examples/rust; do
        (cd "$work/tree/$folder" && RUSTFLAGS="-D warnings" cargo build --release)
    done
    ;;
unit)
    cd "$work/tree/bindings/rust"
    RUSTFLAGS="-D warnings" cargo test
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps
    ;;
conformance) exec "$work/target/release/conformance" "$@" ;;
matrix) exec "$work/target/release/matrix" "$@" ;;
bench) if [ "$1" = plain ]; then exec "$work/target/release/plain"; else exec "$work/target/release/bench" "$@"; fi ;;
example) exec "$work/target/release/server" "$@" ;;
snippet)
    # A user's package, as the README has it.
    rm -rf "$work/user" && mkdir -p "$work/user"
    (cd "$work/user" && cargo init --quiet --vcs none --name user && cargo add --quiet --path "$work/tree/bindings/rust/abjure")
    cp "$1" "$work/user/src/main.rs"
    (cd "$work/user" && cargo build --quiet)
    exec "$work/target/debug/user"
    ;;
*)
    echo "rust.sh: there is no task $task" >&2
    exit 2
    ;;
esac
