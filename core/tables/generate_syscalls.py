# SPDX-License-Identifier: MIT
"""syscalls.csv and multiplexed.csv -> syscall_table.c."""
import common
import emit

NONE = "0xffff"


def load():
    """Sorted names, {abi: {name: number}}, and the comment lines of the CSV."""
    rows, comments = common.read_csv("syscalls.csv")
    rows.sort(key=lambda row: row["name"])
    numbers = {abi: {row["name"]: int(row[abi]) for row in rows if row[abi] != ""} for abi in common.ABIS}
    return [row["name"] for row in rows], numbers, comments


def multiplexed(numbers):
    """Rows of multiplexed.csv as (call, multiplexer, mask, value, [abis], [registers])."""
    found = []
    for row in common.read_csv("multiplexed.csv")[0]:
        having = [abi for abi in common.ABIS if row["multiplexer"] in numbers[abi]]
        abis = [abi for abi in having if not row["abis"] or abi in row["abis"].split()]
        registers = [-1 if word == "-" else int(word) for word in row["arguments"].split()]
        found.append((row["call"], row["multiplexer"], row["mask"], row["value"], abis, registers))
    return found


def low_and_high(numbers):
    """Splits numbers into those that one dense table holds and those far above (arm's private calls)."""
    every = sorted(numbers.values())
    gap = next((i for i in range(1, len(every)) if every[i] - every[i - 1] > 4096), len(every))
    return every[:gap], every[gap:]


def dense(numbers, index, wanted, first):
    if not wanted:
        return [NONE]
    by_number = {}
    # Of two names of one number the longer known one goes first in no order that matters: the first by name
    # that does not carry the ABI's name stands for it.
    for name in sorted(numbers, key=lambda name: (name.startswith("arm_"), name)):
        by_number.setdefault(numbers[name], index[name])
    return [by_number.get(number, NONE) for number in range(first, wanted[-1] + 1)]


def ranges(numbers, base):
    merged = []
    for number in sorted(set(numbers.values())):
        if merged and merged[-1][1] == number - 1:
            merged[-1][1] = number
        else:
            merged.append([number, number])
    return [f"{{0x{first + base:x}, 0x{last + base:x}}}" if base else f"{{{first}, {last}}}" for first, last in merged]


def numbering(abi, numbers, index):
    low, high = low_and_high(numbers)
    first = high[0] if high else 0
    spans = ranges(numbers, common.X32_BASE if abi == "x32" else 0)
    text = [emit.array(f"static const uint16_t low_{abi}[]", dense(numbers, index, low, 0)),
            emit.array(f"static const uint16_t high_{abi}[]", dense(numbers, index, high, first)),
            emit.array(f"static const struct syscall_range ranges_{abi}[]", spans)]
    count = high[-1] - first + 1 if high else 0
    entry = (f"    [ABI_{abi.upper()}] = {{.low = low_{abi}, .low_count = {low[-1] + 1}, .high = high_{abi}, "
             f".high_first = {first}, .high_count = {count}, .ranges = ranges_{abi}, .range_count = {len(spans)}}},\n")
    return text, entry


def multiplexer_text(names, index, numbers):
    rows = multiplexed(numbers)
    first, lines, having = [0] * len(names), ["    {0}"], set()
    for number in range(len(rows), 0, -1):
        call, multiplexer, mask, value, abis, registers = rows[number - 1]
        bits = sum(1 << common.ABIS.index(abi) for abi in abis)
        arguments = ", ".join(str(r) for r in registers + [-1] * (6 - len(registers)))
        lines.insert(1, f"    {{{index[multiplexer]}, 0x{bits:x}, {mask}, {value}, {{{arguments}}}, {first[index[call]]}}}"
                     f" /* {call} through {multiplexer} */")
        first[index[call]] = number
        having |= set(abis)
    bits = sum(1 << common.ABIS.index(abi) for abi in having)
    return [f"const abi_set table_multiplexer_abis = 0x{bits:x};\n",
            "const struct table_multiplexed table_multiplexed[] = {\n" + ",\n".join(lines) + "};\n",
            emit.array("const uint8_t table_multiplexed_first[]", first)]


def generate():
    names, numbers, comments = load()
    index = {name: i for i, name in enumerate(names)}
    kernel = next(line.split(": ")[1] for line in comments if line.startswith("kernel: "))
    parts = [emit.head(line for line in comments if line.startswith("source: ")) + '#include "syscalls.h"\n',
             f'const char *const syscalls_version = "{kernel}";\n', emit.names("name", "table_syscalls", names)]
    for abi in common.ABIS:
        parts.append(emit.array(f"static const int32_t numbers_{abi}[]", [numbers[abi].get(n, -1) for n in names]))
    parts.append("const int32_t *const table_numbers[ABI_COUNT] = {\n"
                 + "".join(f"    [ABI_{abi.upper()}] = numbers_{abi},\n" for abi in common.ABIS) + "};\n")
    entries = ""
    for abi in common.ABIS:
        text, entry = numbering(abi, numbers[abi], index)
        parts += text
        entries += entry
    parts.append(f"const struct table_numbering table_numberings[ABI_COUNT] = {{\n{entries}}};\n")
    parts += multiplexer_text(names, index, numbers)
    return "\n".join(parts)
