# SPDX-License-Identifier: MIT
"""abjure compile."""
import json
import os
import pty
import shutil
import stat
import subprocess
import sys

from support import ABJURE, TARGET, Case, abjure, call, main

POLICIES = {
    "empty": "",
    "groups": "deny @exec, @spawn, @listen\nkill @mount\n",
    "order": "allow ioctl(cmd == TIOCGWINSZ)\nEACCES ioctl\nlog bind\ntrap listen\nkill_thread accept\nkill connect\n",
    "conditions": "deny socket(family == AF_INET && type & 0xf != SOCK_STREAM), mmap(prot & PROT_WRITE|PROT_EXEC == 6),\n"
                  "     lseek(offset < -5), openat(flags >= 0x400000), getpriority(arg5 == 7)\n",
    "list": "default errno(38)\nallow read, write, exit_group\nset unknown kill\n",
    "options": "abi x86_64\nabi x86\nabi aarch64\nset foreign EPERM\nset log off\nset complain off\n"
               "set speculation mitigate\non x86,x86_64 deny creat\ndeny bind\n",
    "comments": "# one\ndeny bind, \\\n  # two\n  listen, # three\n  accept\nlenient\nEIO bind(fd == 3)\nstrict\n",
    "verbatim": "errno(0) sync\nerrno(4095) syncfs\ntrace(7) fsync\ndeny 5000\n",
}
PROBES = ("read", "creat", "open", "bind", "bind(3)", "listen", "accept", "execve", "clone(flags=CLONE_THREAD)", "fork",
          "ioctl(cmd=TIOCGWINSZ)", "ioctl(cmd=TIOCSTI)", "socket(AF_INET, SOCK_STREAM)", "socket(AF_INET, SOCK_DGRAM)",
          "socket(0x100000002, SOCK_DGRAM)", "mount", "sync", "lseek(0, -6)", "lseek(0, -5)", "mmap(prot=6)",
          "openat(flags=0x400000)", "5000", "100000", "0x40000001", "exit_group", "io_uring_setup")


def compile_(*words, **more):
    return abjure("compile", *words, **more)


class Program(Case):
    def bytes_of(self, *words):
        path = self.path("program")
        self.gives(compile_("-o", path, *words), 0)
        with open(path, "rb") as file:
            return file.read()

    def test_standard_output_and_file_are_the_same(self):
        """As many struct sock_filter as check counts."""
        result = subprocess.run([ABJURE, "compile", "--deny", "@exec"], capture_output=True, check=True)
        program = self.bytes_of("--deny", "@exec")
        self.assertEqual(result.stdout, program)
        self.assertEqual(result.stderr, b"")
        counted = json.loads(abjure("check", "--deny", "@exec", "--json").stdout)["instructions"]
        self.assertEqual(len(program), 8 * counted)
        self.assertEqual(self.bytes_of("--deny", "@exec", "--format", "bpf"), program)

    def test_options_and_files_give_the_same(self):
        policy = self.write("p", "deny @exec\nEACCES bind\n")
        program = self.bytes_of(policy)
        self.assertEqual(self.bytes_of("--deny", "@exec", "--deny", "EACCES:bind"), program)
        self.assertEqual(self.bytes_of("--policy", policy), program)
        self.assertNotEqual(self.bytes_of(policy, "--deny", "listen"), program)

    def test_several_abis(self):
        one = compile_("--abi", "x86_64", "--deny", "bind", "-f", "text").stdout
        three = compile_("--abi", "x86_64", "--abi", "x86", "--abi", "aarch64", "--deny", "bind", "-f", "text").stdout
        for abi in ("x86", "aarch64"):
            self.assertNotIn(f"({abi})", one)
            self.assertIn(f"({abi})", three)
        again = compile_("--set", "abi=x86_64", "--abi", "x86", "--set", "abi=aarch64", "--deny", "bind", "-f", "text")
        self.assertEqual(again.stdout, three)
        self.gives(compile_("--abi", "x86_64", "--abi", "s390x", "--deny", "bind"), 2, "byte order")
        self.gives(compile_(*["--abi", "x86"] * 17, "--deny", "bind"), 2, "8 ABIs")

    def test_text(self):
        result = compile_("--abi", "x86_64", "--kill", "bind", "--format", "text")
        self.gives(result, 0, "ld arch", "(x86_64)", "ret kill", "ret allow", "(bind)")
        self.assertEqual(len(result.stdout.splitlines()), len(self.bytes_of("--abi", "x86_64", "--kill", "bind")) // 8)

    def test_verbose(self):
        self.gives(compile_("-v", "--abi", "aarch64", "--deny", "creat,bind,bind", "-o", self.path("x")), 0,
                   "abjure: skipped: creat: absent on aarch64", 'abjure: note: rule "deny bind" decides nothing')
        result = compile_("--abi", "aarch64", "--deny", "creat,bind,bind", "-o", self.path("x"))
        self.assertEqual(result.stderr, "")


class Bubblewrap(Case):
    """The program does in bubblewrap what the rules say."""

    def bwrap(self, rules, *words):
        self.assertIsNotNone(shutil.which("bwrap"), "bwrap is missing: install bubblewrap")
        path = self.path("program.bpf")
        self.gives(compile_("-o", path, *rules), 0)
        with open(path, "rb") as file:
            return call("bwrap", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "--seccomp",
                        str(file.fileno()), "--", *words, pass_fds=[file.fileno()])

    def test_errno(self):
        self.gives(self.bwrap(["--deny", "EADDRINUSE:bind"], TARGET, "bind"), 1, f"errno {98}")
        self.gives(self.bwrap(["--deny", "listen"], TARGET, "bind"), 0, "bind: ok")

    def test_condition(self):
        self.gives(self.bwrap(["--deny", "bind(addrlen == 16)"], TARGET, "bind"), 1, "Operation not permitted")
        self.gives(self.bwrap(["--deny", "bind(addrlen != 16)"], TARGET, "bind"), 0, "bind: ok")

    def test_kill(self):
        self.gives(self.bwrap(["--kill", "bind"], TARGET, "bind"), 159)

    def test_group(self):
        program = "import socket, threading\nthreading.Thread(target=print, args=['threads']).start()\n" \
            "socket.socket(socket.AF_UNIX)\ntry: socket.socket()\nexcept OSError as error: print(error.errno)\n"
        self.gives(self.bwrap(["--deny", "@network"], sys.executable, "-c", program), 0, "threads", "97")
        self.gives(self.bwrap(["--deny", "@listen"], sys.executable, "-c", program), 0, "threads")

    def test_exec_denied_to_the_launcher(self):
        """What help and manual warn of."""
        self.assertNotEqual(self.bwrap(["--deny", "@exec"], "true").returncode, 0)
        self.gives(self.bwrap(["--deny", "@listen"], "true"), 0)


class Policy(Case):
    def written(self, path, *words):
        result = compile_(path, "--format", "policy", *words)
        self.gives(result, 0)
        return result.stdout

    def test_fixed_point(self):
        """Policy text written, read and written again is the same text, and compiles to the same bytes."""
        for name, text in POLICIES.items():
            with self.subTest(name):
                first = self.write("first", text)
                once = self.written(first)
                second = self.write("second", once)
                self.assertEqual(self.written(second), once)
                for abi in ([], ["--abi", "aarch64"], ["--abi", "riscv64", "--abi", "arm"]):
                    results = [subprocess.run([ABJURE, "compile", path, *abi], capture_output=True, check=False)
                               for path in (first, second)]
                    self.assertEqual(results[0].returncode, results[1].returncode)
                    self.assertEqual(results[0].stdout, results[1].stdout)
                    if not abi:
                        self.assertEqual(results[0].returncode, 0, results[0].stderr)
                        self.assertGreater(len(results[0].stdout), 0)

    def test_form(self):
        path = self.write("p", "# why\nerrno(13)   bind,listen\n")
        self.assertEqual(self.written(path, "--abi", "aarch64", "--log", "@exec"),
                         "default allow\nabi aarch64\nEACCES bind\nEACCES listen\nlog @exec\n")
        self.assertEqual(self.written(path, "--set", "log=off", "--complain"),
                         "default allow\nset log off\nset complain on\nEACCES bind\nEACCES listen\n")

    def test_from_oci(self):
        """An OCI profile as policy text decides the same."""
        path = self.write("p.json", json.dumps({
            "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "syscalls": [
                {"names": ["read", "bind", "exit_group"], "action": "SCMP_ACT_ALLOW"},
                {"names": ["socket"], "action": "SCMP_ACT_ALLOW",
                 "args": [{"index": 0, "value": 2, "op": "SCMP_CMP_EQ"}]},
                {"names": ["listen"], "action": "SCMP_ACT_KILL_PROCESS"}]}))
        same_verdicts(self, path, self.write("p.policy", self.written(path)))


def same_verdicts(case, first, second):
    """Both filters give every probe the same action; at least two actions occur."""
    probes = [probe for probe in PROBES if abjure("check", "--deny", "bind", probe).returncode < 2]
    case.assertGreater(len(probes), 20)
    said = []
    for path in (first, second):
        result = abjure("check", "--json", path, *probes)
        case.assertIn(result.returncode, (0, 1), result.stderr)
        said.append([(one["asked"], one["action"]) for one in json.loads(result.stdout)])
    case.assertEqual(said[0], said[1])
    case.assertGreater(len({action for _, action in said[0]}), 1)


class Oci(Case):
    """JSON that is written and read again decides the same."""

    def test_round_trip(self):
        policies = {
            "list": "default EPERM\nallow read, write, exit_group, fork, socket(arg0:u64 == 2)\n",
            "denials": "kill bind\nEACCES listen\ndeny mount, ioctl(arg1:u64 == 0x5412)\nlog sync\n",
            "first match": "allow socket(arg0:u64 == 2 && arg1:u64 == 1)\nEACCES socket\ndeny execve\n",
        }
        for name, text in policies.items():
            with self.subTest(name):
                policy, profile = self.write("p.policy", text), self.path("p.json")
                self.gives(compile_(policy, "--format", "oci", "-o", profile), 0)
                with open(profile, encoding="utf-8") as file:
                    self.assertIn("defaultAction", json.load(file))
                same_verdicts(self, policy, profile)
                again = self.path("again.json")
                self.gives(compile_(profile, "--format", "oci", "-o", again), 0)
                same_verdicts(self, profile, again)

    def test_what_oci_cannot_say(self):
        """An error that names the rule, and no file."""
        profile = self.path("p.json")
        self.gives(compile_("--deny", "getppid", "--deny", "kill(pid == self)", "--format", "oci", "-o", profile), 2,
                   "kill(pid == self)")
        self.assertFalse(os.path.exists(profile))


class Output(Case):
    def test_replaces_the_file_as_a_whole(self):
        path, link = self.write("out", "x" * 10000), self.path("link")
        os.symlink(path, link)
        os.chmod(path, 0o600)
        self.gives(compile_("--deny", "bind", "-f", "policy", "-o", link), 0)
        self.assertTrue(os.path.islink(link))
        with open(path, encoding="utf-8") as file:
            self.assertEqual(file.read(), "default allow\ndeny bind\n")
        self.assertEqual(sorted(os.listdir(self.folder)), ["link", "out"])

    def test_mode_follows_umask(self):
        for mask in (0o022, 0o077):
            path = self.path(f"out{mask}")
            self.gives(compile_("--deny", "bind", "-o", path, preexec_fn=lambda: os.umask(mask)), 0)
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o666 & ~mask)

    def test_a_failure_leaves_the_file(self):
        path = self.write("out", "before")
        for words in (["--deny", "bidn"], ["--deny", "kill(pid == self)"], ["--deny", "bind", "--frob"],
                      ["--allow", "bind", "--deny", "bind"], [self.path("missing")]):
            with self.subTest(words):
                self.gives(compile_("-o", path, *words), 2)
                with open(path, encoding="utf-8") as file:
                    self.assertEqual(file.read(), "before")
                self.assertEqual(os.listdir(self.folder), ["out"])

    def test_devices_and_pipes_are_written_to(self):
        self.gives(compile_("--deny", "bind", "-o", "/dev/null"), 0)
        self.assertTrue(stat.S_ISCHR(os.stat("/dev/null").st_mode))
        self.gives(compile_("--deny", "bind", "-f", "policy", "-o", "/dev/stdout"), 0, "deny bind")
        self.gives(compile_("--deny", "bind", "-f", "policy", "-o", "-"), 0, "deny bind")

    def test_errors(self):
        self.gives(compile_("--deny", "bind", "-o", self.path("no/such")), 125, "cannot be written", "No such file")
        self.gives(compile_("--deny", "bind", "-o", "/dev/full"), 125, "cannot be written", "No space left")
        with open("/dev/full", "w", encoding="utf-8") as full:
            result = subprocess.run([ABJURE, "compile", "--deny", "bind"], stdout=full, stderr=subprocess.PIPE,
                                    text=True, check=False)
        self.assertEqual((result.returncode, "cannot be written" in result.stderr), (125, True))

    def test_no_program_to_a_terminal(self):
        master, slave = pty.openpty()
        try:
            for words, status in ((["bpf"], 2), (["text"], 0), (["bpf", "-o", self.path("out")], 0)):
                result = subprocess.run([ABJURE, "compile", "--deny", "bind", "-f", *words], stdout=slave,
                                        stderr=subprocess.PIPE, text=True, check=False)
                self.assertEqual(result.returncode, status, result.stderr)
                if status:
                    self.assertIn("-o FILE", result.stderr)
        finally:
            os.close(master)
            os.close(slave)


class Usage(Case):
    def test_errors(self):
        policy = self.write("p", "deny bind\n")
        self.gives(compile_(), 2, "nothing to compile", "--deny @exec")
        self.gives(compile_(policy, policy), 2, "a second one", "--policy adds more")
        self.gives(compile_(policy, "-f", "bfp"), 2, '"bfp"', "bpf, oci, policy and text")
        self.gives(compile_(policy, "--outptu", "x"), 2, 'did you mean "--output"')
        self.gives(compile_(policy, "-x"), 2, '"-x"', "compile --help")
        self.gives(compile_(policy, "-o"), 2, "--output FILE")
        self.gives(compile_("--abi", "x86_64", "--abi", "aarch64", "--deny", "40"), 2, "write the call's name")
        self.gives(compile_("--deny", "kill(pid == self)", "-f", "text"), 2, 'rule "deny kill(pid == self)": self is', "known only then")


if __name__ == "__main__":
    main()
