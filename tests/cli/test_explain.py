# SPDX-License-Identifier: MIT
"""abjure explain."""
import glob
import json
import os
import pwd
import random
import re
import shutil
import signal
import socket
import struct
import subprocess

from support import ABJURE, SOURCE, Case, abjure, as_root, flat, main, on_x86_64

DMESG = '[ 535.197019] audit: type=1326 audit(1592235264.942:94): auid=1000 uid=1000 gid=1000 ses=4 subj==unconfined ' \
    'pid=6664 comm="nc" exe="/usr/bin/nc.traditional" sig=31 arch=c000003e syscall=49 compat=0 ip=0x7ffb85de7497 code=0x0\n'
DEATH = '[ 535.197022] audit: type=1701 audit(1592235264.942:95): auid=1000 uid=1000 gid=1000 ses=4 subj==unconfined ' \
    'pid=6664 comm="nc" exe="/usr/bin/nc.traditional" sig=31 res=1\n'
AUSEARCH = """time->Mon Jun 15 15:38:32 2020
type=SECCOMP msg=audit(1592235512.578:148): auid=1000 uid=1000 gid=1000 ses=4
    subj==unconfined pid=6939 comm="nc" exe="/usr/bin/nc.traditional" sig=31
    arch=c000003e syscall=49 compat=0 ip=0x7f67398a0497 code=0x0
"""
# The document of the talk, as the record behind it.
PYTHON = 'node=contrib-buster type=SECCOMP msg=audit(1592384679.841:1077): auid=1000 uid=1000 gid=1000 ses=5 ' \
    'subj==unconfined pid=13490 comm="python3" exe="/usr/bin/python3.7" sig=0 arch=c000003e syscall=59 compat=0 ' \
    'ip=0x7f3b19c3da07 code=0x7ffc0000\x1dAUID="vagrant" UID="vagrant" GID="vagrant" ARCH=x86_64 SYSCALL=execve\n'
FIELDS = ["type", "msg", "auid", "uid", "gid", "ses", "subj", "pid", "comm", "exe", "sig", "arch", "syscall", "compat",
          "ip", "code"]
UTC = dict(os.environ, TZ="UTC")


def explain(*words, log=None, **more):
    if log is not None:
        more["input"] = log
    return abjure("explain", *words, **{"env": UTC, **more})


def record(**fields):
    values = {"pid": 7, "comm": '"a"', "sig": 0, "arch": "c000003e", "syscall": 59, "code": "0x50000", **fields}
    return "type=SECCOMP msg=audit(1592235264.942:94): " + " ".join(f"{k}={v}" for k, v in values.items()) + "\n"


class Text(Case):
    def test_the_lines_of_the_talk(self):
        result = explain(log=DMESG + DEATH + AUSEARCH)
        self.gives(result, 0)
        self.assertEqual(result.stdout, "2020-06-15 UTC\n"
                         "15:34:24 nc[6664] bind() -> killed (SIGSYS), uid 1000, /usr/bin/nc.traditional, x86_64, "
                         "ip 0x7ffb85de7497\n"
                         "15:38:32 nc[6939] bind() -> killed (SIGSYS), uid 1000, /usr/bin/nc.traditional, x86_64, "
                         "ip 0x7f67398a0497\n")
        self.assertEqual(result.stderr, "")

    def test_wrapped_lines(self):
        wrapped = DMESG.replace(" gid", "\n    gid").replace(" sig", "\n\tsig")
        self.assertEqual(explain(log=wrapped + AUSEARCH).stdout, explain(log=DMESG + AUSEARCH).stdout)
        path = self.write("log", wrapped + AUSEARCH)
        self.assertEqual(explain(path).stdout, explain(log=DMESG + AUSEARCH).stdout)
        # An indented record is one of its own.
        self.assertEqual(explain("--summary", log=DMESG + "  " + DMESG).stdout.split()[0], "2")

    def test_wrapped_lines_without_their_indent(self):
        """As a slide of the talk has it, and as copying from a page leaves it."""
        slide = AUSEARCH.split("\n", 1)[1].replace("\n    ", "\n")
        self.assertEqual(slide.count("\n"), 3)
        self.assertTrue(slide.split("\n")[1].startswith("subj="))
        for log in (slide, slide * 3 + DMESG, slide.replace(" sig", "\nsig").replace(" compat", "\ncompat")):
            for words, more in ((["-"], {"log": log}), ([self.write("log", log)], {})):
                result = explain("--json", *words, **more)
                self.gives(result, 0)
                self.assertEqual(result.stderr, "")
                said = json.loads(result.stdout.splitlines()[0])
                self.assertEqual([said[key] for key in ("call", "name", "pid", "uid", "exe", "signal", "ip")],
                                 ["bind", "nc", 6939, 1000, "/usr/bin/nc.traditional", "SIGSYS", "0x7f67398a0497"])
        # What only starts like a field is a line of its own.
        self.gives(explain("--summary", log=DMESG + "exec=1\naudit\nuid\n"), 0, "1 record from", "3 lines of other kinds")

    def test_wrapped_anywhere(self):
        """A file that is read in pieces, with the end of a piece anywhere in a wrapped record."""
        slide = AUSEARCH.split("\n", 1)[1].replace("\n    ", "\n")
        for before in range((1 << 20) - 240, (1 << 20) + 3, 7):
            path = self.write("log", "x" * (before - 1) + "\n" + slide + DMESG)
            self.assertEqual(json.loads(explain("--summary", "--json", path).stdout)["records"], 2, before)

    def test_forms_of_the_journal(self):
        """Each form of journalctl -o that has the record in a line, and syslog's."""
        fields = DMESG.split(": ", 2)[2]
        for head, clock in (("Jun 15 15:34:24 host audit[6664]: SECCOMP ", "15:34:24"), ("Jun  5 15:34:24 host audit: SECCOMP ", "15:34:24"),
                            ("Jun 15 15:34:24.942000 host audit[6664]: SECCOMP ", "15:34:24"), ("2020-06-15T15:34:24+0000 host audit[6664]: SECCOMP ", "15:34:24"),
                            ("2020-06-15T15:34:24.942+02:00 host audit[6664]: SECCOMP ", "15:34:24"),
                            ("Mon 2020-06-15 15:34:24 UTC host audit[6664]: SECCOMP ", "15:34:24"), ("[  535.197019] host audit[6664]: SECCOMP ", "--:--:--"),
                            ("SECCOMP ", "--:--:--")):
            self.gives(explain(log=head + fields), 0, f"{clock} nc[6664] bind() -> killed (SIGSYS), uid 1000")
        stamped = "audit: type=1326 audit(1592235264.942:94): " + fields
        for head in ("Jun 15 15:34:24 host kernel: ", "Jun 15 15:34:24 host kernel: [  535.197019] ", "[Mon Jun 15 15:34:24 2020] ", "<5>[  535.197019] ",
                     "2020-06-15T17:34:24.942+02:00 host kernel: ", "5,1234,535197019,-;", ""):
            self.gives(explain(log=head + stamped), 0, "2020-06-15 UTC\n15:34:24 nc[6664] bind()")
        self.gives(explain(log="SECCOMP is a word\nANOM_ABEND too\n"), 1, "no record")
        self.gives(explain(log="ANOM_ABEND " + DEATH.split(": ", 2)[2]), 0, "nc[6664] died of SIGSYS")

    def test_a_death_alone_is_told(self):
        self.gives(explain(log=DEATH), 0, "nc[6664] died of SIGSYS, uid 1000")
        self.gives(explain(log=DEATH.replace("sig=31", "sig=11")), 1, "no record")

    def test_the_time_of_a_journal_line(self):
        line = "Jun 15 15:34:24 host audit[6664]: SECCOMP " + DMESG.split(": ", 2)[2]
        self.gives(explain(log=line), 0, "15:34:24 nc[6664] bind()")

    def test_several_files(self):
        first, second = self.write("1", DMESG), self.write("2", AUSEARCH)
        self.assertEqual(explain(first, second).stdout, explain(log=DMESG + AUSEARCH).stdout)
        self.assertEqual(explain(first, "-", log=AUSEARCH).stdout, explain(log=DMESG + AUSEARCH).stdout)
        self.gives(explain(self.path("none"), first), 2, "none: cannot be read: No such file", "nc[6664]")
        self.gives(explain(self.folder), 125, "cannot be read: Is a directory")

    def test_records_are_told_as_they_come(self):
        with subprocess.Popen([ABJURE, "explain"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=UTC) as process:
            process.stdin.write(DMESG.encode())
            process.stdin.flush()
            self.assertEqual(process.stdout.readline(), b"2020-06-15 UTC\n")
            self.assertIn(b"nc[6664] bind()", process.stdout.readline())
            process.stdin.close()

    def test_fields(self):
        result = explain("--fields", log=DMESG)
        self.gives(result, 0, "instruction pointer", "SIGSYS (bad system call)", "on that ABI: bind", "x86_64",
                   "kill the thread", "through su and sudo")
        self.assertEqual([line.split()[0] for line in result.stdout.splitlines() if line.startswith("  ")], FIELDS)
        self.gives(explain("--fields", log=record(auid=4294967295)), 0, "never logged in", "fails")
        # What the talk says of each.
        rows = dict(line.split(None, 1) for line in explain("--fields", log=AUSEARCH).stdout.splitlines() if line.startswith("  "))
        for key, value, meaning in (
                ("type", "SECCOMP", "about"), ("msg", "1592235512.578:148", "2020-06-15T15:38:32.578Z, and the number of the event, which several"),
                ("auid", "1000", "logged in"), ("uid", "1000", "user of the process"), ("gid", "1000", "group of the process"),
                ("ses", "4", "session"), ("subj", "=unconfined", "SELinux"), ("pid", "6939", "process"), ("comm", "nc", "name"),
                ("exe", "/usr/bin/nc.traditional", "path"), ("sig", "31", "SIGSYS"), ("arch", "c000003e", "x86_64"), ("syscall", "49", "bind"),
                ("compat", "0", "kernel's own ABI"), ("ip", "0x7f67398a0497", "instruction pointer"), ("code", "0x0", "kill the thread")):
            self.assertTrue(rows[key].startswith(value + " "), rows[key])
            self.assertIn(meaning, rows[key])

    def test_actions(self):
        for code, said in (("0x80000000", "killed"), ("0x0", "killed"), ("0x30000", "trapped"), ("0x50000", "denied"),
                           ("0x5000d", "denied (EACCES)"), ("0x7fc00000", "left to a supervisor"),
                           ("0x7ff00000", "traced"), ("0x7ffc0000", "logged")):
            self.gives(explain(log=record(code=code)), 0, f"execve() -> {said}, x86_64\n")


class Hostile(Case):
    NAMES = ("1B5B33316D", "0A0A", "00", "7F", "C285", "E280AE", "FF")

    def test_names_do_not_reach_a_terminal_raw(self):
        log = "".join(record(comm=name, exe=name, pid=i) for i, name in enumerate(self.NAMES))
        for options in ([], ["--fields"], ["--summary"], ["--unique"], ["--json"], ["--ecs"], ["--summary", "--json"],
                        ["--unique", "--json"]):
            result = subprocess.run([ABJURE, "explain", *options], input=log.encode(), capture_output=True, env=UTC,
                                    check=False)
            self.assertEqual(result.returncode, 0)
            self.assertEqual(result.stderr, b"")
            bad = [byte for byte in result.stdout if byte != 10 and not 32 <= byte < 127]
            self.assertEqual(bad, [], options)
        self.gives(explain(log=log), 0, "\\x1b[31m[0]")

    def test_damaged_lines_are_told_and_counted(self):
        log = DMESG + record(pid="66x") + 'type=SECCOMP msg=audit(1.002:3): syscall=1 comm="nc\n' + AUSEARCH
        result = explain(log=log)
        self.gives(result, 0, "standard input:2: damaged: pid= holds no number",
                   "standard input:3: damaged: a quote is missing: the line is cut off")
        self.assertEqual(result.stdout, explain(log=DMESG + AUSEARCH).stdout)
        result = explain(log=DMESG + record(pid="66x") * 200)
        self.gives(result, 0, "200 damaged lines in all")
        self.assertEqual(result.stderr.count("\n"), 12)
        self.gives(explain("--summary", log=log), 0, "2 records from", "2 damaged lines, ")

    def test_long_lines_and_junk(self):
        random.seed(5)
        junk = random.randbytes(200_000) + b"\n"
        long = record(comm='"' + "x" * 65536 + '"').encode()
        endless = b"type=SECCOMP " + b"y" * (3 << 20) + b"\n"
        zeros = bytes(70_000) + b"\n"
        log = DMESG.encode() + junk + long + endless + zeros + DMESG.encode()[:-1] + b"\0\n" + AUSEARCH.encode()
        path = self.path("junk")
        with open(path, "wb") as file:
            file.write(log)
        for words, stdin in (([path], None), (["-"], log)):
            result = subprocess.run([ABJURE, "explain", "--json", *words], input=stdin, capture_output=True, env=UTC,
                                    check=False)
            documents = [json.loads(line) for line in result.stdout.splitlines()]
            # The one with the zero byte behind its code is damaged, and so is the one without end.
            self.assertEqual([one["pid"] for one in documents], [6664, 7, 6939], result.stderr)
            self.assertIn(b"longer than 1 MiB", result.stderr)
            self.assertIn(b"code= holds no hexadecimal number", result.stderr)

    def test_every_change_of_a_line(self):
        """Lines with changed bytes: each document is JSON, and no run ends by a signal."""
        random.seed(7)
        lines = []
        for _ in range(20_000):
            line = bytearray(PYTHON.encode()[:-1])
            for _ in range(random.randint(1, 4)):
                line[random.randrange(len(line))] = random.choice([random.randrange(256), 34, 61, 32, 48])
            lines.append(bytes(line).replace(b"\n", b" "))
        log = b"\n".join(lines) + b"\n"
        for options in (["--ecs"], ["--json"], ["--fields"], ["--unique"], ["--summary"]):
            result = subprocess.run([ABJURE, "explain", *options], input=log, capture_output=True, env=UTC, check=False)
            self.assertEqual(result.returncode, 0, result.stderr[-500:])
            if options[0] in ("--ecs", "--json"):
                documents = [json.loads(line) for line in result.stdout.splitlines()]
                self.assertGreater(len(documents), 5_000)

    def test_more_kinds_of_calls_than_are_kept(self):
        log = "".join(record(syscall=number % 3000, code=hex(0x50000 + number % 7)) for number in range(9000))
        result = explain("--json", log=log)
        for number, line in enumerate(result.stdout.splitlines()):
            said = json.loads(line)
            if number % 3000 == 59:
                self.assertEqual(said["call"], "execve")
            elif number % 3000 >= 1000:
                self.assertEqual(said["call"], str(number % 3000))
        self.assertEqual(number, 8999)


class Documents(Case):
    # Every field of the talk's document but for what is of Auditbeat's own process or of that machine only.
    TALK = {
        "@timestamp": "2020-06-17T09:04:39.841Z", "service.type": "auditd", "event.module": "auditd",
        "event.action": "violated-seccomp-policy", "host.hostname": "contrib-buster", "host.name": "contrib-buster",
        "user.audit.name": "vagrant", "user.audit.id": "1000", "user.selinux.user": "=unconfined", "user.group.id": "1000",
        "user.group.name": "vagrant", "user.id": "1000", "user.name": "vagrant", "process.pid": 13490,
        "process.name": "python3", "process.executable": "/usr/bin/python3.7", "auditd.summary.actor.primary": "vagrant",
        "auditd.summary.actor.secondary": "vagrant", "auditd.summary.object.type": "process",
        "auditd.summary.how": "python3", "auditd.message_type": "seccomp", "auditd.sequence": 1077,
        "auditd.result": "unknown", "auditd.data.code": "0x7ffc0000", "auditd.data.sig": "0", "auditd.data.compat": "0",
        "auditd.data.arch": "c000003e", "auditd.data.ip": "0x7f3b19c3da07", "auditd.data.syscall": "59",
        "auditd.session": "5",
    }
    # Where what we say differs from the talk on purpose: names in place of numbers, an outcome that means something.
    OURS = {"event.outcome": "success", "auditd.summary.object.primary": "execve", "event.category": ["process"],
            "event.type": ["info"], "event.kind": "event", "seccomp.call": "execve", "seccomp.action": "log",
            "seccomp.abi": "x86_64", "agent.type": "abjure"}
    HERE = ["host.architecture", "host.containerized", "host.ip", "host.mac", "host.os.family", "host.os.name",
            "host.os.kernel", "host.os.platform", "host.os.version"]

    def test_the_document_of_the_talk(self):
        said = flat(json.loads(explain("--ecs", log=PYTHON).stdout))
        for key, value in {**self.TALK, **self.OURS}.items():
            self.assertEqual(said.get(key), value, key)
        self.assertRegex(said["ecs.version"], r"^8\.\d+\.\d+$")
        self.assertRegex(said["message"], "python3 .pid 13490. called execve and went on")
        # Another machine's: nothing of this one is there.
        self.assertEqual([key for key in self.HERE if key in said], [])

    def test_this_machine(self):
        said = flat(json.loads(explain("--ecs", log=DMESG.replace("uid=1000", "uid=0")).stdout))
        for key in self.HERE:
            self.assertIn(key, said)
        self.assertEqual(said["host.hostname"], socket.gethostname())
        self.assertEqual(said["host.os.kernel"], os.uname().release)
        self.assertEqual((said["user.name"], said["user.audit.name"]), (pwd.getpwuid(0).pw_name,) * 2)
        said = flat(json.loads(explain("--ecs", "--elsewhere", log=DMESG.replace("uid=1000", "uid=0")).stdout))
        self.assertFalse([key for key in said if key.startswith("host.") or key in ("user.name", "user.audit.name")])

    def test_outcomes(self):
        for code, outcome in (("0x0", "failure"), ("0x80000000", "failure"), ("0x50000", "failure"),
                              ("0x30000", "failure"), ("0x7ffc0000", "success"), ("0x7fc00000", "unknown"),
                              ("0x7ff00000", "unknown")):
            self.assertEqual(json.loads(explain("--ecs", log=record(code=code)).stdout)["event"]["outcome"], outcome)

    def test_selinux(self):
        said = json.loads(explain("--ecs", log=record(subj="system_u:system_r:httpd_t:s0:c1,c2")).stdout)
        self.assertEqual(said["user"]["selinux"], {"user": "system_u", "role": "system_r", "domain": "httpd_t",
                                                   "level": "s0", "category": "c1,c2"})

    def test_jq_reads_each(self):
        self.assertIsNotNone(shutil.which("jq"), "jq is missing: install jq")
        log = (DMESG + DEATH + PYTHON + record(comm="FF1B22")) * 50
        for form in ("--ecs", "--json"):
            result = explain(form, log=log)
            read = subprocess.run(["jq", "-c", ".event.action? // .call"], input=result.stdout, capture_output=True,
                                  text=True, check=True).stdout.split()
            self.assertEqual(len(read), 150)
            self.assertEqual(set(read), {'"violated-seccomp-policy"'} if form == "--ecs" else {'"bind"', '"execve"'})

    def test_json_is_what_the_library_says(self):
        """Of each record of the corpus, which holds what the library says of it."""
        compared = 0
        for path in sorted(glob.glob(os.path.join(SOURCE, "tests/corpus/explain-record/*.case"))):
            with open(path, encoding="utf-8") as file:
                cases = file.read().split("case ")[1:]
            for case in cases:
                log = "".join(line[2:] + "\n" for line in case.split("\n") if line.startswith("> "))
                wanted = dict(line[2:].split(": ", 1) for line in case.split("\n") if line.startswith("| "))
                if not wanted:
                    continue
                said = json.loads(explain("--json", log=log).stdout)
                for key in ("user", "group", "login", "node"):
                    said.pop(key, None)
                for key in ("name", "exe", "summary"):
                    if key in said:  # JSON has its own way to write what is not printable
                        said[key] = re.sub(r"[^ -~]", lambda m: f"\\x{ord(m[0]):02x}", said[key])
                with self.subTest(case.split("\n")[0]):
                    self.assertEqual({key: str(value) for key, value in said.items()}, wanted)
                compared += 1
        self.assertGreater(compared, 25)


class Choice(Case):
    LOG = DMESG + PYTHON + record(uid=0, pid=8, code="0x5000d", comm='"sh"', exe='"/bin/dash"')

    def pids(self, *options):
        return [json.loads(line)["pid"] for line in explain("--json", *options, log=self.LOG).stdout.splitlines()]

    def test_options(self):
        for options, pids in ((["--call", "bind"], [6664]), (["--call", "59"], [13490, 8]),
                              (["--call", "bind,execve"], [6664, 13490, 8]), (["--action", "kill_thread"], [6664]),
                              (["--action", "EACCES", "--action", "log"], [13490, 8]), (["--pid", "8"], [8]),
                              (["--user", "1000"], [6664, 13490]), (["--user", "vagrant"], [13490]),
                              (["--user", pwd.getpwuid(0).pw_name], [8]), (["--program", "nc"], [6664]),
                              (["--program", "nc.traditional"], [6664]), (["--program", "/bin/dash"], [8]),
                              (["--call", "execve", "--user", "0"], [8]), (["--call", "listen"], [])):
            self.assertEqual(self.pids(*options), pids, options)
        self.gives(explain("--call", "listen", log=self.LOG), 1, "no record of seccomp that was asked for")

    def test_summary(self):
        result = explain("--summary", log=self.LOG + DEATH + "hello\n")
        self.gives(result, 0, "3 records from 2020-06-15T15:34:24.942Z to 2020-06-17T09:04:39.841Z\n",
                   "0 damaged lines, 1 death that repeats a record, 1 line of another kind\n",
                   "Calls\n         2  execve\n         1  bind\n", "         2  1000\n         1  0\n",
                   "         1  EACCES\n         1  kill_thread\n         1  log\n")
        said = json.loads(explain("--summary", "--json", log=self.LOG).stdout)
        self.assertEqual((said["records"], said["calls"][0]), (3, {"count": 2, "value": "execve"}))
        self.gives(explain("--summary", log="hello\n"), 1, "0 records\n")

    def test_unique(self):
        result = explain("--unique", log=DMESG + AUSEARCH * 2 + PYTHON)
        self.gives(result, 0)
        self.assertEqual(result.stdout.splitlines()[0], "         3  2020-06-15 15:34:24 to 2020-06-15 15:38:32  nc bind() -> "
                         "killed (SIGSYS), uid 1000, /usr/bin/nc.traditional, x86_64")
        said = json.loads(explain("--unique", "--json", log=DMESG + AUSEARCH).stdout)
        self.assertEqual((said["count"], said["first"]), (2, "2020-06-15T15:34:24.942Z"))

    def test_many(self):
        """Counts of 20,000 records over many programs are those that are there."""
        random.seed(3)
        lines, wanted = [], {}
        for _ in range(20_000):
            name = f"/opt/{random.randrange(3000)}"
            wanted[name] = wanted.get(name, 0) + 1
            lines.append(record(exe=f'"{name}"'))
        said = json.loads(explain("--summary", "--json", log="".join(lines)).stdout)
        self.assertEqual({one["value"]: one["count"] for one in said["programs"]}, wanted)

    def test_usage(self):
        self.gives(explain("--call", "bnd", log=""), 2, 'did you mean "bind"')
        self.gives(explain("--action", "kil", log=""), 2, 'did you mean "kill"?')
        self.gives(explain("--pid", "me", log=""), 2, '"me" is no number')
        self.gives(explain("--user", "", log=""), 2, "a value is empty")
        self.gives(explain("--json", "--ecs", log=""), 2, "not two")
        self.gives(explain("--summary", "--unique", log=""), 2, "one of them")
        self.gives(explain("--summary", "--ecs", log=""), 2, "leave one out")


class Kernel(Case):
    """What the kernel says of a call that it denied, explained."""

    NETLINK_AUDIT, GROUP, SECCOMP = 9, 1, 1326

    @as_root
    @on_x86_64
    def test_live(self):
        listener = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, self.NETLINK_AUDIT)
        self.addCleanup(listener.close)
        try:
            listener.bind((0, self.GROUP))
        except PermissionError:
            self.skipTest("needs CAP_AUDIT_READ and the initial user namespace")
        listener.settimeout(10)
        program = shutil.copy("/bin/true", self.path("my tool"))
        done = subprocess.run([ABJURE, "run", "--kill", "exit_group", "--", program], capture_output=True, check=False)
        self.assertEqual(done.returncode, 128 + signal.SIGSYS, done.stderr)
        while True:
            message = listener.recv(16384)
            kind = struct.unpack_from("=IH", message)[1]
            payload = message[16:].decode()
            if kind == self.SECCOMP and "6D7920746F6F6C" in payload:
                break
        said = json.loads(explain("--json", log=payload + "\n").stdout)
        self.assertEqual([said[key] for key in ("call", "abi", "action", "signal", "uid", "name", "exe")],
                         ["exit_group", "x86_64", "kill", "SIGSYS", 0, "my tool", program])


if __name__ == "__main__":
    main()
