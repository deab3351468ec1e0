# SPDX-License-Identifier: MIT
"""Writes C: arrays, string pools and perfect hashes."""
MASK = (1 << 64) - 1


def head(sources):
    lines = "".join(f"// {line}\n" for line in sources)
    return ("// SPDX-License-Identifier: MIT\n// Made by core/tables/generate.py; do not edit.\n" + lines
            + '#include "generated/tables.h"\n')


def array(declaration, items):
    """Lines of up to 120 columns; an item, which may be a string with spaces, is never split."""
    lines, line = [], "   "
    for item in map(str, items):
        if len(line) + len(item) + 2 > 119 and line.strip():
            lines.append(line)
            line = "   "
        line += f" {item},"
    return f"{declaration} = {{\n" + "\n".join([*lines, line[:-1]]) + "};\n"


def pool(declaration, names):
    """A string pool, and the offset of each name in it, and the end."""
    offsets, at, lines = [], 0, []
    for name in names:
        offsets.append(at)
        at += len(name) + 1
        lines.append(f'    "{name}\\0"')
    return f"{declaration} =\n" + "\n".join(lines) + ";\n", offsets + [at]


def mix(value, word):
    value = (value ^ word) * 0x9E3779B97F4A7C15 & MASK
    return value ^ value >> 29


def name_hash(name):
    """table_hash of tables.h."""
    data, value, at = name.encode(), len(name), 0
    while at + 8 <= len(data):
        value = mix(value, int.from_bytes(data[at:at + 8], "little"))
        at += 8
    if len(data) & 4:
        value = mix(value, int.from_bytes(data[at:at + 4], "little"))
        at += 4
    for byte in data[at:]:
        value = mix(value, byte)
    return value ^ value >> 32


def place_all(names, size):
    """Displacements and slots such that every name has a slot of its own, or None where that is impossible."""
    groups, buckets = size // 4, {}
    for index, name in enumerate(names):
        value = name_hash(name)
        buckets.setdefault(value & groups - 1, []).append((value >> 16, value >> 40 | 1, index))
    displacement, slot = [0] * groups, [0xFFFF] * size
    for number, members in sorted(buckets.items(), key=lambda item: (-len(item[1]), item[0])):
        for shift in range(size):
            wanted = [start + step * shift & size - 1 for start, step, _ in members]
            if len(set(wanted)) == len(wanted) and all(slot[w] == 0xFFFF for w in wanted):
                break
        else:
            return None
        displacement[number] = shift
        for place, (_, _, index) in zip(wanted, members):
            slot[place] = index
    return displacement, slot


def perfect(names):
    size = 4
    while size < len(names) * 3 // 2 or place_all(names, size) is None:
        size *= 2
    return place_all(names, size)


def names(prefix, symbol, all_names):
    """struct table_names for sorted names."""
    text, offsets = pool(f"static const char {prefix}_pool[]", all_names)
    displacement, slot = perfect(all_names)
    return "\n".join([
        text, array(f"static const uint32_t {prefix}_offset[]", offsets),
        array(f"static const uint16_t {prefix}_displacement[]", displacement),
        array(f"static const uint16_t {prefix}_slot[]", slot),
        f"const struct table_names {symbol} = {{.pool = {prefix}_pool,\n    .offset = {prefix}_offset,\n"
        f"    .displacement = {prefix}_displacement,\n    .slot = {prefix}_slot,\n    .count = {len(all_names)},\n"
        f"    .displacement_mask = {len(displacement) - 1},\n    .slot_mask = {len(slot) - 1}}};\n"])
