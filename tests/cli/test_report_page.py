# SPDX-License-Identifier: MIT
"""The page of abjure report in a real browser."""

import base64
import json
import re
import shutil
import time

from browser import Browser
from support import main
from test_explain import AUSEARCH, DEATH, DMESG, record
from test_report import ATTACKS, LIMIT, Page, line, sample, totals

# The least contrast of text to what is behind it, and where: for each element that has text of its own and is seen.
CONTRAST = """(() => {
  const parse = (c) => (c.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const hex = (c) => c.trim().slice(1).match(/../g).map((x) => parseInt(x, 16));
  const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const light = (c) => [0.2126, 0.7152, 0.0722].reduce((n, w, i) => n + w * linear(c[i] / 255), 0);
  const share = hex(getComputedStyle(document.documentElement).getPropertyValue("--share"));
  const unseen = ["SCRIPT", "STYLE", "OPTION", "NOSCRIPT", "title"];
  let worst = [99, ""];
  for (const e of document.querySelectorAll("body *")) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || e.getClientRects().length === 0 || unseen.includes(e.tagName) || e.disabled) continue;
    let behind = e;
    let color = [];
    for (; behind; behind = behind.parentElement) {
      color = parse(getComputedStyle(behind).backgroundColor);
      if (color.length === 3 || color[3] === 1) break;
    }
    const style = getComputedStyle(e);
    const text = light(parse(e instanceof SVGElement ? style.fill : style.color));
    // A share of a table is a gradient behind the number.
    for (const under of e.closest(".share") ? [color, share] : [color]) {
      const [a, b] = [text, light(under)].sort((x, y) => y - x);
      const ratio = (a + 0.05) / (b + 0.05);
      if (ratio < worst[0]) worst = [ratio, `${e.tagName}.${e.className}: ${e.textContent.slice(0, 40)}`];
    }
  }
  return worst;
})()"""
ROWS = """[...document.querySelectorAll('#%s tbody tr:not(.detail)')]
    .map((r) => [...r.cells].map((c) => c.textContent.trim()))"""
CHART = """[...document.querySelectorAll('#chart .hit title')]
    .reduce((n, t) => n + Number(t.textContent.match(/: ([\\d,]+) rec/)[1].replace(/,/g, '')), 0)"""
CHOOSE = (
    """(() => { const s = document.getElementById('%s'); s.value = '%s'; s.dispatchEvent(new Event('change')); })()"""
)


class InBrowser(Page):
    @classmethod
    def setUpClass(cls):
        assert shutil.which("chromium"), "chromium is missing: install chromium"
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)

    def show(self, log, *words, **more):
        path = self.write("report.html", self.page(*words, log=log))
        self.browser.open(path, **more)
        return path

    def tearDown(self):
        """Whatever a test did: no error, no dialog, no word to the network, no code of others."""
        self.assertEqual(self.browser.messages, [])
        self.assertEqual([url for url in self.browser.requests if url != f"file://{self.path('report.html')}"], [])
        self.assertEqual(len(self.browser.requests), 1)
        self.assertEqual(self.browser.evaluate("typeof hacked"), "undefined")

    def rows(self, table):
        return self.browser.evaluate(ROWS % table)

    def text(self, selector):
        return self.browser.evaluate(f"document.querySelector({json.dumps(selector)}).textContent")

    def wait_for(self, expression):
        """What the page does on its own account, a moment later."""
        until = time.monotonic() + 30
        while not self.browser.evaluate(expression):
            self.assertLess(time.monotonic(), until, expression)
            time.sleep(0.02)

    def shown(self):
        return self.text("#shown")

    def test_tables(self):
        self.show("".join(sample()))
        data = self.data(log="".join(sample()))
        self.assertEqual(self.shown(), "All 3,000 records")
        for table, key, names in (
            ("table-call", "call", data["calls"]),
            ("table-action", "action", data["actions"]),
            ("table-program", "program", [p["text"] for p in data["programs"]]),
        ):
            wanted = sorted(((n, names[i]) for i, n in totals(data, key).items()), reverse=True)
            self.assertEqual(
                [(row[0].split(" ")[0], row[1]) for row in self.rows(table)], [(name, f"{n:,}") for n, name in wanted]
            )
        self.assertEqual(len(self.rows("violations-table")), len(data["violations"]))
        self.assertEqual(self.browser.evaluate(CHART), 3000)

    def test_sorting(self):
        """By click and by key; what is sorted by is said to a screen reader."""
        self.show("".join(sample()))
        heads = "#violations-table thead th:nth-child(%d)"
        sorts = "[...document.querySelectorAll('#violations-table thead th')].map((h) => h.getAttribute('aria-sort'))"
        numbers = [int(row[4].replace(",", "")) for row in self.rows("violations-table")]
        self.assertEqual(numbers, sorted(numbers, reverse=True))
        self.assertEqual(self.browser.evaluate(sorts), [None] * 4 + ["descending"] + [None] * 2)
        for column, pressed in ((1, "click"), (3, "Enter"), (4, " ")):
            for direction in ("ascending", "descending"):
                if pressed == "click":
                    self.browser.click(heads % column + " button")
                else:
                    self.browser.evaluate(f"document.querySelector('{heads % column} button').focus()")
                    self.browser.key(pressed, {" ": "Space"}.get(pressed), "\r" if pressed == "Enter" else " ")
                values = [row[column - 1] for row in self.rows("violations-table")]
                self.assertEqual(values, sorted(values, reverse=direction == "descending"))
                self.assertEqual(self.browser.evaluate(sorts)[column - 1], direction)
        # The focus is where it was.
        self.assertEqual(self.browser.evaluate("document.activeElement.textContent"), "User")
        self.browser.click(heads % 7 + " button")
        values = [row[6] for row in self.rows("violations-table")]
        self.assertEqual(values, sorted(values, reverse=True))
        self.browser.click("#table-call thead th:nth-child(1) button")
        self.assertEqual([row[0] for row in self.rows("table-call")], ["bind", "execve", "listen"])

    def test_narrowing(self):
        log = "".join(sample())
        self.show(log)
        data = self.data("--program", "nginx", log=log)
        at = [row[0] for row in self.rows("table-program")].index("/usr/sbin/nginx") + 1
        self.browser.click(f"#table-program tbody tr:nth-child({at}) .pick")
        self.assertEqual(self.shown(), f"{data['records']:,} of 3,000 records")
        self.assertEqual(self.browser.evaluate(CHART), data["records"])
        self.assertEqual(
            {row[0]: row[1] for row in self.rows("table-call")},
            {data["calls"][i]: f"{n:,}" for i, n in totals(data, "call").items()},
        )
        self.assertEqual({row[2] for row in self.rows("violations-table")}, {"/usr/sbin/nginx"})
        # The program's own table offers the others still.
        self.assertEqual(len(self.rows("table-program")), 3)
        pressed = "[...document.querySelectorAll('#table-program .pick')].map((b) => b.getAttribute('aria-pressed'))"
        self.assertEqual(sorted(self.browser.evaluate(pressed)), ["false", "false", "true"])
        # A call besides, by key, and both taken back.
        self.browser.evaluate("document.querySelector('#table-call tbody tr .pick').focus()")
        self.browser.key("Enter", text="\r")
        call = self.browser.evaluate("document.activeElement.textContent")
        both = self.data("--program", "nginx", "--call", call, log=log)
        self.assertEqual(self.shown(), f"{both['records']:,} of 3,000 records")
        self.browser.click("#chips li:nth-child(1) button")
        self.assertTrue(self.text("#chips").startswith("program /usr/sbin/nginx"))
        self.assertEqual(self.shown(), f"{data['records']:,} of 3,000 records")
        self.browser.click("#chips li:nth-child(1) button")
        self.assertEqual(self.shown(), "All 3,000 records")

    def test_finding(self):
        self.show("".join(sample()))
        self.browser.click("#find")
        self.browser.send("Input.insertText", text="NGINX")
        self.assertEqual({row[2] for row in self.rows("violations-table")}, {"/usr/sbin/nginx"})
        self.browser.send("Input.insertText", text="zzz")
        self.assertEqual(self.rows("violations-table"), [])
        self.browser.click("#chips button")
        self.assertEqual(self.shown(), "All 3,000 records")

    def test_time(self):
        log = sample()
        self.show("".join(log))
        box = self.browser.evaluate(
            "['x', 'y', 'width', 'height'].map((key) => document.querySelector('#chart').getBoundingClientRect()[key])"
        )
        self.browser.mouse((box[0] + box[2] * 0.4, box[1] + 50), (box[0] + box[2] * 0.6, box[1] + 50))
        first, last = self.browser.evaluate(
            "['from', 'to'].map((id) => document.getElementById(id).selectedOptions[0].textContent)"
        )
        times = [int(re.search(r"audit\((\d+)\.", text).group(1)) for text in log]
        inside = [at for at in times if first <= self.clock(at) < last]
        self.assertTrue(300 < len(inside) < 1500, (first, last))
        self.assertEqual(self.shown(), f"{len(inside):,} of 3,000 records")
        self.assertEqual(sum(int(row[1].replace(",", "")) for row in self.rows("table-user")), len(inside))
        self.assertEqual(self.browser.evaluate(CHART), 3000)
        # The same by the lists, which the keyboard reaches.
        self.browser.evaluate(CHOOSE % ("from", 0))
        self.assertEqual(self.shown(), f"{sum(self.clock(at) < last for at in times):,} of 3,000 records")
        self.browser.click("#whole")
        self.assertEqual(self.shown(), "All 3,000 records")
        self.browser.click("#time-details summary")
        self.wait_for("document.querySelector('#time-table table') !== null")
        table = self.browser.evaluate(
            "[...document.querySelectorAll('#time-table tbody tr')].map((r) => Number(r.cells[1].textContent))"
        )
        self.assertEqual(sum(table), 3000)

    @staticmethod
    def clock(seconds):
        return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds))

    def test_time_far_out(self):
        """One forged time does not break the page."""
        self.show(line(at=0) + line(at=99999999999) + "".join(sample(50)))
        self.assertEqual(self.browser.evaluate(CHART), 52)
        self.assertIn("1970-01-01 00:00:00 to 5138-11-16 09:46:39 UTC", self.text("#span"))
        self.assertLessEqual(self.browser.evaluate("document.querySelectorAll('#chart .hit').length"), 200)

    def test_zone(self):
        """Times are UTC until one asks for the browser's, which is Tokyo here; the page says which."""
        self.show(DMESG + AUSEARCH)
        self.assertIn("2020-06-15 15:34:24 to 2020-06-15 15:38:32 UTC", self.text("#span"))
        self.assertEqual(self.rows("violations-table")[0][5:], ["2020-06-15 15:34:24", "2020-06-15 15:38:32"])
        self.browser.evaluate(CHOOSE % ("zone", "local"))
        self.assertIn("2020-06-16 00:34:24 to 2020-06-16 00:38:32 Asia/Tokyo", self.text("#span"))
        self.assertEqual(self.rows("violations-table")[0][5:], ["2020-06-16 00:34:24", "2020-06-16 00:38:32"])

    def test_explanation(self):
        self.show(
            DMESG
            + AUSEARCH
            + line(call=59, pid=9, comm="sh", exe="/bin/dash")
            + line(call=41, code="0x7ffc0000", exe="/bin/x")
            + record(pid=3, arch="40000003", syscall=102, code="0x80000000", sig=31, exe='"/bin/old"')
        )

        def open_row(of):
            at = [row[2] for row in self.rows("violations-table")].index(of) + 1
            self.browser.evaluate(
                f"[...document.querySelectorAll('#violations-table tbody tr:not(.detail) .open')][{at - 1}].focus()"
            )
            self.browser.key("Enter", text="\r")
            return self.browser.evaluate(
                "(() => { const b = document.activeElement; return [b.getAttribute('aria-expanded'), "
                "document.getElementById(b.getAttribute('aria-controls')).textContent]; })()"
            )

        is_open, said = open_row("/usr/bin/nc.traditional")
        self.assertEqual(is_open, "true")
        for part in (
            "nc called bind and was killed (SIGSYS)",
            "gives a socket an address",
            "killed the thread with SIGSYS",
            "@listen",
            "EPERM bind(addrlen != 12)",
            "abjure run --allow 'bind'",
            "SCMP_ACT_ALLOW",
            "6664, 6939",
            "0x7ffb85de7497",
            "2020-06-15 15:34:24.942 UTC",
            DMESG[:-1],
            "abjure check POLICY 'bind'",
        ):
            self.assertIn(part, said)
        _, said = open_row("/bin/dash")
        for part in ("The call failed and did nothing", "starts another program", "@exec"):
            self.assertIn(part, said)
        _, said = open_row("/bin/x")
        for part in ("The call was made", "complain=on", "no more such records"):
            self.assertIn(part, said)
        _, said = open_row("/bin/old")
        self.assertIn("through the ABI x86", said)
        self.assertEqual(self.browser.evaluate("document.querySelectorAll('tr.detail:not([hidden])').length"), 4)
        self.browser.click("#violations-table .open")
        self.assertEqual(self.browser.evaluate("document.querySelectorAll('tr.detail:not([hidden])').length"), 3)
        # They stay with their rows.
        self.browser.click("#violations-table thead th:nth-child(3) button")
        controls = "d.previousSibling.querySelector('.open').getAttribute('aria-controls')"
        beside = f"[...document.querySelectorAll('tr.detail')].every((d) => {controls} === d.id)"
        self.assertTrue(self.browser.evaluate(beside))

    def test_explanation_of_a_death(self):
        """One whose call is not in the log: nothing is said about what nobody knows."""
        self.show(DEATH)
        self.browser.click("#violations-table .open")
        said = self.text(".detail")
        self.assertIn("nc died of SIGSYS", said)
        self.assertIn("as type 1326", said)
        self.assertNotIn("How to allow it", said)

    def test_commands_are_safe_to_copy(self):
        """What a person might paste into a shell or a policy holds nothing of an attacker."""
        self.show(line(comm="a;rm", exe="/tmp/`reboot`;$(id)") + line(call=99999, exe="/tmp/$(id)"))
        for at in (1, 2):
            self.browser.evaluate(f"[...document.querySelectorAll('#violations-table .open')][{at - 1}].click()")
        codes = self.browser.evaluate("[...document.querySelectorAll('.detail code')].map((c) => c.textContent)")
        self.assertGreater(len(codes), 15)
        self.assertEqual([code for code in codes if "reboot" in code or "$(" in code or "`" in code], [])

    def test_attacks(self):
        """Names are shown as what they are, and nothing of them is markup, code or direction."""
        log = "".join(line(comm=name[:15], exe=name, pid=i + 1, uid=2000 + i) for i, name in enumerate(ATTACKS))
        log += "".join(f"type=SECCOMP msg=audit(1.2.{name}\n" for name in ATTACKS if "\n" not in name)
        log += line(comm="long", exe="/" + "x" * 65536) + line(uid=9, exe="u", UID=f'"{ATTACKS[1]}"')
        data = log.encode() + line(exe=b"\xff\xfe\xc3\x28").encode() + line(exe=b"\0\1\2").encode()
        path = self.path("report.html")
        with open(path, "w", encoding="ascii") as file:
            file.write(self.page(log=data))
        self.browser.open(path)
        for at in range(len(ATTACKS) + 4):
            self.browser.evaluate(
                f"[...document.querySelectorAll('#violations-table tr:not(.detail) .open')][{at}].click()"
            )
        for pick in self.browser.evaluate("[...document.querySelectorAll('.pick')].map((b, i) => i)"):
            self.browser.evaluate(
                f"(() => {{ const b = [...document.querySelectorAll('.pick')][{pick}]; b.click(); b.click(); }})()"
            )
        self.assertEqual(
            self.browser.evaluate(
                "['script', 'img', 'iframe', 'b', 'style', '[onclick]', '[onerror]', '[style*=url]'].map("
                "(s) => document.querySelectorAll(s).length)"
            ),
            [2, 0, 0, 0, 1, 0, 0, 0],
        )
        seen = {row[2] for row in self.rows("violations-table")}
        for name in ATTACKS:
            self.assertIn(re.sub("[\x00-\x1f\u2028\u2029\u202e]", lambda m: f"\\u{{{ord(m[0]):x}}}", name), seen)
        self.assertTrue(any(re.fullmatch(r"/x{255}\u2026 \(4,096 bytes\)", name) for name in seen), seen)
        self.assertIn("\\u{0}\\u{1}\\u{2}", seen)
        self.assertIn(f"{ATTACKS[1]} (9)", {row[3] for row in self.rows("violations-table")})
        self.assertEqual(self.browser.evaluate("document.documentElement.scrollWidth <= 1280"), True)
        self.assertEqual(
            self.browser.evaluate("({}).polluted === undefined && Object.keys(Object.prototype).length === 0"), True
        )

    def test_schemes_and_contrast(self):
        log = (
            "".join(sample(300))
            + record(pid="x")
            + "".join(
                line(code=code, exe=f"/bin/{code}")
                for code in ("0x30000", "0x7fc00000", "0x7ff00000", "0x7fff0000", "0x5000d")
            )
        )
        seen = []
        for dark in (False, True):
            self.show(log, dark=dark)
            self.browser.click("#violations-table .open")
            self.browser.click("#table-program tbody tr:nth-child(1) .pick")
            seen.append(
                self.browser.evaluate(
                    "[['body', 'backgroundColor'], ['#time', 'backgroundColor'], ['h1', 'color']]"
                    ".map(([of, key]) => getComputedStyle(document.querySelector(of))[key])"
                )
            )
            ratio, where = self.browser.evaluate(CONTRAST)
            self.assertGreaterEqual(ratio, 4.5, where)
            self.assertLess(ratio, 21)
        light, dark = ([sum(int(n) for n in re.findall(r"\d+", color)[:3]) for color in colors] for colors in seen)
        self.assertTrue(light[0] > 700 and light[1] > 700 and light[2] < 200, seen)
        self.assertTrue(dark[0] < 100 and dark[1] < 120 and dark[2] > 600, seen)

    def test_small_screens(self):
        self.show("".join(sample(300)) + line(exe="/" + "w" * 200) + record(pid="y" * 300), width=320, height=640)
        for selector in (
            "#violations-table .open",
            "#table-program tbody tr:nth-child(1) .pick",
            "#time-details summary",
        ):
            self.browser.click(selector)
        self.wait_for("document.querySelectorAll('#time-table tbody tr').length > 5")
        self.assertEqual(self.browser.evaluate("document.documentElement.scrollWidth"), 320)
        # Nothing that can be pressed is smaller than 24 pixels, the least that WCAG 2.2 takes.
        small = """[...document.querySelectorAll('button, select, input')].filter((b) => b.getClientRects().length > 0)
            .map((b) => [b.textContent, b.getBoundingClientRect()]).filter(([t, r]) => r.height < 24 || r.width < 24)
            .map(([t, r]) => t)"""
        self.assertEqual(self.browser.evaluate(small), [])
        self.browser.size(1280, 900)
        self.wait_for("document.querySelector('#chart svg').viewBox.baseVal.width > 900")

    def test_structure(self):
        """What a screen reader and the keyboard find."""
        self.show("".join(sample(300)) + record(pid="x"))
        self.browser.click("#violations-table .open")
        tree = self.browser.send("Accessibility.getFullAXTree")["nodes"]
        named = [(one["role"]["value"], one.get("name", {}).get("value", "")) for one in tree if not one["ignored"]]
        for role in (
            "button",
            "table",
            "columnheader",
            "rowheader",
            "heading",
            "combobox",
            "searchbox",
            "image",
            "main",
            "banner",
        ):
            self.assertTrue(any(one[0] == role for one in named), role)
            self.assertEqual(
                [one for one in named if one[0] == role and one[1] == "" and role not in ("main", "banner")], []
            )
        levels = self.browser.evaluate(
            "[...document.querySelectorAll('h1, h2, h3')].filter((h) => h.getClientRects().length > 0)"
            ".map((h) => Number(h.tagName[1]))"
        )
        self.assertEqual((levels[0], levels.count(1)), (1, 1))
        self.assertTrue(all(b <= a + 1 for a, b in zip(levels, levels[1:])), levels)
        # Each control is reached by Tab in its order, and its focus is seen.
        self.browser.evaluate("document.activeElement.blur()")
        reached = []
        for _ in range(12):
            self.browser.key("Tab")
            reached.append(
                self.browser.evaluate(
                    "[document.activeElement.id || document.activeElement.className, "
                    "getComputedStyle(document.activeElement).outlineStyle]"
                )
            )
        self.assertEqual(len({outline for _, outline in reached} - {"solid", "auto"}), 0, reached)

    def test_print(self):
        self.show("".join(sample(300)), dark=True)
        self.browser.send(
            "Emulation.setEmulatedMedia", media="print", features=[{"name": "prefers-color-scheme", "value": "dark"}]
        )
        self.assertEqual(
            self.browser.evaluate(
                "['.find', '.range', '#violations-table table'].map((s) => "
                "document.querySelector(s).getClientRects().length > 0)"
            ),
            [False, False, True],
        )
        color = self.browser.evaluate("getComputedStyle(document.body).color")
        self.assertLess(sum(int(n) for n in re.findall(r"\d+", color)[:3]), 200)
        pdf = self.browser.send("Page.printToPDF")["data"]
        self.browser.send("Emulation.setEmulatedMedia", media="")
        self.assertTrue(base64.b64decode(pdf).startswith(b"%PDF"))

    def test_many_rows(self):
        self.show("".join(line(exe=f"/opt/{i}", uid=i % 50) for i in range(3000)))
        self.assertEqual(len(self.rows("violations-table")), 100)
        self.assertEqual(len(self.rows("table-user")), 10)
        self.browser.click("#violations-table + .more, #violations-table .more")
        self.assertEqual(len(self.rows("violations-table")), LIMIT + 1)
        self.assertIn("2,000 records of rarer violations in rows named (others)", self.text("#input"))
        self.browser.click("#violations-table tbody tr:nth-child(1) .open")
        self.assertIn("rarer than those that have a row", self.text(".detail"))

    def test_no_records(self):
        self.show("")
        self.assertEqual(
            self.browser.evaluate(
                "['#empty', '#time', '#facets', '#bar', '#tiles', '#violations', '#damaged'].map((s) => "
                "document.querySelector(s).getClientRects().length > 0)"
            ),
            [True] + [False] * 6,
        )
        self.assertIn("0 records", self.text("#span"))
        self.show("", "--call", "bind")
        self.assertIn("Nothing that the options ask for", self.text("#empty"))

    def test_records_without_time(self):
        self.show("Jun 15 15:34:24 host audit[6664]: SECCOMP " + DMESG.split(": ", 2)[2])
        self.assertEqual(self.browser.evaluate("document.querySelector('#time').hidden"), True)
        self.assertEqual(self.rows("violations-table")[0][5:], ["-", "-"])

    def test_damaged_lines(self):
        self.show(DMESG + record(pid="66x"))
        self.assertIn("1 line claims to be a record of seccomp and cannot be read", self.text("#damaged-note"))
        self.assertEqual(self.rows("damaged-table")[0][:2], ["standard input:2", "pid= holds no number"])


if __name__ == "__main__":
    main()
