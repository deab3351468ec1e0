#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs the Python package from a clean copy into a new virtual environment and runs its tests: package.sh folder|sdist STAGE
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
PKG_CONFIG_PATH=$(dirname "$(find "$2" -name abjure.pc -print -quit)")
export PKG_CONFIG_PATH PIP_DISABLE_PIP_VERSION_CHECK=1

# A clean copy, as a clone would have it: what an earlier build left must not help.
mkdir "$scratch/bindings"
cp -a "$root/bindings/swig" "$scratch/bindings/"
(cd "$root" && git ls-files -co --exclude-standard bindings/python) | while read -r file; do
    mkdir -p "$scratch/$(dirname "$file")" && cp -a "$root/$file" "$scratch/$file"
done
python3 -m venv "$scratch/V"
cd "$scratch"
what=./bindings/python
if [ "$1" = sdist ]; then
    V/bin/pip install --quiet build
    V/bin/python -m build --sdist --outdir archive ./bindings/python >log 2>&1 || { tail -n 20 log >&2; exit 1; }
    what=$(echo archive/*.tar.gz)
fi
CFLAGS="-Wall -Werror" V/bin/pip install --quiet "$what"
V/bin/python -c 'import abjure, pathlib; assert (pathlib.Path(abjure.__file__).parent / "py.typed").exists()'
V/bin/pip install --quiet mypy
V/bin/mypy --strict --no-error-summary -p abjure
V/bin/python -m unittest discover -s "$here" -v 2>&1
