# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
# What every LANGUAGE.sh beside this file sources first: their arguments, and where things are.
#
#   LANGUAGE.sh STAGE WORK install|unit|conformance|matrix|bench|example|snippet [ARGUMENT...]
#
# bench takes call, deny, plain or load: tests/bench/languages.py tells what they are.
# STAGE is the prefix where libabjure was installed; WORK is a folder of this language alone, which keeps between tasks.
# Left to the script: $stage, $work, $task and $root, and the task's own arguments in "$@".
language=$(basename "$0" .sh)
[ $# -ge 3 ] || { echo "usage: $language.sh STAGE WORK TASK [ARGUMENT...]" >&2; exit 2; }
stage=$(realpath "$1") task=$3
mkdir -p "$2"
work=$(realpath "$2")
shift 3
root=$(cd "$(dirname "$0")/../.." && pwd)
tree=$work/tree
PKG_CONFIG_PATH=$(dirname "$(find "$stage" -name abjure.pc -print -quit)")
export PKG_CONFIG_PATH

# For packages that leave the library to the dynamic loader; those of SWIG know its place (rpath).
find_by_loader() {
    local libraries
    libraries=$(dirname "$PKG_CONFIG_PATH")
    export LD_LIBRARY_PATH=$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
}

# copy_tracked FOLDER...: fresh copies in $tree, as a clean clone has them; links stay links.
copy_tracked() {
    rm -rf "$tree" && mkdir -p "$tree"
    (cd "$root" && git ls-files -z -co --exclude-standard -- "$@" | xargs -0 cp -d --parents -t "$tree")
}

# timed PROGRAM [ARGUMENT...]: becomes the benchmark's program, or the timer of tests/bench/languages.py with it.
timed() { exec ${ABJURE_TIMER:+"$ABJURE_TIMER"} "$@"; }

no_such_task() {
    echo "$language.sh: there is no task $task" >&2
    exit 2
}
