# SPDX-License-Identifier: MIT
"""abjure inspect: processes, BPF files and policies; text, policy text, JSON, instructions and graphs."""
import json
import os
import re
import shutil
import subprocess

from support import ABJURE, Case, abjure, as_root, call, main, on_x86_64

DOCKER_LIKE = """abi x86_64
default EPERM
allow read, write, exit_group, clone(flags & CLONE_NEWUSER == 0), socket(family == AF_UNIX), socket(family == AF_INET)
ENOSYS clone3
kill ptrace
"""


class Inspect(Case):
    def filtered(self, *rules):
        """A process under one filter for each of the rules, the last one the newest, and its id."""
        words, files = ["bwrap", "--bind", "/", "/", "--dev", "/dev"], []
        for number, rule in enumerate(rules):
            bpf = self.path(f"{number}.bpf")
            self.gives(abjure("compile", *rule, "-o", bpf), 0)
            files.append(open(bpf, "rb"))
            self.addCleanup(files[-1].close)
            words += ["--add-seccomp-fd", str(files[-1].fileno())]
        process = subprocess.Popen([*words, "sh", "-c", "echo ready; read line"], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, pass_fds=[file.fileno() for file in files])
        self.addCleanup(process.wait)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stdin.close)
        self.assertEqual(process.stdout.readline(), b"ready\n")
        with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii") as file:
            return int(file.read().split()[0])

    def test_a_policy(self):
        path = self.write("policy", DOCKER_LIKE)
        result = abjure("inspect", path)
        self.gives(result, 0, "1 program, with ", "\nx86_64\n", "  kill the process (1 call)\n    ptrace\n",
                   "  fail with ENOSYS (1 call)\n    clone3\n",
                   "    clone: fails with EPERM where clone_flags & CLONE_NEWUSER == CLONE_NEWUSER; else allowed\n",
                   "    socket: allowed where family is AF_UNIX, AF_INET; else fails with EPERM\n",
                   "x32: every call: fails with ENOSYS\n", "every call: kills the process\n")
        self.assertEqual(result.stderr, "")
        self.assertLess(max(len(line) for line in result.stdout.split("\n")[:-2]), 101)

    def test_files_and_standard_input(self):
        path = self.write("policy", DOCKER_LIKE)
        bpf = self.path("filter.bpf")
        self.gives(abjure("compile", path, "-o", bpf), 0)
        of_policy = abjure("inspect", path).stdout
        self.assertEqual(abjure("inspect", bpf).stdout, of_policy)
        with open(bpf, "rb") as file:
            self.assertEqual(abjure("inspect", "-", stdin=file).stdout, of_policy)
        self.assertEqual(abjure("inspect", "-", input=DOCKER_LIKE).stdout, of_policy)
        # A file whose name is a number.
        shutil.copy(bpf, self.path("1"))
        self.assertEqual(call(ABJURE, "inspect", "./1", cwd=self.folder).stdout, of_policy)

    def test_policy_text_comes_back(self):
        path = self.write("policy", DOCKER_LIKE)
        text = abjure("inspect", "--as-policy", path).stdout
        self.assertEqual(abjure("inspect", "-", input=text).stdout.split("\n", 1)[1],
                         abjure("inspect", path).stdout.split("\n", 1)[1])
        self.assertEqual(abjure("inspect", "--as-policy", "-", input=text).stdout, text)

    def test_json(self):
        path = self.write("policy", DOCKER_LIKE)
        result = abjure("inspect", "--json", path)
        self.gives(result, 0)
        found = json.loads(result.stdout)
        self.assertTrue(found["exact"])
        calls = {one["call"]: one for one in found["abis"][0]["calls"]}
        self.assertEqual(calls["read"]["action"], "allow")
        self.assertEqual(calls["open"]["action"], "EPERM")
        self.assertEqual(calls["socket"]["action"], "EPERM")
        self.assertEqual([case["text"] for case in calls["socket"]["cases"]],
                         ["family >= 1 && family <= 2"])
        self.assertEqual(calls["clone"]["cases"][0]["when"][0]["mask"], "0x10000000")
        # Both questions agree for every call.
        for name in ("open", "ptrace", "clone3", "read"):
            verdict = abjure("check", path, name).stdout
            self.assertIn(f": {calls[name]['action']}\n", verdict)

    def test_narrowed(self):
        path = self.write("policy", "abi x86_64\nabi x86\ndeny bind\n")
        self.gives(abjure("inspect", "--abi", "x86", "--call", "socketcall", path), 0,
                   "x86\n  on conditions (1 call)\n    socketcall: fails with EPERM where call == 2; else allowed\n")
        found = json.loads(abjure("inspect", "--json", "--abi", "x86", "--call", "361", path).stdout)
        self.assertEqual([one["call"] for abi in found["abis"] for one in abi["calls"]], ["bind"])
        # A policy that names no ABI.
        plain = self.write("plain", "deny bind\n")
        self.gives(abjure("inspect", "--abi", "aarch64", plain), 0, "\naarch64\n  fail with EPERM (1 call)\n    bind\n")

    def test_instructions(self):
        path = self.write("policy", DOCKER_LIKE)
        result = abjure("inspect", "--disassemble", path)
        self.gives(result, 0, "0000: ld arch\n", "  ; clone_flags of clone\n", "  ; CLONE_NEWUSER\n", "ret EPERM\n")

    def test_graph(self):
        graphs = {"policy": DOCKER_LIKE, "values": "deny " + ", ".join(f"ioctl(cmd == {7 * i})" for i in range(300)) + "\n"}
        for name, text in graphs.items():
            with self.subTest(name):
                graph = abjure("inspect", "--dot", self.write(name, text))
                self.gives(graph, 0, "digraph filter {\n")
                drawn = subprocess.run(["dot", "-Tsvg"], input=graph.stdout, capture_output=True, text=True, check=False,
                                       timeout=120)
                self.assertEqual((drawn.returncode, drawn.stderr), (0, ""))
                self.assertIn("<svg", drawn.stdout)
                self.assertIn("ret EPERM", drawn.stdout)
                # Every edge leads to a node that has a label.
                nodes = set(re.findall(r"^    (\w+) \[label", graph.stdout, re.MULTILINE))
                for edge in re.findall(r"^    (\w+) -> (\w+)", graph.stdout, re.MULTILINE):
                    self.assertLessEqual(set(edge), nodes)

    @as_root
    @on_x86_64
    def test_a_process(self):
        pid = self.filtered(["--deny", "EACCES:mount", "--kill", "reboot"])
        result = abjure("inspect", str(pid))
        self.gives(result, 0, f"process {pid} (sh): ", "\nx86_64\n", "  fail with EACCES (1 call)\n    mount\n",
                   "  kill the process (1 call)\n    reboot\n")

    @as_root
    @on_x86_64
    def test_stacked(self):
        pid = self.filtered(["--deny", "EACCES:mount, reboot"], ["--deny", "ENOENT:mount", "--kill", "reboot"])
        result = abjure("inspect", str(pid))
        # Of equal verdicts that of the newest counts.
        self.gives(result, 0, "2 programs, with ", "the strictest verdict wins", "fail with ENOENT (1 call)\n    mount\n",
                   "kill the process (1 call)\n    reboot\n")
        count = int(re.search(r": (\d+) programs", result.stdout).group(1))
        oldest = abjure("inspect", str(pid), "--filter", str(count - 1))
        self.gives(oldest, 0, f"its program {count - 1}: 1 program")
        self.gives(abjure("inspect", str(pid), "--filter", str(count)), 1,
                   f"process {pid} has {count} programs; there is none with index {count}")
        self.gives(abjure("inspect", "--disassemble", str(pid)), 0, "program 0:\n0000: ", "\nprogram 1:\n0000: ")
        self.gives(abjure("inspect", "--dot", str(pid)), 0, "subgraph cluster_0", "subgraph cluster_1")

    def test_processes_that_cannot_be_read(self):
        self.gives(abjure("inspect", "2147483646"), 1, "abjure: there is no process 2147483646\n")
        self.gives(abjure("inspect", "99999999999999999999"), 2, "is no process id; a file of that name is ./9999")

    @as_root
    def test_a_process_without_a_filter(self):
        with open("/proc/self/status", encoding="ascii") as file:
            if "Seccomp:\t0" not in file.read():
                self.skipTest("the tests run under a filter")
        process = subprocess.Popen(["sleep", "60"])
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.gives(abjure("inspect", str(process.pid)), 1, f"abjure: process {process.pid} has no filter\n")

    @as_root
    def test_privileges_and_own_filter(self):
        pid = self.filtered(["--deny", "mount"])
        result = call(self.copied(), "inspect", str(pid), **self.more)
        self.assertEqual(result.returncode, 125)
        self.assertRegex(result.stderr, "cannot be traced|needs CAP_SYS_ADMIN")
        for denied in ("mount", "ptrace"):
            result = call(ABJURE, "run", "--no-landlock", "--deny", denied, "--", ABJURE, "inspect", str(pid),
                          env=dict(os.environ, ASAN_OPTIONS="detect_leaks=0"))  # the leak check needs ptrace
            self.gives(result, 125, "this process has a filter of its own, so the kernel does not show it those of others")

    def copied(self):
        self.more = self.unprivileged()
        return self.path(os.path.basename(ABJURE))

    def test_mistakes(self):
        path = self.write("policy", DOCKER_LIKE)
        wrong = self.write("wrong", "deny execev\n")
        with open(self.path("junk"), "wb") as file:
            file.write(b"\0" * 12)
        for words, message in (
                ([], "nothing to inspect: give a process, a BPF file or a policy"),
                ([path, path], f'inspect shows one thing at a time, and "{path}" is a second one'),
                ([self.path("none")], f"{self.path('none')}: cannot be read: No such file or directory"),
                ([wrong], f'{wrong}:1:6: unknown system call "execev"; did you mean "execve"?'),
                ([self.path("junk")], f"{self.path('junk')}: a program is a multiple of 8 bytes long, not 12"),
                (["--filter", "x", "1"], '--filter: "x" is no number; 0 is the newest program'),
                (["--filter", "0", path], f'--filter is for a process, and "{path}" is a file, which has one program'),
                (["--json", "--dot", path], "--json and --dot: choose one"),
                (["--dot", "--call", "read", path], "--abi and --call do not go with --dot, which shows everything"),
                (["--call", "raed", path], 'unknown system call "raed"; did you mean "read"?'),
                (["--abi", "x86_46", path], 'unknown ABI "x86_46"; did you mean "x86_64"?'),
        ):
            with self.subTest(words=words):
                result = abjure("inspect", *words)
                self.assertEqual((result.returncode, result.stdout), (2, ""))
                self.assertEqual(result.stderr, f"abjure: {message}\n")


if __name__ == "__main__":
    main()
