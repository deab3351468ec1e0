# SPDX-License-Identifier: MIT
"""The Python package against the real kernel. What loads a filter runs in a child process."""

import ast
import errno
import graphlib
import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

import abjure
from support import Child


class Live(Child):
    def test_talk_sample(self) -> None:
        """The talk's rules in one line: no program, no process, no port; threads, connections and files go on."""
        self.expect("""
            import abjure, os, socket, subprocess, threading
            server = socket.create_server(("127.0.0.1", 0))
            older = threading.Event(); told = threading.Event(); seen = []
            def wait():
                older.wait()
                try: os.posix_spawn("/bin/true", ["true"], {})
                except OSError as e: seen.append(type(e).__name__)
                told.set()
            thread = threading.Thread(target=wait); thread.start()

            abjure.deny("@exec", "@spawn", "@listen")

            def attempt(name, function):
                try: print(name, "worked:", function())
                except OSError as e: print(name, type(e).__name__, os.strerror(e.errno))
            attempt("subprocess", lambda: subprocess.run(["/bin/true"]))
            attempt("fork", os.fork)
            attempt("posix_spawn", lambda: os.posix_spawn("/bin/true", ["true"], {}))
            attempt("execv", lambda: os.execv("/bin/true", ["true"]))
            attempt("fexecve", lambda: os.execve(os.open("/bin/true", os.O_RDONLY), ["true"], {}))
            memory = os.memfd_create("program"); os.write(memory, open("/bin/true", "rb").read())
            attempt("memfd", lambda: os.execve(memory, ["true"], {}))
            print("system", os.system("true"))
            attempt("bind", lambda: socket.create_server(("127.0.0.1", 0)))
            attempt("listen", lambda: socket.socket().listen())
            older.set(); told.wait(); thread.join()
            print("older thread", seen)
            threads = [threading.Thread(target=lambda: None) for _ in range(50)]
            [t.start() for t in threads]; [t.join() for t in threads]
            print("threads", len(threads))
            print("file", len(open("/etc/passwd").read()) > 0)
            client = socket.create_connection(server.getsockname()); peer, _ = server.accept()
            client.send(b"x"); print("connect", peer.recv(1))
            """, """
            subprocess PermissionError Operation not permitted
            fork PermissionError Operation not permitted
            posix_spawn PermissionError Operation not permitted
            execv PermissionError Operation not permitted
            fexecve PermissionError Operation not permitted
            memfd PermissionError Operation not permitted
            system 32512
            bind PermissionError Operation not permitted
            listen PermissionError Operation not permitted
            older thread ['PermissionError']
            threads 50
            file True
            connect b'x'
            """)

    def test_errno_by_choice(self) -> None:
        self.expect("""
            import abjure, socket
            abjure.deny("socket(family == AF_INET)", errno="EACCES")
            try: socket.socket()
            except PermissionError as e: print(e.errno)
            print(socket.socket(socket.AF_UNIX).family.name)
            """, "13\nAF_UNIX")

    def test_import_has_no_side_effect(self) -> None:
        self.expect("""
            def state(): return [l for l in open("/proc/self/status") if l.startswith(("Seccomp", "NoNewPrivs"))]
            before = state()
            import abjure
            print(before == state())
            """, "True")

    def test_import_where_warnings_are_errors(self) -> None:
        for flags in ([], ["-W", "error"], ["-X", "dev", "-W", "error"]):
            done = subprocess.run([sys.executable, *flags, "-c", "import abjure; abjure.deny('@listen'); abjure.supported(); "
                                   "abjure.Filter().deny('chroot').compile().close()"], stderr=subprocess.PIPE)
            self.assertEqual((done.returncode, done.stderr), (0, b""), flags)

    def test_complain_denies_nothing(self) -> None:
        self.expect("""
            import abjure, subprocess
            abjure.Filter().set("complain", "on").deny("@exec", "@spawn").load()
            print(subprocess.run(["/bin/echo", "ran"], stdout=subprocess.PIPE).stdout)
            """, "b'ran\\n'")

    def test_thread_in_the_way(self) -> None:
        self.expect("""
            import abjure, threading
            ready, done = threading.Event(), threading.Event(); ids = []
            def other():
                ids.append(threading.get_native_id())
                abjure.Filter().deny("chroot").load(this_thread=True); ready.set(); done.wait()
            thread = threading.Thread(target=other); thread.start(); ready.wait()
            try: abjure.deny("@exec")
            except abjure.LoadError as e: print(e.errno, e.thread == ids[0], str(ids[0]) in e.strerror)
            done.set(); thread.join()
            """, f"{errno.ESRCH} True True")

    def test_once(self) -> None:
        self.expect("""
            import abjure
            def filters(): return int(next(l for l in open("/proc/self/status") if l.startswith("Seccomp_filters")).split()[1])
            f = abjure.Filter().deny("chroot")
            f.load(once=True); first = filters(); f.load(once=True); abjure.Filter().deny("chroot").load(once=True)
            print(filters() == first)
            f.load(); print(filters() > first)
            """, "True\nTrue")

    def test_exec_under_a_filter_that_denies_it(self) -> None:
        self.expect("""
            import abjure, sys
            code = "import os\\nprint('started', flush=True)\\ntry: os.execv('/bin/true', ['true'])\\nexcept OSError as e: print(e.strerror)"
            abjure.Filter().deny("@exec").exec([sys.executable, "-c", code])
            """, "started\nOperation not permitted")

    def test_run(self) -> None:
        """The program runs under the filter, its start passes, and this process stays as it is."""
        code = "import os, socket\nprint('started', flush=True)\n" \
               "for f in (lambda: os.execv('/bin/true', ['true']), lambda: socket.socket()):\n" \
               "  try: f()\n  except OSError as e: print(e.errno)"
        f = abjure.Filter().deny("@exec").deny("socket(family == AF_INET)", errno="EACCES")
        done = f.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True)
        self.assertEqual(done.stdout, f"started\n{errno.EPERM}\n{errno.EACCES}\n")
        self.assertEqual(f.run(["cat"], input=b"given", stdout=subprocess.PIPE).stdout, b"given")
        self.assertEqual(f.run(["env"], env={"A": "b", "PATH": os.environ["PATH"]}, stdout=subprocess.PIPE).stdout.split(b"\n")[0],
                         b"A=b")
        self.assertEqual(f.run(["sh", "-c", "exit 127"]).returncode, 127)
        with self.assertRaises(subprocess.CalledProcessError):
            f.run(["false"], check=True)
        with self.assertRaises(subprocess.TimeoutExpired):
            f.run(["sleep", "60"], timeout=0.5)
        with self.assertRaises(abjure.Error) as caught:
            f.run(["/no/such/program"])
        self.assertEqual(caught.exception.errno, errno.ENOENT)
        self.assertIn("/no/such/program", caught.exception.strerror)
        subprocess.run(["true"], check=True)

    def test_module_tells_about_this_place(self) -> None:
        done = subprocess.run([sys.executable, "-m", "abjure"], stdout=subprocess.PIPE, text=True, check=True)
        self.assertIn("\nfilter: yes\n", done.stdout)

    def test_program_loads_elsewhere(self) -> None:
        self.expect("""
            import abjure, os
            data = bytes(abjure.Filter().deny("chroot", errno="EXDEV").compile())
            abjure.Program.from_bytes(data).load()
            try: os.chroot("/")
            except OSError as e: print(e.errno)
            """, str(errno.EXDEV))

    def test_fork_and_threads_free_handles(self) -> None:
        self.expect("""
            import abjure, threading
            filters = [abjure.Filter().deny("@exec") for _ in range(100)]
            threads = [threading.Thread(target=filters.pop) for _ in range(100)]
            [t.start() for t in threads]; [t.join() for t in threads]
            print(len(filters))
            """, "0")


class Readme(Child):
    def test_examples(self) -> None:
        readme = pathlib.Path(__file__).resolve().parents[2] / "bindings/python/README.md"
        examples = re.findall(r"^```python\n(.*?)^```", readme.read_text(), re.M | re.S)
        self.expect(examples[0], "denied: [Errno 1] Operation not permitted")
        self.expect(examples[1] + "print(done.returncode)", pathlib.Path("/etc/hostname").read_text() + "0")
        self.assertEqual(len(examples), 2)


class Layout(unittest.TestCase):
    def test_modules_import_one_another_in_one_direction(self) -> None:
        uses: dict = {}
        for path in pathlib.Path(abjure.__file__).parent.glob("_[a-z]*.py"):
            found = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
            names = {name for node in found if node.level == 1 for name in ([node.module] if node.module else
                                                                            [alias.name for alias in node.names])}
            uses[path.stem] = names - {"_core"}
        order = list(graphlib.TopologicalSorter(uses).static_order())  # CycleError where there is a circle
        self.assertLess(order.index("_filter"), order.index("_become"))


class Errors(unittest.TestCase):
    def assert_refused(self, number: int, words: str, function, *arguments, **options) -> None:
        with self.assertRaises(abjure.Error) as caught:
            function(*arguments, **options)
        self.assertEqual(caught.exception.errno, number)
        self.assertIn(words, caught.exception.strerror)

    def test_messages(self) -> None:
        f = abjure.Filter
        self.assert_refused(errno.ENOENT, 'unknown system call "execev"; did you mean "execve"?', f().deny, "execev")
        self.assert_refused(errno.ENOENT, "@exec", f().deny, "@exce")
        self.assert_refused(errno.ENOENT, "AF_INET", f().deny, "socket(family == AF_INTE)")
        self.assert_refused(errno.ENOENT, "EACCES", f().add, "EACCESS", "execve")
        self.assert_refused(errno.EINVAL, "pointer", f().deny, "connect(arg1 == 5)")

    def test_broken_filter_stays_broken(self) -> None:
        f = abjure.Filter().deny("@exec")
        with self.assertRaises(abjure.Error):
            f.deny("lisen")
        for function in (f.load, f.compile, f.write):
            self.assert_refused(errno.ENOENT, "lisen", function)
        f.clear()
        self.assertEqual(f.compile().eval("execve"), "EPERM")


class Policies(unittest.TestCase):
    def test_verdicts(self) -> None:
        f = abjure.Filter(abis=["x86_64", "aarch64"]).allow("ioctl(cmd == TIOCGWINSZ)").deny("ioctl", errno="EACCES")
        v = f.explain("ioctl", 0, "TIOCSTI", abi="aarch64")
        self.assertEqual((v.action, v.origin, v.rule, v.allowed), ("EACCES", "rule", "EACCES ioctl", False))
        self.assertTrue(f.explain("ioctl", 0, "TIOCGWINSZ", abi="x86_64").allowed)
        self.assertEqual(f.compile().eval("ioctl", 0, "TIOCSTI", abi="aarch64"), "EACCES")

    def test_text_and_back(self) -> None:
        text = "default EPERM\nallow read, write, exit_group\n"
        f = abjure.Filter().read(text, "my.policy")
        again = abjure.Filter().read(f.write())
        self.assertEqual(bytes(f.compile()), bytes(again.compile()))
        self.assertIn("my.policy:2:7", str(f.explain("read")))
        self.assertEqual(json.loads(f.write("oci"))["defaultAction"], "SCMP_ACT_ERRNO")

    def test_explain_by_names(self) -> None:
        f = abjure.Filter().deny("socket(family == AF_INET && type & 0xf == SOCK_RAW)")
        self.assertEqual(f.explain("socket", family="AF_INET", type="SOCK_RAW|SOCK_CLOEXEC").action, "EPERM")
        self.assertEqual(f.explain("socket", "AF_INET", arg1="SOCK_STREAM").action, "allow")
        # Names mean what they mean on the ABI of the filter.
        arm = abjure.Filter(abis=["arm"]).deny("openat(flags & O_DIRECT == O_DIRECT)")
        self.assertEqual(arm.explain("openat", flags="O_DIRECT").action, "EPERM")
        self.assertEqual(arm.explain("openat", flags=abjure.value("O_DIRECT", "x86_64")).action, "allow")

    def test_values_and_arguments(self) -> None:
        self.assertEqual(abjure.value("AF_INET|0x10"), 18)
        self.assertEqual(abjure.value("-1"), (1 << 64) - 1)
        self.assertNotEqual(abjure.value("O_DIRECT", "arm"), abjure.value("O_DIRECT", "x86_64"))
        self.assertEqual((abjure.argument("socket", "protocol"), abjure.argument("clone", "flags", "s390x")), (2, 1))
        with self.assertRaises(abjure.Error) as caught:
            abjure.value("AF_INE")
        self.assertIn('did you mean "AF_INET"?', caught.exception.strerror)

    def test_options(self) -> None:
        f = abjure.Filter().set(log=False, complain=True, unknown="allow", abi=["x86_64", "aarch64"]).set("foreign", "allow")
        f.set(capabilities=("CAP_CHOWN", "CAP_KILL"), kernel="6.1")
        text = f.deny("chroot").write()
        for line in ("set log off", "set complain on", "set unknown allow", "abi aarch64", "set foreign allow"):
            self.assertIn(line, text.splitlines())
        for wrong in (lambda: f.set(), lambda: f.set(log=None), lambda: f.set(log=5)):
            with self.assertRaises(TypeError):
                wrong()

    def test_error_of_the_filter(self) -> None:
        f = abjure.Filter()
        self.assertEqual((f.error, f.message, f.blocking_thread), (None, "", None))
        with self.assertRaises(abjure.Error):
            f.deny("execev")
        self.assertEqual((f.error.errno, f.error.strerror), (errno.ENOENT, f.message))
        self.assertIsNone(f.clear().error)

    def test_skipped(self) -> None:
        f = abjure.Filter(abis=["aarch64"]).deny("creat", "openat")
        self.assertEqual(f.skipped, ["creat: absent on aarch64"])

    def test_disassembly(self) -> None:
        self.assertIn("execve", abjure.Filter().deny("execve").compile().disassemble())

    def test_outline(self) -> None:
        program = abjure.Filter(abis=["x86_64"]).add("EACCES", "mount", "socket(family == AF_INET)").compile()
        self.assertIn("fail with EACCES (1 call)\n    mount\n", program.outline())
        again = abjure.Filter()
        again.read(program.outline("policy"))
        self.assertEqual(again.compile().eval("socket", "AF_INET", abi="x86_64"), "EACCES")
        self.assertEqual(json.loads(program.outline("json"))["exact"], True)

    def test_place(self) -> None:
        self.assertTrue(abjure.supported())
        self.assertIn("@exec", abjure.groups())
        self.assertIn("execveat", abjure.group("@exec"))
        self.assertRegex(abjure.tables_version(), r"^linux-\d+\.\d+$")
        self.assertEqual(abjure.__version__, abjure.version())

    def test_status(self) -> None:
        mine = abjure.status()
        self.assertEqual(mine["pid"], str(os.getpid()))
        self.assertEqual(mine["uid"], str(os.geteuid()))
        self.assertIn(mine["mode"], ("disabled", "filter"))
        self.assertEqual({**abjure.status(os.getpid()), "threads": ""}, {**mine, "threads": ""})
        with subprocess.Popen([sys.executable, "-c", "import abjure, sys; abjure.deny('ptrace'); print(flush=True); sys.stdin.read()"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
            assert child.stdin and child.stdout
            child.stdout.readline()
            his = abjure.status(child.pid)
            child.stdin.close()
        self.assertEqual((his["parent"], his["mode"], his["no_new_privs"]), (mine["pid"], "filter", "yes"))
        with self.assertRaisesRegex(abjure.Error, "no process") as gone:
            abjure.status(child.pid)
        self.assertEqual(gone.exception.errno, errno.ESRCH)
        with self.assertRaises(TypeError):
            abjure.status("1")  # type: ignore[arg-type]

    def test_records(self) -> None:
        line = 'type=SECCOMP msg=audit(1592235512.578:148): uid=1000 pid=6939 comm="nc" sig=31 arch=c000003e syscall=49 ' \
            'code=0x0'
        record = abjure.explain(line)
        self.assertEqual((record["call"], record["pid"], record.get("exe")), ("bind", "6939", None))
        self.assertEqual(str(record), "nc (pid 6939) called bind and was killed (SIGSYS), as uid 1000, x86_64")
        for wrong, number in (("", errno.EINVAL), ("type=LOGIN msg=audit(1592235512.578:148): pid=1", errno.ENOENT)):
            with self.assertRaises(abjure.Error) as caught:
                abjure.explain(wrong)
            self.assertEqual(caught.exception.errno, number)
        self.assertRaises(ValueError, abjure.explain, line + "\0")


if __name__ == "__main__":
    unittest.main()
