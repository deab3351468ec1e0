# SPDX-License-Identifier: MIT
"""Runs the corpus from Python: runner.py FOLDER. tests/corpus/README.md has the format."""

import errno
import pathlib
import re
import sys

import abjure

WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')
ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|(.))")


def unescape(text):
    return ESCAPE.sub(lambda m: chr(int(m[1], 16)) if m[1] else {"n": "\n", "t": "\t"}.get(m[2], m[2]), text)


def words(line):
    return [m[2] if m[2] is not None else unescape(m[1]) for m in WORD.finditer(line)]


def read(path):
    """The cases of a file, each a list of (line number, words, expected lines)."""
    cases = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if line.startswith("case "):
            cases.append([])
        elif re.match("[a-z]", line):
            cases[-1].append((number, words(line), []))
        elif line.startswith(">"):
            given = cases[-1][-1][1]
            at = next(i for i, word in enumerate(given) if word == "<<" or word.startswith("\1"))
            given[at] = ("\1" if given[at] == "<<" else given[at]) + line[1:].removeprefix(" ") + "\n"
        elif line and not line.startswith("#"):
            cases[-1][-1][2].append(line)
    return cases


def arguments(given):
    return [int(word, 0) if re.match("-?[0-9]", word) else word for word in given]


def lines(texts):
    return "".join(f"{text}\n" for text in texts)


class State:
    """The filter and the program of one case, and what its verbs do with them."""

    def filter_new(self): self.filter = abjure.Filter()
    def filter_free(self): self.filter.close()
    def filter_add(self, action, calls): self.filter.add(action, calls)
    def filter_default(self, action): self.filter.default(action)
    def filter_set(self, option, value): self.filter.set(option, value)
    def filter_read(self, text, name): self.filter.read(text, name)
    def filter_error(self): return -self.filter.error.errno if self.filter.error else 0
    def filter_message(self): return self.filter.message
    def filter_clear(self): self.filter.clear()
    def filter_skipped(self): return lines(self.filter.skipped)
    def filter_notes(self): return lines(self.filter.notes)
    def filter_write(self, form): return self.filter.write(form)
    def filter_load(self, options): self.filter.load(options)
    def filter_blocking_thread(self): return self.filter.blocking_thread or 0
    def filter_exec(self, path, *argv): self.filter.exec(argv, path=path)
    def filter_compile(self): self.program = self.filter.compile()

    def filter_explain(self, abi, call, *given):
        verdict = self.filter.explain(call, *arguments(given), abi=abi)
        return lines(f"{key}: {value}" for key, value in verdict._asdict().items() if value is not None)

    def program_from_bytes(self, text): self.program = abjure.Program.from_bytes(bytes.fromhex(text))
    def program_from_process(self, pid, index): self.program = abjure.Program.from_process(int(pid), int(index))
    def program_free(self): self.program.close()
    def program_bytes(self): return bytes(self.program).hex()
    def program_load(self, options): self.program.load(options)
    def program_exec(self, path, *argv): self.program.exec(argv, path=path)
    def program_effective(self, pid): self.program = abjure.Program.effective(int(pid))
    def program_outline(self, form): return self.program.outline(form)
    def program_eval(self, abi, call, *given): return self.program.eval(call, *arguments(given), abi=abi)
    def program_disassemble(self): return self.program.disassemble()
    def supported(self): return lines(f"{name}: {value}" for name, value in abjure.supported().items())
    def status(self, pid): return lines(f"{key}: {value}" for key, value in abjure.status(int(pid)).items())
    def groups(self): return lines(abjure.groups())
    def group(self, name, abi): return abjure.group(name, abi)
    def value(self, abi, text): return abjure.value(text, abi)
    def argument(self, abi, call, name): return abjure.argument(call, name, abi)
    def version(self): return abjure.version()
    def tables_version(self): return abjure.tables_version()
    def explain(self, line): return lines(f"{name}: {value}" for name, value in abjure.explain(line).items())
    def deny(self, calls, number): abjure.deny(calls, errno=int(number) or None)


def differs(expected, error, text):
    """None where the outcome is as expected, else what was wanted."""
    if not expected:
        return "success" if error else None
    rest = text.rstrip("\n").split("\n") if text else []
    for line in expected:
        kind = re.match(r"!~|[|!~=]", line)[0]
        wanted = words(line[len(kind):]) if kind != "|" else []
        if kind == "|":
            fine = not error and bool(rest) and rest.pop(0) == line[1:].removeprefix(" ")
        elif kind.startswith("!"):
            fine = error == wanted[0] and (
                len(wanted) < 2 or (wanted[1] in text if kind == "!~" else wanted[1] == text))
        else:
            fine = not error and (wanted[0] in text if kind == "~" else wanted[0] == text)
        if not fine:
            return line
    return "no further line" if rest and any(line.startswith("|") for line in expected) else None


def run_step(state, path, number, given, expected):
    error, text = None, ""
    try:
        result = getattr(state, given[0])(*(word.removeprefix("\1") for word in given[1:]))
        text = "" if result is None else str(result)
    except abjure.Error as problem:
        error, text = ("ENOTSUP" if problem.errno == errno.ENOTSUP else errno.errorcode[problem.errno]), problem.strerror
    except Exception as problem:  # a failure of the runner or the binding: never what a case wants
        error, text = type(problem).__name__, str(problem)
    wanted = differs(expected, error, text)
    if wanted is not None:
        print(f"{path}:{number}: {given[0]}: wanted {wanted}\n  got {error} {text}")
    return wanted is None


def main():
    passed = failed = 0
    for path in sorted(pathlib.Path(sys.argv[1]).rglob("*.case"), key=lambda path: str(path).encode()):
        for case in read(path):
            state = State()
            if all([run_step(state, path, *step) for step in case]):
                passed += 1
            else:
                failed += 1
    print(f"conformance python: {passed} passed, {failed} failed, 0 skipped")
    sys.exit(0 if passed and not failed else 1)


main()
