#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The main job, shown: a web server with a hole is attacked without abjure and with it.
# Installs what it needs, builds into build/demo, and leaves nothing running.
set -euo pipefail
cd "$(dirname "$0")/.."

tests/packages.sh build python demo

build=$PWD/build/demo
mkdir -p "$build"
scratch=$(mktemp -d)
server=
cleanup() {
    [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" 2>/dev/null; } || true
    rm -rf "$scratch"
}
trap cleanup EXIT

quietly() { "$@" >"$scratch/log" 2>&1 || { cat "$scratch/log" >&2; echo "demo: failed: $*" >&2; exit 1; }; }
fail() { echo "demo: $*" >&2; exit 1; }
say() { printf '\n== %s\n' "$*"; }

say "Building the library, the command and the Python package"
quietly cmake -S . -B "$build/core" -DCMAKE_BUILD_TYPE=Release -DABJURE_TESTS=OFF -DCMAKE_INSTALL_PREFIX="$build/stage"
quietly cmake --build "$build/core" --parallel "$(nproc)"
quietly cmake --install "$build/core"
libraries=$(dirname "$(find "$build/stage" -name abjure.pc -print -quit)")
[ -x "$build/venv/bin/python3" ] || quietly python3 -m venv "$build/venv"
PKG_CONFIG_PATH=$libraries quietly "$build/venv/bin/pip" install --disable-pip-version-check --force-reinstall ./bindings/python
abjure=$build/stage/bin/abjure
export PATH=$build/venv/bin:$PATH
started=$SECONDS

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

start_server() { # start_server OPTIONS...: sets $server and $port
    port=$(free_port)
    python3 examples/python/server.py -p "$port" "$@" 2>"$scratch/server.log" &
    server=$!
    for _ in $(seq 100); do
        curl -s -o /dev/null "http://127.0.0.1:$port/hello" && return
        kill -0 "$server" 2>/dev/null || break
        sleep 0.1
    done
    cat "$scratch/server.log" >&2
    fail "the server did not start"
}

stop_server() { kill "$server"; wait "$server" 2>/dev/null || true; server=; }

attack() { # attack FILE: makes the server run a program that writes FILE
    curl -s "http://127.0.0.1:$port/?.;id>$1;cat%20$1"
}

say "A web server with a hole, without abjure"
start_server
echo "\$ curl 'http://127.0.0.1:$port/?.;id>owned'"
attack "$scratch/owned" | tail -n 1
[ -s "$scratch/owned" ] || fail "the attack should have worked"
echo "The attack worked: the server ran a program of the attacker's choice."
stop_server

say "The same server with one line more: abjure.deny(\"@exec\", \"@spawn\", \"@listen\")"
start_server -s
echo "\$ curl 'http://127.0.0.1:$port/?.;id>owned2'"
attack "$scratch/owned2" | tail -n 1
[ ! -e "$scratch/owned2" ] || fail "the attack should have failed"
[ "$(curl -s "http://127.0.0.1:$port/hello")" = hello ] || fail "the server should have gone on"
echo "The attack failed, and the server goes on answering: $(curl -s "http://127.0.0.1:$port/hello")"
grep -H '^Seccomp' "/proc/$server/status" | sed 's/^[^:]*:/The kernel says: /'
stop_server

say "ping.cgi and its command injection"
QUERY_STRING="127.0.0.1;id>$scratch/cgi" examples/python/ping.cgi >/dev/null || true
[ -s "$scratch/cgi" ] || fail "the injection should have worked"
echo "Without abjure: $(cat "$scratch/cgi")"
ABJURE=1 QUERY_STRING="127.0.0.1;id>$scratch/cgi2" examples/python/ping.cgi >"$scratch/answer" && fail "ping.cgi should have failed"
[ ! -e "$scratch/cgi2" ] || fail "the injection should have failed"
echo "With abjure: $(tail -n 1 "$scratch/answer")"

say "The denied calls in words"
# What Python's subprocess does first, what a shell does, what a back door does; and a client's socket, which goes on.
echo "\$ abjure check examples/web.policy vfork execve 'bind(3, 0x7ffd0000, 16)' 'socket(AF_INET, SOCK_STREAM, 0)'"
"$abjure" check examples/web.policy vfork execve 'bind(3, 0x7ffd0000, 16)' 'socket(AF_INET, SOCK_STREAM, 0)' \
    >"$scratch/words" && fail "the policy should deny"
cat "$scratch/words"
[ "$(grep -c ': EPERM$' "$scratch/words")" = 3 ] || fail "three calls should be denied"
echo "So making a process, starting a program and opening a port fail with \"Operation not permitted\"."

say "A program that knows nothing of abjure"
port=$(free_port)
echo "\$ abjure run --kill bind -- nc -v -l -p $port"
status=0
"$abjure" run --kill bind -- nc -v -l -p "$port" 2>&1 || status=$?
[ "$status" = 159 ] || fail "nc should have been killed by SIGSYS (exit status 159), not $status"
echo "Exit status $status: killed by SIGSYS."

say "Summary"
cat <<END
without abjure   server.py exploited    ping.cgi exploited
with abjure      server.py protected    ping.cgi protected    nc stopped at bind
denied           vfork and execve, by which the attacker's program would have started; bind, which opens a port
$((SECONDS - started)) seconds after set-up; nothing is left running.
END
