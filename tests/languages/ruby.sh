#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Ruby: the tasks that common.sh tells.
set -euo pipefail
. "$(dirname "$0")/common.sh"
GEM_PATH=$work/gems:$(ruby -e 'print Gem.default_path.join(":")')
export GEM_PATH

case $task in
install)
    rm -rf "$work" && mkdir -p "$work"
    copy_tracked bindings/swig bindings/ruby
    cd "$tree/bindings/ruby"
    gem build --silent abjure.gemspec -o abjure.gem
    gem install --silent --local --no-document --install-dir "$work/gems" abjure.gem
    ;;
unit) exec ruby -w "$tree/bindings/ruby/test/test_abjure.rb" ;;
conformance) exec ruby "$root/tests/conformance/ruby/runner.rb" "$@" ;;
matrix) exec ruby "$root/tests/matrix/ruby/matrix.rb" "$@" ;;
bench) timed ruby "$root/tests/bench/languages/ruby/bench.rb" "$@" ;;
example) exec ruby "$root/examples/ruby/server.rb" "$@" ;;
snippet) exec ruby "$1" ;;
*) no_such_task ;;
esac
