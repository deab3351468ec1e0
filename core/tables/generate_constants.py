# SPDX-License-Identifier: MIT
"""constants.csv -> constant_table.c."""
import common
import emit


def number(text):
    """A C literal of a value, also of the smallest one."""
    value = int(text, 0)
    return "INT64_MIN" if value == -(1 << 63) else f"INT64_C({value})"


def generate():
    """A row has one value for all ABIs that are not in `others`, and "abi=value" or "abi=" (absent) for those."""
    rows, comments = common.read_csv("constants.csv")
    rows.sort(key=lambda row: row["name"])
    every = (1 << len(common.ABIS)) - 1
    values, position, first = [], {}, []
    for row in rows:
        groups = {row["value"]: every}
        for word in row["others"].split():
            abi, value = word.split("=")
            bit = 1 << common.ABIS.index(abi)
            groups[row["value"]] &= ~bit
            if value:
                groups[value] = groups.get(value, 0) | bit
        chain = [(number(value), bits) for value, bits in groups.items() if bits]
        key = tuple(chain)
        if key not in position:
            position[key] = len(values)
            for i, (value, bits) in enumerate(chain):
                following = len(values) + 1 if i + 1 < len(chain) else 0
                values.append(f"{{{value}, 0x{bits:x}, {following}}}")
        first.append(position[key])
    if len(values) > 0xFFFE or len(rows) > 0xFFFE:
        raise SystemExit("generate: too many constants for 16 bits")
    return "\n".join([emit.head(line for line in comments if line.startswith("source: ")),
                      emit.names("name", "table_constants", [row["name"] for row in rows]),
                      emit.array("const struct table_value table_values[]", values),
                      emit.array("const uint16_t table_value_of[]", first)])
