#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Perl: the tasks that common.sh tells.
set -euo pipefail
. "$(dirname "$0")/common.sh"
export PERL5LIB=$work/installed/lib/perl5

case $task in
install)
    rm -rf "$work" && mkdir -p "$work"
    copy_tracked bindings/swig bindings/perl
    cd "$tree/bindings/perl"
    { perl Makefile.PL INSTALL_BASE="$work/installed" && make && make install; } >"$work/log" 2>&1 ||
        { tail -n 20 "$work/log" >&2; exit 1; }
    if grep -E 'missing in your kit|: warning: ' "$work/log"; then exit 1; fi
    ;;
unit) cd "$tree/bindings/perl" && exec make -s test ;;
conformance) exec perl "$root/tests/conformance/perl/runner.pl" "$@" ;;
matrix) exec perl "$root/tests/matrix/perl/matrix.pl" "$@" ;;
bench) timed perl "$root/tests/bench/languages/perl/bench.pl" "$@" ;;
example) exec perl "$root/examples/perl/server.pl" "$@" ;;
snippet) exec perl "$1" ;;
*) no_such_task ;;
esac
