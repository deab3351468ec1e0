# SPDX-License-Identifier: MIT
"""abjure run."""
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

import audit
from support import ABJURE, STATIC, TARGET, Case, abjure, as_root, call, main, on_x86_64


def run(*words, **more):
    return abjure("run", *words, **more)


class Status(Case):
    def test_of_the_program(self):
        self.gives(run("--deny", "bind", "--", TARGET, "exit", "0"), 0)
        self.gives(run("--deny", "bind", "--", TARGET, "exit", "3"), 3)
        self.gives(run("--deny", "bind", "--", TARGET, "signal", "9"), 137)
        self.gives(run("--kill", "bind", "--", TARGET, "signal", "15"), 143)

    def test_not_found(self):
        self.gives(run("--deny", "bind", "no-such-program"), 127, "no-such-program", "PATH")
        self.gives(run("--deny", "bind", self.path("missing")), 127, "No such file")

    def test_not_executable(self):
        self.gives(run("--deny", "bind", self.write("plain", "text")), 126, "plain")
        self.gives(run("--deny", "bind", self.folder), 126)
        self.gives(run("--deny", "bind", self.write("bare", "echo hello\n", True)), 126, "#!")
        self.gives(run("--deny", "bind", self.write("lost", "#!/no/such/interpreter\n", True)), 127, "interpreter")

    def test_usage(self):
        self.gives(run(), 2, "no program given")
        self.gives(run("true"), 2, "no rules given")
        self.gives(run("--deny"), 2, "--deny needs a value")
        self.gives(run("--dney", "bind", "true"), 2, 'did you mean "--deny"')
        self.gives(run("--deny", "execev", "true"), 2, '"execve"')
        self.gives(run("--deny", "@lisen", "true"), 2, '@listen')
        self.gives(run("--deny", "EACESS:bind", "true"), 2, "EACCES")
        self.gives(run("--deny", "", "true"), 2, "--deny")
        self.gives(run("--set", "log", "true"), 2, "OPTION=VALUE")
        self.gives(run("--set", "lgo=on", "true"), 2, '"log"')
        self.gives(run("--policy", self.path("missing"), "true"), 2, "missing", "No such file")
        self.gives(run("--verbose=1", "true"), 2, "takes no value")
        self.gives(run("--deny", "bind", "--deny", "bind(fd == 3)", "--set", "abi=x86_65", "true"), 2, "x86_64")

    def test_nothing_runs_after_an_error(self):
        for words in (["--deny", "execev"], ["--policy", self.write("bad", "deny bind\nfrobnicate\n")]):
            marker = self.path("marker")
            self.gives(run(*words, "--", "touch", marker), 2)
            self.assertFalse(os.path.exists(marker))

    def test_options_end_at_the_first_word(self):
        self.gives(run("--deny", "bind", "echo", "--deny", "-x", "--"), 0, "--deny -x --")
        self.gives(run("--deny", "bind", "--", "echo", "--", "--help"), 0, "-- --help")

    def test_passes_everything_on(self):
        result = run("--deny", "bind", "--", "sh", "-c", 'cat; echo "$ABJURE_WORD" >&2', input="through\n",
                     env=dict(os.environ, ABJURE_WORD="kept"))
        self.gives(result, 0)
        self.assertEqual((result.stdout, result.stderr), ("through\n", "kept\n"))


class Rules(Case):
    def bind(self, *rules, **more):
        return run(*rules, "--", TARGET, "bind", **more)

    def test_actions(self):
        self.gives(self.bind("--deny", "listen"), 0, "bind: ok")
        self.gives(self.bind("--deny", "bind"), 1, "Operation not permitted")
        self.gives(self.bind("--deny", "EACCES:bind"), 1, "Permission denied")
        self.gives(self.bind("--deny", "98:bind"), 1, "errno 98")
        self.gives(self.bind("--log", "bind"), 0, "bind: ok")
        self.gives(self.bind("--trap", "bind"), 159, 'rule "trap bind"')
        self.gives(self.bind("--deny", "@listen"), 1, "Operation not permitted")

    def test_first_match_wins(self):
        self.gives(self.bind("--allow", "bind(addrlen == 16)", "--kill", "bind"), 0, "bind: ok")
        self.gives(self.bind("--allow", "bind(addrlen == 17)", "--deny", "bind"), 1)
        self.gives(self.bind("--deny", "EACCES:bind(addrlen == 16)", "--kill", "bind"), 1, "Permission denied")

    def test_allow_only(self):
        everything = "read,write,close,mmap,munmap,mprotect,brk,newfstatat,fstat,openat,pread64,arch_prctl,set_tid_address," \
            "set_robust_list,rseq,prlimit64,getrandom,futex,access,socket,execve,readlink,faccessat,exit,exit_group"
        self.gives(self.bind("--allow-only", everything), 1, "Operation not permitted")
        self.gives(self.bind("--allow-only", everything + ",bind"), 0, "bind: ok")

    def test_complain(self):
        self.gives(self.bind("--deny", "bind", "--complain"), 0, "bind: ok")
        self.gives(self.bind("--complain", "--kill", "bind"), 0, "bind: ok")

    def test_policy(self):
        policy = self.write("web.policy", "# no servers\n\nallow listen\n  kill bind\n")
        self.gives(self.bind("--policy", policy), 159, f'rule "kill bind" ({policy}:4:8)')
        self.gives(self.bind("-p", "-", input="deny bind\n"), 1)
        self.gives(self.bind("--allow", "bind", "--policy", policy), 2)  # the policy's rule could never match
        oci = self.write("web.json", '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["bind"], '
                         '"action": "SCMP_ACT_ERRNO", "errnoRet": 13}]}')
        self.gives(self.bind("--policy", oci), 1, "Permission denied")

    def test_bad_policies(self):
        self.gives(self.bind("--policy", self.write("a", "deny bind\ndeny execev\n")), 2, ":2:6: ", '"execve"')
        self.gives(self.bind("--policy", self.write("b", '{"defaultAction": ')), 2, "/b:1")
        self.gives(self.bind("--policy", self.write("c", "deny bind\0\n")), 2, "NUL")
        self.gives(self.bind("--policy", "/dev/zero"), 2, "NUL")
        self.gives(self.bind("--policy", self.folder), 2, "directory")


class Killed(Case):
    def test_names_the_call(self):
        result = run("--kill", "bind", "--", TARGET, "bind")
        self.gives(result, 159)
        self.assertRegex(result.stderr, r'^abjure: cli_target\[\d+\] was killed: bind\(fd=3, umyaddr=0x[0-9a-f]+, '
                         r'addrlen=16\) - rule "kill bind"\n$')

    def test_in_a_thread(self):
        result = run("--kill", "bind", "--", TARGET, "thread")
        self.gives(result, 159, "was killed: bind(fd=3", 'rule "kill bind"')
        result = run("--set", "unknown=ENOSYS", "--policy", "-", "--", TARGET, "thread", input="kill_thread bind\n",
                     timeout=10)
        self.gives(result, 0, "thread ", "was killed: bind(fd=3")

    def test_by_default(self):
        policy = self.write("p", "default kill\nallow execve\n")
        self.gives(run("--policy", policy, "--", TARGET, "bind"), 159, "was killed: ", "the default action")

    @on_x86_64
    def test_foreign(self):
        self.gives(run("--deny", "bind", "--", TARGET, "foreign"), 159, "--set abi=x86")
        self.gives(run("--kill", "bind", "--", TARGET, "foreign"), 159, "was killed: getpid()", "--set abi=x86")
        self.gives(run("--deny", "bind", "--set", "abi=x86_64", "--set", "abi=x86", "--", TARGET, "foreign"), 0)

    @as_root
    def test_grandchild(self):
        """From the audit records, which this process can read as root in the initial PID namespace."""
        why_not = audit.why_not()
        if why_not:
            self.skipTest(why_not)
        self.gives(run("--kill", "bind", "--", TARGET, "child"), 159, "was killed: bind - ", 'rule "kill bind"', "audit")

    @as_root
    def test_grandchild_without_records(self):
        """In a PID namespace records have other process ids, and without the capability there are none: it says so."""
        for wrapper, part in ((("unshare", "--pid", "--fork", "--mount-proc"), "this is a PID namespace"),
                              (("setpriv", "--bounding-set=-audit_read", "--inh-caps=-audit_read"), "need CAP_AUDIT_READ")):
            result = call(*wrapper, ABJURE, "run", "--kill", "bind", "--", "sh", "-c", f"{TARGET} bind; exit $?")
            self.gives(result, 159, "ended with 159, as a shell does", part)
            self.assertNotIn("was killed: ", result.stderr)

    def test_others_are_not_named(self):
        """Records of processes that have nothing to do with the program."""
        for status in (0, 7):
            process = subprocess.Popen([ABJURE, "run", "--kill", "bind", "--", "sh", "-c", f"echo here; read line; exit {status}"],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            self.assertEqual(process.stdout.readline(), "here\n")
            self.gives(run("--kill", "bind", "--", TARGET, "bind"), 159)
            self.assertEqual(process.communicate("\n", timeout=30), ("", ""))
            self.assertEqual(process.returncode, status)

    def test_crash(self):
        """Of a program that does not expect a call to fail: which call that was, another verb tells."""
        self.gives(run("--deny", "bind", "--", TARGET, "signal", str(int(signal.SIGSEGV))), 139,
                   "cli_target[", "crashed (signal 11, ", "abjure why")
        self.assertEqual(run("--deny", "bind", "--", TARGET, "signal", str(int(signal.SIGKILL))).stderr, "")

    def test_own_signal(self):
        """A program that sends itself SIGSYS was not killed by a rule."""
        result = run("--kill", "acct", "--", TARGET, "signal", str(int(signal.SIGSYS)))
        self.gives(result, 159)
        self.assertNotIn("rule", result.stderr.replace("SIGSYS", ""))


class Talk(Case):
    """The example of the talk, with nc, and with strace between."""

    def test_nc(self):
        self.assertIsNotNone(shutil.which("nc"), "nc is missing: install netcat")
        result = run("--kill", "bind", "--", "nc", "-v", "-l", "-p", "8000")
        self.gives(result, 159)
        self.assertRegex(result.stderr, r'abjure: nc\[\d+\] was killed: bind\(fd=3, .*addrlen=16\) - rule "kill bind"')

    def test_strace(self):
        self.assertIsNotNone(shutil.which("strace"), "strace is missing: install strace")
        result = run("--kill", "bind", "--", "strace", "nc", "-v", "-l", "-p", "8000")
        self.gives(result, 159, "bind(3, {sa_family=AF_INET", "+++ killed by SIGSYS")

    def test_strace_outside(self):
        result = call("strace", "-f", "-e", "trace=bind", ABJURE, "run", "--deny", "bind", "--", TARGET, "bind")
        self.gives(result, 1, "EPERM")


class Exec(Case):
    """The program starts, and starts nothing."""

    def nothing_more(self, *words, **more):
        marker = self.path("marker")
        result = run("--deny", "@exec", "--", *words, marker, **more)
        self.assertFalse(os.path.exists(marker), result.stdout)
        return result

    def test_dynamic_and_static(self):
        for program in (TARGET, STATIC):
            self.gives(run("--deny", "@exec", "--", program, "exec"), 1, "exec: errno 1")
            self.gives(run("--deny", "listen", "--", program, "exec"), 0)

    def test_found_in_path(self):
        self.gives(run("--deny", "@exec", "--", "echo", "here"), 0, "here")

    def test_scripts(self):
        text = 'echo started\n/usr/bin/touch "$1"\n'
        for first in ("#!/bin/sh\n", "#!/usr/bin/env sh\n", "#! /bin/sh -e\n"):
            script = self.write("script", first + text, True)
            result = self.nothing_more(script)
            self.assertIn("started", result.stdout)
            self.assertIn("not permitted", result.stderr.lower())
            self.assertNotEqual(result.returncode, 0)

    def test_wrapper(self):
        """What only launches another program is of no use, and that is said."""
        hint = "ended with 126, as a wrapper does that cannot start its program, and this filter denies that"
        for text in (f"#!/bin/sh\nexec {TARGET} bind\n", f"#!/usr/bin/env -S A=b {TARGET} bind\n"):
            script = self.write("script", text, True)
            self.gives(run("--deny", "@exec", "--", script), 126, f"abjure: {script} {hint}")
        script = self.write("script", "#!/bin/sh\nexit 126\n", True)
        result = run("--deny", "bind", "--", script)
        self.gives(result, 126)
        self.assertEqual(result.stderr, "")

    def test_no_interpreter(self):
        """The program is named once."""
        script = self.write("script", "echo\n", True)
        self.gives(run("--deny", "@exec", "--", script), 126, f"abjure: {script}: neither a program nor a script")

    def test_python(self):
        program = "import subprocess, sys, threading\nthreading.Thread(target=print, args=['threads']).start()\n" \
            "try:\n subprocess.run(['/usr/bin/touch', sys.argv[1]])\nexcept PermissionError: print('refused')\n"
        self.gives(self.nothing_more(sys.executable, "-c", program), 0, "threads", "refused")

    def test_everything(self):
        rules = "@exec,@spawn,@listen,@network,@debug,@signal,@mount,@namespace,@kernel"
        self.gives(run("--deny", rules, "--", sys.executable, "-c", "print('alive')"), 0, "alive")

    def test_nested(self):
        self.gives(run("--deny", "listen", "--", ABJURE, "run", "--deny", "@exec", "--", TARGET, "exec"), 1, "exec: errno 1")
        self.gives(run("--deny", "@debug", "--", ABJURE, "run", "--deny", "bind", "--", TARGET, "bind"), 1)
        self.gives(run("--deny", "@spawn", "--", ABJURE, "run", "--deny", "@exec", "--", TARGET, "exec"), 1, "exec: errno 1")
        result = run("--deny", "@exec", "--", ABJURE, "run", "--deny", "bind", "--", TARGET, "bind")
        self.gives(result, 126, "outer filter")

    def test_nested_without_ptrace(self):
        """Where tracing is denied, the signal is what can be said."""
        result = run("--deny", "@debug", "--", ABJURE, "run", "--kill", "bind", "--", TARGET, "bind")
        self.gives(result, 159, "was killed")

    @as_root
    def test_unprivileged(self):
        more = self.unprivileged()
        command, target = self.path(os.path.basename(ABJURE)), self.path(os.path.basename(TARGET))
        self.gives(call(command, "run", "--deny", "@exec", "--", target, "exec", **more), 1, "exec: errno 1")
        self.gives(call(command, "run", "--kill", "bind", "--", target, "bind", **more), 159, "was killed: bind(fd=3")
        os.mkdir(self.path("locked"), 0o700)
        more["env"]["PATH"] = self.path("locked") + ":/bin"
        self.gives(call(command, "run", "--deny", "bind", "no-such-program", **more), 127, "PATH")
        self.gives(call(command, "run", "--deny", "bind", "true", **more), 0)


class Signals(Case):
    def start(self, *words, before=lambda: None):
        """In a process group of its own; the first line that the program writes has been read."""
        def prepare():
            os.setpgrp()
            before()
        process = subprocess.Popen([ABJURE, "run", *words], stdout=subprocess.PIPE, text=True, preexec_fn=prepare)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(self.end, process.pid)
        process.first = process.stdout.readline()
        self.assertTrue(process.first)
        return process

    def end(self, group):
        """A program outlives its `abjure run`."""
        try:
            os.killpg(group, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def test_forwarded(self):
        for rule in ("--deny", "--kill"):
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1):
                with self.subTest(rule=rule, number=number):
                    process = self.start(rule, "bind", "--", TARGET, "pause")
                    process.send_signal(number)
                    self.assertEqual(process.wait(10), 128 + number)

    def test_ignored_stays_ignored(self):
        process = self.start("--deny", "bind", "--", TARGET, "pause",
                             before=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        process.send_signal(signal.SIGHUP)
        time.sleep(0.2)
        self.assertIsNone(process.poll())
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(10), 143)

    def test_job_control(self):
        """Stops as a job does, goes on as a job does, nested too."""
        for words in (["--deny", "bind", "--"], ["--kill", "bind", "--"],
                      ["--kill", "bind", "--", ABJURE, "run", "--kill", "listen", "--"]):
            with self.subTest(words):
                process = self.start(*words, TARGET, "tick")
                os.killpg(process.pid, signal.SIGTSTP)
                deadline = time.time() + 10
                while os.waitpid(process.pid, os.WUNTRACED | os.WNOHANG)[0] == 0 and time.time() < deadline:
                    time.sleep(0.01)
                with open(f"/proc/{process.pid}/stat", encoding="utf-8") as file:
                    self.assertEqual(file.read().rsplit(")", 1)[1].split()[0], "T")
                os.killpg(process.pid, signal.SIGCONT)
                time.sleep(0.1)
                got = []
                reader = threading.Thread(target=lambda: [got.append(process.stdout.readline()) for _ in range(5)])
                reader.start()
                reader.join(10)
                self.assertEqual(got, ["tick\n"] * 5)
                process.terminate()
                self.assertEqual(process.wait(10), 143)

    def test_killed_parent(self):
        """The program goes on, under its filter."""
        process = self.start("--deny", "bind", "--", "sh", "-c", 'echo $$; exec "$0" pause', TARGET)
        pid = int(process.first)
        process.kill()
        self.assertEqual(process.wait(10), -9)
        with open(f"/proc/{pid}/status", encoding="utf-8") as file:
            self.assertIn("Seccomp:\t2\n", file.read())


if __name__ == "__main__":
    main()
