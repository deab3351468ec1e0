# SPDX-License-Identifier: MIT
"""What a user can do wrong: a clear error each time, never a crash and never a weaker filter."""

import errno
import os
import pathlib
import re
import unittest

import abjure
from abjure import _core

from support import Child

TEXTS = {
    "deny": lambda t: abjure.deny(t),
    "Filter": lambda t: abjure.Filter(t),
    "abis": lambda t: abjure.Filter(abis=[t]),
    "add, action": lambda t: abjure.Filter().add(t, "execve"),
    "add, calls": lambda t: abjure.Filter().add("deny", t),
    "add, second calls": lambda t: abjure.Filter().add("deny", "execve", t),
    "deny, errno": lambda t: abjure.Filter().deny("execve", errno=t),
    "default": lambda t: abjure.Filter().default(t),
    "set, option": lambda t: abjure.Filter().set(t, "on"),
    "set, value": lambda t: abjure.Filter().set("log", t),
    "read": lambda t: abjure.Filter().read(t),
    "write": lambda t: abjure.Filter().write(t),
    "explain, call": lambda t: abjure.Filter().explain(t),
    "explain, argument": lambda t: abjure.Filter().explain("socket", t),
    "explain, named": lambda t: abjure.Filter().explain("socket", family=t),
    "explain, abi": lambda t: abjure.Filter().explain("socket", abi=t),
    "eval, call": lambda t: abjure.Filter().compile().eval(t),
    "eval, argument": lambda t: abjure.Filter().compile().eval("socket", t),
    "eval, abi": lambda t: abjure.Filter().compile().eval("socket", abi=t),
    "group": lambda t: abjure.group(t),
    "group, abi": lambda t: abjure.group("@exec", t),
    "value": lambda t: abjure.value(t),
    "value, abi": lambda t: abjure.value("AF_INET", t),
    "argument, call": lambda t: abjure.argument(t, "family"),
    "argument, name": lambda t: abjure.argument("socket", t),
    "argument, abi": lambda t: abjure.argument("socket", "family", t),
}
NUMBERS_SERVE = {"explain, call", "explain, argument", "explain, named", "eval, call", "eval, argument"}
ERRNO_SERVES = {"deny, errno"}
NONE_SERVES = {"deny, errno", "explain, abi", "eval, abi", "group, abi", "value, abi", "argument, abi"}
CALL_BY_NUMBER = {"argument, call"}


class Texts(unittest.TestCase):
    def test_nul_and_surrogates(self) -> None:
        for name, function in TEXTS.items():
            for text in ("execve\0, listen", "\0", "on\0", "\udcff", "execve\ud800"):
                with self.subTest(name, text=repr(text)), self.assertRaises(ValueError):
                    function(text)

    def test_wrong_types(self) -> None:
        for name, function in TEXTS.items():
            for wrong in (None, b"execve", ["execve"], 1.5, object(), 5):
                if isinstance(wrong, int) and name in NUMBERS_SERVE | ERRNO_SERVES | CALL_BY_NUMBER:
                    continue
                if wrong is None and name in NONE_SERVES or isinstance(wrong, list) and name == "set, value":
                    continue
                with self.subTest(name, wrong=wrong), self.assertRaises(TypeError):
                    function(wrong)

    def test_nonsense(self) -> None:
        for name, function in TEXTS.items():
            for text in ("", "nonsense", "@", "(", "socket(", "🙈", "x" * 100_000):
                if text == "" and (name in NONE_SERVES - ERRNO_SERVES or name == "read"):
                    continue
                with self.subTest(name, text=text[:20]), self.assertRaises(abjure.Error) as caught:
                    function(text)
                self.assertIn(caught.exception.errno, (errno.EINVAL, errno.ENOENT))
                self.assertTrue(5 < len(caught.exception.strerror) < 1024, caught.exception.strerror)

    def test_64_mib(self) -> None:
        huge = "x" * (64 << 20)
        for name in ("add, calls", "read", "value", "eval, call"):
            with self.subTest(name), self.assertRaises(abjure.Error) as caught:
                TEXTS[name](huge)
            self.assertLess(len(str(caught.exception)), 1024)
        filter = abjure.Filter().deny("chroot")
        filter.read("#" + huge)
        self.assertEqual(filter.compile().eval("chroot"), "EPERM")
        with self.assertRaises(abjure.Error):
            abjure.Program.from_bytes(bytes(64 << 20))


class Values(unittest.TestCase):
    def test_errnos(self) -> None:
        for wrong in (-1, 4096, 1 << 40, -1 << 40):
            for function in (abjure.deny, abjure.Filter().deny):
                with self.assertRaises(abjure.Error) as refused:
                    function("execve", errno=wrong)
                self.assertEqual(refused.exception.errno, errno.EINVAL)
        self.assertEqual(abjure.Filter().deny("execve", errno=0).explain("execve").action, "EPERM")
        for wrong in (True, 1.5, b"EPERM"):
            for function in (abjure.deny, abjure.Filter().deny):
                with self.assertRaises(TypeError):
                    function("execve", errno=wrong)
        with self.assertRaises(abjure.Error) as caught:
            abjure.deny("execve", errno="EPRM")
        self.assertIn('did you mean "EPERM"?', caught.exception.strerror)

    def test_arguments(self) -> None:
        program = abjure.Filter().deny("ioctl(arg1:u64 == 0xffffffffffffffff)", "read(fd == -1)").compile()
        self.assertEqual(program.eval("ioctl", 0, -1), "EPERM")
        self.assertEqual(program.eval("read", 0xffffffff), "EPERM")
        for wrong in (1 << 64, -(1 << 63) - 1):
            with self.assertRaises(ValueError):
                program.eval("ioctl", wrong)
        with self.assertRaises(ValueError):
            program.eval("ioctl", *range(7))
        with self.assertRaises(TypeError):
            abjure.Filter().explain("socket", 2, family=2)
        with self.assertRaises(abjure.Error):
            abjure.Filter().explain("socket", famly=2)

    def test_no_calls(self) -> None:
        for function in (abjure.deny, abjure.Filter().deny, abjure.Filter().allow, lambda: abjure.Filter().add("deny")):
            with self.assertRaises(ValueError):
                function()

    def test_programs_from_nowhere(self) -> None:
        for wrong in (None, 5, "text", b"bytes"):
            with self.assertRaises(TypeError):
                abjure.Program(wrong)
        for wrong in (None, 5, "text"):
            with self.assertRaises(TypeError):
                abjure.Program.from_bytes(wrong)
        for data in (b"", b"short", b"\xff" * 64, bytes(8), bytes(8 * 4097)):
            with self.assertRaises(abjure.Error):
                abjure.Program.from_bytes(data)
        for pid, index in ((-5, 0), (1 << 40, 0), (1, -1), ("1", 0), (None, 0)):
            with self.assertRaises((abjure.Error, OverflowError, TypeError)):
                abjure.Program.from_process(pid, index)
        with self.assertRaises(abjure.Error) as caught:
            abjure.Program.from_process(2 ** 22 + 1)
        self.assertIn(caught.exception.errno, (errno.ESRCH, errno.EACCES, errno.EPERM))
        for pid in (-5, 1 << 40, "1", None):
            with self.assertRaises((abjure.Error, OverflowError, TypeError)):
                abjure.Program.effective(pid)
        program = abjure.Program.from_bytes(b"\x06\0\0\0\0\0\xff\x7f")
        for wrong in ("yaml", "", "json, abi=x86_46"):
            with self.assertRaises(abjure.Error):
                program.outline(wrong)
        with self.assertRaises(TypeError):
            program.outline(None)

    def test_programs_to_start(self) -> None:
        for wrong in ([], "ls", b"ls", None, [None], [5]):
            for run in (abjure.Filter().exec, abjure.Filter().run, abjure.Filter().compile().exec):
                with self.subTest(wrong=wrong), self.assertRaises(TypeError):
                    run(wrong)
        for words in (["ls\0"], ["ls", "\0"]):
            for run in (abjure.Filter().exec, abjure.Filter().run):
                with self.assertRaises(ValueError):
                    run(words)
        with self.assertRaises(TypeError):
            abjure.Filter().run(["ls"], shell=True)


class Closed(unittest.TestCase):
    def test_filter(self) -> None:
        f = abjure.Filter().deny("chroot")
        f.close()
        f.close()
        for use in (lambda: f.deny("execve"), lambda: f.default("allow"), lambda: f.set(log=False), lambda: f.read(""),
                    f.write, lambda: f.message, lambda: f.error, lambda: f.blocking_thread, f.clear, lambda: f.skipped,
                    lambda: f.notes, lambda: f.explain("read"), f.compile, f.load, lambda: f.exec(["ls"]),
                    lambda: f.run(["ls"])):
            with self.assertRaisesRegex(ValueError, "this filter was closed"):
                use()
        with abjure.Filter() as g:
            pass
        with self.assertRaises(ValueError):
            g.load()

    def test_program(self) -> None:
        with abjure.Filter().deny("chroot").compile() as p:
            self.assertGreater(len(p), 3)
        for use in (lambda: bytes(p), lambda: len(p), lambda: p.eval("read"), p.disassemble, p.load,
                    lambda: p.exec(["ls"])):
            with self.assertRaisesRegex(ValueError, "this program was closed"):
                use()
        self.assertIn("closed", repr(p))

    def test_raw_half_refuses_missing_handles(self) -> None:
        for call in (lambda: _core.abjure_filter_load(None, ""), lambda: _core.abjure_program_bytes(None, bytearray()),
                     lambda: _core.abjure_filter_add(None, "deny", "execve")):
            with self.assertRaises(ValueError):
                call()
        with self.assertRaises(TypeError):
            _core.abjure_filter_add(5, "deny", "execve")
        with self.assertRaises(TypeError):
            _core.abjure_deny(None, 0, 100)


class Whole(unittest.TestCase):
    def test_every_function_of_the_header_is_bound_and_used(self) -> None:
        text = "".join(path.read_text() for path in pathlib.Path(abjure.__file__).parent.glob("*.py"))
        header = pathlib.Path(__file__).resolve().parents[2] / "core/include/abjure.h"
        declared = [line for line in header.read_text().splitlines() if line.startswith("ABJURE_API")]
        functions = set(re.findall(r"\b(abjure_[a-z_]+)\(", "".join(declared)))
        self.assertGreater(len(functions), 25)
        for name in sorted(functions):
            self.assertTrue(callable(getattr(_core, name)), name)
            self.assertRegex(text, rf"_core\.{name}\b")

    def test_a_failure_never_weakens(self) -> None:
        f = abjure.Filter().deny("chroot")
        for wrong in (lambda: f.deny("execev"), lambda: f.set(nope=True), lambda: f.read("deny\n")):
            with self.assertRaises(abjure.Error):
                wrong()
            self.assertEqual(f.error.strerror, f.message)
            for use in (f.load, f.compile, f.write, lambda: f.exec(["true"]), lambda: f.run(["true"])):
                with self.assertRaises(abjure.Error):
                    use()
            f.clear()
            self.assertIsNone(f.error)
        self.assertEqual(f.compile().eval("chroot"), "EPERM")

    def test_what_the_package_refuses_breaks_the_filter_too(self) -> None:
        for wrong in (lambda f: f.deny("@exec\0, @listen"), lambda f: f.deny("@exec\ud800"), lambda f: f.deny(None),
                      lambda f: f.deny(), lambda f: f.deny("execve", errno=1.5), lambda f: f.add(None, "execve"),
                      lambda f: f.default("kill\0"), lambda f: f.set(abi=None), lambda f: f.set(), lambda f: f.read(b""),
                      lambda f: f.read("deny @exec\0"), lambda f: f.read_file("/nowhere")):
            f = abjure.Filter().deny("chroot")
            with self.assertRaises((TypeError, ValueError, OSError)) as refused:
                wrong(f)
            self.assertEqual((f.error.errno, f.message), (errno.EINVAL, str(refused.exception)))
            for use in (f.load, f.compile, f.write, lambda: f.exec(["true"]), lambda: f.run(["true"])):
                with self.assertRaises(abjure.Error) as again:
                    use()
                self.assertEqual(again.exception.strerror, str(refused.exception))
            with self.assertRaises(abjure.LoadError):
                f.load()
            self.assertEqual(f.clear().compile().eval("chroot"), "EPERM")
            self.assertIsNone(f.error)


class Threads(Child):
    def test_close_while_others_use_it(self) -> None:
        self.expect("""
            import abjure, threading
            seen = set()
            for _ in range(40):
                f = abjure.Filter().deny("@exec", "@spawn", "@listen", "@write")
                def work(use):
                    try:
                        for _ in range(20): use()
                    except ValueError as e: seen.add(str(e))
                threads = [threading.Thread(target=work, args=(use,)) for use in
                           (f.compile, lambda: f.explain("execve"), lambda: f.notes, f.close, f.write)]
                [t.start() for t in threads]; [t.join() for t in threads]
            print(seen)
            """, "{'this filter was closed'}")

    def test_others_run_while_a_filter_compiles(self) -> None:
        """The interpreter is released: a second thread counts on while the first compiles something large."""
        self.expect("""
            import abjure, threading, time
            big = abjure.Filter().deny(*(f"ioctl(arg1 == {n} && arg2 == {n % 7})" for n in range(600)))
            count, done = 0, threading.Event()
            def work(): big.compile(); done.set()
            t = threading.Thread(target=work); t.start()
            while not done.is_set():
                count += 1
                time.sleep(0.0005)
            print(count > 2)
            """, "True")

    def test_fork_with_filters(self) -> None:
        self.expect("""
            import abjure, os
            f = abjure.Filter().deny("chroot", errno="EXDEV")
            p = f.compile()
            for use in (f.load, p.load, lambda: (f.close(), p.close())):
                child = os.fork()
                if child == 0:
                    try:
                        use()
                        os.chroot("/nowhere")
                    except OSError as e: os._exit(e.errno)
                print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
            """, "18\n18\n2")  # EXDEV by the filter; ENOENT by the kernel

    def test_subinterpreters(self) -> None:
        """They share one lock before Python 3.12 and can load the package; after that they are refused with a reason."""
        self.expect("""
            import sys
            try:
                import _xxsubinterpreters as interpreters
            except ImportError:
                import _interpreters as interpreters
            one = interpreters.create()
            code = "import abjure; f = abjure.Filter().deny('chroot'); assert f.compile().eval('chroot') == 'EPERM'"
            try:
                failed = getattr(interpreters, "run_string")(one, code)
            except Exception as e:
                failed = e
            print(failed is None or "subinterpreters" in str(getattr(failed, "msg", failed)))
            """, "True")


if __name__ == "__main__":
    unittest.main()
