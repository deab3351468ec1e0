#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What reading audit records costs, in seconds: records.sh BENCH_RECORDS ABJURE [COUNT [COUNT_FOR_LIBAUPARSE]]
# libauparse gets a smaller file: its time grows faster than the number of records.
set -euo pipefail
bench=$1 abjure=$2 count=${3:-1000000} fewer=${4:-20000}
log=$(mktemp)
few=$(mktemp)
trap 'rm -f "$log" "$few"' EXIT
"$bench" make "$count" >"$log"
"$bench" make "$fewer" >"$few"

# took NAME FILE COMMAND...: processor time, which other work on the machine changes least, and elapsed time
took() {
    local name=$1 records=$2
    shift 2
    TIMEFORMAT="$(printf '%-34s %9d records' "$name" "$records")  %U s user  %S s system  %R s elapsed"
    time "$@" >/dev/null
}

took 'lines only' "$count" "$bench" lines "$log"
took 'our reader' "$count" "$bench" reader "$log"
for form in --summary --unique '' --json --ecs; do
    # shellcheck disable=SC2086 # no form is no word
    took "abjure explain $form" "$count" "$abjure" explain $form "$log"
done
took 'abjure report' "$count" "$abjure" report "$log"
took 'our reader' "$fewer" "$bench" reader "$few"
took 'libauparse' "$fewer" "$bench" auparse "$few" || echo 'libauparse: not measured'
