# SPDX-License-Identifier: MIT
"""Assembles classic BPF for seccomp, a line each: [LABEL:] INSTRUCTION [OPERAND] [LABEL [LABEL]]   # comment.

A comparison takes the constant, where to go when it holds, and where when not; "-", or nothing, is the next line.
Operands are numbers, "nr", "arch", "low0" to "high5" (words of arguments, little-endian), "word0" to "word15" (words of
seccomp_data by place) and actions such as "errno(1)".
"""
import re
import struct

CODES = {"ld": 0x20, "ldi": 0x00, "ldx": 0x61, "ldxi": 0x01, "ldm": 0x60, "st": 0x02, "stx": 0x03, "len": 0x80,
         "ja": 0x05, "jeq": 0x15, "jgt": 0x25, "jge": 0x35, "jset": 0x45, "add": 0x04, "sub": 0x14, "mul": 0x24,
         "div": 0x34, "or": 0x44, "and": 0x54, "lsh": 0x64, "rsh": 0x74, "neg": 0x84, "xor": 0xa4, "ret": 0x06,
         "reta": 0x16, "tax": 0x07, "txa": 0x87}
ACTIONS = {"kill": 0x80000000, "kill_thread": 0, "trap": 0x30000, "errno": 0x50000, "notify": 0x7fc00000,
           "trace": 0x7ff00000, "log": 0x7ffc0000, "allow": 0x7fff0000}
PLACES = {"nr": 0, "arch": 4}


def operand(word):
    if word in PLACES:
        return PLACES[word]
    found = re.fullmatch(r"word(\d+)", word)
    if found:
        return 4 * int(found[1])
    found = re.fullmatch(r"(low|high)([0-5])", word)
    if found:
        return 16 + 8 * int(found[2]) + (4 if found[1] == "high" else 0)
    found = re.fullmatch(r"([a-z_]+)(?:\((\d+)\))?", word)
    if found and found[1] in ACTIONS:
        return ACTIONS[found[1]] | int(found[2] or 0)
    return int(word, 0)


def parse(text):
    lines, labels = [], {}
    for line in text.splitlines():
        words = line.split("#")[0].split()
        while words and words[0].endswith(":"):
            labels[words.pop(0)[:-1]] = len(lines)
        if words:
            lines.append(words)
    return lines, labels


def assemble(text, order="little"):
    """The bytes of struct sock_filter[]."""
    lines, labels = parse(text)
    program = b""
    for at, (name, *operands) in enumerate(lines):
        def distance(i):
            return 0 if len(operands) <= i or operands[i] == "-" else labels[operands[i]] - at - 1
        if name == "ja":
            fields = 0, 0, distance(0)
        elif name.startswith("j"):
            fields = distance(1), distance(2), operand(operands[0])
        else:
            fields = 0, 0, operand(operands[0]) if operands else 0
        program += struct.pack(("<" if order == "little" else ">") + "HBBI", CODES[name], *fields)
    return program
