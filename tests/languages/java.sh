#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Java: the tasks that common.sh tells.
set -euo pipefail
. "$(dirname "$0")/common.sh"
find_by_loader
package=$tree/bindings/java
class_path=$work/lib/*:$work/classes

repository=${HOME:-/nonexistent}/.m2/repository
mkdir -p "$repository" 2>/dev/null && [ -w "$repository" ] || repository=$work/repository

# Offline where Maven has all it needs, else online.
maven() {
    local log=$work/maven.log
    local words=(mvn -B -q -f "$package/pom.xml" "-Dmaven.repo.local=$repository")
    if "${words[@]}" -o "$@" >"$log" 2>&1; then return; fi
    if grep -qi 'offline\|has not been downloaded' "$log"; then
        if "${words[@]}" "$@" >"$log" 2>&1; then return; fi
    fi
    cat "$log"
    return 1
}

java=(java --enable-native-access=ALL-UNNAMED -cp "$class_path")
run() { exec "${java[@]}" "$@"; }

case $task in
install)
    rm -rf "$work/lib" "$work/classes"
    mkdir -p "$work/lib" "$work/classes"
    copy_tracked bindings/java
    maven install -DskipTests
    version=$(sed -n 's|^  <version>\(.*\)</version>|\1|p' "$package/pom.xml")
    jna=$(sed -n '/jna-jpms/{n;s|.*<version>\(.*\)</version>|\1|p}' "$package/pom.xml")
    cp "$repository/org/abjure/abjure/$version/abjure-$version.jar" \
        "$repository/net/java/dev/jna/jna-jpms/$jna/jna-jpms-$jna.jar" "$work/lib"
    javac -Xlint:all -Werror -cp "$class_path" -d "$work/classes" "$root"/tests/conformance/java/*.java \
        "$root/tests/matrix/java/Matrix.java" "$root/tests/bench/languages/java/Bench.java" \
        "$root/examples/java/Server.java"
    ;;
unit)
    maven test
    cat "$package"/target/surefire-reports/*.txt
    ;;
conformance) run Runner "$@" ;;
matrix) run Matrix "$@" ;;
bench) timed "${java[@]}" Bench "$@" ;;
example) run Server "$@" ;;
snippet)
    mkdir -p "$work/snippet"
    cp "$1" "$work/snippet/Main.java"
    run "$work/snippet/Main.java"
    ;;
*) no_such_task ;;
esac
