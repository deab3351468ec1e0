#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# All tests in all languages: installs what is needed, builds without warnings, runs everything, once plainly and the
# core's and the command's once more under the address and undefined-behaviour sanitizers. Arguments go to ctest:
# tests/run.sh -R unit
set -euo pipefail
cd "$(dirname "$0")/.."
started=$SECONDS

tests/packages.sh build tests python java crystal go rust node ruby perl

jobs=$(nproc)
build=build/tests sanitized=build/sanitized
for preset in tests sanitized; do
    mkdir -p build/$preset
    { cmake --preset $preset && cmake --build build/$preset --parallel "$jobs"; } >build/$preset/build.log 2>&1 ||
        { tail -n 40 build/$preset/build.log >&2; echo "run.sh: the build failed; see build/$preset/build.log" >&2; exit 1; }
done
rm -f $build/roll_call.txt $build/matrix.txt

status=0
echo "== plain"
ctest --test-dir $build --parallel "$jobs" --output-on-failure --no-tests=error --output-junit results.xml "$@" || status=1
echo "== sanitizers"
ctest --test-dir $sanitized --parallel "$jobs" --output-on-failure --no-tests=ignore --output-junit results.xml "$@" || status=1

for report in matrix roll_call; do
    if [ -e $build/$report.txt ]; then echo "== $report" && cat $build/$report.txt; fi
done
echo "== summary, $((SECONDS - started)) seconds"
tests/summary.py $build/results.xml $sanitized/results.xml || status=1
exit $status
