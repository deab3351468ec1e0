# SPDX-License-Identifier: MIT
"""Sizes and signs of C types as the running kernel was compiled with, from its BTF (/sys/kernel/btf/vmlinux)."""
import pathlib
import re
import struct

VMLINUX = pathlib.Path("/sys/kernel/btf/vmlinux")

INT, PTR, ARRAY, STRUCT, UNION, ENUM, FWD, TYPEDEF, VOLATILE, CONST, RESTRICT, FUNC, FUNC_PROTO, VAR, DATASEC = range(1, 16)
ENUM64 = 19
# Bytes behind the header of a type of each kind: fixed, and for each of its members.
EXTRA = {INT: (4, 0), ARRAY: (12, 0), STRUCT: (0, 12), UNION: (0, 12), ENUM: (0, 8), FUNC_PROTO: (0, 8), VAR: (4, 0),
         DATASEC: (0, 12), 17: (4, 0), ENUM64: (0, 12)}


class Types:
    def __init__(self, data):
        magic, _, _, header, type_at, type_size, string_at, _ = struct.unpack_from("<HBBIIIII", data)
        if magic != 0xEB9F:
            raise ValueError("no BTF")
        self.strings, self.data = header + string_at, data
        self.types, self.by_name = [None], {}
        at, end = header + type_at, header + type_at + type_size
        while at < end:
            name, info, size = struct.unpack_from("<III", data, at)
            kind, members = info >> 24 & 31, info & 0xFFFF
            at += 12
            encoding = struct.unpack_from("<I", data, at)[0] >> 24 if kind == INT else info >> 31
            if kind in (INT, TYPEDEF, ENUM, ENUM64):
                self.by_name[kind == ENUM, self.string(name)] = len(self.types)
            self.types.append((kind, size, encoding))
            fixed, each = EXTRA.get(kind, (0, 0))
            at += fixed + each * members

    def string(self, offset):
        start = self.strings + offset
        return self.data[start:self.data.index(b"\0", start)].decode()

    def describe(self, text):
        """("pointer", None, None), or ("value", bits, signed) of a type's text as it stands in a trace format."""
        text = re.sub(r"\bconst\b", "", text).strip()
        if text.endswith("*"):
            return "pointer", None, None
        text = {"unsigned": "unsigned int", "long": "long int", "unsigned long": "long unsigned int"}.get(text, text)
        number = self.by_name[text.startswith("enum "), text.removeprefix("enum ")]
        while True:
            kind, size, encoding = self.types[number]
            if kind in (TYPEDEF, VOLATILE, CONST, RESTRICT):
                number = size
            elif kind == PTR:
                return "pointer", None, None
            elif kind in (INT, ENUM):
                return "value", 8 * size, bool(encoding & 1)
            else:
                raise ValueError(f"{text} is no number and no pointer")
