#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every version that a manifest or a README has to state is the one of CMakeLists.txt.

Packages whose ecosystem allows it (Python, Perl) ask the library; Go has none. New manifests are found by their names.
"""

import pathlib
import re
import subprocess
import sys

# Where a manifest states the version of this project; the first group is the version.
STATED = {
    "pom.xml": [r"<artifactId>abjure</artifactId>\s*<version>([^<]*)</version>"],
    "shard.yml": [r"^version: *(\S+)"],
    "Cargo.toml": [r"^\[workspace\.package\]\nversion = \"([^\"]*)\"", r"^abjure(?:-sys)? = .*\bversion = \"([^\"]*)\""],
    "package.json": [r"^  \"version\": \"([^\"]*)\""],
    "abjure.gemspec": [r"spec\.version = \"([^\"]*)\""],
    # An archive by its name, and the coordinates of Maven.
    "README.md": [r"\babjure-(\d[\w.]*?)\.(?:tgz|jar|gem|tar\.gz)\b", r"<artifactId>abjure</artifactId>\s*<version>([^<]*)</version>"],
}
# These state it, wherever else it may stand.
EXPECTED = {"bindings/java/pom.xml", "bindings/crystal/shard.yml", "bindings/rust/Cargo.toml",
            "bindings/rust/abjure/Cargo.toml", "bindings/node/package.json", "bindings/ruby/abjure.gemspec",
            "bindings/java/README.md", "bindings/node/README.md"}
# These take it from elsewhere: a number in them would be one more to change.
ASKED = {"bindings/python/pyproject.toml": r"^version *=", "bindings/python/setup.py": r"version=\"",
         "bindings/perl/Makefile.PL": r"\bVERSION *=> *['\"]", "bindings/rust/abjure-sys/Cargo.toml": r"^version *= *\""}

root = pathlib.Path(__file__).resolve().parents[2]
here = {path.name for path in (root / "bindings").iterdir()}  # the languages that there are
EXPECTED = {name for name in EXPECTED if name.split("/")[1] in here}
ASKED = {name: pattern for name, pattern in ASKED.items() if name.split("/")[1] in here}
version = re.search(r"project\(abjure VERSION (\S+)", (root / "CMakeLists.txt").read_text(encoding="utf-8")).group(1)
files = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "bindings"], cwd=root, check=True,
                       stdout=subprocess.PIPE, text=True).stdout.split()
problems, stated = [], set()
for name in files:
    for pattern in STATED.get(pathlib.Path(name).name, []):
        for found in re.findall(pattern, (root / name).read_text(encoding="utf-8"), re.MULTILINE):
            stated.add(name)
            if found != version:
                problems.append(f"{name}: states version {found}; CMakeLists.txt has {version}")
problems += [f"{name}: states no version where this test looks for one" for name in sorted(EXPECTED - stated)]
for name, pattern in ASKED.items():
    if re.search(pattern, (root / name).read_text(encoding="utf-8"), re.MULTILINE):
        problems.append(f"{name}: states a version of its own; it comes from elsewhere")
print(*problems, f"version {version}: stated alike in {len(stated)} files" if not problems else "", sep="\n")
sys.exit(1 if problems else 0)
