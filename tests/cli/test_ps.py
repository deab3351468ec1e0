# SPDX-License-Identifier: MIT
"""abjure ps: what it says of processes, against the kernel's own files."""
import fcntl
import glob
import json
import os
import pty
import re
import shutil
import signal
import struct
import subprocess
import termios

from support import ABJURE, TARGET, Case, abjure, as_root, call, main

HEAD = ["PID", "USER", "MODE", "FILTERS", "NO_NEW_PRIVS", "THREADS", "WHERE", "COMMAND"]
ID = "0123456789abcdef" * 4


def filtered():
    """The loop that this verb replaces: the processes with a thread under seccomp."""
    found = set()
    for path in glob.glob("/proc/[0-9]*/task/*/status"):
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                text = file.read()
        except OSError:
            continue
        if re.search(r"^Seccomp:\t[12]$", text, re.MULTILINE) and "\nState:\tZ" not in text:
            found.add(int(path.split("/")[2]))
    return found


class Ps(Case):
    def start(self, *words, **more):
        """A process that says "pausing" when it is ready; and what it said before that."""
        process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **more)
        self.addCleanup(self.end, process)
        said = process.stdout.readline()
        self.assertIn(b"pausing", said)
        return process, said.replace(b"pausing", b"").strip().decode()

    def end(self, process):
        """By a signal that abjure passes on to its program."""
        process.terminate()
        process.wait()
        process.stdin.close()
        process.stdout.close()

    def child_of(self, pid):
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return int(file.read().split()[0])

    def list(self, *words):
        """pid -> object, of --json."""
        result = abjure("ps", "--json", *words)
        self.gives(result, 0)
        self.assertEqual(result.stderr, "")
        return {one["pid"]: one for one in json.loads(result.stdout)}

    def rows(self, *words):
        """pid -> the columns of its line."""
        result = abjure("ps", *words)
        self.gives(result, 0)
        self.assertEqual(result.stderr, "")
        lines = [line.split(maxsplit=len(HEAD) - 1) for line in result.stdout.splitlines()]
        self.assertEqual(lines[0], HEAD)
        return {int(line[0]): line[1:] for line in lines[1:]}


class What(Ps):
    def test_agrees_with_the_kernel(self):
        self.start(ABJURE, "run", "--deny", "bind", "--", TARGET, "pause")
        before = filtered()
        rows, listed = self.rows(), self.list()
        after = filtered()
        self.assertGreaterEqual(len(before & after), 2)
        for found in (set(listed), {pid for pid, row in rows.items() if not row[-1].startswith("thread of ")}):
            self.assertLessEqual(before & after, found)
            # What was listed meanwhile is gone, or under seccomp still. What is still there was there for `now`.
            rest, now = found - before - after, filtered()
            self.assertLessEqual({pid for pid in rest if os.path.exists(f"/proc/{pid}")}, now)
        self.assertIn(os.getpid(), self.list("--all"))
        self.assertNotIn(os.getpid(), listed)

    def test_under_run(self):
        process, _ = self.start(ABJURE, "run", "--deny", "@exec", "--", TARGET, "pause")
        child = self.child_of(process.pid)
        mine = self.list()[child]
        with open(f"/proc/{child}/status", encoding="utf-8") as file:
            status = dict(re.findall(r"^(\w+):\t(.*)$", file.read(), re.MULTILINE))
        self.assertEqual((mine["mode"], mine["no_new_privs"], mine["threads"]), ("filter", True, 1))
        self.assertEqual(mine["filters"], int(status["Seccomp_filters"]))
        self.assertEqual(mine["speculation"], status["Speculation_Store_Bypass"])
        self.assertEqual((mine["parent"], mine["uid"]), (process.pid, os.geteuid()))
        self.assertEqual((mine["name"], mine["exe"]), (os.path.basename(TARGET), os.path.realpath(TARGET)))
        self.assertEqual((mine["command"], mine["differing"]), (f"{TARGET} pause", []))
        row = self.rows()[child]
        self.assertEqual(row[1:5], ["filter", status["Seccomp_filters"], "yes", "1"])
        self.assertEqual(row[-1], f"{TARGET} pause")

    def test_strict_mode(self):
        process, _ = self.start(TARGET, "strict")
        self.assertEqual(self.rows()[process.pid][1:3], ["strict", "0"])
        self.gives(abjure("ps", str(process.pid), "--require", "strict"), 0)
        self.gives(abjure("ps", str(process.pid), "--require", "filter"), 1, "mode is strict, not filter")

    def test_a_thread_that_differs(self):
        process, thread = self.start(TARGET, "one")
        mine = self.list()[process.pid]
        self.assertEqual((mine["mode"], mine["threads"]), ("disabled", 2))
        self.assertEqual(mine["differing"],
                         [{"thread": int(thread), "mode": "filter", "filters": 1, "no_new_privs": True}])
        rows = self.rows()
        self.assertEqual(rows[process.pid][1:6], ["disabled", "0", "no", "2,", "1"])
        self.assertEqual(rows[int(thread)], ["-", "filter", "1", "yes", "-", "-", f"thread of {process.pid}"])
        self.gives(abjure("ps", str(process.pid), "--require", "filter"), 1, f"process {process.pid} (", "is disabled")

    def test_one_thread_without(self):
        """A requirement holds for every thread."""
        process, thread = self.start(ABJURE, "run", "--log", "bind", "--", TARGET, "one")
        child = str(self.child_of(process.pid))
        mine = self.list(child)[int(child)]
        self.assertEqual(mine["differing"], [{"thread": int(thread), "filters": mine["filters"] + 1}])
        self.gives(abjure("ps", child, "--require", "filter", "--require", "no_new_privs"), 0)
        self.gives(abjure("ps", thread), 1, f"{thread} is a thread of process {child}; ask about that")

    def test_odd_names(self):
        """Nothing of them reaches the terminal as it is."""
        odd = "a\n\x1b[2J\"\\\u00fc"
        process, _ = self.start(ABJURE, "run", "--log", "bind", "--", TARGET, "name", odd)
        child = self.child_of(process.pid)
        pid = str(child)
        result = abjure("ps", pid)
        self.gives(result, 0, r'cli_target name a\x0a\x1b[2J"\\\xc3\xbc')
        self.assertEqual(len(result.stdout.splitlines()), 2)
        mine = self.list(pid)[child]
        self.assertEqual((mine["name"], mine["command"]), (r'"a\n\x1b[2J\"\\ü"', f"{TARGET} name {odd}"))
        self.gives(abjure("ps", pid, "--require", "strict"), 1, r'("a\n\x1b[2J\"\\ü"): mode is filter')
        for words in (["ps"], ["ps", "--all"], ["ps", "--json"], ["ps", "--tree"], ["ps", pid, "--require", "strict"]):
            result = abjure(*words)
            self.assertNotIn("\x1b", result.stdout + result.stderr)
            self.assertTrue(result.stdout.isascii())

    def test_one_that_has_ended(self):
        """A zombie has no command line, so that its name is shown, and uses nothing."""
        process, _ = self.start(TARGET, "name", "od\nd")
        os.kill(process.pid, signal.SIGKILL)
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        pid = str(process.pid)
        self.assertEqual((self.rows(pid)[process.pid][4], self.rows(pid)[process.pid][-1]), ("0", r'["od\nd"]'))
        self.assertNotIn(process.pid, self.list())
        self.assertIn(process.pid, self.list("--all"))
        self.gives(abjure("ps", pid, "--require", "filter"), 1, "has ended")
        self.end(process)
        self.gives(abjure("ps", pid), 1, f"there is no process {pid}")

    def test_processes_that_end_meanwhile(self):
        churn = subprocess.Popen([ABJURE, "run", "--log", "bind", "--", "sh", "-c", "while :; do /bin/true & /bin/true; done"])
        self.addCleanup(churn.wait)
        self.addCleanup(churn.terminate)
        for _ in range(40):
            for words in (["--all"], ["--tree"], ["--all", "--json"]):
                result = abjure("ps", *words)
                self.assertEqual((result.returncode, result.stderr), (0, ""))


class Launchers(Ps):
    """Processes that others put under filters, each against what the kernel says of it."""

    def status(self, pid):
        with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:
            return dict(re.findall(r"^(\w+):\t(.*)$", file.read(), re.MULTILINE))

    def descendants(self, pid):
        found = []
        for path in glob.glob(f"/proc/{pid}/task/*/children"):
            with open(path, encoding="ascii") as file:
                for child in map(int, file.read().split()):
                    found += [child, *self.descendants(child)]
        return found

    def agrees(self, launcher, *words):
        """What a launcher has started is listed as the kernel has it: who is under a filter, and under how many."""
        listed, everything, rows = self.list(), self.list("--all"), self.rows()
        family = [launcher.pid, *self.descendants(launcher.pid)]
        for pid in family:
            status = self.status(pid)
            mine = everything[pid]
            mode = {"0": "disabled", "2": "filter"}[status["Seccomp"]]
            self.assertEqual((mine["mode"], mine["filters"], mine["no_new_privs"]),
                             (mode, int(status["Seccomp_filters"]), status["NoNewPrivs"] == "1"), words)
            self.assertEqual((mine["threads"], mine["parent"], mine["uid"]),
                             (int(status["Threads"]), int(status["PPid"]), int(status["Uid"].split()[1])), words)
            self.assertEqual(pid in listed, status["Seccomp"] == "2", words)
            self.assertEqual(pid in rows, status["Seccomp"] == "2", words)
        targets = [pid for pid in family if everything[pid]["command"] == f"{TARGET} pause"]
        self.assertEqual(len(targets), 1, words)
        target = targets[0]
        self.assertEqual((listed[target]["mode"], rows[target][1], rows[target][-1]), ("filter", "filter", f"{TARGET} pause"))
        self.assertGreaterEqual(listed[target]["filters"], 1)
        self.gives(abjure("ps", str(target), "--require", "filter", "--require", "no_new_privs"), 0)
        # Below its launcher, however deep.
        lines = [line.split(maxsplit=7) for line in abjure("ps", "--tree", "--all").stdout.splitlines()[1:]]
        at = {int(line[0]): i for i, line in enumerate(lines) if line[0].isdigit()}
        pid = target
        while pid != launcher.pid:
            self.assertLess(at[everything[pid]["parent"]], at[pid])
            pid = everything[pid]["parent"]
        return listed[target]

    def test_firejail(self):
        self.assertIsNotNone(shutil.which("firejail"), "firejail is missing: install firejail")
        more = {"stderr": subprocess.DEVNULL}
        seen = set()
        for options in (["--seccomp"], ["--seccomp.drop=bind"], ["--seccomp", "--protocol=unix,inet"], ["--protocol=unix"]):
            words = ["firejail", "--noprofile", "--quiet", *options, "--"]
            probe = call("firejail", "--noprofile", "--quiet", "--seccomp", "--", "true")
            if probe.returncode != 0:
                self.skipTest(f"firejail cannot start a program here: {probe.stdout}{probe.stderr}")
            process, _ = self.start(*words, TARGET, "pause", **more)
            seen.add(self.agrees(process, *words)["filters"])
            self.end(process)
        self.assertGreater(len(seen), 1, "firejail loads more filters with more options")

    def test_bubblewrap(self):
        self.assertIsNotNone(shutil.which("bwrap"), "bwrap is missing: install bubblewrap")
        program = self.path("f.bpf")
        self.gives(abjure("compile", "--deny", "@listen", "-o", program), 0)
        for options in ([], ["--unshare-pid"], ["--unshare-all", "--proc", "/proc"]):
            with open(program, "rb") as file:
                words = ["bwrap", "--die-with-parent", "--dev-bind", "/", "/", *options, "--seccomp", str(file.fileno())]
                process, _ = self.start(*words, TARGET, "pause", pass_fds=[file.fileno()])
            self.assertEqual(self.agrees(process, *words)["filters"], 1)

    def test_abjure(self):
        few = "read,write,pause,mmap,mprotect,munmap,brk,close,fstat,newfstatat,pread64,arch_prctl,set_tid_address," \
            "set_robust_list,rseq,prlimit64,getrandom,access,openat,execve"
        for options in (["--deny", "bind"], ["--kill", "bind"], ["--log", "bind"], ["--deny", "@exec"], ["--allow-only", few]):
            process, _ = self.start(ABJURE, "run", *options, "--", TARGET, "pause")
            self.agrees(process, *options)
            # The one that waits has a filter of its own.
            self.assertEqual(self.list(str(process.pid))[process.pid]["mode"], "filter")

    def test_all_at_once(self):
        """One inside the other: the innermost has the filters of all."""
        self.assertIsNotNone(shutil.which("bwrap"), "bwrap is missing: install bubblewrap")
        program = self.path("f.bpf")
        self.gives(abjure("compile", "--deny", "@listen", "-o", program), 0)
        with open(program, "rb") as file:
            process, _ = self.start(ABJURE, "run", "--deny", "bind", "--", "bwrap", "--die-with-parent", "--dev-bind", "/", "/",
                                    "--seccomp", str(file.fileno()), TARGET, "pause", pass_fds=[file.fileno()])
        alone, _ = self.start(ABJURE, "run", "--deny", "bind", "--", TARGET, "pause")
        inner, outer = self.agrees(process, "abjure, bwrap"), self.agrees(alone, "abjure")
        self.assertEqual(inner["filters"], outer["filters"] + 1)


class How(Ps):
    def test_tree(self):
        process, _ = self.start(ABJURE, "run", "--deny", "@exec", "--", TARGET, "pause")
        child = self.child_of(process.pid)
        lines = abjure("ps", "--tree").stdout.splitlines()
        at = next(i for i, line in enumerate(lines) if line.split()[0] == str(process.pid))
        self.assertEqual(lines[at + 1].split()[0], str(child))
        self.assertEqual(lines[at + 1].index(TARGET), lines[at].index(ABJURE) + 2)
        everything = abjure("ps", "--tree", "--all").stdout
        mine = next(line for line in everything.splitlines() if line.split()[0] == str(os.getpid()))
        below = next(line for line in everything.splitlines() if line.split()[0] == str(process.pid))
        self.assertEqual(below.index(ABJURE), len(mine) - len(mine.split(maxsplit=7)[-1]) + 2)
        pids = [int(line.split()[0]) for line in everything.splitlines()[1:]]
        self.assertEqual(len(pids), len(set(pids)))
        self.assertIn(1, pids)

    def on_a_terminal(self, width, *words):
        top, bottom = pty.openpty()
        fcntl.ioctl(bottom, termios.TIOCSWINSZ, struct.pack("HHHH", 25, width, 0, 0))
        process = subprocess.Popen([ABJURE, "ps", *words], stdout=bottom, stdin=subprocess.DEVNULL)
        os.close(bottom)
        text = b""
        try:
            while part := os.read(top, 65536):
                text += part
        except OSError:  # what a terminal says once nobody has it open
            pass
        os.close(top)
        self.assertEqual(process.wait(), 0)
        return text.decode("ascii").replace("\r\n", "\n").splitlines()

    def test_width(self):
        process, _ = self.start(ABJURE, "run", "--log", "bind", "--", TARGET, "pause", "x" * 300)
        pid = str(self.child_of(process.pid))
        for width in (200, 80, 61, 40, 10, 3, 1):
            lines = self.on_a_terminal(width, pid)
            self.assertEqual([len(line) <= width for line in lines], [True, True], lines)
            self.assertEqual(len(lines[1]), width)
            if width > 3:
                self.assertTrue(lines[1].endswith("..."), lines)
        self.assertTrue(abjure("ps", pid).stdout.endswith("x" * 300 + "\n"))
        self.assertLessEqual(max(map(len, self.on_a_terminal(80, "--all"))), 80)

    def test_usage(self):
        self.gives(abjure("ps", "abc"), 2, '"abc" is no process id')
        for wrong in ("0", "-0x1", "99999999999", "1x", ""):
            self.gives(abjure("ps", "--", wrong), 2, "is no process id")
        self.gives(abjure("ps", "2147483647"), 1, "there is no process 2147483647")
        self.gives(abjure("ps", "2147483647", str(os.getpid())), 1, str(os.getpid()))
        self.gives(abjure("ps", "--require", "filter"), 2, "abjure ps PID --require filter")
        self.gives(abjure("ps", "1", "--require", "filtre"), 2, 'did you mean "filter"?')
        self.gives(abjure("ps", "1", "--require", "xyz"), 2, "filter, no_new_privs or strict")
        self.gives(abjure("ps", "1", "--tree"), 2, "takes no process ids")
        self.gives(abjure("ps", "--tree", "--json"), 2, "has its parent")

    def test_require(self):
        mine = str(os.getpid())
        process, _ = self.start(ABJURE, "run", "--deny", "@exec", "--", TARGET, "pause")
        child = str(self.child_of(process.pid))
        for what in ("filter", "no_new_privs"):
            result = abjure("ps", child, "--require", what)
            self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "", ""))
            result = abjure("ps", child, mine, "--require", what)
            self.gives(result, 1, f"process {mine} (")
            self.assertNotIn(child, result.stderr)
        self.gives(abjure("ps", child, "2147483647", "--require", "filter"), 1, "there is no process 2147483647")
        result = abjure("ps", mine, "--require", "filter", "--json")
        self.assertEqual((result.returncode, [one["pid"] for one in json.loads(result.stdout)]), (1, [os.getpid()]))

    @as_root
    def test_as_another_user(self):
        """All of it is seen but the path of the program."""
        more = self.unprivileged()
        process, _ = self.start(ABJURE, "run", "--deny", "@exec", "--", TARGET, "pause")
        child = self.child_of(process.pid)
        result = call(self.path(os.path.basename(ABJURE)), "ps", "--json", **more)
        self.gives(result, 0)
        mine = next(one for one in json.loads(result.stdout) if one["pid"] == child)
        self.assertEqual((mine["mode"], mine["no_new_privs"], mine["user"], mine["exe"]), ("filter", True, "root", None))

    def in_a_mount_namespace(self, script, *words, **more):
        result = call("unshare", "--mount", "sh", "-c", f"{script} || exit 77; shift; exec \"$@\"", "sh", self.folder, *words,
                      **more)
        if result.returncode == 77:
            self.skipTest(f"no mounts here: {result.stderr}")
        return result

    @as_root
    def test_hidden_processes(self):
        more = self.unprivileged()
        nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", self.path(os.path.basename(ABJURE))]
        for hide, part in (("1", "cannot be read here (hidepid); run as root"), ("2", "COMMAND")):
            result = self.in_a_mount_namespace(f"mount -t proc -o hidepid={hide} proc /proc", *nobody, "ps", "--all",
                                               env=more["env"])
            self.gives(result, 0, part)
            result = self.in_a_mount_namespace(f"mount -t proc -o hidepid={hide} proc /proc", *nobody, "ps", "1",
                                               "--require", "filter", env=more["env"])
            self.gives(result, 1, "hidepid")
        for words in (["ps"], ["ps", "1"]):
            result = self.in_a_mount_namespace("mount -t tmpfs tmpfs /proc", ABJURE, *words)
            # The leak check of a sanitized build needs /proc, also to be told that it shall not run.
            self.gives(result, 1 if "LeakSanitizer" in result.stderr else 125, "no /proc here")

    @as_root
    def test_container(self):
        """The cgroup of a container: its whole id, but on a terminal."""
        script = "mount -t cgroup2 none $1 && mkdir -p $1/abjure.slice/docker-$ID.scope && " \
            "echo $$ > $1/abjure.slice/docker-$ID.scope/cgroup.procs"
        after = 'exec 2>&1; "$0" ps $$; "$0" ps --json $$; echo $$ > $1/cgroup.procs; ' \
            "rmdir $1/abjure.slice/docker-$ID.scope $1/abjure.slice"
        result = self.in_a_mount_namespace(script, "sh", "-c", after, ABJURE, self.folder, env=dict(os.environ, ID=ID))
        self.gives(result, 0, f" {ID} ", f'"unit": "docker-{ID}.scope"', f'"container": "{ID}"')


if __name__ == "__main__":
    main()
