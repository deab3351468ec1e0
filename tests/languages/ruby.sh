#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Ruby: tests/languages/ruby.sh STAGE WORK install|unit|conformance|matrix|bench|example|snippet [ARGUMENT...]
set -euo pipefail
stage=$(realpath "$1") work=$(realpath -m "$2") task=$3
shift 3
root=$(cd "$(dirname "$0")/../.." && pwd)
PKG_CONFIG_PATH=$(dirname "$(find "$stage" -name abjure.pc -print -quit)")
GEM_PATH=$work/gems:$(ruby -e 'print Gem.default_path.join(":")')
export PKG_CONFIG_PATH GEM_PATH

case $task in
install)
    rm -rf "$work" && mkdir -p "$work/bindings/swig"
    cp "$root/bindings/swig/abjure.i" "$work/bindings/swig/"
    (cd "$root/bindings/ruby" && git ls-files -co --exclude-standard) | while read -r file; do
        install -D -m 644 "$root/bindings/ruby/$file" "$work/bindings/ruby/$file"
    done
    cd "$work/bindings/ruby"
    gem build --silent abjure.gemspec -o abjure.gem
    gem install --silent --local --no-document --install-dir "$work/gems" abjure.gem
    ;;
unit) exec ruby -w "$work/bindings/ruby/test/test_abjure.rb" ;;
conformance) exec ruby "$root/tests/conformance/ruby/runner.rb" "$@" ;;
matrix) exec ruby "$root/tests/matrix/ruby/matrix.rb" "$@" ;;
bench) exec ruby "$root/tests/bench/languages/ruby/bench.rb" "$@" ;;
example) exec ruby "$root/examples/ruby/server.rb" "$@" ;;
snippet) exec ruby "$1" ;;
*)
    echo "ruby.sh: there is no task $task" >&2
    exit 2
    ;;
esac
