#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs what a task needs and the machine lacks. A tool that is on PATH serves; else Debian's package.
#
#   tests/packages.sh SET...        sets: build, demo, tests, and the languages python, java, crystal, go, rust, node,
#                                   ruby and perl
set -euo pipefail

missing=()
bookworm() { grep -q bookworm /etc/os-release; }

# command_or NAME PACKAGE...: the packages where no such command is on PATH
command_or() { command -v "$1" >/dev/null || missing+=("${@:2}"); }
# library_or NAME PACKAGE...: where pkg-config does not know it
library_or() { { command -v pkg-config >/dev/null && pkg-config --exists "$1"; } || missing+=("${@:2}"); }
# package NAME...: what is neither
package() { for p in "$@"; do dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing+=("$p"); done; }

python_is_complete() {
    command -v python3 >/dev/null && python3 - <<'END' 2>/dev/null
import ensurepip, os, sysconfig, venv
assert os.path.exists(os.path.join(sysconfig.get_paths()["include"], "Python.h"))
END
}

set_build() {
    command_or cc build-essential
    command_or make build-essential
    command_or cmake cmake
    command_or pkg-config pkg-config
    library_or libseccomp libseccomp-dev
    library_or jansson libjansson-dev
    library_or libdw libdw-dev
}

set_demo() {
    command_or curl curl
    command_or ping iputils-ping
    command_or nc netcat-traditional
}

set_tests() {
    command_or gcc build-essential
    command_or git git
    library_or cmocka libcmocka-dev
    command_or clang clang
    command_or clang-format clang-format
    command_or clang-tidy clang-tidy
    command_or abidiff abigail-tools
    command_or bwrap bubblewrap
    command_or firejail firejail
    command_or chromium chromium
    command_or strace strace
    command_or nc netcat-traditional
    command_or musl-gcc musl-tools
    command_or i686-linux-gnu-gcc gcc-i686-linux-gnu libc6-dev-i386-cross
    command_or go golang-go
    command_or mandoc mandoc
    command_or ps procps
    command_or jq jq
    command_or dot graphviz
    package libauparse-dev
    command_or auditd auditd
    command_or systemd-analyze systemd
    command_or logrotate logrotate
    python3 -c 'import yaml' 2>/dev/null || package python3-yaml
    command_or zsh zsh
    command_or fish fish
    command_or "qemu-$(uname -m)" qemu-user
    package libc6-dev python3-seccomp
}

set_python() {
    python_is_complete || missing+=(python3 python3-dev python3-venv)
    command_or swig swig
    command_or git git
}

set_java() {
    command_or javac default-jdk-headless
    command_or mvn maven
    command_or git git
}

set_crystal() {
    command_or crystal crystal
    command_or git git
    # For the standard library's HTTP server.
    library_or libssl libssl-dev
    library_or zlib zlib1g-dev
    # Debian 12 has no shards; there the package is linked.
    bookworm || command_or shards shards
}

set_go() {
    command_or go golang-go
    command_or gcc build-essential
    command_or pkg-config pkg-config
    command_or git git
}

set_rust() {
    local web=
    bookworm && web=-web # Debian 12's plain cargo is too old for the crates registry
    command_or rustc "rustc$web"
    command_or cargo "cargo$web"
    command_or gcc build-essential
    command_or pkg-config pkg-config
    command_or git git
}

set_node() {
    command_or node nodejs
    command_or npm npm
    command_or git git
}

set_ruby() {
    ruby -e 'require "mkmf"; require "minitest"' 2>/dev/null || missing+=(ruby ruby-dev ruby-minitest)
    command_or swig swig
    command_or git git
}

set_perl() {
    perl -MExtUtils::MakeMaker -MTest::More -MConfig -e 'exit !-e "$Config{archlibexp}/CORE/perl.h"' 2>/dev/null ||
        missing+=(perl libperl-dev)
    command_or swig swig
    command_or git git
}

for set in "$@"; do
    declare -F "set_$set" >/dev/null || { echo "packages: there is no set $set; see $0" >&2; exit 2; }
    "set_$set"
done
[ ${#missing[@]} -gt 0 ] || exit 0
mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sort -u)

root=()
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "packages: install as root: apt-get install ${missing[*]}" >&2; exit 1; }
    root=(sudo)
fi
command -v apt-get >/dev/null || { echo "packages: this is no Debian; install by other means: ${missing[*]}" >&2; exit 1; }
log=$(mktemp)
policy=/usr/sbin/policy-rc.d
[ -e "$policy" ] && policy=
trap 'rm -f "$log"; [ -z "$policy" ] || "${root[@]}" rm -f "$policy"' EXIT
# No service is to start: auditd would take over the records of the machine.
[ -z "$policy" ] || printf '#!/bin/sh\nexit 101\n' | "${root[@]}" install -m 755 /dev/stdin "$policy"
echo "installing ${missing[*]}"
if ! { "${root[@]}" apt-get update -qq &&
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "packages: the installation failed" >&2
    exit 1
fi
