# SPDX-License-Identifier: MIT
"""abjure lint."""
import errno
import json
import os
import platform
import random
import re
import shutil
import signal
import struct
import subprocess
import sys

from support import ABJURE, CALL, SOURCE, TARGET, Case, abjure, as_root, call, main, on_x86_64

FLAWS = os.path.join(SOURCE, "tests/flaws")
sys.path.insert(0, FLAWS)
from assembler import assemble  # noqa: E402

# /usr/bin/python3 is Debian's, which has libseccomp's module.
EXPORT = ["/usr/bin/python3", os.path.join(SOURCE, "tests/python/libseccomp_export.py")]
# What a file cannot have: they are about a process, or about very many combinations of arguments.
OTHERWISE = {"threads", "no-new-privs", "listener", "tracer", "search-cut"}
# Not made for real: they would hit process 1.
NEVER = ("kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "ptrace")


def lint(*words, **more):
    return abjure("lint", *words, **more)


def field(text, name):
    """What a file says after "NAME: ", in a comment or a string."""
    found = re.search(rf'\b{name}: ([^\n"]*)', text)
    return found.group(1).strip() if found else None


def files(folder):
    """name -> text."""
    texts = {}
    for name in sorted(os.listdir(os.path.join(FLAWS, folder))):
        with open(os.path.join(FLAWS, folder, name), encoding="utf-8") as file:
            texts[name] = file.read()
    return texts


def outcome(verdict):
    """What `cli_call` ends with where a call gets this verdict."""
    if verdict in ("kill", "kill_thread", "trap"):
        return -signal.SIGSYS
    if verdict == "notify" or verdict.startswith("trace"):
        return errno.ENOSYS
    number = re.search(r"\d+", verdict)
    return min(int(number.group()), 255) if number else getattr(errno, verdict)


# (folder, file) -> its findings: several tests look at them.
answers = {}


class Judged(Case):
    def program(self, name, content):
        path = self.path(name)
        with open(path, "wb") as file:
            file.write(content)
        return path

    def from_libseccomp(self, text):
        done = subprocess.run(EXPORT, input=f"[{text}]", capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, f"python3-seccomp is needed: {done.stderr}")
        return bytes.fromhex(json.loads(done.stdout)[0])

    def subject(self, folder, name, text):
        """The words for `abjure lint`, of a file in any of the forms. Most are for x86_64 and do not say so."""
        words = [] if platform.machine() == "x86_64" or re.search(r"^abi ", text, re.MULTILINE) else ["--abi", "x86_64"]
        if name.endswith((".policy", ".json")):
            return [*words, os.path.join(FLAWS, folder, name)]
        content = self.from_libseccomp(text) if name.endswith(".seccomp") else \
            assemble(text, field(text, "order") or "little")
        abi = field(text, "abi") if name.endswith(".asm") else None
        return [*(["--abi", abi] if abi else words), self.program(name + ".bpf", content)]

    def judge(self, *words, **more):
        """The findings of --json."""
        result = lint("--json", *words, **more)
        self.assertEqual(result.stderr, "")
        findings = json.loads(result.stdout)["findings"]
        severe = [one for one in findings if one["severity"] != "note"]
        self.assertEqual(result.returncode, 1 if severe else 0)
        return findings

    def ids(self, *words, severe=False, **more):
        return {one["id"] for one in self.judge(*words, **more) if not severe or one["severity"] != "note"}

    def of_file(self, folder, name, text):
        if (folder, name) not in answers:
            answers[folder, name] = self.judge(*self.subject(folder, name, text))
        return answers[folder, name]


class Sets(Judged):
    def test_finds_what_is_planted_and_nothing_else(self):
        """The files name every error and warning; notes where these are what a file is about."""
        bad = files("bad")
        self.assertGreaterEqual(len(bad), 25)
        planted = set()
        for name, text in bad.items():
            with self.subTest(name):
                expected = set(re.split(r",\s*", field(text, "finds")))
                planted |= expected
                findings = self.of_file("bad", name, text)
                self.assertEqual(expected - {one["id"] for one in findings}, set())
                self.assertEqual({one["id"] for one in findings if one["severity"] != "note"} - expected, set())
        listed = {one["id"] for one in json.loads(lint("--list", "--json").stdout)}
        self.assertEqual(listed - planted, OTHERWISE)

    def test_finds_nothing_in_good_ones(self):
        good = files("good")
        self.assertGreaterEqual(len(good), 10)
        groups = re.findall(r"^@(\w+)", abjure("groups").stdout, re.MULTILINE)
        self.assertEqual({f"{group}.policy" for group in groups} - set(good), set())
        for name, text in good.items():
            with self.subTest(name):
                findings = self.of_file("good", name, text)
                self.assertEqual([one for one in findings if one["severity"] != "note"], [])

    def test_every_abi(self):
        """Each call of the table is one there, or is absent; all of them are read where everything is denied by name."""
        abis = re.findall(r"\w+", abjure("groups", "--abi", "x").stderr.split("the ABIs are ")[1].replace(" and ", " "))
        self.assertEqual(len(abis), 8)
        for abi in abis:
            base = 0x40000000 if abi == "x32" else 0
            denied = self.program("d.bpf", assemble(f"ld nr\njge {base + 1024} allow\njeq {base + 3} allow\nret errno(1)\nallow: ret allow"))
            allowed = self.program("a.bpf", assemble(f"ld nr\njeq {base + 3} deny\nret allow\ndeny: ret errno(1)"))
            self.assertIn("essential", self.ids("--abi", abi, denied))
            self.judge("--abi", abi, allowed)

    def test_program_of_a_policy(self):
        """What holds of a policy holds of the program that it compiles to, whose default is then a guess."""
        for folder in ("bad", "good"):
            for name, text in files(folder).items():
                abis = re.findall(r"^abi (\w+)$", text, re.MULTILINE)
                if not name.endswith((".policy", ".json")) or name in ("signal.policy", "everything.policy"):
                    continue
                with self.subTest(name):
                    program = self.path(name + ".bpf")
                    self.gives(abjure("compile", *self.subject(folder, name, text), "-o", program), 0)
                    more = ["--abi", abis[0] if abis else "x86_64"] if len(abis) < 2 else []
                    of_policy = {one["id"] for one in self.of_file(folder, name, text)}
                    self.assertEqual(self.ids(program, *more) | {"absent"}, of_policy | {"absent"})

    def docker(self, version):
        self.assertIsNotNone(shutil.which("go"), "go is missing: install golang-go")
        fetched = call("go", "mod", "download", "-json", f"github.com/moby/profiles/seccomp@{version}", cwd=self.folder)
        if fetched.returncode != 0:
            self.skipTest(f"Docker's profile cannot be fetched: {fetched.stdout}{fetched.stderr}")
        return os.path.join(json.loads(fetched.stdout)["Dir"], "default.json")

    def test_dockers_default_profile(self):
        self.assertEqual(self.judge(self.docker("v0.3.0")), [])

    @on_x86_64
    def test_dockers_profile_of_before(self):
        """It allowed socket(family != AF_VSOCK) on 64 bits, of which the kernel uses 32."""
        profile = self.docker("v0.1.0")
        found = self.judge(profile)
        self.assertEqual([one["id"] for one in found], ["high-bits"])
        self.assertEqual((found[0]["call"]["text"], found[0]["denied"]["text"]), ("socket(0x100000028)", "socket(40)"))
        self.assertEqual(found[0]["call"]["meaning"], "socket(family=40, type=0, protocol=0)")
        program = self.path("docker.bpf")
        self.gives(abjure("compile", profile, "-o", program), 0)
        number = str(found[0]["call"]["number"])
        results = [subprocess.run([CALL, file, "x86_64", number, family, "1", "0"], check=False).returncode
                   for file, family in (("-", "0x100000028"), (program, "0x100000028"), (program, "40"))]
        self.assertEqual(results[0], results[1])
        self.assertNotEqual(results[1], errno.EPERM)
        self.assertEqual(results[2], errno.EPERM)


class Calls(Judged):
    """The calls that findings show."""

    def test_check_agrees(self):
        """A call of a finding can be given to `abjure check` as it is printed."""
        checked = 0
        for name, text in files("bad").items():
            if not name.endswith((".policy", ".json")):
                continue
            shown = [call for one in self.of_file("bad", name, text) for call in (one["call"], one["denied"])
                     if call is not None and one["id"] not in ("no-effect", "foreign-abi")]
            for abi in {call["abi"] for call in shown}:
                calls = [call for call in shown if call["abi"] == abi]
                with self.subTest(name=name, calls=[call["text"] for call in calls]):
                    path = os.path.join(FLAWS, "bad", name)
                    result = abjure("check", "--json", "--abi", abi, path, *(call["text"] for call in calls))
                    self.assertEqual(result.stderr, "")
                    self.assertEqual([(one["action"], one["denied"]) for one in json.loads(result.stdout)],
                                     [(call["verdict"], not call["passes"]) for call in calls])
                    checked += len(calls)
        self.assertGreater(checked, 60)

    def test_further_calls_pass_too(self):
        checked = 0
        for name, text in files("bad").items():
            for one in self.of_file("bad", name, text):
                if name.endswith(".policy") and one["also"]:
                    with self.subTest(name=name, id=one["id"]):
                        path = os.path.join(FLAWS, "bad", name)
                        self.gives(abjure("check", "--abi", one["call"]["abi"], path, *one["also"]), 0)
                        checked += len(one["also"])
        self.assertGreater(checked, 20)

    def make(self, program, shown):
        words = [CALL, program, shown["abi"], str(shown["number"]), *shown["arguments"]]
        return subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
                              check=False).returncode

    @on_x86_64
    def test_they_get_through(self):
        """For real: with the filter the call gives what it gives without, and not what the denied one gets."""
        conclusive = 0
        for name, text in files("bad").items():
            shown = [one for one in self.of_file("bad", name, text) if one["call"] and one["call"]["passes"] and
                     (one["denied"] or one["call"])["abi"] == "x86_64" and one["call"]["name"] not in NEVER]
            if not shown:
                continue
            program = self.subject("bad", name, text)[-1]
            if not program.endswith(".bpf"):
                policy, program = program, self.path("made.bpf")
                self.gives(abjure("compile", policy, "-o", program), 0)
            for one in shown:
                through, denied = one["call"], one["denied"]
                with self.subTest(name=name, id=one["id"], call=through["text"]):
                    plain = self.make("-", through)
                    self.assertEqual(self.make(program, through), plain)
                    if denied is None or denied["name"] in NEVER:
                        continue
                    self.assertEqual(self.make(program, denied), outcome(denied["verdict"]))
                    conclusive += plain != outcome(denied["verdict"])
        print(f"{conclusive} calls made")
        self.assertGreater(conclusive, 60)

    def test_rule_and_place(self):
        path = self.write("app.policy", "deny bind,\n     fork\n")
        one = next(one for one in self.judge(path) if one["id"] == "spawn")
        self.assertEqual(one["denied"]["by"], f'rule "deny fork" ({path}:2:6)')
        self.assertEqual(one["call"]["by"], "the default action")
        self.assertEqual(one["also"], ["vfork", "clone(flags=CLONE_VM|CLONE_VFORK|SIGCHLD)", "clone(flags=SIGUSR1)", "clone3"])


def run(code, words):
    """The places that a program executes on these words of seccomp_data."""
    instructions = list(struct.iter_unpack("<HBBI", code))
    a = x = pc = 0
    places = []
    while True:
        op, jt, jf, k = instructions[pc]
        places.append(pc)
        pc += 1
        if op == 0x06:
            return places
        if op == 0x20:
            a = words[k // 4]
        elif op in (0x15, 0x35, 0x45):
            pc += jt if {0x15: a == k, 0x35: a >= k, 0x45: a & k != 0}[op] else jf
        elif op == 0x07:
            x = a
        elif op == 0x87:
            a = x
        else:
            a = {0x54: a & k, 0x04: a + k & 0xffffffff}[op]


class Hostile(Judged):
    def refused(self, content):
        path = self.program("h.bpf", content)
        result = lint(path)
        self.assertEqual(result.returncode, 2, result.stdout)
        self.assertTrue(result.stderr.startswith(f"abjure: {path}"), result.stderr)

    def test_no_program(self):
        good = assemble("ld nr\njeq 59 deny\nret allow\ndeny: ret errno(1)\n")
        for cut in range(2, len(good)):  # one byte is a text
            self.refused(good[:cut])
        self.refused(good * 1025)  # 4100 instructions
        self.refused(b"\0" * 8)
        self.refused(bytes(1 << 20))

    def test_random_bytes(self):
        """An error, or a program by chance; never a crash."""
        r = random.Random(7)
        refused = 0
        for size in [8, 16, 24, 64, 800, 32768] * 8:
            result = lint(self.program("r.bpf", r.randbytes(size)))
            self.assertIn(result.returncode, (0, 1, 2), result.stderr)
            refused += result.returncode == 2
        self.assertGreater(refused, 40)

    WORDS = (0, 1, 2, 59, 41, 0xc000003e, 0x40000000, 0x40000003, 0x7fffffff, 0xffffffff)

    def random_program(self, r, count):
        code = b""
        for at in range(count - 1):
            reach = min(3, count - at - 2)
            kind = r.choice(["ld", "ld", "jeq", "jeq", "jge", "jset", "and", "add", "tax", "txa", "ret"])
            word = r.choice((*self.WORDS, r.getrandbits(32)))
            if kind == "ld":
                fields = 0x20, 0, 0, 4 * r.choice([0, 0, 1, 1, r.randrange(16)])
            elif kind.startswith("j"):
                fields = {"jeq": 0x15, "jge": 0x35, "jset": 0x45}[kind], r.randint(0, reach), r.randint(0, reach), word
            elif kind == "ret":
                fields = 0x06, 0, 0, r.choice([0x7fff0000, 0x50001, 0x50000, 0, 0x80000000])
            else:
                fields = {"and": 0x54, "add": 0x04, "tax": 0x07, "txa": 0x87}[kind], 0, 0, word if kind in ("and", "add") else 0
            code += struct.pack("<HBBI", *fields)
        return code + struct.pack("<HBBI", 0x06, 0, 0, 0x7fff0000)

    def test_random_programs(self):
        """Of valid instructions in any order. What counts as never reached is not reached by any of many inputs."""
        seed = int(os.environ.get("ABJURE_SEED", random.randrange(1 << 32)))
        r = random.Random(seed)
        told = 0
        for _ in range(40):
            code = self.random_program(r, r.choice([5, 10, 20, 40, 1000]))
            found = {one["id"]: one for one in self.judge(self.program("p.bpf", code))}
            for one in (found.get("unreachable"), found.get("lost-denial")):
                if one is None:
                    continue
                told += 1
                first = int(re.search(r"the first at (\d+)", one["detail"]).group(1))
                constants = [k for op, _, _, k in struct.iter_unpack("<HBBI", code) if op in (0x15, 0x35, 0x45)]
                for _ in range(1000):
                    words = [r.choice((*constants, *self.WORDS)) + r.choice([0, 0, 1, -1]) & 0xffffffff for _ in range(16)]
                    self.assertNotIn(first, run(code, words), f"ABJURE_SEED={seed}")
        self.assertGreater(told, 10)

    def test_largest_programs(self):
        """4096 instructions that compare everything: it ends, and says what it did not try."""
        chains = {
            "arguments": ("".join(f"ld word{4 + i % 12}\njeq {7 * i} - n{i}\nret errno(1)\nn{i}: " for i in range(1365)), True),
            "numbers": ("ld nr\n" + "".join(f"jeq {7 * i} - n{i}\nret errno(1)\nn{i}: " for i in range(2047)), False),
        }
        for name, (text, sampled) in chains.items():
            with self.subTest(name):
                code = assemble(text + "ret allow")
                self.assertGreater(len(code), 4090 * 8)
                self.assertEqual("search-cut" in self.ids(self.program(name, code), timeout=170), sampled)


class Process(Judged):
    def start(self, *words, **more):
        process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **more)

        def end():
            process.terminate()
            process.wait()
            process.stdin.close()
            process.stdout.close()
        self.addCleanup(end)
        said = process.stdout.readline()
        self.assertIn(b"pausing", said)
        return process.pid

    def hold(self, *programs):
        paths = [self.program(f"{i}.bpf", code) for i, code in enumerate(programs)]
        return str(self.start(CALL, "hold", *paths))

    @as_root
    def test_same_as_its_policy(self):
        """No program holds more than its rules, which stand in a second one where they are not news."""
        for rules in (["--deny", "@exec"], ["--deny", "fork"], ["--deny", "@listen"], ["--deny", "EACCES:bind", "--deny", "open, socket(family == AF_INET)"]):
            pid = self.start(ABJURE, "run", *rules, "--", TARGET, "pause")
            with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
                child = file.read().split()[0]
            self.assertEqual(self.ids(child), self.ids(*rules))

    @as_root
    def test_the_strictest_of_several(self):
        strict = assemble(files("good")["mount.asm"])
        loose = assemble("ld nr\njeq 165 deny\nret allow\ndeny: ret errno(1)\n")
        alone = self.ids(self.hold(loose), severe=True)
        self.assertEqual(alone, {"no-abi-check", "x32", "mount"})
        for programs in ([loose, strict], [strict, loose]):
            self.assertEqual(self.ids(self.hold(*programs), severe=True), set())

    @as_root
    def test_threads(self):
        """A filter that one thread loaded without the others."""
        pid = str(self.start(TARGET, "one"))
        one = self.judge(pid)[0]
        self.assertEqual((one["id"], one["severity"]), ("threads", "error"))
        self.assertEqual(self.ids(pid), {"threads", "no-new-privs"})
        self.assertIn("The main thread has mode disabled, filters 0; thread ", one["detail"])
        pid = self.start(ABJURE, "run", "--deny", "@mount", "--", TARGET, "one")
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            child = file.read().split()[0]
        found = {one["id"]: one["severity"] for one in self.judge(child)}
        self.assertEqual(found, {"threads": "warning"})

    @as_root
    def test_no_new_privs(self):
        pid = self.hold(assemble(files("good")["mount.asm"]))
        self.assertEqual(self.ids(pid), {"no-new-privs"})
        self.gives(lint(pid), 0, f"process {pid} (cli_call): 1 note\n")

    @as_root
    def test_odd_name(self):
        """It does not reach the terminal as it is."""
        pid = self.start(ABJURE, "run", "--deny", "@mount", "--", TARGET, "name", "a\n\x1b[2J\u00fc")
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            result = lint(file.read().split()[0])
        self.gives(result, 0, ': nothing found\n')
        self.assertTrue(result.stdout.isascii() and "\x1b" not in result.stdout, result.stdout)
        self.assertEqual(len(result.stdout.splitlines()), 1)

    @as_root
    def test_nobody_answers(self):
        """A supervisor or a tracer that does not exist."""
        for action, missing, present in (("notify", "listener", "notify"), ("trace(1)", "tracer", "trace")):
            text = files("good")["mount.asm"].replace("deny:   ret errno(1)", f"deny:   ret {action}")
            pid = self.hold(assemble(text))
            self.assertEqual(self.ids(pid, severe=True), {missing})
            self.assertEqual(self.ids(self.program("n.bpf", assemble(text))), {present})

    @as_root
    def test_that_cannot_be_judged(self):
        result = lint(str(os.getpid()))
        self.gives(result, 1, f"process {os.getpid()} has no filter")
        self.assertEqual(result.stdout, "")
        self.gives(lint(str(self.start(TARGET, "strict"))), 1, "strict mode")
        self.gives(lint("2147483647"), 1, "there is no process 2147483647")
        pid = self.hold(assemble(files("good")["mount.asm"]))
        self.gives(call(self.path(os.path.basename(ABJURE)), "lint", pid, **self.unprivileged()), 125, "run as root")
        self.gives(abjure("run", "--log", "bind", "--", ABJURE, "lint", pid), 125, "filter of its own")


class Options(Judged):
    def test_text(self):
        """Each finding has its severity, id, calls, reason and remedy; the last line is the verdict."""
        path = self.write("a.policy", "deny fork\nEPERM openat2\n")
        result = lint(path)
        self.gives(result, 1)
        blocks = result.stdout.split("\n\n")
        self.assertTrue(blocks[0].startswith("error spawn: a process can be made by another call\n"), result.stdout)
        self.assertEqual(blocks[-1], f"{path}: 1 error, 1 note\n")
        labels = [line[4:13].strip() for line in blocks[0].splitlines()[1:] if line[4] != " "]
        self.assertEqual(labels, ["denied", "passes", "and also", "why", "remedy"])
        self.assertTrue(blocks[1].startswith("note openat2-errno: "), result.stdout)
        for name in ("fork.policy", "files.policy", "kernel.policy", "bind.policy"):
            for line in lint(os.path.join(FLAWS, "bad", name)).stdout.splitlines():
                self.assertLessEqual(len(line), 80 + len(FLAWS))
        self.gives(lint("--deny", "@mount"), 0, "these rules: nothing found\n")

    def test_worst_first(self):
        order = ["error", "warning", "note"]
        found = [order.index(one["severity"]) for one in self.judge("--deny", "execve, fork, bind, open")]
        self.assertEqual(found, sorted(found))
        self.assertEqual(set(found), {0, 1, 2})

    def test_fail_on(self):
        note, warning, error = ["--deny", "@exec"], ["--deny", "execve, execveat"], ["--deny", "fork"]
        for level, statuses in (("note", (1, 1, 1)), ("warning", (0, 1, 1)), ("error", (0, 0, 1))):
            for rules, status in zip((note, warning, error), statuses):
                self.gives(lint("--fail-on", level, *rules), status)
        self.gives(lint("--fail-on", "frob", *note), 2, "takes note, warning or error")

    def test_ignore(self):
        self.assertEqual(self.ids("--deny", "fork"), {"spawn"})
        self.assertEqual(self.ids("--ignore", "spawn", "--deny", "fork"), set())
        self.assertEqual(self.ids("-i", "listen", "-i", "udp", "--deny", "bind"), {"listen-option"})
        self.gives(lint("--ignore", "spwan", "--deny", "fork"), 2, 'did you mean "spawn"?')
        self.gives(lint("--ignore", "frobnicate", "--deny", "fork"), 2, "--list")

    def test_list(self):
        listed = json.loads(lint("--list", "--json").stdout)
        ids = [one["id"] for one in listed]
        self.assertEqual(len(ids), len(set(ids)))
        text = lint("--list")
        self.gives(text, 0)
        self.assertEqual(re.findall(r"^([a-z0-9-]+) \((?:note|warning|error)\)$", text.stdout, re.MULTILINE), ids)
        for one in listed:
            self.assertRegex(one["id"], r"^[a-z0-9]+(-[a-z0-9]+)*$")
            self.assertTrue(one["reason"].endswith("."), one)
            self.assertFalse(one["remedy"].endswith("."), one)

    def test_standard_input(self):
        with open(self.write("p", "deny fork\n"), "rb") as file:
            self.gives(lint("-", stdin=file), 1, "standard input:1:6", "standard input: 1 error")
        with open(self.program("b", assemble(files("bad")["x32.asm"])), "rb") as file:
            self.gives(lint("-", stdin=file), 1, "error x32", "standard input: ")

    @on_x86_64
    def test_abi(self):
        """Of a policy that names none, and of a program that checks none."""
        self.assertEqual(self.ids("--abi", "aarch64", "--deny", "fork, unlink"), {"absent"})
        self.assertEqual(self.ids("--abi", "x86", "--deny", "bind", severe=True), {"listen"})
        program = self.program("b", assemble("ld nr\njeq 220 deny\nret allow\ndeny: ret errno(1)\n"))
        one = next(one for one in self.judge("--abi", "aarch64", program) if one["id"] == "no-abi-check")
        self.assertEqual((one["denied"]["name"], one["call"]["abi"]), ("clone", "arm"))
        self.gives(lint("--abi", "aarch65", "--deny", "fork"), 2, 'did you mean "aarch64"?')
        self.gives(lint("--abi", "x86", "--abi", "arm", "--deny", "fork"), 2, "one --abi")

    def test_usage(self):
        self.gives(lint(), 2, "nothing to judge")
        self.gives(lint("a", "b"), 2, '"b" is a second one')
        self.gives(lint(self.path("missing")), 2, "cannot be read")
        self.gives(lint(self.folder), 2, "cannot be read")
        self.gives(lint("0"), 2, "is no process id")
        self.gives(lint("99999999999"), 2, "a file of that name is ./99999999999")
        self.gives(lint("--deny", "fork", "1"), 2, "takes no rules")
        program = self.program("b", assemble("ret allow"))
        self.gives(lint("--deny", "fork", program), 2, "takes no rules")
        self.gives(lint(self.write("p", "deny frobnicate\n")), 2, "p:1:6: unknown system call")
        self.gives(lint(self.write("q", "allow bind\ndeny bind\n")), 2, "can never decide")
        os.chdir(self.folder)
        self.write("123", "deny @mount\n")
        self.gives(lint("./123"), 0, "./123: nothing found")


if __name__ == "__main__":
    main()
