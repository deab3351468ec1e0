# SPDX-License-Identifier: MIT
"""Fetches and unpacks Debian packages from the mirror that apt is configured with.

Packages are kept in $ABJURE_TABLES_CACHE (default: ~/.cache/abjure-tables) and checked against the index's SHA-256.
"""
import hashlib
import lzma
import os
import pathlib
import shutil
import subprocess
import urllib.request

CACHE = pathlib.Path(os.environ.get("ABJURE_TABLES_CACHE", pathlib.Path.home() / ".cache/abjure-tables"))


def mirror():
    """The first Debian mirror (not the security one) among apt's sources."""
    sites = subprocess.run(["apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages"],
                           check=True, capture_output=True, text=True).stdout.split()
    for site in sites:
        if site.rstrip("/").endswith("/debian"):
            return site.rstrip("/")
    raise SystemExit("debian: apt has no Debian mirror configured")


def download(url, path):
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        with urllib.request.urlopen(url) as source, open(part, "wb") as target:
            shutil.copyfileobj(source, target)
        part.rename(path)
    return path


_indices = {}


def index(suite):
    """Package name -> list of stanzas (field -> value) of a suite, amd64 and all."""
    if suite not in _indices:
        path = download(f"{mirror()}/dists/{suite}/main/binary-amd64/Packages.xz", CACHE / f"{suite}.Packages.xz")
        found = {}
        for block in lzma.open(path, "rt", encoding="utf-8").read().split("\n\n"):
            stanza = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line and line[0] != " ")
            if stanza:
                found.setdefault(stanza["Package"], []).append(stanza)
        _indices[suite] = found
    return _indices[suite]


def stanza(suite, package):
    """The newest stanza of a package in a suite, or None."""
    newest = None
    for one in index(suite).get(package, []):
        if newest is None or subprocess.run(["dpkg", "--compare-versions", one["Version"], "gt",
                                             newest["Version"]]).returncode == 0:
            newest = one
    return newest


def archive(suite, package):
    """Path of the downloaded .deb, and the package's version."""
    one = stanza(suite, package)
    if one is None:
        raise SystemExit(f"debian: {suite} has no package {package}")
    path = download(f"{mirror()}/{one['Filename']}", CACHE / os.path.basename(one["Filename"]))
    if hashlib.sha256(path.read_bytes()).hexdigest() != one["SHA256"]:
        path.unlink()
        raise SystemExit(f"debian: {path.name} does not have the index's SHA-256; run again")
    return path, one["Version"]


def unpack(suite, package):
    """Folder with the files of a package, and its version."""
    path, version = archive(suite, package)
    folder = CACHE / "unpacked" / path.stem
    if not folder.exists():
        part = folder.with_name(folder.name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        subprocess.run(["dpkg", "-x", path, part], check=True)
        part.rename(folder)
    return folder, version


def unpack_source(suite, patterns):
    """The kernel source of a suite, only the files that match the patterns, and its version."""
    packages = sorted((p for p in index(suite) if p.startswith("linux-source-")),
                      key=lambda p: [int(n) for n in p[len("linux-source-"):].split(".")])
    if not packages:
        raise SystemExit(f"debian: {suite} has no linux-source")
    path, version = archive(suite, packages[-1])
    tag = hashlib.sha256("\n".join(patterns).encode()).hexdigest()[:8]
    folder = CACHE / "unpacked" / f"{path.stem}-{tag}"
    if not folder.exists():
        part = folder.with_name(folder.name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        script = ('dpkg --fsys-tarfile "$1" | tar -xO --wildcards "./usr/src/linux-source-*.tar.xz" | '
                  'tar -xJ -C "$2" --strip-components=1 --wildcards "${@:3}"')
        subprocess.run(["bash", "-o", "pipefail", "-c", script, "bash", path, part,
                        *("linux-source-*/" + p for p in patterns)], check=True)
        part.rename(folder)
    return folder, version
