# SPDX-License-Identifier: MIT
"""abjure why."""
import json
import os
import platform
import pty
import re
import select
import shutil
import signal
import subprocess
import time

from support import ABJURE, SOURCE, STATIC, TARGET, Case, abjure, as_root, call, main, on_x86_64

DENIED = os.environ["ABJURE_DENIED"]
HAS_STACKS = os.environ["ABJURE_STACKS"] == "1"
PYTHON = "/usr/bin/python3"  # Debian's: python3-seccomp is for that one


def why(*words, **more):
    return abjure("why", *words, **more)


class Base(Case):
    def documents(self, *words, status=None, command=(ABJURE,), **more):
        """What --json writes: the denials and notes, and the end."""
        output = self.path("output.json")
        with open(output, "w", encoding="utf-8"):
            pass
        os.chmod(output, 0o666)
        self.result = call(*command, "why", "--json", "-o", output, *words, **more)
        with open(output, encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        self.assertTrue(lines, self.result)
        end = lines.pop()
        self.assertEqual(end["event"], "end")
        if status is not None:
            self.assertEqual(self.result.returncode, status, self.result)
        return lines, end

    def denials(self, *words, **more):
        lines, _ = self.documents(*words, **more)
        return [line for line in lines if line["event"] == "denial"]

    def one(self, *words, **more):
        denials = self.denials(*words, **more)
        self.assertEqual(len(denials), 1, denials)
        return denials[0]

    def none(self, *words, **more):
        lines, end = self.documents(*words, **more)
        self.assertEqual([line for line in lines if line["event"] == "denial"], [])
        self.assertEqual(end["denials"], 0)
        return lines, end

    def nobody(self):
        """Words that start the command as nobody, who has it and the programs."""
        more = self.unprivileged()
        shutil.copy(DENIED, self.path("denied"))
        os.chmod(self.path("denied"), 0o755)
        return {"command": (self.path(os.path.basename(ABJURE)),), **more}


class Rules(Base):
    """With the rules of the command line: each denial names the rule."""

    def test_errno(self):
        d = self.one("--deny", "EACCES:bind", "--", DENIED, "bind", status=1)
        self.assertEqual((d["call"]["name"], d["verdict"], d["errno"], d["process"]),
                         ("bind", "EACCES", "EACCES", "denied"))
        self.assertEqual([(a["name"], a["value"]) for a in d["call"]["arguments"]],
                         [("fd", "0"), ("umyaddr", "0.0.0.0:7"), ("addrlen", "16")])
        self.assertEqual(d["call"]["arguments"][2]["register"], "0x10")
        self.assertEqual((d["cause"]["own"], d["cause"]["rule"]), (True, "EACCES bind"))
        self.assertIsNone(d["doubt"])

    def test_source(self):
        policy = self.write("web.policy", "# no servers\nallow listen\n  EACCES @listen\n")
        d = self.one("--policy", policy, "--", DENIED, "bind", status=1)
        self.assertEqual((d["cause"]["rule"], d["cause"]["source"]), ("EACCES @listen", f"{policy}:3:10"))
        result = why("-p", policy, "--", DENIED, "bind")
        self.gives(result, 1, f'    by rule "EACCES @listen" ({policy}:3:10)\n',
                   "       @listen is for: Listen on no new port or socket. A server that already listens goes on.\n",
                   f"        to let it pass, put before {policy}:3:10: allow bind\n")

    def test_text(self):
        result = why("--deny", "@listen", "--", DENIED, "bind")
        self.gives(result, 1)
        self.assertEqual(result.stdout, "bind: errno 1\n")
        self.assertRegex(result.stderr, r'(?s)^abjure: denied\[(\d+)\]: bind\(fd=0, umyaddr=0\.0\.0\.0:7, addrlen=16\) '
                         r'was denied: EPERM\n    by rule "deny @listen"\n       @listen is for: .*'
                         r'abjure: denied\[\1\] ended with status 1\nabjure: denied, what matters most first:\n'
                         r'    bind was denied: EPERM, 1 time\n        by rule "deny @listen"\n'
                         r"        to let it pass, put before the rules: --allow 'bind'\n$")

    def test_kill(self):
        for rule, word in (("--kill", "killed the process"), ("--trap", "brought SIGSYS (trap)")):
            result = why(rule, "bind", "--", DENIED, "bind")
            self.gives(result, 159, f"addrlen=16) {word}", f'by rule "{rule[2:]} bind"', "was killed by signal 31 (SIGSYS)")
            _, end = self.documents(rule, "bind", "--", DENIED, "bind", status=159)
            self.assertEqual((end["status"], end["signal"], end["sums"][0]["fatal"]), (None, 31, True))

    def test_thread_and_child(self):
        d = self.one("--deny", "bind", "--", DENIED, "thread", status=0)
        self.assertNotEqual(d["thread"], d["pid"])
        for word in ("--deny", "--kill"):
            d = self.one(word, "bind", "--", TARGET, "child")
            self.assertEqual((d["call"]["name"], d["cause"]["rule"]), ("bind", word[2:] + " bind"))

    def test_killed_thread(self):
        policy = self.write("p", "kill_thread bind\n")
        d = self.one("-p", policy, "--", DENIED, "thread", status=0, timeout=20)
        self.assertEqual((d["verdict"], d["cause"]["source"]), ("kill_thread", f"{policy}:1:13"))

    def test_default(self):
        policy = self.write("p", "default EACCES\nallow @network\n" + "".join(f"allow {name}\n" for name in (
            "read,write,close,mmap,munmap,mprotect,brk,newfstatat,fstat,openat,pread64,arch_prctl,set_tid_address,"
            "set_robust_list,rseq,prlimit64,getrandom,futex,access,execve,readlink,faccessat").split(",")))
        d = self.one("-p", policy, "--", DENIED, "bind")
        self.assertEqual((d["call"]["name"], d["cause"]["own"], d["cause"]["rule"], d["cause"]["text"]),
                         ("bind", True, None, "the default action"))

    def test_complain(self):
        self.none("--deny", "bind", "--complain", "--", DENIED, "bind")

    def test_constants(self):
        program = "import socket, os, fcntl, signal\n" \
            "def t(f, *a):\n  try: f(*a)\n  except OSError: pass\n" \
            "t(socket.socket, socket.AF_INET6, socket.SOCK_DGRAM)\nt(os.open, '/tmp/a\\nb', os.O_RDWR|os.O_CREAT, 0o640)\n" \
            "t(fcntl.ioctl, 0, 0x5412, b'x')\nt(os.kill, os.getpid(), signal.SIGUSR1)\nt(os.mkdir, '/' + 'm' * 200)\n"
        texts = [f'{d["call"]["name"]} ' + ", ".join(f'{a["name"]}={a["value"]}' for a in d["call"]["arguments"])
                 for d in self.denials("--deny", "@network,@write,ioctl(cmd==TIOCSTI),kill", "--", PYTHON, "-c", program)]
        self.assertEqual(texts[0], "socket family=AF_INET6, type=SOCK_DGRAM|SOCK_CLOEXEC, protocol=0")
        self.assertEqual(texts[1], r'openat dfd=AT_FDCWD, filename="/tmp/a\x0ab", flags=O_RDWR|O_CREAT|O_CLOEXEC, mode=0640')
        self.assertRegex(texts[2], r"^ioctl fd=0, cmd=TIOCSTI, arg=0x[0-9a-f]+$")
        self.assertRegex(texts[3], r"^kill pid=\d+, sig=SIGUSR1$")
        self.assertEqual(texts[4], 'mkdir pathname="/' + "m" * 99 + '"..., mode=0777')

    def test_remedies(self):
        """What is proposed works, and it is the narrowest that does."""
        for rule, made, remedy in (
                ("@network", "socket.socket()", "--allow 'socket(family == AF_INET)'"),
                ("socket", "socket.socket()", "--allow 'socket(family == AF_INET)'"),
                ("socket(family == AF_INET)", "socket.socket()", 'leave the rule "deny socket(family == AF_INET)" out'),
                ("@signal", "import os, subprocess as s; os.kill(s.Popen(['sleep', '2']).pid, 15)",
                 "--allow 'kill(sig == SIGTERM)'"),
                ("@network", "(t(socket.socket), socket.socket(socket.AF_INET6))", "--allow 'socket'"),
                ("@listen", "socket.socket().bind(('', 0))", "--allow 'bind'")):
            program = "import socket\ndef t(f):\n  try: f()\n  except OSError: pass\n" + made
            _, end = self.documents("--deny", rule, "--", PYTHON, "-c", program, status=1)
            text = end["sums"][0]["remedy"]
            self.assertIn(remedy, text)
            if "--allow" in text:
                exception = re.search("--allow '(.*)'", text).group(1)
                self.none("--allow", exception, "--deny", rule, "--", PYTHON, "-c", program, status=0)

    def test_remedy_of_all(self):
        """An allow list grows until the program works."""
        calls, steps = "read,write,execve,mmap,munmap,brk,openat,close,mprotect", 0
        while True:
            result = why("--allow-only", calls, "--", "ls", self.folder)
            if "abjure: no filter denied a call\n" in result.stderr:
                break
            more = re.findall(r"^abjure: to let all of these pass: --allow '(.*)'$|rules: --allow '(.*)'$", result.stderr,
                              re.MULTILINE)
            self.assertTrue(more, result.stderr)
            calls = "".join(more[-1]) + "," + calls
            steps += 1
            self.assertLess(steps, 12, result.stderr)
        self.assertEqual(result.returncode, 0)
        self.assertGreater(steps, 1)
        self.assertGreater(len(calls.split(",")), 15)

    def test_self(self):
        """`self` is the program's number, not the command's."""
        program = "import os\nfor pid in (os.getpid(), 1):\n  try: os.kill(pid, 0)\n  except OSError: pass\n"
        for rules in (["--deny", "EACCES:kill(pid == self)", "--deny", "EACCES:kill"],
                      ["--deny", "EACCES:kill(pid != self)", "--deny", "EACCES:kill"]):
            denials = self.denials(*rules, "--", PYTHON, "-c", program)
            own = [d["cause"]["rule"] for d in denials if d["call"]["arguments"][0]["value"] != "1"]
            other = [d["cause"]["rule"] for d in denials if d["call"]["arguments"][0]["value"] == "1"]
            first, second = rules[1].replace(":", " "), rules[3].replace(":", " ")
            self.assertEqual((own, other), ([first], [second]) if "==" in first else ([second], [first]))
        _, end = self.documents("--deny", "kill(pid == self)", "--deny", "bind", "--", PYTHON, "-c", program)
        self.assertIn('leave the rule "deny kill(pid == self)" out', end["sums"][0]["remedy"])

    def test_expected(self):
        """What programs do without is told at the end."""
        program = "import threading\nt = threading.Thread(target=print, args=['here'])\nt.start(); t.join()\n"
        lines, end = self.documents("--deny", "@spawn", "--", PYTHON, "-c", program, status=0)
        self.assertEqual(lines, [])
        self.assertEqual([s["call"]["name"] for s in end["sums"]], ["clone3"])
        self.assertIn("falls back to clone", end["sums"][0]["expected"])
        self.assertIn("clone3", [d["call"]["name"] for d in self.denials("--all", "--deny", "@spawn", "--", PYTHON, "-c",
                                                                         program)])
        program = "import ctypes\nc = ctypes.CDLL(None)\nfor n in (425, 999, 0x40000027, 437): c.syscall(n, 0, 0, 0, 0)\n"
        if platform.machine() == "x86_64":
            _, end = self.documents("--deny", "@write", "--", PYTHON, "-c", program, status=0)
            self.assertEqual({s["call"]["name"]: s["cause"]["rule"] for s in end["sums"] if s["expected"]},
                             {"io_uring_setup": None, "999": None, "getpid": None, "openat2": "deny @write"})
            self.assertEqual([s["call"]["abi"] for s in end["sums"] if s["call"]["name"] == "getpid"], ["x32"])
        result = why("--deny", "@spawn", "--", PYTHON, "-c", "import threading; threading.Thread(target=print).start()")
        self.gives(result, 0, "abjure: denied as expected, programs do without:\n    clone3 was denied: ENOSYS, 1 time\n")
        self.assertNotIn("what matters most", result.stderr)

    def test_own_start_is_no_news(self):
        """What loading does under the filter that it has loaded."""
        self.none("--deny", "@exec,@debug,@kernel,open,openat,prctl,seccomp", "--", STATIC, "exit", "0", status=0)

    @on_x86_64
    def test_foreign(self):
        d = self.one("--deny", "bind", "--", TARGET, "foreign", status=159)
        self.assertEqual((d["call"]["abi"], d["call"]["name"], d["verdict"]), ("x86", "getpid", "kill"))
        self.assertIn("--set abi=x86 adds it", d["cause"]["text"])


class Loaded(Base):
    """Filters that the program loads itself."""

    def own(self, word, name, verdict, errno, number="1/1", **more):
        d = self.one("--", DENIED, word, **more)
        self.assertEqual((d["call"]["name"], d["verdict"], d["errno"]), (name, verdict, errno))
        self.assertEqual(f'{d["cause"]["filter"]}/{d["cause"]["filters"]}', number)
        self.assertEqual((d["cause"]["own"], d["cause"]["loader"], d["cause"]["instructions"], d["doubt"]),
                         (False, "denied", 4, None))
        return d

    def test_verdicts(self):
        self.own("errno", "bind", "EACCES", "EACCES", status=1)
        self.own("prctl", "bind", "EACCES", "EACCES", status=1)
        self.own("large", "bind", "errno(4095)", "errno(4095)", status=1)
        self.own("zero", "bind", "errno(0)", None, status=0)
        self.own("trace", "bind", "trace(7)", "ENOSYS", status=1)
        self.own("notify", "bind", "notify", "ENOSYS", status=1)
        self.own("trap", "bind", "trap", None, status=159)
        self.own("kill", "bind", "kill", None, status=159)
        self.own("kill_thread", "bind", "kill_thread", None, status=159)
        self.own("handled", "bind", "trap", None, status=0)
        self.none("--", DENIED, "log", status=1)

    def test_fatal(self):
        for word, fatal in (("kill", True), ("trap", True), ("handled", False), ("errno", False)):
            _, end = self.documents("--", DENIED, word)
            self.assertEqual([s["fatal"] for s in end["sums"]], [fatal], word)

    def test_several(self):
        self.own("stacked", "bind", "EACCES", "EACCES", "2/3", status=1)
        self.own("odd", "bind", "EACCES", "EACCES", "2/2", status=1)

    def test_who_loaded_it(self):
        d = self.own("child", "bind", "EACCES", "EACCES")
        self.assertNotEqual(d["pid"], d["cause"]["loader_pid"])
        d = self.own("exec", "bind", "EACCES", "EACCES", status=1)
        self.assertEqual(d["pid"], d["cause"]["loader_pid"])
        d = self.own("tsync", "bind", "EACCES", "EACCES")
        self.assertNotEqual(d["thread"], d["pid"])

    def test_failed_loads(self):
        _, end = self.none("--", DENIED, "garbage")
        self.assertEqual(self.result.stdout, "failed 10\nbind: errno 88\n")
        self.assertFalse(end["filtered"])
        self.none("--", DENIED, "way")
        self.assertEqual(self.result.stdout, "load refused\nbind: errno 88\n")
        self.own("pretended", "seccomp", "errno(0)", None)
        self.assertEqual(self.result.stdout, "bind: errno 88\n")

    def test_forged_signal(self):
        self.none("--", DENIED, "forged", status=0)
        self.assertEqual(self.result.stdout, "trapped 2\n")
        _, end = self.none("--", TARGET, "signal", str(int(signal.SIGSYS)), status=159)
        self.assertEqual(end["signal"], 31)

    def test_strict_mode(self):
        d = self.one("--", DENIED, "strict", status=137)
        self.assertEqual((d["call"]["name"], d["effect"]), ("getppid", "killed the thread (SIGKILL)"))
        self.assertIn("mode strict", d["cause"]["text"])

    @on_x86_64
    def test_instruction_pointer(self):
        d = self.own("place", "getppid", "EDOM", "EDOM", status=0)
        self.assertRegex(self.result.stdout, r"^here -33 there 1\n")
        if HAS_STACKS:
            self.assertEqual(d["stack"][0]["function"], "after_here")

    def test_untraced_child(self):
        lines, _ = self.none("--", DENIED, "untraced", status=0)
        self.assertIn("CLONE_UNTRACED", lines[0]["text"])

    def test_nothing(self):
        result = why("--", "true")
        self.gives(result, 0)
        self.assertRegex(result.stderr, r"^abjure: true\[\d+\] ended with status 0\nabjure: no filter was loaded, so none "
                         r"denied a call\n$")
        self.gives(why("--deny", "bind", "--", "true"), 0, "abjure: no filter denied a call\n")


class Races(Base):
    """Threads, filters and calls at the same moment: what is told is what happened."""

    def counted(self, word, **more):
        lines, end = self.documents("--", more.pop("program", DENIED), word, status=0, **more)
        refused = int(re.search(r"refused (\d+)", self.result.stdout).group(1))
        self.assertEqual({s["call"]["name"] for s in end["sums"]} - {"getppid"}, set())
        self.assertEqual(sum(s["count"] for s in end["sums"]), end["denials"])
        return refused, end

    @as_root
    def test_as_root(self):
        for word in ("race", "loads", "forks", "swapped"):
            for _ in range(2):
                with self.subTest(word):
                    refused, end = self.counted(word)
                    self.assertEqual(end["denials"], refused)

    @as_root
    def test_as_nobody(self):
        """Without privilege some filters are not known then; what is told is true all the same."""
        more = self.nobody()
        for word in ("race", "loads", "forks", "swapped"):
            for _ in range(2):
                with self.subTest(word):
                    refused, end = self.counted(word, program=self.path("denied"), **more)
                    if word == "swapped" or end["unknown_filter"]:
                        self.assertLessEqual(end["denials"], refused)
                    else:
                        self.assertEqual(end["denials"], refused)


class Stacks(Base):
    NAMES = ("innermost", "middle", "outermost", "main")

    def functions(self, *words, **more):
        d = self.one(*words, **more)
        return [frame["function"] for frame in d["stack"]], d

    def setUp(self):
        super().setUp()
        if not HAS_STACKS:
            self.skipTest("this abjure was built without libdw")

    def check(self, program, *words, names=NAMES):
        for verdict in ("errno", "kill", "trap", "zero"):
            functions, d = self.functions(*words, "--", program, verdict)
            at = functions.index(names[0])
            self.assertIn(at, (1, 2), functions)
            self.assertEqual(functions[at:at + len(names)], list(names))
            self.assertIsNone(d["stack_missing"])
            self.assertFalse(any(frame["guessed"] for frame in d["stack"]))
        return d

    def test_dynamic(self):
        d = self.check(DENIED)
        self.assertIn(d["stack"][0]["function"], ("bind", "__bind"))
        self.assertEqual(d["stack"][1]["module"], "denied")
        self.assertEqual(d["stack"][1]["file"], "denied.c")
        with open(os.path.join(SOURCE, "tests/cli/denied.c"), encoding="utf-8") as file:
            line = file.readlines()[d["stack"][1]["line"] - 1]
        self.assertIn("bind(0, ", line)

    def test_thread(self):
        functions, _ = self.functions("--deny", "bind", "--", DENIED, "thread")
        self.assertEqual(functions[1:5], ["innermost", "middle", "outermost", "bind_in_thread"])

    def build(self, *compiler):
        program = self.path("built")
        subprocess.run([*compiler, "-O1", "-o", program, os.path.join(SOURCE, "tests/cli/denied.c"), "-pthread"],
                       check=True)
        return program

    def test_static(self):
        self.check(self.build("cc", "-static"))

    def test_stripped(self):
        d = self.one("--", self.build("cc", "-s"), "errno")
        self.assertIsNone(d["stack"][1]["function"])
        self.assertEqual(d["stack"][1]["module"], "built")
        self.assertGreater(int(d["stack"][1]["offset"], 16), 0)

    @on_x86_64
    def test_32_bits(self):
        """Other numbers, another layout of struct sock_fprog, another stack."""
        self.assertIsNotNone(shutil.which("i686-linux-gnu-gcc"), "install gcc-i686-linux-gnu, libc6-dev-i386-cross")
        program = self.build("i686-linux-gnu-gcc", "-static")
        d = self.check(program)
        self.assertEqual((d["call"]["abi"], d["cause"]["instructions"]), ("x86", 4))
        self.gives(why("--", program, "errno"), 1, "addrlen=16) on x86 was denied: EACCES")
        refused = re.compile(r"refused (\d+)")
        _, end = self.documents("--", program, "race", status=0)
        self.assertEqual(end["denials"], int(refused.search(self.result.stdout).group(1)))

    def test_musl(self):
        """Its functions have no unwind tables: what is not known is not invented."""
        self.assertIsNotNone(shutil.which("musl-gcc"), "install musl-tools")
        machine = subprocess.run(["cc", "-print-multiarch"], capture_output=True, text=True, check=True).stdout.strip()
        program = self.build("musl-gcc", "-static", "-idirafter", "/usr/include", "-idirafter", f"/usr/include/{machine}")
        for word in ("errno", "kill", "tsync"):
            d = self.one("--", program, word)
            self.assertEqual((d["call"]["name"], d["stack"][0]["function"]), ("bind", "bind"))
            for frame in d["stack"][1:]:
                self.assertTrue(frame["guessed"] or frame["function"] in (*self.NAMES, "wait_and_bind"), d["stack"])

    def test_same_stack_is_told_once(self):
        program = "import os\ndef f():\n  try: os.mkdir('/x')\n  except OSError: pass\nfor i in range(300): f()\n"
        lines, end = self.documents("--deny", "mkdir", "--", PYTHON, "-c", program)
        self.assertLessEqual(len(lines), 3)  # Python's interpreter changes its way after the first rounds
        self.assertEqual([s["count"] for s in end["sums"]], [300])
        self.gives(why("--deny", "mkdir", "--", PYTHON, "-c", program), 0, "mkdir was denied: EPERM, 300 times",
                   "the stack was not looked at")
        self.assertEqual(len(self.denials("--all", "--deny", "mkdir", "--", PYTHON, "-c", program)), 300)

    def test_different_stacks_are_told_apart(self):
        result = why("--deny", "getppid", "--", PYTHON, "-c", "import os\nos.getppid()\nlist(map(lambda x: os.getppid(), 'a'))")
        self.gives(result, 0, "getppid was denied: EPERM, 2 times from 2 places\n        by rule")


class Launchers(Base):
    """Programs that load a filter and start another one."""

    def need(self, program, package):
        self.assertIsNotNone(shutil.which(program), f"{program} is missing: install {package}")

    def test_bwrap(self):
        self.need("bwrap", "bubblewrap")
        bpf = self.path("listen.bpf")
        self.gives(abjure("compile", "--deny", "EACCES:@listen", "-o", bpf), 0)
        d = self.one("--", "bash", "-c", f"exec bwrap --ro-bind / / --unshare-pid --seccomp 3 {DENIED} bind 3<{bpf}",
                     status=1)
        self.assertEqual((d["process"], d["call"]["name"], d["errno"], d["cause"]["loader"]),
                         ("denied", "bind", "EACCES", "bwrap"))

    def test_abjure_run(self):
        d = self.one("--", ABJURE, "run", "--deny", "@listen", "--", DENIED, "bind", status=1)
        self.assertEqual((d["process"], d["errno"], d["cause"]["loader"]), ("denied", "EPERM", "abjure"))
        self.assertFalse(d["cause"]["own"])
        d = self.one("--", ABJURE, "run", "--kill", "bind", "--", DENIED, "bind", status=159)
        self.assertEqual(d["verdict"], "kill")

    def test_rules_and_a_launcher(self):
        """Each denial is told of the filter that it is of."""
        d = self.one("--deny", "EACCES:listen", "--", ABJURE, "run", "--deny", "bind", "--", DENIED, "bind", status=1)
        self.assertEqual((d["cause"]["own"], d["cause"]["loader"]), (False, "abjure"))
        d = self.one("--deny", "EACCES:bind", "--", ABJURE, "run", "--deny", "listen", "--", DENIED, "bind", status=1)
        self.assertEqual((d["cause"]["own"], d["cause"]["rule"]), (True, "EACCES bind"))

    def test_python(self):
        program = "import seccomp, errno, os, socket\nf = seccomp.SyscallFilter(seccomp.ALLOW)\n" \
            "f.add_rule(seccomp.ERRNO(errno.EACCES), 'bind')\nf.load()\nsocket.socket().bind(('127.0.0.1', 0))\n"
        d = self.one("--", PYTHON, "-c", program, status=1)
        self.assertEqual((d["call"]["name"], d["errno"]), ("bind", "EACCES"))
        self.assertIn("PermissionError", self.result.stderr)

    def test_talk(self):
        self.need("nc", "netcat-traditional")
        d = self.one("--kill", "bind", "--", "nc", "-v", "-l", "-p", "8000", status=159)
        self.assertEqual((d["process"], d["call"]["name"], d["call"]["arguments"][1]["value"]),
                         ("nc", "bind", "0.0.0.0:8000"))

    def test_tracer(self):
        self.need("strace", "strace")
        lines, _ = self.documents("--kill", "bind", "--", "strace", TARGET, "bind")
        self.assertIn("strace", lines[0]["text"])
        self.assertIn("Leave strace or the debugger out", lines[0]["text"])

    def test_outer_filter(self):
        """One that was there before cannot be read from inside, and that is said."""
        # A leak checker at the end of `abjure why` would need ptrace for itself.
        env = dict(os.environ, ASAN_OPTIONS="detect_leaks=0")
        result = abjure("run", "--deny", "bind", "--", ABJURE, "why", "--", DENIED, "bind", env=env)
        self.gives(result, 1, "a filter of denied[", "it was there before abjure why", "no filter that is known denied a call")
        result = abjure("run", "--deny", "EACCES:acct", "--", ABJURE, "why", "--deny", "bind", "--", DENIED, "bind",
                        env=env)
        self.gives(result, 1, 'by rule "deny bind"', "it was there before abjure why")
        result = abjure("run", "--kill", "bind", "--", ABJURE, "why", "--", DENIED, "bind", env=env)
        self.gives(result, 159, "not certain: no filter that is known does this, but one or more are not known")

    def test_forbidden(self):
        # A leak checker at the end of `abjure why` would need ptrace too.
        result = abjure("run", "--deny", "@debug", "--", ABJURE, "why", "true",
                        env=dict(os.environ, ASAN_OPTIONS="detect_leaks=0"))
        self.gives(result, 125, "cannot trace a program here")

    def test_daemon(self):
        command = f"({DENIED} bind; sleep 0.5; {DENIED} bind) >/dev/null & exit 3"
        lines, end = self.documents("--follow", "--deny", "bind", "--", "bash", "-c", command, status=3)
        self.assertEqual((end["denials"], end["left"], end["status"]), (2, 0, 3))
        _, end = self.documents("--deny", "bind", "--", "bash", "-c", "sleep 20 >/dev/null 2>&1 & exit 3", status=3)
        self.assertEqual(end["left"], 1)

    @as_root
    def test_set_user_id(self):
        more = self.nobody()
        program = self.path("privileged")
        shutil.copy("/bin/true", program)
        os.chmod(program, 0o4755)
        for words, cause in (([], "a traced program does not get it"), (["--deny", "bind"], "no_new_privs")):
            lines, _ = self.documents(*words, "--", program, status=0, **more)
            self.assertIn("is set-user-id and runs without that right: " + cause, lines[0]["text"])
        capable = self.path("capable")
        shutil.copy("/bin/true", capable)
        try:
            os.setxattr(capable, "security.capability", bytes.fromhex("0100000200200000000000000000000000000000"))
        except OSError as error:
            print(f"not run: file capabilities: {error}")
        else:
            lines, _ = self.documents("--", capable, status=0, **more)
            self.assertIn("has capabilities and runs without that right: a traced", lines[0]["text"])
        lines, _ = self.documents("--", program, status=0)
        self.assertEqual(lines, [])

    @as_root
    def test_as_nobody(self):
        more = self.nobody()
        denied = self.path("denied")
        for word, status in (("errno", 1), ("kill", 159), ("trap", 159), ("tsync", 0), ("child", 1), ("stacked", 1)):
            d = self.one("--", denied, word, status=status, **more)
            self.assertEqual((d["call"]["name"], d["doubt"]), ("bind", None))
        self.none("--", denied, "garbage", **more)
        d = self.one("--deny", "@listen", "--", denied, "bind", status=1, **more)
        self.assertEqual(d["cause"]["rule"], "deny @listen")
        # The waiting parent of this one closes its memory, and loads a filter for itself.
        command = more["command"][0]
        _, end = self.documents("--", command, "run", "--deny", "bind", "--", denied, "bind", status=1, **more)
        self.assertEqual(([s["call"]["name"] for s in end["sums"]], end["denials"]), (["bind"], 1))
        self.assertIn("not dumpable", end["unknown_filter"])


class Command(Base):
    def test_status(self):
        self.gives(why("--", TARGET, "exit", "3"), 3)
        self.gives(why("--deny", "bind", "--", TARGET, "signal", "9"), 137, "was killed by signal 9 (SIGKILL)")
        self.gives(why("no-such-program"), 127, "PATH")
        self.gives(why("--deny", "bind", "no-such-program"), 127, "PATH")
        self.gives(why(self.write("plain", "text")), 126, "plain")
        self.gives(why(self.write("lost", "#!/no/such/interpreter\n", True)), 127, "lost")
        self.gives(why("--deny", "bind", self.write("lost", "#!/no/such/interpreter\n", True)), 127, "interpreter")
        self.gives(why(), 2, "no program given")
        self.gives(why("--deny", "bnid", "true"), 2, '"bind"')
        self.gives(why("-o", self.path("no/such"), "true"), 125, "No such file")
        self.gives(why("-o", "/dev/full", "true"), 125, "cannot be written")

    def test_exec(self):
        """The program's own start passes, as in abjure run."""
        for program in (TARGET, STATIC):
            d = self.one("--deny", "@exec", "--", program, "exec", status=1)
            self.assertEqual(d["call"]["arguments"][0]["value"], '"/bin/true"')
            self.assertEqual(d["cause"]["group"], "exec")

    def test_program_gets_what_it_would(self):
        result = why("--", "sh", "-c", 'cat; echo "$DEBUGINFOD_URLS" >&2; ls /proc/self/fd', input="through\n",
                     env=dict(os.environ, DEBUGINFOD_URLS="http://localhost:1"))
        self.gives(result, 0)
        self.assertEqual(result.stdout, "through\n0\n1\n2\n3\n")
        self.assertEqual(result.stderr.splitlines()[0], "http://localhost:1")

    def test_output_file(self):
        path = self.path("out")
        result = why("-o", path, "--deny", "bind", "--", DENIED, "bind")
        self.gives(result, 1)
        self.assertEqual((result.stdout, result.stderr), ("bind: errno 1\n", ""))
        with open(path, encoding="utf-8") as file:
            self.assertIn('by rule "deny bind"', file.read())

    def test_names_are_harmless(self):
        program = self.path("na\x1b[31mme")
        shutil.copy(DENIED, program)
        policy = os.fsencode(self.path("p")) + b"\xff\x1b"
        with open(policy, "w", encoding="utf-8") as file:
            file.write("deny bind\n")
        for line in why("--json", "--policy", os.fsdecode(policy), "--", DENIED, "bind").stderr.splitlines():
            self.assertIn("p??:1:6", str(json.loads(line)))
        for words in ([], ["--json"]):
            result = why(*words, "--deny", "bind", "--", program, "bind")
            self.assertNotIn("\x1b", result.stderr)
            self.assertRegex(result.stderr, r"na\?\[31mme")


class Signals(Base):
    def start(self, *words):
        process = subprocess.Popen([ABJURE, "why", *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                                   preexec_fn=os.setpgrp)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(self.end, process.pid)
        self.assertTrue(process.stdout.readline())
        return process

    def end(self, group):
        try:
            os.killpg(group, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def test_forwarded(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1):
            with self.subTest(number=number):
                process = self.start("--deny", "bind", "--", TARGET, "pause")
                process.send_signal(number)
                self.assertEqual(process.wait(10), 128 + number)

    def test_job_control(self):
        process = self.start("--deny", "bind", "--", TARGET, "tick")
        os.killpg(process.pid, signal.SIGTSTP)
        deadline = time.time() + 10
        while os.waitpid(process.pid, os.WUNTRACED | os.WNOHANG)[0] == 0 and time.time() < deadline:
            time.sleep(0.01)
        with open(f"/proc/{process.pid}/stat", encoding="utf-8") as file:
            self.assertEqual(file.read().rsplit(")", 1)[1].split()[0], "T")
        os.killpg(process.pid, signal.SIGCONT)
        self.assertEqual([process.stdout.readline() for _ in range(5)], ["tick\n"] * 5)
        process.terminate()
        self.assertEqual(process.wait(10), 143)

    def test_stopped_alone(self):
        """Somebody stops the program only, and lets it go on."""
        process = self.start("--", "sh", "-c", 'echo $$; exec "$0" tick', TARGET)
        with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="utf-8") as file:
            pid = int(file.read().split()[0])
        os.kill(pid, signal.SIGSTOP)
        time.sleep(0.3)
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            self.assertIn(file.read().rsplit(")", 1)[1].split()[0], "tT")
        os.kill(pid, signal.SIGCONT)
        self.assertEqual([process.stdout.readline() for _ in range(3)], ["tick\n"] * 3)
        process.terminate()
        self.assertEqual(process.wait(10), 143)

    def test_killed_command(self):
        """The program goes on, under its filter."""
        process = self.start("--deny", "bind", "--", "sh", "-c", 'echo $$; exec "$0" tick', TARGET)
        with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="utf-8") as file:
            pid = int(file.read().split()[0])
        process.kill()
        self.assertEqual(process.wait(10), -9)
        self.assertEqual([process.stdout.readline() for _ in range(3)], ["tick\n"] * 3)
        with open(f"/proc/{pid}/status", encoding="utf-8") as file:
            status = file.read()
        self.assertIn("Seccomp:\t2\n", status)
        self.assertIn("TracerPid:\t0\n", status)

    def test_terminal(self):
        """The program has the terminal, and ^C ends it."""
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        process = subprocess.Popen([ABJURE, "why", "--", "sh", "-c", "test -t 0 && echo terminal; exec sleep 60"],
                                   stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                                   preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)))
        os.close(slave)
        written = b""
        while b"terminal" not in written and select.select([master], [], [], 10)[0]:
            written += os.read(master, 1000)
        os.write(master, b"\x03")
        self.assertEqual(process.wait(10), 130)


if __name__ == "__main__":
    main()
