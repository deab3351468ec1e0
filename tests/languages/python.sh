#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Python: the tasks that common.sh tells.
set -euo pipefail
. "$(dirname "$0")/common.sh"
export PIP_DISABLE_PIP_VERSION_CHECK=1
python=$work/V/bin/python

case $task in
install)
    rm -rf "$work" && mkdir -p "$work"
    copy_tracked bindings/swig bindings/python
    cd "$tree"
    python3 -m venv "$work/V"
    CFLAGS="-Wall -Werror" "$work/V/bin/pip" install --quiet ./bindings/python
    ;;
unit) exec "$python" -B -m unittest discover -s "$root/tests/python" ;;
conformance) exec "$python" -B "$root/tests/conformance/python/runner.py" "$@" ;;
matrix) exec "$python" -B "$root/tests/matrix/python/matrix.py" "$@" ;;
bench) timed "$python" -B "$root/tests/bench/languages/python/bench.py" "$@" ;;
example) exec "$python" -B "$root/examples/python/server.py" "$@" ;;
snippet) exec "$python" -B "$1" ;;
*) no_such_task ;;
esac
