# SPDX-License-Identifier: MIT
"""abjure.compat.seccomp: the interface of libseccomp's Python module, and verdicts beside libseccomp's own."""

import errno
import json
import os
import random
import subprocess
import sys
import tempfile
import unittest

import abjure
from abjure.compat import seccomp
from abjure.compat.seccomp import (ALLOW, ERRNO, KILL, KILL_PROCESS, LOG, NOTIFY, TRACE, TRAP, EQ, GE, GT, LE, LT,
                                   MASKED_EQ, NE, Arch, Arg, Attr, SyscallFilter)

from support import Child

HERE = os.path.dirname(os.path.abspath(__file__))


def exported(f: SyscallFilter) -> abjure.Program:
    with tempfile.TemporaryFile() as file:
        f.export_bpf(file)
        file.seek(0)
        return abjure.Program.from_bytes(file.read())


class Interface(unittest.TestCase):
    def refused(self, number: int, function, *arguments) -> str:
        with self.assertRaises(RuntimeError) as caught:
            function(*arguments)
        self.assertIsInstance(caught.exception, abjure.Error)
        self.assertEqual(caught.exception.errno, number)
        self.assertTrue(caught.exception.strerror)
        return caught.exception.strerror

    def test_star_import_gives_what_programs_use(self) -> None:
        space: dict = {}
        exec("from abjure.compat.seccomp import *", space)
        for name in ("ALLOW KILL KILL_PROCESS TRAP LOG NOTIFY ERRNO TRACE EQ NE LT LE GT GE MASKED_EQ Arch Arg Attr "
                     "SyscallFilter resolve_syscall system_arch errno").split():
            self.assertIn(name, space)
        self.assertEqual(space["errno"].EPERM, 1)

    def test_values(self) -> None:
        self.assertEqual((ALLOW, KILL, KILL_PROCESS, TRAP, LOG, NOTIFY), (0x7fff0000, 0, -0x80000000, 0x30000, 0x7ffc0000,
                                                                        0x7fc00000))
        self.assertEqual((ERRNO(13), TRACE(7)), (0x5000d, 0x7ff00007))
        self.assertEqual((NE, LT, LE, EQ, GE, GT, MASKED_EQ), (1, 2, 3, 4, 5, 6, 7))
        self.assertEqual((Arch.X86, Arch.X86_64, Arch.AARCH64), (1073741827, -1073741762, -1073741641))

    def test_every_action(self) -> None:
        for action, verdict in ((ERRNO(1), "EPERM"), (ERRNO(5000), "errno(4095)"), (TRACE(7), "trace(7)"), (TRAP, "trap"),
                                (LOG, "log"), (NOTIFY, "notify"), (KILL, "kill_thread"), (KILL_PROCESS, "kill"),
                                (0x80000000, "kill")):
            f = SyscallFilter(ALLOW)
            f.add_rule(action, "chroot")
            self.assertEqual(exported(f).eval("chroot"), verdict)
            self.assertEqual(exported(f).eval("read"), "allow")
            f = SyscallFilter(action)
            if action != LOG:
                self.refused(errno.EINVAL, exported, f)  # allows nothing
            f.add_rule(ALLOW, "read")
            self.assertEqual(exported(f).eval("exit"), verdict)

    def test_every_comparison_on_64_bits(self) -> None:
        big = 1 << 32
        for op, data, yes, no in ((EQ, (5,), [5], [4, 5 + big]), (NE, (5,), [4, 5 + big], [5]),
                                  (LT, (5,), [0, 4], [5, big]), (LE, (5,), [0, 5], [6, big]),
                                  (GT, (5,), [6, big], [0, 5]), (GE, (5,), [5, big], [4]),
                                  (MASKED_EQ, (0xf0, 0x1f), [0x10, 0x1f, 0x10 + big], [0, 0x20])):
            f = SyscallFilter(ALLOW)
            f.add_rule(ERRNO(5), "ioctl", Arg(1, op, *data))
            p = exported(f)
            self.assertEqual([p.eval("ioctl", 0, v) for v in yes + no], ["EIO"] * len(yes) + ["allow"] * len(no), op)

    def test_a_rule_without_conditions_outweighs(self) -> None:
        for first in (True, False):
            f = SyscallFilter(ALLOW)
            if first:
                f.add_rule(ERRNO(1), "ioctl")
            f.add_rule(ERRNO(5), "ioctl", Arg(1, EQ, 5))
            if not first:
                f.add_rule(ERRNO(1), "ioctl")
            f.add_rule(ERRNO(13), "ioctl")
            self.assertEqual(exported(f).eval("ioctl", 0, 5), "EPERM")

    def test_conditions_that_hold_always(self) -> None:
        for always in (Arg(3, MASKED_EQ, 0, 7), Arg(3, GE, 0), Arg(3, LE, (1 << 64) - 1)):
            f = SyscallFilter(TRAP)
            f.add_rule(ALLOW, "read")
            f.add_rule(LOG, "rt_sigreturn", always)
            f.add_rule(ERRNO(5), "ioctl", Arg(1, EQ, 5))
            f.add_rule(ERRNO(13), "ioctl", always)
            p = exported(f)
            self.assertEqual([p.eval("rt_sigreturn"), p.eval("ioctl", 0, 5)], ["log", "EACCES"])

    def test_conditions_that_together_cover_a_call(self) -> None:
        f = SyscallFilter(KILL)
        f.add_rule(ALLOW, "exit", Arg(0, LT, 3))
        f.add_rule(LOG, "exit", Arg(0, GE, 3))
        p = exported(f)
        self.assertEqual([p.eval("exit", 0), p.eval("exit", 3)], ["allow", "log"])

    def test_denying_default_denies_all_but_the_rules(self) -> None:
        f = SyscallFilter(KILL)
        f.add_rule(ALLOW, "read")
        p = exported(f)
        self.assertEqual(p.eval("read"), "allow")
        for call in ("exit_group", "rt_sigreturn", "io_uring_setup", 9999):
            self.assertEqual(p.eval(call), "kill_thread", call)

    def test_guards(self) -> None:
        f = SyscallFilter(ALLOW)
        f.add_rule(ERRNO(1), "@listen")
        p = exported(f)
        self.assertEqual([p.eval(c) for c in ("listen", "io_uring_setup", 9999)], ["EPERM", "ENOSYS", "ENOSYS"])
        f.add_rule(ALLOW, "io_uring_setup")
        self.assertEqual(exported(f).eval("io_uring_setup"), "allow")

    def test_errors(self) -> None:
        f = SyscallFilter(ALLOW)
        self.assertIn('did you mean "execve"?', self.refused(errno.ENOENT, f.add_rule, KILL, "execev"))
        self.refused(errno.ENOENT, f.add_rule_exactly, KILL, "execev")
        self.refused(errno.ENOENT, f.add_rule, KILL, "@lisen")
        self.refused(errno.EACCES, f.add_rule, ALLOW, "read")
        self.refused(errno.EINVAL, f.add_rule, 12345, "read")
        self.refused(errno.EINVAL, SyscallFilter, 12345)
        self.refused(errno.EINVAL, f.add_rule, KILL, "read, write")
        self.refused(errno.EINVAL, f.add_rule, KILL, "read(fd == 1)")
        self.refused(errno.EINVAL, f.add_rule, KILL, -1)
        self.refused(errno.EINVAL, f.add_rule, KILL, "read", Arg(6, EQ, 0))
        self.refused(errno.EINVAL, f.add_rule, KILL, "read", Arg(0, 99, 0))
        self.refused(errno.EINVAL, f.add_rule, KILL, "read", Arg(0, GT, 1), Arg(0, LT, 5))
        self.refused(errno.EDOM, f.add_rule_exactly, KILL, "socketcall")
        f.add_rule(KILL, "socketcall")  # absent here: skipped
        f.add_rule(KILL, "ioctl", Arg(1, EQ, 5))
        self.refused(errno.EEXIST, f.add_rule, LOG, "ioctl", Arg(1, EQ, 5))
        f.add_rule(KILL, "ioctl", Arg(1, EQ, 5))
        self.assertEqual(exported(f).eval("ioctl", 0, 5), "kill_thread")
        for wrong in (None, b"open", 1.5):
            with self.assertRaises(TypeError):
                f.add_rule(KILL, wrong)
        with self.assertRaises(TypeError):
            f.add_rule(KILL, "read", 5)
        with self.assertRaises(ValueError):
            f.add_rule(KILL, "open\0at")
        for wrong in (-1, 1 << 64):
            with self.assertRaises(OverflowError):
                Arg(0, EQ, wrong)
        with self.assertRaises(TypeError):
            Arg(0, EQ, "x")
        f = SyscallFilter(ALLOW)
        f.add_rule(NOTIFY, "chroot")
        self.refused(errno.ENOTSUP, f.get_notify_fd)

    def test_architectures(self) -> None:
        native = Arch()
        f = SyscallFilter(ALLOW)
        self.assertTrue(f.exist_arch(Arch.NATIVE) and f.exist_arch(native) and f.exist_arch(int(native)))
        other = Arch.AARCH64 if int(native) != Arch.AARCH64 else Arch.X86_64
        f.add_rule(ERRNO(1), "chroot")
        f.add_arch(Arch(other))
        f.add_rule(ERRNO(5), "mount")
        self.refused(errno.EEXIST, f.add_arch, other)
        self.refused(errno.EOPNOTSUPP, f.add_arch, Arch.MIPS)
        self.refused(errno.EOPNOTSUPP, f.add_rule_exactly, KILL, "read")
        abi = "aarch64" if other == Arch.AARCH64 else "x86_64"
        p = exported(f)
        self.assertEqual([p.eval("chroot"), p.eval("chroot", abi=abi)], ["EPERM", "allow"])
        self.assertEqual([p.eval("mount"), p.eval("mount", abi=abi), p.eval("mount", abi="s390x")],
                         ["EIO", "EIO", "kill_thread"])
        f.set_attr(Attr.ACT_BADARCH, KILL_PROCESS)
        self.assertEqual(exported(f).eval("mount", abi="s390x"), "kill")
        f.remove_arch(other)
        self.refused(errno.EEXIST, f.remove_arch, other)
        self.assertFalse(f.exist_arch(other))
        with self.assertRaises(ValueError):
            Arch(77)
        f.remove_arch(native)
        self.refused(errno.EINVAL, exported, f)

    def test_merge_and_reset(self) -> None:
        a, b = SyscallFilter(ALLOW), SyscallFilter(ALLOW)
        a.add_rule(ERRNO(1), "chroot")
        self.refused(errno.EEXIST, a.merge, b)
        self.refused(errno.EINVAL, a.merge, None)
        self.refused(errno.EINVAL, a.merge, a)
        self.refused(errno.EINVAL, a.merge, SyscallFilter(KILL))
        b.add_arch(Arch.RISCV64)
        b.remove_arch(Arch.NATIVE)
        b.add_rule(ERRNO(5), "chroot")
        a.merge(b)
        p = exported(a)
        self.assertEqual([p.eval("chroot"), p.eval("chroot", abi="riscv64")], ["EPERM", "EIO"])
        self.assertTrue(b.exist_arch(Arch.NATIVE) and not b.exist_arch(Arch.RISCV64))
        a.reset(LOG)
        self.assertEqual((a.get_attr(Attr.ACT_DEFAULT), exported(a).eval("chroot")), (LOG, "log"))
        with self.assertRaises(ValueError):
            a.reset(12345)

    def test_attributes(self) -> None:
        f = SyscallFilter(ALLOW)
        for attribute, value in ((Attr.ACT_BADARCH, KILL), (Attr.CTL_NNP, 1), (Attr.CTL_TSYNC, 0), (Attr.CTL_LOG, 0),
                                 (Attr.CTL_SSB, 0), (Attr.CTL_OPTIMIZE, 1), (Attr.ACT_DEFAULT, ALLOW)):
            self.assertEqual(f.get_attr(attribute), value)
        f.set_attr(Attr.CTL_TSYNC, 5)
        self.assertEqual(f.get_attr(Attr.CTL_TSYNC), 1)
        self.refused(errno.EACCES, f.set_attr, Attr.ACT_DEFAULT, KILL)
        self.refused(errno.EOPNOTSUPP, f.set_attr, Attr.CTL_OPTIMIZE, 3)
        self.refused(errno.EOPNOTSUPP, f.set_attr, Attr.API_TSKIP, 1)
        for call in (lambda: f.get_attr(99), lambda: f.set_attr(99, 1), lambda: f.syscall_priority("read", 256)):
            with self.assertRaises(ValueError):
                call()
        f.syscall_priority("read", 255)
        f.set_syscall_priority("write", 0)
        self.refused(errno.ENOENT, f.syscall_priority, "reed", 5)

    def test_resolve(self) -> None:
        self.assertEqual(seccomp.resolve_syscall(Arch.X86_64, "open"), 2)
        self.assertEqual(seccomp.resolve_syscall(Arch(Arch.X86_64), 2), b"open")
        self.assertEqual(seccomp.resolve_syscall(Arch.AARCH64, "open"), -1)
        self.assertEqual(seccomp.resolve_syscall(Arch.NATIVE, "bogus"), -1)
        with self.assertRaises(ValueError):
            seccomp.resolve_syscall(Arch.X86_64, 9999)
        with self.assertRaises(TypeError):
            seccomp.resolve_syscall(Arch.X86_64, None)

    def test_pfc(self) -> None:
        f = SyscallFilter(ALLOW)
        f.add_rule(ERRNO(1), "execve")
        with tempfile.TemporaryFile("w+") as file:
            f.export_pfc(file)
            file.seek(0)
            self.assertIn("execve", file.read())


class Live(Child):
    def threads(self, attribute: str, expected: str) -> None:
        self.expect(f"""
            import os, threading, warnings
            from abjure.compat.seccomp import *
            go, seen = threading.Event(), []
            def chroot():
                try: os.chroot("/nowhere")
                except OSError as e: seen.append(errno.errorcode[e.errno])
            older = threading.Thread(target=lambda: (go.wait(), chroot()))
            older.start()
            f = SyscallFilter(ALLOW)
            f.add_rule(ERRNO(errno.EXDEV), "chroot")
            {attribute}
            with warnings.catch_warnings(record=True) as said:
                warnings.simplefilter("always", RuntimeWarning)
                f.load()
            chroot(); go.set(); older.join()
            print(seen[0], seen[1] == seen[0], [w.category.__name__ for w in said])
            """, expected)

    def test_the_calling_thread_alone_unless_asked(self) -> None:
        self.threads("", "EXDEV False ['RuntimeWarning']")
        self.threads("f.set_attr(Attr.CTL_TSYNC, 0)", "EXDEV False []")

    def test_all_threads(self) -> None:
        self.threads("f.set_attr(Attr.CTL_TSYNC, 1)", "EXDEV True []")

    def test_notify_is_refused_at_load(self) -> None:
        self.expect("""
            from abjure.compat.seccomp import *
            f = SyscallFilter(ALLOW)
            f.add_rule(NOTIFY, "chroot")
            try: f.load()
            except RuntimeError as e: print(errno.errorcode[e.errno], "notif" in str(e))
            """, "ENOTSUP True")


def random_conditions(r: random.Random) -> list:
    numbers = [0, 1, 2, 5, 0x7fffffff, 0x80000000, 0xffffffff, 1 << 32, (1 << 32) + 5, (1 << 63), (1 << 64) - 1]
    conditions = []
    for argument in r.sample(range(6), r.choice([0, 0, 1, 1, 1, 2, 3])):
        op = r.choice([NE, LT, LE, EQ, EQ, GE, GT, MASKED_EQ, MASKED_EQ])
        a = r.choice(numbers + [r.getrandbits(64), r.getrandbits(16)])
        if (op, a) in ((LT, 0), (GT, (1 << 64) - 1)):
            a = 7  # what nothing fulfils is an error here
        conditions.append([argument, op, a, r.choice(numbers + [a, r.getrandbits(64)])])
    return conditions


def random_set(r: random.Random, names: list) -> dict:
    actions = [ALLOW, LOG, KILL, KILL_PROCESS, TRAP, ERRNO(1), ERRNO(38), TRACE(5)]
    default = r.choice([ALLOW, ALLOW, KILL, KILL_PROCESS, ERRNO(1), TRAP, LOG])
    chosen = r.sample(names, r.randint(1, 25))
    rules = [[r.choice([a for a in actions if a != default]), name, random_conditions(r)] for name in chosen]
    if default not in (ALLOW, LOG):
        rules[0][0] = ALLOW  # a filter that allows nothing is an error here
    return {"default": default, "badarch": r.choice([KILL, KILL_PROCESS, ALLOW, ERRNO(1)]), "rules": rules}


def inputs(r: random.Random, rules: list) -> list:
    """Calls with arguments at and around the values of the rules."""
    out = []
    for _, name, conditions in rules:
        for _ in range(12):
            arguments = [r.choice([0, 1, r.getrandbits(64), 1 << 32]) for _ in range(6)]
            for argument, op, a, b in conditions:
                exact = (b & a) | (r.getrandbits(64) & ~a) if op == MASKED_EQ else a
                arguments[argument] = (exact + r.choice([0, 0, 0, 1, -1, 1 << 32, -(1 << 32)])) % (1 << 64)
            out.append((name, arguments))
    return out


class BesideLibseccomp(unittest.TestCase):
    """One rule a call, where libseccomp is right."""

    def test_same_verdicts(self) -> None:
        python = "/usr/bin/python3"
        script = os.path.join(HERE, "libseccomp_export.py")
        probe = subprocess.run([python, "-c", "import seccomp"], stderr=subprocess.PIPE, text=True)
        if probe.returncode != 0:
            self.skipTest(f"{python} has no module seccomp (package python3-seccomp): {probe.stderr.strip()[-100:]}")
        seed = int(os.environ.get("ABJURE_SEED", random.randrange(1 << 32)))
        r = random.Random(seed)
        names = []
        for number in range(335):
            try:
                name = seccomp.resolve_syscall(Arch.NATIVE, number).decode()
            except ValueError:
                continue
            names.append(name)
        self.assertGreater(len(names), 250)
        sets = [random_set(r, names) for _ in range(150)]
        done = subprocess.run([python, script], input=json.dumps(sets), stdout=subprocess.PIPE, text=True, check=True)
        theirs = json.loads(done.stdout)
        self.assertEqual(len(theirs), len(sets))
        compared = 0
        for one, program in zip(sets, theirs):
            f = SyscallFilter(one["default"])
            f.set_attr(Attr.ACT_BADARCH, one["badarch"])
            for action, name, conditions in one["rules"]:
                f.add_rule(action, name, *(Arg(*c) for c in conditions))
            ours, other = exported(f), abjure.Program.from_bytes(bytes.fromhex(program))
            cases = inputs(r, one["rules"]) + [(name, [0] * 6) for name in names]
            for name, arguments in cases:
                self.assertEqual(ours.eval(name, *arguments), other.eval(name, *arguments),
                                 f"{name}{arguments} under {one}, seed {seed}")
                compared += 1
            self.assertEqual(ours.eval("read", abi="s390x"), other.eval("read", abi="s390x"))
        print(f"{compared} verdicts of {len(sets)} rule sets beside libseccomp, seed {seed}")


if __name__ == "__main__":
    unittest.main()
