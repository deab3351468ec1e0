# SPDX-License-Identifier: MIT
"""abjure report: the data in its page against the log, and the page as text. test_report_page.py has a browser."""

import base64
import hashlib
import json
import os
import pty
import random
import re
import subprocess

from support import ABJURE, SOURCE, Case, abjure, main
from test_explain import AUSEARCH, DEATH, DMESG, PYTHON, record

DATA = re.compile(r'<script type="application/json" id="data">(.*?)</script>', re.DOTALL)
UTC = dict(os.environ, TZ="UTC")
START = 1592235264
LIMIT = 1000  # rows that are not folded
ATTACKS = [
    "<script>hacked=1</script>",
    "</script><script>hacked=1</script>",
    '"><img src=x onerror=hacked=1>',
    "<!--<script>",
    "a\u2028b\u2029c",
    "`${hacked=1}`",
    "__proto__",
    "\u202egnp.exe",
    "&lt;b&gt;",
    "javascript:hacked=1",
    "\x1b[31m",
    "' onclick='hacked=1",
]


def line(pid=7, uid=1000, comm="a", exe="/bin/a", call=59, code="0x50000", at=START, milliseconds=0, sig=0, **more):
    def name(text):
        data = text if isinstance(text, bytes) else text.encode()
        return f'"{text}"' if isinstance(text, str) and re.fullmatch(r"[!#-~]+", text) else data.hex().upper()

    rest = "".join(f" {key}={value}" for key, value in more.items())
    return (
        f"type=SECCOMP msg=audit({at}.{milliseconds:03d}:{pid}): auid={uid} uid={uid} gid={uid} ses=4 subj=unconfined "
        f"pid={pid} comm={name(comm)} exe={name(exe)} sig={sig} arch=c000003e syscall={call} compat=0 ip=0x7f00 "
        f"code={code}{rest}\n"
    )


def sample(count=3000, seed=1, seconds=50_000):
    """Records of a few programs over some hours."""
    random.seed(seed)
    programs = [
        ("nc", "/usr/bin/nc.traditional", 1000),
        ("python3", "/usr/bin/python3.11", 1001),
        ("nginx", "/usr/sbin/nginx", 33),
    ]
    lines = []
    for _ in range(count):
        comm, exe, uid = random.choice(programs)
        code = random.choice(["0x50000", "0x80000000", "0x7ffc0000"])
        lines.append(
            line(
                random.randrange(2, 900),
                uid,
                comm,
                exe,
                random.choice([49, 50, 59]),
                code,
                START + random.randrange(seconds),
                random.randrange(1000),
                31 if code == "0x80000000" else 0,
            )
        )
    return lines


class Page(Case):
    def page(self, *words, log=None, status=0):
        result = subprocess.run(
            [ABJURE, "report", *words],
            input=log if log is None or isinstance(log, bytes) else log.encode(),
            stdin=subprocess.DEVNULL if log is None else None,
            capture_output=True,
            env=UTC,
            check=False,
        )
        self.assertEqual(result.returncode, status, result.stderr)
        return result.stdout.decode("ascii")

    def data(self, *words, **more):
        return json.loads(DATA.search(self.page(*words, **more)).group(1))


def totals(data, key):
    """value -> records, as the tables of the page add them up."""
    found = {}
    for one in data["violations"]:
        value = one.get(key)
        found[value] = found.get(value, 0) + one["count"]
    return found


class Data(Page):
    def test_the_lines_of_the_talk(self):
        data = self.data(log=DMESG + DEATH + AUSEARCH)
        self.assertEqual((data["records"], data["repeated"], data["others"], data["damaged"]), (2, 1, 1, 0))
        [one] = data["violations"]
        self.assertEqual(
            (
                one["count"],
                one["first"],
                one["last"],
                one["pids"],
                one["names"],
                one["abi"],
                one["signal"],
                one["login"],
            ),
            (2, 1592235264942, 1592235512578, [6664, 6939], ["nc"], "x86_64", "SIGSYS", 1000),
        )
        self.assertEqual(
            one["says"], "nc called bind and was killed (SIGSYS), as uid 1000, /usr/bin/nc.traditional, x86_64"
        )
        self.assertEqual(one["addresses"], ["0x7ffb85de7497", "0x7f67398a0497"])
        self.assertEqual(one["line"], DMESG[:-1])
        self.assertEqual((data["calls"], data["actions"], data["users"]), (["bind"], ["kill_thread"], ["1000"]))
        self.assertEqual(data["programs"], [{"text": "/usr/bin/nc.traditional", "length": 23}])
        self.assertRegex(data["does"][0], "^gives a socket an address")
        self.assertIn(["@listen", "", "EPERM bind(addrlen != 12)"], data["held"]["0 x86_64"])
        self.assertRegex(data["groups"]["@listen"], "^Listen on no new port")

    def test_groups_that_hold_a_call(self):
        held = self.data(log=line(call=101))["held"]["0 x86_64"]
        self.assertIn(["@debug", "", "EPERM ptrace"], held)
        self.assertIn(["@exec", "@debug", "EPERM ptrace"], held)
        self.assertEqual({group for group, _, _ in held}, {"@debug", "@exec", "@spawn", "@wx", "@code", "@signal"})
        # As abjure groups has it, for each call of a few.
        for number, name in ((59, "execve"), (56, "clone"), (16, "ioctl"), (0, "read"), (425, "io_uring_setup")):
            held = {(group, rule) for group, _, rule in self.data(log=line(call=number))["held"]["0 x86_64"]}
            wanted = set()
            for group in abjure("groups").stdout.split("\n"):
                for errno, rule in re.findall(
                    r"^  ([A-Z]+) +(\S.*)$", abjure("groups", group.split(" ")[0]).stdout if group else "", re.MULTILINE
                ):
                    if re.match(rf"{name}(\(|$)", rule):
                        wanted.add((group.split(" ")[0], f"{errno} {rule}"))
            self.assertEqual(held, wanted, name)

    def test_every_call_has_words(self):
        with open(os.path.join(SOURCE, "core/tables/syscalls.csv"), encoding="utf-8") as file:
            names = {text.split(",")[0] for text in file if not text.startswith("#")} - {"name"}
        worded = []
        with open(os.path.join(SOURCE, "core/tool/report/page/calls"), encoding="utf-8") as file:
            for text in file:
                if not text.startswith("#"):
                    self.assertRegex(text, r"^[a-z0-9_ ]+: [a-z].*[A-Za-z0-9]$")
                    worded += text.split(":")[0].split()
        self.assertGreater(len(names), 450)
        self.assertEqual(sorted(worded), sorted(names))
        # And the page has them, for numbers with a name only.
        data = self.data(log="".join(line(call=number) for number in range(480)))
        for call, words in zip(data["calls"], data["does"]):
            self.assertEqual(words != "", call in names, call)
        self.assertEqual(data["does"][data["calls"].index("execve")], "starts another program in this process")

    def test_every_change_of_a_line(self):
        """Lines with changed bytes: the data is JSON, and no record is lost or told twice."""
        random.seed(9)
        lines = []
        for _ in range(5_000):
            text = bytearray(PYTHON.encode()[:-1])
            for _ in range(random.randint(1, 4)):
                text[random.randrange(len(text))] = random.choice([random.randrange(256), 34, 61, 32, 48, 60])
            lines.append(bytes(text).replace(b"\n", b" "))
        log = b"\n".join(lines) + b"\n"
        data = self.data(log=log)
        summary = json.loads(
            subprocess.run(
                [ABJURE, "explain", "--summary", "--json"], input=log, capture_output=True, check=True
            ).stdout
        )
        self.assertEqual(
            [data[key] for key in ("records", "damaged", "others")],
            [summary[key] for key in ("records", "damaged", "others")],
        )
        self.assertEqual(sum(one["count"] for one in data["violations"]), data["records"])
        self.assertGreater(data["records"], 1_000)

    def test_counts_are_those_of_explain(self):
        path = self.write("log", "".join(sample()) + DEATH + "hello\n" + record(pid="x"))
        data = self.data(path)
        summary = json.loads(abjure("explain", "--summary", "--json", path).stdout)
        self.assertEqual(
            [data[key] for key in ("records", "damaged", "others", "repeated")],
            [summary[key] for key in ("records", "damaged", "others", "repeated")],
        )
        for key, names in (
            ("call", data["calls"]),
            ("program", [p["text"] for p in data["programs"]]),
            ("user", data["users"]),
            ("action", data["actions"]),
        ):
            self.assertEqual(
                {names[i]: n for i, n in totals(data, key).items()},
                {one["value"]: one["count"] for one in summary[key + "s"]},
            )

    def test_selections_and_sources(self):
        lines = sample(500)
        first, second = self.write("1", "".join(lines[:200])), self.write("2", "".join(lines[200:]))
        both = self.data(first, second)
        self.assertEqual((both["records"], both["files"]), (500, [first, second]))
        self.assertEqual(self.data(first, "-", log="".join(lines[200:]))["violations"], both["violations"])
        self.assertEqual(self.data(log="".join(lines))["violations"], both["violations"])
        for option in (
            ["--call", "bind"],
            ["--action", "kill"],
            ["--user", "33"],
            ["--program", "nginx"],
            ["--pid", "5,6,7"],
        ):
            summary = json.loads(abjure("explain", "--summary", "--json", *option, first).stdout)
            data = self.data(*option, first)
            self.assertEqual((data["records"], data["selected"]), (summary["records"], 1))

    def test_users_of_this_machine(self):
        self.assertEqual(self.data(log=line(uid=0))["violations"][0]["name"], "root")
        self.assertNotIn("name", self.data("--elsewhere", log=line(uid=0))["violations"][0])
        self.assertNotIn("name", self.data(log="node=other " + line(uid=0))["violations"][0])
        self.assertEqual(self.data(log=PYTHON)["violations"][0]["name"], "vagrant")

    def test_time(self):
        """Each bucket has the records of its time, in whatever order they come and however far they reach."""
        for seconds in (1, 150, 50_000, 40_000_000, 3_000_000_000):
            lines = sample(400, seconds, seconds)
            data = self.data(log="".join(lines))
            times = [int(re.search(r"audit\((\d+)\.", text).group(1)) for text in lines]
            counts = {}
            for one in data["violations"]:
                series = dict(zip(one["series"][::2], one["series"][1::2]))
                self.assertEqual(sum(series.values()), one["count"])
                for at, n in series.items():
                    counts[at] = counts.get(at, 0) + n
            wanted = {}
            for at in times:
                bucket = (at - data["start"]) // data["width"]
                wanted[bucket] = wanted.get(bucket, 0) + 1
            self.assertEqual(counts, wanted)
            self.assertLessEqual(data["buckets"], 200)
            self.assertGreaterEqual(data["buckets"], min(seconds, 15))
            self.assertEqual((data["first"] // 1000, data["last"] // 1000), (min(times), max(times)))
            # Weeks start on a Monday, days at midnight.
            self.assertEqual((data["start"] + 3 * 86400) % data["width"], 0)
            random.shuffle(lines)
            shuffled = self.data(log="".join(lines))
            self.assertEqual(
                sorted(one["series"] for one in shuffled["violations"]),
                sorted(one["series"] for one in data["violations"]),
            )
            self.assertEqual(
                sorted((one["first"], one["last"]) for one in shuffled["violations"]),
                sorted((one["first"], one["last"]) for one in data["violations"]),
            )

    def test_time_far_out(self):
        data = self.data(log=line(at=0) + line(at=99999999999) + line(at=START))
        self.assertEqual((data["first"], data["last"]), (0, 99999999999000))
        self.assertEqual(sum(data["violations"][0]["series"][1::2]), 3)

    def test_without_time(self):
        journal = "Jun 15 15:34:24 host audit[6664]: SECCOMP " + DMESG.split(": ", 2)[2]
        data = self.data(log=journal * 3)
        self.assertEqual((data["records"], data["untimed"]), (3, 3))
        self.assertNotIn("buckets", data)
        self.assertEqual(data["violations"][0]["series"], [])

    def test_a_death_alone(self):
        data = self.data(log=DEATH)
        self.assertTrue(data["violations"][0]["death"])
        self.assertEqual(data["calls"], ["(not in the record)"])

    def test_many_violations_are_folded(self):
        """The page does not grow with the log, and no record is lost."""
        random.seed(4)
        sizes = []
        for count in (12_000, 36_000):
            lines = [
                line(
                    exe=f"/opt/{random.getrandbits(60):x}" + "<&>" * 300,
                    call=random.randrange(1000),
                    code=random.choice(["0x50000", "0x7ffc0000"]),
                    at=START + i * 7919 % 10**7,
                )
                for i in range(count)
            ]
            lines += [line(exe="/bin/often", comm="often", at=START + i) for i in range(500)]
            random.shuffle(lines)
            page = self.page(log="".join(lines))
            sizes.append(len(page))
            data = json.loads(DATA.search(page).group(1))
            self.assertEqual((data["records"], sum(totals(data, "call").values())), (count + 500, count + 500))
            self.assertEqual(sum(1 for one in data["violations"] if "program" in one), LIMIT)
            self.assertLessEqual(len(data["violations"]), LIMIT + 251)
            self.assertEqual(data["folded"], totals(data, "program")[None])
            self.assertEqual(data["approximate"], 1)
            self.assertEqual({data["actions"][i] for i in totals(data, "action")}, {"deny", "log"})
            often = data["violations"][0]
            self.assertEqual((often["names"], often["count"]), (["often"], 500))
        self.assertLess(max(sizes), 10_000_000)
        self.assertLess(sizes[1], sizes[0] * 1.1)
        # Just as many as have rows of their own.
        data = self.data(log="".join(line(exe=f"/opt/{i}") for i in range(LIMIT)))
        self.assertEqual((len(data["violations"]), data["folded"], data["approximate"]), (LIMIT, 0, 0))
        data = self.data(log="".join(line(exe=f"/opt/{i}") for i in range(LIMIT + 1)))
        self.assertEqual((len(data["violations"]), data["folded"], data["approximate"]), (LIMIT + 1, 1, 0))

    def test_damaged_lines(self):
        log = DMESG + record(pid="66x") * 80 + 'type=SECCOMP msg=audit(1.002:3): syscall=1 comm="' + "n" * 500 + "\n"
        data = self.data(self.write("log", log))
        self.assertEqual((data["damaged"], len(data["damagedLines"]), data["records"]), (81, 50, 1))
        self.assertEqual(
            (data["damagedLines"][0]["number"], data["damagedLines"][0]["why"]), (2, "pid= holds no number")
        )
        [one] = self.data(log=log.split("\n", 81)[81])["damagedLines"]
        self.assertEqual((len(one["text"]), one["cut"], one["file"]), (200, 1, "standard input"))

    def test_no_records(self):
        for log in ("", "hello\n", "\0" * 1000):
            data = self.data(log=log)
            self.assertEqual((data["records"], data["violations"]), (0, []))

    def test_what_cannot_be_read(self):
        path = self.write("log", DMESG)
        data = self.data(self.path("none"), path, status=2)
        self.assertEqual((data["records"], data["incomplete"]), (1, 1))
        self.data(self.folder, status=125)
        self.gives(abjure("report", "--call", "bnd"), 2, 'did you mean "bind"')
        with open("/dev/full", "w", encoding="utf-8") as full:
            result = subprocess.run([ABJURE, "report", path], stdout=full, stderr=subprocess.PIPE, check=False)
            self.assertEqual(result.returncode, 125)

    def test_a_terminal(self):
        top, bottom = pty.openpty()
        result = subprocess.run(
            [ABJURE, "report"], stdin=subprocess.DEVNULL, stdout=bottom, stderr=subprocess.PIPE, text=True, check=False
        )
        os.close(bottom)
        os.close(top)
        self.assertEqual(result.returncode, 2)
        self.assertIn("abjure report FILE > report.html", result.stderr)


class Source(Page):
    """The page as text."""

    def test_nothing_of_a_record_is_markup(self):
        log = "".join(line(comm=name[:15], exe=name, pid=i) for i, name in enumerate(ATTACKS)).encode()
        log += (
            line(exe=b"\xff\xc3\xe2\x80").encode() + b"type=SECCOMP msg=audit(</script><script>hacked=1</script>\xff\n"
        )
        path = self.path("<script>hacked=1<")
        with open(path, "wb") as file:
            file.write(log)
        page = self.page(path, log=log)
        inside = DATA.search(page).group(1)
        self.assertEqual([byte for byte in inside[:-1] if byte in "<>&" or not " " <= byte <= "~"], [])
        self.assertEqual(page.count("<script"), 2)
        self.assertEqual(page.count("</script"), 2)
        programs = [one["text"] for one in json.loads(inside)["programs"]]
        self.assertEqual(programs, ATTACKS + ["\ufffd\ufffd\ufffd\ufffd"])

    def test_policy(self):
        """The hashes are those of the style and the script, nothing else may run, and no address is in the page."""
        page = self.page(log="")
        policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page).group(1)
        rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
        for name, tag in (("style-src", "style"), ("script-src", "script")):
            text = re.search(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL).group(1)
            digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            self.assertEqual(rules.pop(name), f"'sha256-{digest}'")
        self.assertEqual(set(rules.values()), {"'none'"})
        self.assertEqual(set(rules), {"default-src", "base-uri", "form-action"})
        self.assertLess(page.index("Content-Security-Policy"), page.index("<style"))
        self.assertEqual(set(re.findall(r"\w+://[^\"'\s]+", page)), {"http://www.w3.org/2000/svg"})
        self.assertNotRegex(
            page, r"\ssrc=|@import|url\(|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|style="
        )
        self.assertEqual(re.findall(r'href="([^"]*)"', page), ["#violations-heading"])


if __name__ == "__main__":
    main()
