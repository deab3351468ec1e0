#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each file of the core includes its own header and headers of lower layers only; core/src/LAYERS has the layers.

Also: only memory.c allocates, only the layers that LAYERS names so make system calls, only api.c exports. What a file
calls is read from its object file: layers.py OBJECT...
"""

import pathlib
import re
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parents[2]
source = root / "core/src"
layer = {}
for line in (source / "LAYERS").read_text().splitlines():
    if line.strip() and not line.startswith("#"):
        number, *names = line.split()
        for name in names:
            if name in layer:
                sys.exit(f"LAYERS names {name} twice")
            layer[name] = int(number)

KERNEL = layer["kernel"]
ALLOCATE = {"malloc", "calloc", "realloc", "reallocarray", "free", "strdup", "strndup", "asprintf", "vasprintf"}
# What files below the kernel's layer may take from outside of the core: functions of the C library that only compute,
# jansson's, and libseccomp's table of names. Anything else might make a system call.
PURE = re.compile(r"(mem(chr|cmp|cpy|move|set)|str(n?len|n?cmp|r?chr|c?spn|pbrk|str|toul|toull|tol|toll)|vsnprintf"
                  r"|ctype_b_loc|errno_location|stack_chk_fail|json_\w+|seccomp_syscall_resolve_name_arch"
                  r"|_GLOBAL_OFFSET_TABLE_)$")
# How C libraries and compilers spell the same function: __memcpy_chk, __isoc23_strtoul.
DISGUISE = re.compile(r"^(__isoc\d+_|__)?(.*?)(_chk)?$")


def symbols(path):
    """The names that an object file defines for others, and those that it leaves to others."""
    text = subprocess.run(["nm", "--format=posix", "--extern-only", path], check=True, stdout=subprocess.PIPE,
                          text=True).stdout
    kinds = dict(line.split()[:2] for line in text.splitlines() if line.strip())
    return {n for n in kinds if kinds[n] not in "Uw"}, {n for n in kinds if kinds[n] in "Uw"}


def plain(symbol):
    return symbol if PURE.match(symbol) else DISGUISE.match(symbol).group(2)


problems = []
files = sorted(source.glob("*.[ch]"))
if len(files) < 30:
    problems.append(f"only {len(files)} files found: is this the right folder?")
for path in files:
    if path.stem not in layer:
        problems.append(f"{path.name} is in no layer of LAYERS")
        continue
    text = path.read_text()
    for included in re.findall(r'^#include "([^"]+)"', text, re.M):
        name = pathlib.PurePath(included).stem
        if name == "abjure":
            if path.stem != "api":
                problems.append(f"{path.name} includes abjure.h; only api.c does")
        elif included.startswith("generated/"):
            continue
        elif name not in layer:
            problems.append(f"{path.name} includes {included}, which is in no layer")
        elif name != path.stem and layer[name] >= layer[path.stem]:
            problems.append(f"{path.name} (layer {layer[path.stem]}) includes {included} (layer {layer[name]})")
    code = re.sub(r'"(?:\\.|[^"\\])*"|//[^\n]*|/\*.*?\*/', "", text, flags=re.S)
    if "ABJURE_API" in code:
        problems.append(f"{path.name} exports; only abjure.h declares what api.c defines")

objects = {pathlib.Path(p).name.split(".")[0]: p for p in sys.argv[1:]}
missing = {p.stem for p in files if p.suffix == ".c"} - objects.keys()
if missing:
    problems.append(f"no object files of {' '.join(sorted(missing))}")
names = {stem: symbols(path) for stem, path in objects.items()}
own = set().union(*(defined for defined, _ in names.values()))
for stem, (_, undefined) in sorted(names.items()):
    outside = {plain(s) for s in undefined - own}
    if stem != "memory" and outside & ALLOCATE:
        problems.append(f"{stem}.c allocates; only memory.c does: {' '.join(sorted(outside & ALLOCATE))}")
    calls = {s for s in outside - ALLOCATE if not PURE.match(s)}
    if calls and layer.get(stem, 0) < KERNEL:
        problems.append(f"{stem}.c may make system calls: {' '.join(sorted(calls))}")
for name in layer:
    if not (source / f"{name}.c").exists() and not (source / f"{name}.h").exists():
        problems.append(f"LAYERS names {name}, and there is no such file")

tool = root / "core/tool"
# The command reads a million records a second, which a call of the library for each would not let it: it is built with
# the reader, which needs no other file of the core.
# And `abjure why` needs a verdict as the kernel's word for it, for calls at any place: it is built with the interpreter,
# and with the files that bpf.c needs.
INSIDE = ("../../src/record.h", "../../src/bpf.h")
# The folders of the command, and those that each may include from, beside the files that stand in none.
VERBS = {".": set(), "run": {"explain"}, "ps": set(), "inspect": set(), "lint": {"ps"}, "explain": set(),
         "report": {"explain"}, "watch": {"explain", "ps"}, "why": {"run"}}
if re.search(r'^#include "(?!record\.h")', (source / "record.c").read_text() + (source / "record.h").read_text(), re.M):
    problems.append("record.c includes a file of the core, and the command is built with record.c alone")
where = {path.name: str(path.parent.relative_to(tool)) for path in tool.rglob("*.h")}
if set(where.values()) != set(VERBS):
    problems.append("the folders of core/tool are not those of VERBS in layers.py")
for path in sorted(tool.rglob("*.[ch]")):
    folder = str(path.parent.relative_to(tool))
    for included in re.findall(r'^#include "([^"]+)"', path.read_text(), re.M):
        if included in ("abjure.h", *INSIDE):
            continue
        if included not in where:
            problems.append(f"tool/{path.name} includes {included}: the command is a client of abjure.h")
        elif where[included] not in VERBS[folder] | {folder, "."}:
            problems.append(f"tool/{folder}/{path.name} includes {where[included]}/{included}: these are to stay apart")
for path in sorted((root / "bindings").rglob("*")):
    if path.is_file() and path.suffix in {".py", ".i", ".toml", ".c", ".h"} and "core/src" in path.read_text(errors="replace"):
        problems.append(f"{path.relative_to(root)} reaches into core/")

print("\n".join(problems) or f"{len(files)} files, {len(layer)} names in layers, no wrong include")
sys.exit(1 if problems else 0)
