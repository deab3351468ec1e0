# SPDX-License-Identifier: MIT
"""abjure watch."""
import json
import os
import re
import shutil
import signal
import subprocess
import time
import unittest

import audit
from support import ABJURE, VIOLATOR, Case, abjure, as_root, flat, main
from watcher import CALLS, WatchCase, Watcher, call_number, record

MANY = 200_000
WHY_NOT = audit.why_not()
with_audit = unittest.skipIf(WHY_NOT, WHY_NOT)
# Of the talk's document, what is of a process that called and of a machine that knows itself.
TALK = {"@timestamp", "service.type", "event.module", "event.action", "event.category", "event.outcome", "ecs.version",
        "host.hostname", "host.name", "host.architecture", "host.containerized", "host.ip", "host.mac", "host.os.family",
        "host.os.name", "host.os.kernel", "host.os.platform", "host.os.version", "agent.type", "agent.version",
        "user.audit.id", "user.group.id", "user.group.name", "user.id", "user.name", "process.pid", "process.name",
        "process.executable", "auditd.summary.actor.primary", "auditd.summary.actor.secondary",
        "auditd.summary.object.primary", "auditd.summary.object.type", "auditd.summary.how", "auditd.message_type",
        "auditd.sequence", "auditd.result", "auditd.session", "auditd.data.code", "auditd.data.sig",
        "auditd.data.compat", "auditd.data.arch", "auditd.data.ip", "auditd.data.syscall"}


@as_root
@with_audit
class EveryRecord(WatchCase):
    """200,000 violations as fast as the kernel lets a program make them: all are there, in their order."""

    def tell_rates(self, what, made, seconds, took, counts):
        print(f"\n{what}: {made} calls in {seconds:.2f} s, {made / seconds:,.0f} a second; all shown after {took:.2f} s, "
              f"{made / took:,.0f} a second; at most {counts['waited']:,} waited, and {counts['kernel']:,} KiB in the kernel; {counts['lost']} lost", flush=True)

    def check(self, path, pid, count, key=lambda one: (one["seccomp"]["call"], one["event"]["sequence"],
                                                       one["process"]["pid"])):
        last = number = 0
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                name, serial, of = key(json.loads(line))
                self.assertEqual((name, of), (CALLS[call_number(number - 1)], pid), number)
                self.assertGreater(serial, last, number)
                last = serial
        self.assertEqual(number, count)

    def flood(self, what, *options, count=MANY):
        watcher = self.watch("--ecs", "--count", str(count), *options)
        start = time.monotonic()
        pid, seconds = self.violate(count)
        watcher.end(how=None)
        self.tell_rates(what, count, seconds, time.monotonic() - start, watcher.counts())
        self.assertEqual(watcher.counts()["lost"], 0, watcher.messages())
        self.assertEqual(watcher.counts()["shown"], count)
        self.check(watcher.out, pid, count)
        return watcher

    def read_by_jq(self, path, count):
        self.assertIsNotNone(shutil.which("jq"), "jq is missing: install jq")
        with open(path, "rb") as file:
            read = subprocess.run(["jq", "-r", ".event.action"], stdin=file, capture_output=True, text=True,
                                  check=True).stdout.split("\n")
        self.assertEqual(read, ["violated-seccomp-policy"] * count + [""])

    def fields(self, path):
        with open(path, encoding="utf-8") as file:
            for line in file:
                missing = TALK - flat(json.loads(line)).keys()
                # A process that never logged in has no such name.
                self.assertFalse(missing, line)

    def test_audit_off(self):
        with audit.changed(enabled=0):
            watcher = self.flood("audit off")
        self.read_by_jq(watcher.out, MANY)
        self.fields(watcher.out)

    def test_audit_on(self):
        with audit.changed(enabled=1):
            self.flood("audit on")

    def test_auditd(self):
        with audit.auditd(self.path("auditd")):
            self.flood("auditd")

    def test_log_of_auditd(self):
        """Its file, which auditd rotates meanwhile."""
        with audit.auditd(self.path("auditd"), max_log_file=4) as log:
            self.flood("auditd's file", "--file", log, count=50_000)
            self.assertGreater(len(os.listdir(os.path.dirname(log))), 2)

    def test_slow_output(self):
        """Whoever reads the output sleeps: nothing is lost meanwhile."""
        with audit.changed():
            self.slow_output()

    def slow_output(self):
        reader = subprocess.Popen(["sh", "-c", f"sleep 4; exec cat >{self.path('late')}"], stdin=subprocess.PIPE)
        watcher = self.watch("--json", "--count", "50000", stdout=reader.stdin)
        reader.stdin.close()
        pid, _ = self.violate(50_000)
        watcher.end(how=None)
        reader.wait(60)
        self.assertEqual(watcher.counts()["lost"], 0)
        self.assertGreater(watcher.counts()["waited"], 30_000)
        self.check(self.path("late"), pid, 50_000, lambda one: (one["call"], one["serial"], one["pid"]))


@as_root
@with_audit
class Losses(WatchCase):
    NO_ADMIN = ("setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin")

    def test_small_buffer(self):
        """A reader that stands still loses records, and says how many."""
        with open("/proc/sys/net/core/rmem_max", encoding="ascii") as file:
            room = 2 * int(file.read())
        count = room // 500  # a record takes more
        watcher = self.watch("--ecs", wrapper=self.NO_ADMIN)
        os.kill(watcher.process.pid, signal.SIGSTOP)
        self.violate(count)
        os.kill(watcher.process.pid, signal.SIGCONT)
        watcher.said("the receive buffer was full")
        documents = [json.loads(line) for line in watcher.end().splitlines()]
        counts = watcher.counts()
        shown = [one for one in documents if one["event"]["action"] == "violated-seccomp-policy"]
        lost = [one for one in documents if one["event"]["action"] == "lost-audit-records"]
        self.assertGreater(counts["lost"], 0)
        self.assertEqual(sum(one["seccomp"]["lost"] for one in lost), counts["lost"])
        self.assertEqual({one["event"]["kind"] for one in lost}, {"pipeline_error"})
        self.assertEqual(len(shown), counts["shown"])
        # What others made is among the lost.
        self.assertGreaterEqual(counts["lost"] + len(shown), count)
        self.assertLess(len(shown), count)

    def test_small_buffer_is_told(self):
        with open("/proc/sys/net/core/rmem_max", encoding="ascii") as file:
            small = 2 * int(file.read()) < 4 << 20
        watcher = self.watch(wrapper=self.NO_ADMIN)
        watcher.end()
        self.assertEqual("the receive buffer is small" in watcher.messages(), small)

    def test_kernel_log(self):
        """It has what printk's rate lets through; the rest is counted."""
        with audit.changed(enabled=0):
            if audit.state()["pid"]:
                self.skipTest("an auditd takes the records, so the kernel's log has none")
            watcher = self.watch("--source", "kernel")
            self.violate(5000)
            # The kernel tells what it left out with the first record after kernel.printk_ratelimit, 5 seconds.
            told, until = 0, time.monotonic() + 40
            while told < 4000 and time.monotonic() < until:
                time.sleep(1)
                self.violate(1)
                told = sum(int(n) for n in re.findall(r"lost: (\d+) records that the kernel left out of its log",
                                                      watcher.messages()))
            watcher.end()
        self.assertIn("records go to the kernel's log only", watcher.messages())
        self.assertGreater(watcher.counts()["lost"], 4000)

    def test_forged_kernel_log(self):
        """Who may write to the kernel's log can forge lines, but not as the kernel."""
        watcher = self.watch("--source", "kernel")
        with open("/dev/kmsg", "w", encoding="ascii") as file:
            file.write(f"audit: {record(comm=chr(34) + self.name + chr(34)).replace('SECCOMP msg=', '1326 ')}")
        time.sleep(1)
        watcher.end()
        self.assertEqual(watcher.counts()["shown"], 0)


@as_root
@with_audit
class Live(WatchCase):
    def test_text(self):
        watcher = self.watch("--no-symbols")
        pid, _ = self.violate(2)
        watcher.shows(CALLS[call_number(1)] + "() -> denied, ")
        lines = watcher.end().splitlines()
        self.assertRegex(lines[0], r"^\d{4}-\d\d-\d\d UTC$")
        self.assertRegex(lines[1], rf"^\d\d:\d\d:\d\d {self.name}\[{pid}\] {CALLS[call_number(0)]}\(\) -> denied, "
                         rf"uid 0, {re.escape(self.violator)}, x86_64, ip 0x[0-9a-f]+$")
        self.assertEqual(len(lines), 3)
        self.assertEqual(watcher.counts()["shown"], 2)

    def test_symbols(self):
        """Of a process that is still there. On a busy machine the answer may come too late for one record."""
        watcher = self.watch("--json")
        for _ in range(30):
            with subprocess.Popen([self.violator, "1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
                watcher.shows(f'"pid":{child.pid},')
                child.communicate()
            said = json.loads(watcher.output().splitlines()[-1])
            if "at" in said:
                break
        self.assertRegex(said["at"], r"^libc syscall\+0x[0-9a-f]+$")
        watcher.end()

    def test_origin(self):
        """The unit and the container of a process, which its cgroup names."""
        container = "0123456789abcdef" * 4
        root = self.path("cgroup")
        os.mkdir(root)
        if subprocess.run(["mount", "-t", "cgroup2", "none", root], check=False, stderr=subprocess.DEVNULL).returncode:
            self.skipTest("cgroups cannot be mounted here")
        self.addCleanup(subprocess.run, ["umount", root], check=True)
        folder = os.path.join(root, f"abjure-{self.name}.slice", f"docker-{container}.scope")
        os.makedirs(folder)
        self.addCleanup(os.rmdir, os.path.dirname(folder))
        self.addCleanup(os.rmdir, folder)
        watchers = self.watch("--json"), self.watch("--ecs")
        for _ in range(30):
            with subprocess.Popen(["sh", "-c", f"echo $$ >{folder}/cgroup.procs; exec {self.violator} 1"],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
                for watcher in watchers:
                    watcher.shows(f'"pid":{child.pid}')
                child.communicate()
            said, ecs = (json.loads(watcher.output().splitlines()[-1]) for watcher in watchers)
            if "container" in said and "container" in ecs:
                break
        self.assertEqual((said["unit"], said["container"]), (f"docker-{container}.scope", container))
        self.assertEqual((ecs["systemd"]["unit"], ecs["container"]["id"]), (said["unit"], container))
        for watcher in watchers:
            watcher.end()

    def test_kill(self):
        """A kill is told once, though the kernel logs the call and the death."""
        shutil.copy("/bin/true", self.path("dying"))
        watcher = Watcher(self, "--program", self.path("dying"), "--json")
        done = abjure("run", "--kill", "exit_group", "--", self.path("dying"))
        self.assertEqual(done.returncode, 128 + signal.SIGSYS)
        watcher.shows("dying")
        audit.settle()
        said = [json.loads(line) for line in watcher.end().splitlines()]
        self.assertEqual([(one["call"], one["action"], one["signal"]) for one in said], [("exit_group", "kill", "SIGSYS")])
        self.assertRegex(said[0]["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")

    def test_filters(self):
        pid = None
        for options, expected in ((["--call", "getuid"], lambda call: call == "getuid"),
                                  (["--action", "deny"], lambda call: True), (["--action", "kill"], lambda call: False),
                                  (["--user", "root"], lambda call: True), (["--user", "1234"], lambda call: False),
                                  (["--pid", "1"], lambda call: False)):
            watcher = self.watch("--json", *options)
            pid, _ = self.violate(16)
            audit.settle()
            said = [json.loads(line) for line in watcher.end().splitlines()]
            wanted = [CALLS[call_number(i)] for i in range(16) if expected(CALLS[call_number(i)])]
            self.assertEqual([one["call"] for one in said], wanted, options)
            self.assertTrue(all(one["pid"] == pid for one in said))

    def test_unique(self):
        watcher = self.watch("--unique")
        self.violate(1000)
        watcher.shows(CALLS[7])
        audit.settle()
        lines = watcher.end().splitlines()
        self.assertEqual(len(lines), 1 + 8 + 8)
        counts = {re.search(r"(\w+)\(\)", line).group(1): int(line.split()[0]) for line in lines[9:]}
        numbers = [call_number(i) for i in range(1000)]
        self.assertEqual(counts, {name: numbers.count(i) for i, name in enumerate(CALLS)})
        watcher = self.watch("--unique", "--json")
        self.violate(1000)
        audit.settle()
        said = [json.loads(line) for line in watcher.end().splitlines()]
        self.assertEqual(sorted(one["count"] for one in said), sorted(counts.values()))

    def test_rate(self):
        watcher = self.watch("--rate", "5")
        self.violate(1000)
        watcher.said("suppressed: ", within=10)
        shown = len(watcher.end().splitlines()) - 1
        counts = watcher.counts()
        self.assertLessEqual(shown, 15)
        self.assertEqual((counts["shown"], counts["suppressed"]), (shown, 1000 - shown))
        self.assertEqual(sum(int(n) for n in re.findall(r"suppressed: (\d+)", watcher.messages())), 1000 - shown)

    def test_hostile_name(self):
        evil = shutil.copy(VIOLATOR, self.path("\x1b[31m evil\n\""))
        watcher = Watcher(self, "--program", evil)
        subprocess.run([evil, "1"], stdin=subprocess.DEVNULL, capture_output=True, check=True)
        watcher.shows("\\x1b[31m evil\\x0a\"")
        self.assertTrue(all(byte == 10 or 32 <= byte < 127 for byte in watcher.end().encode()))

    def test_its_own_processes_are_filtered(self):
        """It reads what is not trusted without privileges and under a filter, and its helpers end with it."""
        watcher = self.watch()
        time.sleep(0.5)
        with open(f"/proc/{watcher.process.pid}/task/{watcher.process.pid}/children", encoding="ascii") as file:
            helpers = file.read().split()
        status = {}
        for pid in (str(watcher.process.pid), *helpers):
            with open(f"/proc/{pid}/status", encoding="ascii") as file:
                status[pid] = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
        own = status.pop(str(watcher.process.pid))
        self.assertEqual((own["Seccomp"], int(own["CapEff"], 16), int(own["CapPrm"], 16)), ("2", 0, 0))
        self.assertEqual(sorted(int(one["CapEff"], 16) for one in status.values()),
                         [0, 1 << 2 | 1 << 19, 1 << 30])  # DAC_READ_SEARCH and SYS_PTRACE; AUDIT_CONTROL
        self.assertEqual(sum(one["Seccomp"] == "2" for one in status.values()), 2)
        watcher.process.kill()
        watcher.process.wait()
        until = time.monotonic() + 10
        while any(os.path.exists(f"/proc/{pid}") for pid in helpers):
            self.assertLess(time.monotonic(), until, "helpers are left")
            time.sleep(0.05)


@with_audit
class Ends(WatchCase):
    def test_signals(self):
        for which in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            watcher = self.watch()
            self.violate(100)
            audit.settle()
            watcher.end(which)
            self.assertEqual(watcher.counts()["shown"], 100)

    def test_count_and_time(self):
        watcher = self.watch("--count", "3")
        self.violate(10)
        self.assertEqual(len(watcher.end(how=None).splitlines()), 4)
        start = time.monotonic()
        watcher = self.watch("--for", "1")
        watcher.end(how=None, status=1)
        self.assertLess(time.monotonic() - start, 20)

    def test_closed_pipe(self):
        """While it waits, and while it writes."""
        watcher = self.watch(stdout=subprocess.PIPE)
        watcher.process.stdout.close()
        self.assertEqual(watcher.process.wait(30), 0, watcher.messages())
        watcher.counts()
        watcher = self.watch("--ecs", stdout=subprocess.PIPE)
        with watcher.process.stdout as pipe:
            self.violate(3000)
            pipe.readline()
        self.assertEqual(watcher.process.wait(30), 0, watcher.messages())
        self.assertNotIn("cannot be written", watcher.messages())

    def test_closed_output(self):
        result = subprocess.run(["sh", "-c", f"exec {ABJURE} watch --for 1 >&-"], stderr=subprocess.PIPE, text=True,
                                stdin=subprocess.DEVNULL, check=False)
        self.assertEqual(result.returncode, 125, result.stderr)
        self.assertIn("standard output is closed", result.stderr)

    def test_full_disk(self):
        with open("/dev/full", "wb") as full:
            watcher = self.watch(stdout=full)
        self.violate(1)
        self.assertEqual(watcher.process.wait(30), 125)
        self.assertIn("cannot be written", watcher.messages())

    def test_output_that_nobody_takes(self):
        """A second signal ends it, where the first cannot."""
        watcher = self.watch("--json", stdout=subprocess.PIPE)
        self.violate(5000)
        audit.settle()
        watcher.process.send_signal(signal.SIGINT)
        time.sleep(0.5)
        self.assertIsNone(watcher.process.poll())
        watcher.process.send_signal(signal.SIGINT)
        self.assertEqual(watcher.process.wait(30), 125)
        watcher.process.stdout.close()
        self.assertIn("nobody takes the output", watcher.messages())


class Sources(Case):
    """Which is used, and what is said where the best is not."""

    def test_usage(self):
        self.gives(abjure("watch", "--source", "frob"), 2, "there are audit, log and kernel")
        self.gives(abjure("watch", "--source", "kernel", "--file", "x"), 2, "--file is for --source log")
        self.gives(abjure("watch", "--json", "--ecs"), 2, "not two")
        self.gives(abjure("watch", "--unique", "--ecs"), 2, "leave one out")
        self.gives(abjure("watch", "log"), 2, "--file names a log")
        self.gives(abjure("watch", "--call", "bnd"), 2, 'did you mean "bind"')
        for value in ("0", "-1", "x", "", "99999999999"):
            self.gives(abjure("watch", "--rate", value), 2, "is no number from 1 to")

    def test_files_that_cannot_be_followed(self):
        self.gives(abjure("watch", "--file", self.path("none")), 125, "there is no such file; auditd")
        self.gives(abjure("watch", "--file", self.folder), 125, "no file that can be followed")
        os.mkfifo(self.path("pipe"))
        self.gives(abjure("watch", "--file", self.path("pipe")), 125, "no file that can be followed")

    @as_root
    def test_unprivileged(self):
        """Nothing can be read: each reason is told, with a remedy."""
        self.write("audit.log", "")
        os.chmod(self.path("audit.log"), 0o600)
        more = self.unprivileged()
        tool = self.path(os.path.basename(os.path.realpath(ABJURE)))
        result = subprocess.run([tool, "watch", "--for", "1"], capture_output=True, text=True, check=False, **more)
        with open("/proc/sys/kernel/dmesg_restrict", encoding="ascii") as file:
            restricted = file.read().strip() == "1"
        self.assertIn("the kernel's audit socket cannot be watched: it needs CAP_AUDIT_READ", result.stderr)
        self.assertIn("the audit log cannot be watched: ", result.stderr)
        if restricted:
            self.gives(result, 125, "/dev/kmsg: it needs CAP_SYSLOG")
        result = subprocess.run([tool, "watch", "--file", self.path("audit.log"), "--for", "1"], capture_output=True,
                                text=True, check=False, **more)
        self.gives(result, 125, "it may not be read; run it as root, or in the group that the file has")

    @as_root
    @with_audit
    def test_without_audit_read(self):
        watcher = Watcher(self, wrapper=("setpriv", "--bounding-set=-audit_read", "--inh-caps=-audit_read"))
        watcher.end()
        self.assertIn("it needs CAP_AUDIT_READ: run it as root", watcher.messages())
        self.assertRegex(watcher.messages(), "watching (the audit log|the kernel's log)")

    @as_root
    @with_audit
    def test_without_audit_control(self):
        watcher = Watcher(self, wrapper=("setpriv", "--bounding-set=-audit_control", "--inh-caps=-audit_control"))
        watcher.end()
        self.assertIn("what the kernel itself loses is not known", watcher.messages())

    @as_root
    @with_audit
    def test_pid_namespace(self):
        """Process ids of records are not ours there, and are not looked up."""
        name = shutil.copy(VIOLATOR, self.path("inside"))
        watcher = Watcher(self, "--program", name, "--json", "--count", "1",
                          wrapper=("unshare", "--pid", "--fork", "--kill-child", "--mount-proc"))
        self.addCleanup(watcher.kill)
        self.assertIn("this is a PID namespace: the process ids of records are those of the host", watcher.messages())
        child = subprocess.Popen([name, "1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        said = json.loads(watcher.end(how=None))
        child.communicate()
        self.assertEqual(said["pid"], child.pid)
        self.assertNotIn("at", said)

    @as_root
    @with_audit
    def test_network_namespace(self):
        result = abjure_in(("unshare", "--net"), "watch", "--source", "audit", "--for", "1")
        self.gives(result, 125, "it reaches the first network namespace only")

    @as_root
    @with_audit
    def test_user_namespace(self):
        result = abjure_in(("unshare", "--user", "--map-root-user"), "watch", "--source", "audit", "--for", "1")
        if "unshare failed" in result.stderr:
            self.skipTest("this machine makes no user namespaces")
        self.gives(result, 125, "CAP_AUDIT_READ of the initial user namespace, and this is another")


def abjure_in(wrapper, *words):
    return subprocess.run([*wrapper, ABJURE, *words], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)


if __name__ == "__main__":
    main()
