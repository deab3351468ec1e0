#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Python: tests/languages/python.sh STAGE WORK install|unit|conformance|matrix|bench|example|snippet [ARGUMENT...]
set -euo pipefail
stage=$(realpath "$1") work=$(realpath -m "$2") task=$3
shift 3
root=$(cd "$(dirname "$0")/../.." && pwd)
PKG_CONFIG_PATH=$(dirname "$(find "$stage" -name abjure.pc -print -quit)")
export PKG_CONFIG_PATH PIP_DISABLE_PIP_VERSION_CHECK=1
python=$work/V/bin/python

case $task in
install)
    rm -rf "$work" && mkdir -p "$work/bindings"
    cp -a "$root/bindings/swig" "$work/bindings/"
    (cd "$root" && git ls-files -co --exclude-standard bindings/python) | while read -r file; do
        mkdir -p "$work/$(dirname "$file")" && cp -a "$root/$file" "$work/$file"
    done
    cd "$work"
    python3 -m venv V
    CFLAGS="-Wall -Werror" V/bin/pip install --quiet ./bindings/python
    ;;
unit) exec "$python" -B -m unittest discover -s "$root/tests/python" ;;
conformance) exec "$python" -B "$root/tests/conformance/python/runner.py" "$@" ;;
matrix) exec "$python" -B "$root/tests/matrix/python/matrix.py" "$@" ;;
bench) exec "$python" -B "$root/tests/bench/languages/python/bench.py" "$@" ;;
example) exec "$python" -B "$root/examples/python/server.py" "$@" ;;
snippet) exec "$python" -B "$1" ;;
*)
    echo "python.sh: there is no task $task" >&2
    exit 2
    ;;
esac
