#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The bindings on a library built with the address and undefined-behaviour sanitizers, which they get by LD_PRELOAD.
#
#   sanitized.sh WORK INSTALLED [LANGUAGE...]     INSTALLED: the folder where LANGUAGE.sh installed each language
#
# Every runner runs the corpus. The C code that SWIG makes for Python, Ruby and Perl is built with the sanitizer as well,
# and runs these packages' tests of misuse. Leaks are left out: a runtime at its exit has many.
set -euo pipefail
work=$(realpath -m "$1") installed=$(realpath "$2")
shift 2
[ $# -gt 0 ] || set -- python java crystal go rust node ruby perl
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
stage=$work/stage
mkdir -p "$work/bin"

# What a step prints is of use only where it fails.
quietly() { "$@" >"$work/log" 2>&1 || { tail -n 60 "$work/log" && return 1; }; }

gcc=$(command -v gcc)
quietly cmake -S "$root" -B "$work/build" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_COMPILER="$gcc" -DABJURE_TOOL=OFF \
    -DABJURE_TESTS=OFF -DABJURE_SANITIZE=address,undefined
quietly cmake --build "$work/build" --parallel
quietly cmake --install "$work/build" --prefix "$stage"
library=$(find "$stage" -name libabjure.so.0)

# Compilers by any of the names that the packages' tools call them.
for name in gcc cc x86_64-linux-gnu-gcc aarch64-linux-gnu-gcc; do
    printf '#!/bin/sh\nexec %s -fsanitize=address -fno-omit-frame-pointer "$@"\n' "$gcc" >"$work/bin/$name"
    chmod +x "$work/bin/$name"
done

# The JVM handles SIGSEGV itself, Ruby sets the stack for signals itself. Shells that the runtimes start inherit LD_PRELOAD; that does no harm.
sanitized() {
    env LD_PRELOAD="$(gcc -print-file-name=libasan.so)" ASAN_OPTIONS=detect_leaks=0:handle_segv=0:use_sigaltstack=0 \
        LD_LIBRARY_PATH="$(dirname "$library")" "$@"
}

# task FOLDER LANGUAGE TASK...: a task of LANGUAGE.sh
task() { sanitized "$here/$2.sh" "$stage" "$1/$2" "${@:3}"; }

# Says which libabjure the runner of a language has; the sanitized one must be found before the installed one.
check_library() {
    rm -f "$work"/loaded.*
    LD_DEBUG=files LD_DEBUG_OUTPUT=$work/loaded quietly task "$1" "$2" conformance "$root/tests/corpus/about" || return 1
    grep -qsF "calling init: $library" "$work"/loaded.* || { echo "$2 does not use the sanitized library"; return 1; }
}

# A use of freed memory must be found, else all this shows nothing.
control() {
    local code status=0
    case $2 in
    python) code='from abjure import _core as c; f = c.abjure_filter_new(); c.abjure_filter_free(f); c.abjure_filter_clear(f)' ;;
    ruby) code='require "abjure"; c = Abjure::Core; f = c.abjure_filter_new; c.abjure_filter_free f; c.abjure_filter_clear f' ;;
    perl) code='use Abjure; my $f = Abjure::Core::abjure_filter_new(); Abjure::Core::abjure_filter_free($f);
                Abjure::Core::abjure_filter_clear($f);' ;;
    esac
    printf '%s\n' "$code" >"$work/control"
    task "$1" "$2" snippet "$work/control" >"$work/log" 2>&1 || status=$?
    if [ $status = 0 ] || ! grep -q heap-use-after-free "$work/log"; then
        echo "$2: the sanitizer does not find a use of freed memory" && return 1
    fi
}

misuse() {
    case $2 in
    python) (cd "$root/tests/python" && quietly sanitized "$1/python/V/bin/python" -B -m unittest \
        test_misuse.Texts test_misuse.Values test_misuse.Closed test_misuse.Whole) ;;
    ruby) GEM_PATH=$1/ruby/gems:$(ruby -e 'print Gem.default_path.join(":")') quietly sanitized ruby -w \
        "$1/ruby/tree/bindings/ruby/test/test_abjure.rb" -n '/misuse|texts|closed|refuses|garbage/' ;;
    perl) PERL5LIB=$1/perl/installed/lib/perl5 quietly sanitized perl "$1/perl/tree/bindings/perl/t/misuse.t" ;;
    esac
}

failed=0
for language in "$@"; do
    folder=$installed
    case $language in
    python | ruby | perl)
        folder=$work
        PATH=$work/bin:$PATH quietly "$here/$language.sh" "$stage" "$work/$language" install &&
            control "$folder" "$language" && misuse "$folder" "$language"
        ;;
    esac && check_library "$folder" "$language" && quietly task "$folder" "$language" conformance "$root/tests/corpus" &&
        tail -n 1 "$work/log" || { echo "$language: failed under the sanitizers" && failed=1; }
done
exit $failed
