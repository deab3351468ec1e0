#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Perl: tests/languages/perl.sh STAGE WORK install|unit|conformance|matrix|bench|example|snippet [ARGUMENT...]
set -euo pipefail
stage=$(realpath "$1") work=$(realpath -m "$2") task=$3
shift 3
root=$(cd "$(dirname "$0")/../.." && pwd)
PKG_CONFIG_PATH=$(dirname "$(find "$stage" -name abjure.pc -print -quit)")
export PKG_CONFIG_PATH PERL5LIB=$work/installed/lib/perl5

case $task in
install)
    rm -rf "$work" && mkdir -p "$work/package"
    (cd "$root/bindings/perl" && git ls-files -co --exclude-standard) | while read -r file; do
        install -D -m 644 "$root/bindings/perl/$file" "$work/package/$file" # follows the link to abjure.i
    done
    cd "$work/package"
    { perl Makefile.PL INSTALL_BASE="$work/installed" && make && make install; } >"$work/log" 2>&1 ||
        { tail -n 20 "$work/log" >&2; exit 1; }
    if grep -E 'missing in your kit|: warning: ' "$work/log"; then exit 1; fi
    ;;
unit) cd "$work/package" && exec make -s test ;;
conformance) exec perl "$root/tests/conformance/perl/runner.pl" "$@" ;;
matrix) exec perl "$root/tests/matrix/perl/matrix.pl" "$@" ;;
bench) exec perl "$root/tests/bench/languages/perl/bench.pl" "$@" ;;
example) exec perl "$root/examples/perl/server.pl" "$@" ;;
snippet) exec perl "$1" ;;
*)
    echo "perl.sh: there is no task $task" >&2
    exit 2
    ;;
esac
