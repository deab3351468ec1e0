# SPDX-License-Identifier: MIT
"""abjure check."""
import json

from support import Case, abjure, main, on_x86_64

POLICY = """# what a server needs no more
default allow
allow  ioctl(cmd == TIOCGWINSZ)
EACCES ioctl
deny   @exec, @spawn
kill   socket(family == AF_PACKET),
       bind
"""
OCI = """{
  "defaultAction": "SCMP_ACT_ERRNO",
  "syscalls": [
    {"names": ["read", "write"], "action": "SCMP_ACT_ALLOW"},
    {"names": ["socket"], "action": "SCMP_ACT_ALLOW",
     "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]}
  ]
}
"""


def check(*words, **more):
    return abjure("check", *words, **more)


class Verdicts(Case):
    def setUp(self):
        super().setUp()
        self.policy = self.write("p.policy", POLICY)

    def decides(self, call, action, reason, *more):
        """The two lines of one verdict, and the exit status."""
        result = check(self.policy, call, "--abi", "x86_64", *more)
        self.assertEqual(result.stderr, "")
        first, second = result.stdout.splitlines()
        self.assertTrue(first.endswith(f" on x86_64: {action}"), first)
        self.assertEqual(second, "    " + reason)
        self.assertEqual(result.returncode, 0 if action in ("allow", "log") else 1)

    def test_rule_with_file_line_and_column(self):
        at = self.policy
        self.decides("ioctl(cmd=TIOCGWINSZ)", "allow", f'rule "allow ioctl(cmd == TIOCGWINSZ)" ({at}:3:8)')
        self.decides("ioctl(0, TIOCSTI)", "EACCES", f'rule "EACCES ioctl" ({at}:4:8)')
        self.decides("execve", "EPERM", f'rule "deny @exec" ({at}:5:8)')
        self.decides("fork", "EPERM", f'rule "deny @spawn" ({at}:5:15)')
        self.decides("clone3", "ENOSYS", f'rule "deny @spawn" ({at}:5:15)')
        self.decides("socket(AF_PACKET, SOCK_RAW, 0)", "kill", f'rule "kill socket(family == AF_PACKET)" ({at}:6:8)')
        self.decides("bind", "kill", f'rule "kill bind" ({at}:7:8)')

    def test_a_policy_that_cannot_be_loaded(self):
        """It decides nothing, and this is said instead of a verdict."""
        self.gives(check("--allow", "bind", "--deny", "bind", "bind"), 2, 'rule "deny bind" can never decide')
        self.gives(check("--deny", "read(count > 0xffffffffffffffff)", "read"), 2, "no call fulfils its conditions")
        self.gives(check("--deny", "@signal", "kill"), 1, "EPERM")

    def test_byte_order_mark(self):
        self.gives(check(self.write("p.json", "\ufeff" + OCI), "read"), 0, "allow")
        self.gives(check(self.write("m.policy", "\ufeff" + POLICY), "bind"), 1, "kill")

    def test_no_rule(self):
        self.decides("socket(AF_INET, SOCK_STREAM, 0)", "allow", "the default action")
        self.decides("io_uring_setup", "ENOSYS",
                     "a guard: io_uring would carry calls past the filter; --allow CALL opens it")
        self.decides("100000", "ENOSYS", "the tables do not know this number; --set unknown=ACTION changes that")
        self.decides("0x40000001", "ENOSYS", "an x32 call; --set abi=x32 adds that ABI")
        self.decides("uretprobe", "allow", "always allowed: the kernel issues this call itself")

    def test_width_of_arguments(self):
        """The kernel looks at 32 bits of family; 2**32 + AF_PACKET is AF_PACKET."""
        self.decides("socket(0x100000011)", "kill", f'rule "kill socket(family == AF_PACKET)" ({self.policy}:6:8)')

    def test_spellings_of_a_call(self):
        for call in ("socket(17)", "socket(AF_PACKET)", "socket(family=AF_PACKET)", "socket( arg0 = 021 , 3)",
                     "41(family=0x11)", " socket ( protocol = 0, family = AF_PACKET ) "):
            with self.subTest(call):
                self.gives(check("--set", "abi=x86_64", "--deny", "socket(family == AF_PACKET)", call), 1,
                           "socket(family=17", "EPERM")
        self.gives(check("--deny", "openat(flags & O_ACCMODE != O_RDONLY)", "openat(flags=O_WRONLY|O_CREAT)"), 1)
        self.gives(check("--deny", "openat(flags & O_ACCMODE != O_RDONLY)", "openat(dfd=-100, flags=O_CREAT)"), 0)

    def test_several_calls_in_their_order(self):
        result = check(self.policy, "getpid", "execve", "listen")
        self.gives(result, 1)
        verdicts = [line.rsplit(": ", 1)[1] for line in result.stdout.splitlines()[::2]]
        self.assertEqual(verdicts, ["allow", "EPERM", "allow"])
        self.gives(check(self.policy, "getpid", "listen"), 0)

    def test_first_match(self):
        self.gives(check("--allow", "bind(fd == 3)", "--kill", "bind", "bind(3)"), 0, 'rule "allow bind(fd == 3)"')
        self.gives(check("--allow", "bind(fd == 3)", "--kill", "bind", "bind(4)"), 1, 'rule "kill bind"')
        self.gives(check("--allow", "bind(fd == 3)", "--policy", self.policy, "bind(3)"), 0)

    def test_actions(self):
        for option, action, status in (("--deny", "EPERM", 1), ("--log", "log", 0), ("--kill", "kill", 1),
                                       ("--trap", "trap", 1), ("--allow-only", "allow", 0)):
            with self.subTest(option):
                self.gives(check(option, "getppid", "getppid"), status, f": {action}\n")
        self.gives(check("--deny", "13:getppid", "getppid"), 1, ": EACCES\n")
        self.gives(check("--deny", "getppid", "--complain", "getppid"), 0, ": log\n")

    def test_allow_list(self):
        words = ["--allow-only", "getpid"]
        self.gives(check(*words, "getpid"), 0, 'rule "allow getpid"')
        self.gives(check(*words, "getppid"), 1, "EPERM", "the default action")
        self.gives(check(*words, "exit_group"), 0, "a program cannot return from a signal or end without it")

    def test_standard_input(self):
        self.gives(check("-", "bind", input="\nkill bind\n"), 1, 'rule "kill bind" (standard input:2:6)')

    def test_oci(self):
        path = self.write("p.json", OCI)
        self.gives(check(path, "read"), 0, path + ":4:")
        self.gives(check(path, "socket(AF_UNIX)"), 0, path + ":5:")
        self.gives(check(path, "socket(AF_INET)"), 1, "EPERM", "the default action")


class Abis(Case):
    def test_example(self):
        policy = self.write("p.policy", "deny socket(family == AF_INET)\n")
        self.gives(check(policy, "socket(AF_INET, SOCK_STREAM, 0)"), 1)
        result = check(policy, "socket(AF_INET, SOCK_STREAM, 0)", "--abi", "aarch64")
        self.gives(result, 1, "socket(family=2, type=1, protocol=0) on aarch64: EPERM", f"{policy}:1:6")

    def test_constants_of_the_abi(self):
        """O_DIRECT is 0x4000 on x86_64 and 0x10000 on aarch64."""
        for abi, value in (("x86_64", "0x4000"), ("aarch64", "0x10000")):
            with self.subTest(abi):
                words = ["--abi", abi, "--deny", "openat(flags & O_DIRECT != 0)"]
                self.gives(check(*words, f"openat(flags={value})"), 1)
                self.gives(check(*words, "openat(flags=O_DIRECT)"), 1)
                self.gives(check(*words, "openat(flags=0x8000)"), 0)

    def test_multiplexed(self):
        self.gives(check("--abi", "x86", "--deny", "bind", "socketcall(2)"), 1)
        self.gives(check("--abi", "x86", "--deny", "bind", "socketcall(4)"), 0)
        self.gives(check("--abi", "x86", "--deny", "accept", "accept"), 2, "ask about that", "socketcall")

    def test_foreign(self):
        self.gives(check("--set", "abi=aarch64", "--deny", "bind", "getpid", "--abi", "arm"), 1, ": kill",
                   "the filter is not for this ABI; --set abi=arm adds it")
        self.gives(check("--set", "abi=aarch64", "--set", "abi=arm", "--deny", "bind", "getpid", "--abi", "arm"), 0)
        policy = self.write("p.policy", "abi riscv64\nset foreign ENOSYS\ndeny bind\n")
        self.gives(check(policy, "bind", "--abi", "arm"), 1, ": ENOSYS")
        self.gives(check(policy, "bind"), 1, "on riscv64: EPERM")

    @on_x86_64
    def test_default_is_this_machine(self):
        self.gives(check("--deny", "bind", "bind"), 1, "on x86_64")

    def test_errors(self):
        self.gives(check("--deny", "bind", "open", "--abi", "aarch64"), 2, "aarch64 has no system call open")
        self.gives(check("--deny", "bind", "bind", "--abi", "aarch65"), 2, 'did you mean "aarch64"')
        self.gives(check("--deny", "bind", "bind", "--abi", "pdp11"), 2, "the ABIs are x86_64")
        self.gives(check("--deny", "bind", "bind", "--abi", "arm", "--abi", "x86"), 2, "one ABI at a time", "--set abi=x86")
        self.gives(check("--deny", "@wx", "--abi", "s390x"), 2, "cannot be complete on s390x")


class Json(Case):
    def test_verdicts(self):
        policy = self.write("p.policy", POLICY)
        result = check(policy, "--json", "--abi", "x86_64", "execve", "getpid", "ioctl(cmd=TIOCGWINSZ)", "5000")
        self.gives(result, 1)
        self.assertEqual(json.loads(result.stdout), [
            {"asked": "execve", "call": "execve(filename=0x0, argv=0x0, envp=0x0)", "abi": "x86_64", "number": "59",
             "action": "EPERM", "denied": True, "origin": "rule", "rule": "deny @exec", "source": policy + ":5:8"},
            {"asked": "getpid", "call": "getpid()", "abi": "x86_64", "number": "39", "action": "allow",
             "denied": False, "origin": "default", "rule": None, "source": None},
            {"asked": "ioctl(cmd=TIOCGWINSZ)", "call": "ioctl(fd=0, cmd=21523, arg=0)", "abi": "x86_64",
             "number": "16", "action": "allow", "denied": False, "origin": "rule",
             "rule": "allow ioctl(cmd == TIOCGWINSZ)", "source": policy + ":3:8"},
            {"asked": "5000", "call": "5000(0x0, 0x0, 0x0, 0x0, 0x0, 0x0)", "abi": "x86_64", "number": "5000",
             "action": "ENOSYS", "denied": True, "origin": "unknown", "rule": None, "source": None}])

    def test_summary(self):
        result = check("--json", "--abi", "aarch64", "--deny", "bind", "--deny", "bind,creat")
        self.gives(result, 0)
        said = json.loads(result.stdout)
        self.assertTrue(0 < said.pop("instructions") < 20)
        self.assertEqual(len(said.pop("notes")), 1)
        self.assertEqual(said, {"sound": True, "proven": True, "rules": 3, "default": "allow", "abis": ["aarch64"],
                                "skipped": ["creat: absent on aarch64"]})

    def test_errors_leave_no_half_of_it(self):
        result = check("--json", "--deny", "bind", "getpid", "getpidd")
        self.gives(result, 2, 'did you mean "getpid"')
        self.assertEqual(result.stdout, "")


class Summary(Case):
    def test_sound(self):
        policy = self.write("p.policy", POLICY + "abi x86_64\nabi aarch64\n")
        result = check(policy)
        self.gives(result, 0)
        self.assertRegex(result.stdout, r"^sound: 6 rules, default allow, \d+ instructions, proven\nABIs: x86_64 aarch64\n")
        self.gives(check("--deny", "bind"), 0, "sound: 1 rule, ", "ABIs: that of the machine that loads it")

    def test_not_proven(self):
        self.gives(check("--deny", "bind", "--set", "proof=off"), 0, "instructions, not proven")

    def test_notes(self):
        self.gives(check("--deny", "bind", "--deny", "bind"), 0,
                   'note: rule "deny bind" decides nothing: "deny bind" before it matches all of its calls')
        self.gives(check("--abi", "aarch64", "--deny", "open"), 0, "skipped: open: absent on aarch64")
        self.gives(check(self.write("empty", "")), 0, "sound: 0 rules", "there is no rule")


class Errors(Case):
    def test_usage(self):
        self.gives(check(), 2, "nothing to check", "--deny @exec")
        self.gives(check(self.path("missing")), 2, "missing", "cannot be read", "No such file")
        self.gives(check(self.folder), 2, "Is a directory")
        self.gives(check("/dev/zero"), 2, "/dev/zero: holds a NUL byte at offset 0; a policy is text")
        self.gives(check(self.write("nul", "deny bind\n" * 2000 + "\0")), 2, "a NUL byte at offset 20000")
        self.gives(check(self.write("long", "# comment\n" * (64 << 20 >> 3))), 2, "larger than 64 MiB")
        self.gives(check("--frob"), 2, "see abjure check --help")
        self.gives(check("--jsn"), 2, 'did you mean "--json"')
        self.gives(check("--json=1"), 2, "takes no value")
        self.gives(check("--abi"), 2, "--abi NAME")

    def test_calls(self):
        for call, *parts in (
                ("bidn", '"bidn"', 'did you mean "bind"'), ("socket(AF_INTE)", "argument 0", 'did you mean "AF_INET"'),
                ("socket(famly=2)", 'did you mean "family"'), ("socket(colour=2)", "it has family, type and protocol"),
                ("socket(family==2)", 'one "="'), ("socket(2", '")" is missing'), ("socket(1,2,3,4,5,6,7)", "at most 6"),
                ("socket(1,,2)", "an argument is empty", "write 0"), ("socket(2, family=2)", "given twice"),
                ("@exec", "no call", "write for example"), ("", "no call"), ("99999999999", "32 bits"),
                ("socket(0x10000000000000000)", "64 bits"), ("59(colour=1)", "it has"),
                ("100000(colour=1)", "write arg0 to arg5")):
            with self.subTest(call):
                result = check("--set", "abi=x86_64", "--deny", "bind", "--abi", "x86_64", "getpid", call)
                self.gives(result, 2, *parts)
                self.assertTrue(result.stderr.startswith("abjure: "))
                self.assertEqual(result.stderr.count("\n"), 1)


if __name__ == "__main__":
    main()
