#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The fetch scripts of core/tables make the committed CSV files again. By hand: it downloads packages and takes minutes.
# Packages that have moved on since are named; then only what must not change is compared: the numbers of the calls.
set -euo pipefail
cd "$(dirname "$0")/../.."

[ "$(id -u)" = 0 ] || { echo "skipped: reading trace formats needs root"; exit 77; }
for program in clang dpkg apt-get; do
    command -v "$program" >/dev/null || { echo "skipped: no $program; install it"; exit 77; }
done
mirror=$(python3 -B -c 'import sys; sys.path.insert(0, "core/tables"); import debian; print(debian.mirror())') ||
    { echo "skipped: apt has no Debian mirror"; exit 77; }
python3 -B - "$mirror/dists/sid/InRelease" <<'END' || { echo "skipped: $mirror cannot be reached"; exit 77; }
import sys, urllib.request
try:
    urllib.request.urlopen(sys.argv[1], timeout=20)
except OSError:
    sys.exit(1)
END

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r core/tables "$work/tables"
for script in syscalls parameters aliases constants; do
    started=$SECONDS
    python3 -B "$work/tables/fetch_$script.py"
    echo "fetch_$script.py: $((SECONDS - started)) seconds"
done

status=0
for name in syscalls entries parameters aliases constants; do
    if cmp -s "core/tables/$name.csv" "$work/tables/$name.csv"; then
        echo "$name.csv: the same"
    elif diff <(grep '^# source' "core/tables/$name.csv") <(grep '^# source' "$work/tables/$name.csv"); then
        echo "$name.csv: differs though its sources are the same" >&2
        diff "core/tables/$name.csv" "$work/tables/$name.csv" | head -n 20 >&2 || true
        status=1
    else
        echo "$name.csv: its sources have moved on; core/tables/README.md tells how to follow"
    fi
done
# A row of the new table begins as the old one does: calls may come, their numbers stay.
gone=$(comm -23 <(grep -v '^#' core/tables/syscalls.csv | sort) <(grep -v '^#' "$work/tables/syscalls.csv" | sort))
if [ -n "$gone" ]; then
    printf 'syscalls.csv: these rows have changed:\n%s\n' "$gone" >&2
    status=1
fi
exit $status
