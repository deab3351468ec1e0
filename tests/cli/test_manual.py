# SPDX-License-Identifier: MIT
"""Help, manual page and completions say the same, and the examples work."""
import os
import re
import shutil
import subprocess
import unittest

from support import ABJURE, SOURCE, VERBS, Case, abjure, call, main

MANUAL = os.path.join(SOURCE, "core/tool/abjure.1")
COMPLETION = os.path.join(SOURCE, "core/tool/completion")
OPTION = re.compile(r"^ {2,6}(?:(-\w), )?(--[a-z-]+)(?: (\S+))?", re.MULTILINE)
RULED = ("run", "check", "compile", "lint", "why")


def need(case, program, package):
    case.assertIsNotNone(shutil.which(program), f"{program} is missing: install {package}")


def help_of(verb):
    result = abjure(verb, "--help")
    assert result.returncode == 0 and result.stderr == "", result
    return result.stdout


def options_of(verb):
    """What `abjure VERB --help` lists: long and short, as a set of words."""
    return {word for short, long, _ in OPTION.findall(help_of(verb)) for word in (short, long) if word}


def takes_value(verb):
    """long option -> whether it takes a value."""
    return {long: bool(re.match(r"^\[?[A-Z]", value)) for _, long, value in OPTION.findall(help_of(verb))}


def set_options():
    """The options of a filter, which the library lists where it is asked for one that it does not have."""
    message = abjure("check", "--set", "frobnicate=1").stderr
    return set(re.split(r", | and ", message.split("the options are ")[1].strip()))


def abis():
    message = abjure("groups", "--abi", "frobnicate").stderr
    return set(re.split(r", | and ", message.split("the ABIs are ")[1].strip()))


def formats():
    message = abjure("compile", "--deny", "bind", "--format", "frobnicate").stderr
    return set(re.split(r", | and ", message.split("there are ")[1].strip()))


class Help(Case):
    def test_lists_every_verb(self):
        for word in ("--help", "-h"):
            result = abjure(word)
            self.gives(result, 0)
            found = re.search(r"\nVerbs:\n((?:  .*\n)+)", result.stdout).group(1)
            self.assertEqual(tuple(re.findall(r"^  (\w+)", found, re.MULTILINE)), VERBS)

    def test_of_each_verb(self):
        for verb in VERBS:
            text = help_of(verb)
            self.assertTrue(text.startswith(f"Usage: abjure {verb} "), text)
            self.assertEqual(abjure(verb, "-h").stdout, text)
            self.assertEqual(abjure(verb, "--help", "--frob").stdout, text)
            self.assertLessEqual(max(map(len, text.splitlines())), 80)
            self.assertNotIn("\t", text)

    def test_options_that_help_lists_are_taken(self):
        """None is unknown, and none that takes a value goes without, or the other way round."""
        for verb in VERBS:
            first = ("--file", "/nowhere") if verb == "watch" else ()  # that would go on until it is ended
            for option, valued in takes_value(verb).items():
                if option == "--help":
                    continue
                with self.subTest(verb=verb, option=option):
                    alone = abjure(verb, *first, option)
                    self.assertNotIn("has no option", alone.stderr)
                    self.assertEqual("needs a value" in alone.stderr, valued)
                    self.assertEqual("takes no value" in abjure(verb, *first, option + "=x").stderr, not valued)

    def test_version(self):
        result = abjure("--version")
        self.gives(result, 0)
        with open(os.path.join(SOURCE, "CMakeLists.txt"), encoding="utf-8") as file:
            version = re.search(r"project\(abjure[^)]*VERSION ([0-9.]+)", file.read()).group(1)
        self.assertRegex(result.stdout, rf"^abjure {re.escape(version)} \(system call tables of linux-\d+\.\d+\)\n$")

    def test_wrong_verbs(self):
        self.gives(abjure(), 2, "no verb given", "abjure --help")
        self.gives(abjure("chek"), 2, 'there is no verb "chek"; did you mean "check"?')
        self.gives(abjure("frobnicate"), 2, "abjure --help lists them")
        self.gives(abjure("--versoin"), 2, 'did you mean "--version"?')
        self.gives(abjure("-V"), 2, "a verb comes first")

    def test_output_that_cannot_be_written(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            for words in (["--help"], ["--version"], ["groups"], ["doctor"], ["check", "--deny", "bind"],
                          ["check", "--help"], ["check", "--json", "--deny", "bind", "getpid"]):
                result = subprocess.run([ABJURE, *words], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
                self.assertEqual(result.returncode, 125, words)
                self.assertIn("cannot be written", result.stderr)


class Manual(Case):
    @classmethod
    def setUpClass(cls):
        with open(MANUAL, encoding="utf-8") as file:
            cls.roff = file.read()
        cls.text = re.sub(r"\\f.", "", cls.roff).replace("\\-", "-").replace("\\ ", " ")

    def section(self, kind, title):
        found = re.search(rf"^\.{kind} {title}\n(.*?)(?=^\.SH |^\.SS |\Z)", self.text, re.MULTILINE | re.DOTALL)
        self.assertIsNotNone(found, f"no {title}")
        return found.group(1)

    def tagged(self, kind, title):
        """The heads of its tagged paragraphs."""
        return re.findall(r"^\.TP\n(.*)$", self.section(kind, title), re.MULTILINE)

    def options_in(self, kind, title):
        return {word for head in self.tagged(kind, title) for word in re.findall(r"(?<![\w-])--?[a-z][a-z-]*", head)}

    def test_lint(self):
        need(self, "mandoc", "mandoc")
        result = call("mandoc", "-T", "lint", "-W", "style", MANUAL)
        self.assertEqual((result.returncode, result.stdout), (0, ""))

    def test_rendering(self):
        """On a terminal of 80 columns nothing is cut, nothing of the source shows through."""
        need(self, "mandoc", "mandoc")
        page = re.sub(r".\x08", "", call("mandoc", "-T", "ascii", "-O", "width=78", MANUAL).stdout)
        self.assertLessEqual(max(map(len, page.splitlines())), 80)
        self.assertEqual(page.splitlines()[0].split()[0], "ABJURE(1)")
        for title in re.findall(r"^\.SH (.*)$", self.text, re.MULTILINE):
            self.assertIn(f"\n{title}\n", page)
        self.assertNotRegex(page, r"(?m)^\s*\.[A-Z]{1,2}\b|\\f")
        if shutil.which("man"):
            result = call("man", "--warnings", "-l", MANUAL, env=dict(os.environ, MANWIDTH="80", LC_ALL="C"))
            self.gives(result, 0, "ABJURE(1)")
            self.assertEqual(result.stderr, "")

    def test_names_every_verb(self):
        verbs = [title for title in re.findall(r"^\.SS (.*)$", self.text, re.MULTILINE) if title != "All verbs"]
        self.assertEqual(tuple(verbs), VERBS)
        synopsis = self.section("SH", "SYNOPSIS")
        for verb in VERBS:
            usages = re.findall(rf"^(?:Usage:|      ) (abjure {verb} .*)$", help_of(verb), re.MULTILINE)
            self.assertIn(usages[0].replace("PROGRAM [", "PROGRAM ["), synopsis)

    def test_options(self):
        everywhere = self.options_in("SS", "All verbs") - {"--version"}
        self.assertEqual(everywhere, {"-h", "--help"})
        rules = self.options_in("SH", "RULES")
        for verb in VERBS:
            with self.subTest(verb):
                written = self.options_in("SS", verb) | everywhere | (rules if verb in RULED else set())
                self.assertEqual(written, options_of(verb))

    def test_exit_statuses(self):
        with_help = re.findall(r"^  (\d+(?:\+N)?|else)  ", abjure("--help").stdout, re.MULTILINE)
        in_manual = [head.replace(".BI ", "").replace(".B ", "").replace(" ", "")
                     for head in self.tagged("SH", "EXIT STATUS")]
        self.assertEqual(in_manual, with_help)
        self.assertEqual(with_help, ["0", "1", "2", "125", "126", "127", "128+N", "else"])
        with open(os.path.join(SOURCE, "core/tool/tool.h"), encoding="utf-8") as file:
            codes = re.findall(r"^    EXIT_\w+ = (\d+)", file.read(), re.MULTILINE)
        self.assertEqual([status.replace("+N", "") for status in with_help[:-1]], codes)

    def test_options_of_a_filter(self):
        written = {re.match(r"\.BI? ([a-z_0-9]+)=", head).group(1)
                   for head in self.tagged("SH", "OPTIONS OF A FILTER")}
        self.assertEqual(written, set_options())

    def test_abis_and_formats(self):
        self.assertEqual(set(re.findall(r"\w+", re.search(r"Add an ABI: (.*?)\. Without", self.section(
            "SH", "OPTIONS OF A FILTER"), re.DOTALL).group(1))), abis())
        part = self.section("SS", "compile")
        self.assertEqual(set(re.findall(r"^\.BR? (\w+)(?: :)?$", part, re.MULTILINE)) & formats(), formats())

    def test_actions(self):
        """Every action that the manual names is one."""
        heads = self.tagged("SH", "ACTIONS")
        actions = [word for head in heads for word in re.sub(r'^\.BR? |"', "", head).split(" , " if " , " in head
                   else ", ") for word in word.replace(",", " ").split()]
        self.assertGreater(len(actions), 9)
        for action in actions:
            policy = self.write("p", action.replace("(N)", "(7)") + " getppid\n")
            self.gives(abjure("compile", policy, "-f", "policy"), 0, " getppid")
        listed = re.search(r"it must be (.*)", abjure("check", self.write("p", "frobnicate x\n")).stderr).group(1)
        for word in re.findall(r"\b(allow|log|deny|trap|notify|trace\(N\)|kill_thread|kill)(?=[, \n]|$)", listed):
            self.assertIn(word, actions)

    def test_policy_file(self):
        """The policy of the manual is one."""
        block = re.search(r"\.nf\n(.*?)\.fi", self.section("SH", "POLICY FILES"), re.DOTALL).group(1)
        policy = self.write("p", block)
        self.gives(abjure("check", policy, "execve", "socket(AF_UNIX)", "socket(AF_INET)"), 1, "EACCES", ": allow")

    def test_calls(self):
        blocks = re.findall(r"\.nf\n(.*?)\.fi", self.section("SH", "CALLS"), re.DOTALL)
        self.gives(abjure("check", "--deny", blocks[0].strip()), 0, "sound: 4 rules")


class Examples(Case):
    """Every example of the manual and of --help is run. Status, and what must be written."""

    EXPECTED = {
        "abjure run --deny @exec -- python3 server.py": (0, "refused"),
        "abjure run --kill bind -- strace nc -v -l -p 8000": (159, "+++ killed by SIGSYS"),
        "abjure run --kill bind -- nc -v -l -p 8000": (159, 'rule "kill bind"'),
        "abjure check web.policy 'socket(AF_INET, SOCK_STREAM, 0)' --abi aarch64": (1, "on aarch64: EPERM"),
        "abjure check --deny @network 'socket(AF_INET, SOCK_STREAM, 0)'": (1, "EAFNOSUPPORT"),
        "abjure compile --deny @listen -o listen.bpf": (0, ""),
        "bwrap --ro-bind / / --seccomp 3 3<listen.bpf nc -l -p 8000": (1, "Operation not permitted"),
        "abjure why --deny @network -- python3 client.py": (1, "socket(family=AF_INET"),
        "abjure why -- bwrap --ro-bind / / --seccomp 3 3<listen.bpf nc -l -p 80": (1, "which bwrap["),
        "abjure compile web.policy --format oci -o web.json": (0, ""),
        "abjure groups @exec": (0, "execve"),
        "abjure lint web.policy": (1, "web.policy: 1 warning"),
        "abjure ps --tree": (0, "COMMAND"),
        "abjure inspect web.policy": (0, "socket: fails with EPERM where family == AF_INET; else allowed"),
        "abjure ps $$ --require filter || echo unprotected": (0, "unprotected"),
        "dmesg | abjure explain --summary": (None, "Calls\n"),
        "dmesg | abjure report > report.html": (0, ""),
        "abjure watch --unique --for 5": (None, "records seen"),
    }
    ELSEWHERE = {"docker run --security-opt seccomp=web.json IMAGE": "needs Docker and an image"}

    def run_all(self, commands):
        self.write("web.policy", "deny socket(family == AF_INET)\n")
        self.write("server.py", "import subprocess\ntry: subprocess.run(['true'])\nexcept OSError: print('refused')\n")
        self.write("client.py", "import socket\nsocket.create_connection(('127.0.0.1', 9))\n")
        self.gives(abjure("compile", "--deny", "@listen", "-o", self.path("listen.bpf")), 0)
        path = os.path.dirname(ABJURE) + os.pathsep + os.environ["PATH"]
        for command in commands:
            if command in self.ELSEWHERE:
                print(f"not run: {command}: {self.ELSEWHERE[command]}")
                continue
            with self.subTest(command):
                status, part = self.EXPECTED[command]
                if command.endswith(" --for 60"):  # a minute is long for a test
                    command = command.replace("60", "1")
                result = call("bash", "-c", command, cwd=self.folder, env=dict(os.environ, PATH=path))
                if status is None:  # what the machine's log holds decides
                    self.assertIn(result.returncode, (0, 1))
                self.gives(result, result.returncode if status is None else status, part)

    def test_of_the_manual(self):
        for program, package in (("bwrap", "bubblewrap"), ("nc", "netcat-traditional"), ("strace", "strace")):
            need(self, program, package)
        with open(MANUAL, encoding="utf-8") as file:
            text = file.read().split(".SH EXAMPLES\n")[1].split("\n.SH ")[0].replace("\\-", "-")
        commands = [line.strip() for block in re.findall(r"\.nf\n(.*?)\.fi", text, re.DOTALL)
                    for line in block.splitlines()]
        self.assertGreater(len(commands), 5)
        self.run_all(commands)

    def test_of_help(self):
        commands = re.findall(r"^  (abjure \w+ .*)$", abjure("--help").stdout, re.MULTILINE)
        self.assertGreater(len(commands), 3)
        self.run_all(commands)


class Bash(Case):
    def complete(self, *words):
        """What bash offers for the last of the words."""
        script = f'source {COMPLETION}/abjure.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); compopt() {{ :; }}; ' \
            '_abjure; printf "%s\\n" "${COMPREPLY[@]}"'
        result = call("bash", "-c", script, "bash", *words,
                      env=dict(os.environ, PATH=os.path.dirname(ABJURE) + os.pathsep + os.environ["PATH"]))
        self.gives(result, 0)
        self.assertEqual(result.stderr, "")
        return set(result.stdout.split())

    def test_syntax(self):
        self.gives(call("bash", "-n", f"{COMPLETION}/abjure.bash"), 0)

    def test_verbs(self):
        self.assertEqual(self.complete("abjure", ""), {*VERBS, "--help", "--version"})
        self.assertEqual(self.complete("abjure", "ch"), {"check"})

    def test_options(self):
        for verb in VERBS:
            with self.subTest(verb):
                self.assertEqual(self.complete("abjure", verb, "-"), options_of(verb))

    def test_values(self):
        self.assertEqual(self.complete("abjure", "check", "--abi", ""), abis())
        self.assertEqual(self.complete("abjure", "compile", "--format", ""), formats())
        self.assertEqual(self.complete("abjure", "compile", "-f", "p"), {"policy"})
        self.assertEqual(self.complete("abjure", "run", "--set", ""), {name + "=" for name in set_options()})
        self.assertEqual(self.complete("abjure", "run", "--deny", "@ex"), {"@exec"})
        self.assertEqual(self.complete("abjure", "run", "--deny", "bind,@ex"), {"bind,@exec"})
        self.assertEqual(self.complete("abjure", "run", "-d", "EACCES:@ex"), {"EACCES:@exec"})
        self.assertEqual(self.complete("abjure", "groups", "@l"), {"@listen"})

    def test_the_program_of_run(self):
        self.assertIn("bash", self.complete("abjure", "run", "--deny", "@exec", "bas"))
        self.assertEqual(self.complete("abjure", "run", "--deny", "@exec", "ls", "-"), set())


class Zsh(Case):
    def asked(self, *words):
        """What the completion hands to zsh's own functions."""
        need(self, "zsh", "zsh")
        script = "_arguments() { print -rl -- \"$@\"; }; _describe() { print -rl -- \"${(@P)2}\"; }; " \
            f'words=("$@"); CURRENT=$#; source {COMPLETION}/_abjure'
        script = "_run() { local curcontext; " + script + "; }; _run \"$@\""
        result = call("zsh", "-f", "-c", script, "zsh", *words)
        self.gives(result, 0)
        self.assertEqual(result.stderr, "")
        return result.stdout.splitlines()

    def test_syntax(self):
        need(self, "zsh", "zsh")
        self.gives(call("zsh", "-n", f"{COMPLETION}/_abjure"), 0)

    def test_verbs(self):
        lines = self.asked("abjure", "")
        self.assertEqual([line.split(":")[0] for line in lines if re.match(r"\w+:", line)], list(VERBS))
        self.assertEqual({line.split("[")[0] for line in lines if line.startswith("-")}, {"--help", "--version"})

    def test_options(self):
        for verb in VERBS:
            with self.subTest(verb):
                lines = self.asked("abjure", verb, "-")
                found = {match.group(1) for line in lines if (match := re.match(r"\*?(--?[a-z][a-z-]*)\[", line))}
                self.assertEqual(found, options_of(verb))
                valued = takes_value(verb)
                for line in lines:
                    match = re.match(r"\*?(--[a-z][a-z-]*)\[[^]]*\](:?)", line)
                    if match:
                        self.assertEqual(match.group(2) == ":", valued[match.group(1)], line)

    def test_values(self):
        lines = "\n".join(self.asked("abjure", "compile", ""))
        self.assertEqual(set(re.search(r"--abi\[.*\]:ABI:\((.*)\)", lines).group(1).split()), abis())
        self.assertEqual(set(re.search(r"--format\[.*\]:format:\((.*)\)", lines).group(1).split()), formats())
        self.assertEqual(set(re.search(r"--set\[.*\]:option:\((.*)\)", lines).group(1).split()),
                         {name + "=" for name in set_options()})


class Fish(Case):
    def complete(self, line):
        need(self, "fish", "fish")
        script = f"source {COMPLETION}/abjure.fish; complete -C '{line}'"
        result = call("fish", "--no-config", "-c", script, env=dict(
            os.environ, PATH=os.path.dirname(ABJURE) + os.pathsep + os.environ["PATH"], HOME=self.folder,
            XDG_CONFIG_HOME=self.folder, XDG_DATA_HOME=self.folder))
        self.gives(result, 0)
        self.assertEqual(result.stderr, "")
        return {one.split("\t")[0] for one in result.stdout.splitlines()}

    def test_verbs(self):
        self.assertEqual(self.complete("abjure "), set(VERBS))
        self.assertEqual(self.complete("abjure --"), {"--help", "--version"})

    def test_options(self):
        for verb in VERBS:
            with self.subTest(verb):
                found = self.complete(f"abjure {verb} --") | self.complete(f"abjure {verb} -")
                # "-" alone offers short options, joined with long ones in some versions of fish.
                self.assertEqual({one for one in found if one != "-"}, options_of(verb))

    def test_values(self):
        self.assertEqual(self.complete("abjure check --abi "), abis())
        self.assertEqual(self.complete("abjure compile --format "), formats())
        self.assertEqual(self.complete("abjure run --set "), {name + "=" for name in set_options()})
        self.assertEqual(self.complete("abjure run --deny @ex"), {"@exec"})
        self.assertEqual(self.complete("abjure groups @lis"), {"@listen"})


class Readme(unittest.TestCase):
    def test_verbs_of_the_readme(self):
        """Each verb has its line under "On the command line", and no other is there."""
        with open(os.path.join(SOURCE, "README.md"), encoding="utf-8") as file:
            block = file.read().split("## On the command line")[1].split("```")[1]
        self.assertEqual(re.findall(r"^abjure (\w+)", block, re.MULTILINE), list(VERBS))


if __name__ == "__main__":
    main()
