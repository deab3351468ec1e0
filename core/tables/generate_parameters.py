# SPDX-License-Identifier: MIT
"""entries, parameters, types, overrides, behind and aliases.csv -> parameter_table.c."""
import common
import emit
import generate_syscalls

ABSENT, VALUE, POINTER, HIDDEN = range(4)
REGISTERS = 6
SPLIT = "is a 64-bit value over two registers on {}"
BEHIND = "is behind a pointer on {}"


class Tables:
    def __init__(self):
        self.signatures = {}
        for row in common.read_csv("entries.csv")[0]:
            for abi in common.ABIS:
                self.signatures.setdefault(row[abi], [])
        for row in common.read_csv("parameters.csv")[0]:
            self.signatures[row["entry"]].append((row["type"], row["name"]))
        self.entries = {row["name"]: {abi: row[abi] for abi in common.ABIS if row[abi]}
                        for row in common.read_csv("entries.csv")[0]}
        self.types = {row["type"]: (row["bits"], int(row["signed"])) for row in common.read_csv("types.csv")[0]}
        self.overrides = {(row["entry"], row["parameter"]): int(row["signed"])
                          for row in common.read_csv("overrides.csv")[0]}
        self.behind = {row["entry"]: row["as"] for row in common.read_csv("behind.csv")[0]}
        self.aliases = {}
        for row in common.read_csv("aliases.csv")[0]:
            self.aliases.setdefault(row["call"], []).append((row["kernel"], row["alias"]))
        self.check()

    def check(self):
        known = {(entry.split("@")[0], name) for entry, pairs in self.signatures.items() for _, name in pairs}
        for key in self.overrides:
            if key not in known:
                raise SystemExit(f"generate: overrides.csv: {key[0]} has no parameter {key[1]}")

    def width(self, abi, entry, kind, name):
        """(kind, bits, signed) of a parameter; 64 bits on a 32-bit ABI mean a split one."""
        if kind.removesuffix(" const").endswith("*"):
            return POINTER, common.BITS[abi], 0
        kind = kind.removeprefix("const ")
        if kind not in self.types:
            raise SystemExit(f"generate: {entry}: type {kind!r} is not in types.csv")
        bits, signed = self.types[kind]
        override = self.overrides.get((entry.split("@")[0], name))
        if override is not None:
            return VALUE, 32, override
        if bits == "pointer":
            return POINTER, common.BITS[abi], 0
        return VALUE, common.BITS[abi] if bits == "word" else int(bits), signed


def registers(tables, abi, entry):
    """List of (name, kind, bits, signed, reason) for the registers that the function reads."""
    found = []
    for type_text, name in tables.signatures[entry]:
        kind, bits, signed = tables.width(abi, entry, type_text, name)
        if bits <= common.BITS[abi]:
            found.append((name, kind, bits, signed, ""))
            continue
        if abi == "arm" and len(found) % 2:
            found.append(("", ABSENT, 0, 0, ""))  # the EABI puts a pair into an even register and the next
        found += [(name, HIDDEN, 32, signed, SPLIT.format(abi))] * 2
    if len(found) > REGISTERS:
        raise SystemExit(f"generate: {entry} takes {len(found)} registers on {abi}")
    return found


def further_names(tables, call, abi, entry, held):
    """(name, register or REGISTERS, reason) of aliases and of parameters without a register."""
    position = {}
    for i, (name, *_) in enumerate(held):
        position.setdefault(name, i)
    reference = next(tables.entries[call][one] for one in common.ABIS if one in tables.entries[call])
    own, theirs = ([name for _, name in tables.signatures[e]] for e in (entry, reference))
    translate = {name: name for name in own}
    if len(own) == len(theirs) and set(own) != set(theirs):
        translate |= {there: here for there, here in zip(theirs, own) if there not in own}
    found = {}
    for name, here in translate.items():
        if name != here:
            found[name] = here
    for kernel, alias in tables.aliases.get(call, []):
        if kernel in translate and alias not in own:
            found[alias] = translate[kernel]
    rows = [(name, position[here], held[position[here]][4]) for name, here in found.items()]
    if entry in tables.behind:
        hidden = {name for _, name in tables.signatures[tables.behind[entry]]}
        names = hidden | {alias for kernel, alias in tables.aliases.get(call, []) if kernel in hidden}
        rows += [(name, REGISTERS, BEHIND.format(abi)) for name in names - set(own)]
    return sorted(rows)


class Interned:
    """Numbers for things in the order in which they come."""

    def __init__(self, *first):
        self.items = {item: i for i, item in enumerate(first)}

    def __call__(self, item):
        return self.items.setdefault(item, len(self.items))


def shapes(tables, calls, pool):
    """Shape of each call on each ABI, and the C text of shapes, aliases and reasons."""
    reasons, all_shapes, alias_lists = Interned(""), Interned(((), ())), {}
    alias_rows, shape_of = [], {abi: [] for abi in common.ABIS}
    for abi in common.ABIS:
        for call in calls:
            entry = tables.entries.get(call, {}).get(abi)
            if entry is None:
                shape_of[abi].append(0)
                continue
            held = registers(tables, abi, entry)
            rows = tuple((pool(n), k, b, s, reasons(why)) for n, k, b, s, why in held)
            more = tuple((pool(n), r, reasons(why)) for n, r, why in further_names(tables, call, abi, entry, held))
            if more not in alias_lists:
                alias_lists[more] = len(alias_rows)
                alias_rows += more
            shape_of[abi].append(all_shapes((rows, more)))
    lines = []
    for rows, more in all_shapes.items:
        cells = ", ".join("{" + ", ".join(map(str, row)) + "}" for row in rows)
        lines.append(f"    {{{{{cells or '{0}'}}}, {alias_lists.get(more, 0)}, {len(more)}}}")
    text = "const struct table_shape table_shapes[] = {\n" + ",\n".join(lines) + "};\n"
    cells = ["{" + ", ".join(map(str, row)) + "}" for row in alias_rows]
    return shape_of, [text, emit.array("const struct table_alias table_aliases[]", cells),
                      emit.array("const char *const table_reasons[]",
                                 ["NULL"] + [f'"{reason}"' for reason in list(reasons.items)[1:]])]


def generate():
    tables = Tables()
    calls = generate_syscalls.load()[0]
    offsets = {"": 0}
    ordered = [""]

    def pool(name):
        if name not in offsets:
            offsets[name] = offsets[ordered[-1]] + len(ordered[-1]) + 1
            ordered.append(name)
        return offsets[name]

    shape_of, texts = shapes(tables, calls, pool)
    names, _ = emit.pool("const char table_parameter_names[]", ordered)
    comments = [line for name in ("parameters.csv", "aliases.csv") for line in common.read_csv(name)[1]
                if line.startswith("source: ")]
    parts = [emit.head(comments), names, *texts]
    parts += [emit.array(f"static const uint16_t shapes_{abi}[]", shape_of[abi]) for abi in common.ABIS]
    parts.append("const uint16_t *const table_shape_of[ABI_COUNT] = {\n"
                 + "".join(f"    [ABI_{abi.upper()}] = shapes_{abi},\n" for abi in common.ABIS) + "};\n")
    return "\n".join(parts)
