// SPDX-License-Identifier: MIT
// The page of abjure report. What comes from records may be an attacker's: it gets into the page as text only.
"use strict";
(() => {
const data = JSON.parse(document.getElementById("data").textContent);
const SVG = "http://www.w3.org/2000/svg";
const DIMENSIONS = ["call", "program", "user", "action"];
const TITLES = {call: "Calls", program: "Programs", user: "Users", action: "Actions"};
const FEW = 10, MANY = 100; // rows that a table shows at first
const TO_MONDAY = 3 * 86400; // buckets count from a Monday
const OTHERS = "(others)";
const byId = (id) => document.getElementById(id);
const number = new Intl.NumberFormat("en-US");
const count = (n) => number.format(n);
const many = (n, one, more) => `${count(n)} ${n === 1 ? one : more}`;

// ---- Text ----

// What has no form of its own, or changes the direction of what stands beside it.
const visible = (text) => text.replace(/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu, (c) => `\\u{${c.codePointAt(0).toString(16)}}`);

function element(name, attributes, ...children) {
  const e = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key === "class") e.className = value;
    else if (key === "tone") e.style.setProperty("--tone", `var(--${tone(value)})`);
    else if (key === "click") e.addEventListener("click", value);
    else e.setAttribute(key, value);
  }
  e.append(...children.filter((c) => c !== null && c !== undefined));
  return e;
}

// "x `code` y" with the code as such.
function rich(name, text) {
  const parts = text.split("`");
  return element(name, null, ...parts.map((part, i) => i % 2 === 1 ? element("code", null, part) : part));
}

// ---- What the data means ----

const isErrno = (action) => /^E[A-Z0-9]+$|^errno\(/.test(action);
const TONES = ["kill", "kill_thread", "trap", "deny", "log", "allow", "notify"];
function tone(action) {
  if (isErrno(action)) return "deny";
  return TONES.find((t) => t === action) || (/^trace/.test(action) ? "trace" : "none");
}
const SAID = {
  kill: "killed the process", kill_thread: "killed the thread", trap: "sent SIGSYS", deny: "denied, with an errno",
  log: "let it pass, logged", allow: "let it pass", notify: "left to a supervisor", trace: "left to a tracer",
};
const said = (action) => SAID[action] || (isErrno(action) ? "denied" : /^trace/.test(action) ? SAID.trace : "");
const kills = (action) => action.startsWith("kill");
const denies = (action) => action === "deny" || action === "trap" || isErrno(action);

for (const v of data.violations) {
  v.actionWord = v.action === undefined ? OTHERS : data.actions[v.action];
  v.text = {
    call: v.call === undefined ? OTHERS : data.calls[v.call],
    program: v.program === undefined ? OTHERS : shownProgram(data.programs[v.program]),
    user: v.user === undefined ? OTHERS : userText(v),
    action: v.actionWord,
  };
  // Whatever is folded is one value of its own.
  v.key = {call: v.call, program: v.program, user: v.user, action: v.action};
  for (const d of DIMENSIONS) if (v.key[d] === undefined) v.key[d] = -1;
  v.find = DIMENSIONS.map((d) => v.text[d]).concat(v.names || []).join("\n").toLowerCase();
}

function shownProgram(p) {
  return visible(p.text) + (p.length > 256 ? `\u2026 (${count(p.length)} bytes)` : "");
}

function userText(v) {
  const id = data.users[v.user];
  const named = data.violations.find((o) => o.user === v.user && o.name !== undefined);
  return named ? `${visible(named.name)} (${id})` : id;
}

// ---- Times ----

let local = false;
const localZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
// "2020-06-15 15:34:24.942", in UTC or in the browser's zone.
function moment(ms) {
  const date = new Date(ms - (local ? new Date(ms).getTimezoneOffset() * 60000 : 0));
  return isNaN(date) ? "?" : date.toISOString().replace("T", " ").replace("Z", "").replace(/^\+/, "");
}
const second = (ms) => ms === undefined ? "-" : moment(ms).slice(0, -4);
const zoneName = () => local ? localZone : "UTC";
const bucketStart = (i) => data.start + i * data.width;

function duration(seconds) {
  const units = [[31449600, "year"], [604800, "week"], [86400, "day"], [3600, "hour"], [60, "minute"], [1, "second"]];
  for (const [size, name] of units) if (seconds >= size) {
    const n = Math.round(seconds / size);
    return many(n, name, `${name}s`);
  }
  return "less than a second";
}

// ---- What is chosen ----

const chosen = {call: new Set(), program: new Set(), user: new Set(), action: new Set()};
let range = null; // [first, last] bucket
let words = "";

function inRange(v) {
  if (range === null) return v.count;
  let n = 0;
  for (let i = 0; i < v.series.length; i += 2) if (v.series[i] >= range[0] && v.series[i] <= range[1]) n += v.series[i + 1];
  return n;
}

// Each table is narrowed by what is chosen in the others.
function matches(v, except) {
  return (words === "" || v.find.includes(words)) &&
    DIMENSIONS.every((d) => d === except || chosen[d].size === 0 || chosen[d].has(v.key[d]));
}

function toggle(dimension, key) {
  if (!chosen[dimension].delete(key)) chosen[dimension].add(key);
  draw();
}

function chooseRange(first, last) {
  const same = range !== null && range[0] === first && range[1] === last;
  range = same || (first <= 0 && last >= data.buckets - 1) ? null : [first, last];
  draw();
}

// ---- Tables ----

const compare = (a, b) => typeof a === "number" ? a - b : a < b ? -1 : a > b ? 1 : 0;

// Columns: {label, kind: class of its cells, value(row)}; rows keep their element, so that the focus stays.
class Table {
  constructor(label, columns, {sort, descending, few, row, stack}) {
    Object.assign(this, {columns, sort, descending, few, row, all: false});
    this.body = element("tbody");
    this.heads = columns.map((c, i) => element("th", {scope: "col", class: c.kind || ""},
      element("button", {type: "button", click: () => this.sortBy(i)}, c.label)));
    this.more = element("button", {type: "button", class: "more", click: () => { this.all = !this.all; draw(); }});
    this.table = element("table", {"aria-label": label, class: stack ? "stack" : ""},
      element("thead", null, element("tr", null, ...this.heads)), this.body);
    if (stack) this.keepRoles();
  }

  // Cells that are blocks on a small screen are cells still.
  keepRoles() {
    this.table.setAttribute("role", "table");
    for (const group of this.table.children) group.setAttribute("role", "rowgroup");
    this.heads.forEach((h) => h.setAttribute("role", "columnheader"));
    this.table.tHead.rows[0].setAttribute("role", "row");
  }

  sortBy(i) {
    // Numbers and times are of interest from the largest on.
    this.descending = this.sort === i ? !this.descending : this.columns[i].kind === "num" || this.columns[i].kind === "when";
    this.sort = i;
    draw();
  }

  draw(rows) {
    const value = this.columns[this.sort].value, sign = this.descending ? -1 : 1;
    const sorted = rows.map((r, i) => [value(r), i, r]).sort((a, b) => sign * compare(a[0], b[0]) || a[1] - b[1]);
    const shown = this.all ? sorted : sorted.slice(0, this.few);
    this.body.replaceChildren(...shown.flatMap((s) => this.row(s[2])));
    this.heads.forEach((h, i) => {
      if (i === this.sort) h.setAttribute("aria-sort", this.descending ? "descending" : "ascending");
      else h.removeAttribute("aria-sort");
    });
    this.more.hidden = rows.length <= this.few;
    this.more.textContent = this.all ? `Show ${this.few} only` : `Show all ${count(rows.length)}`;
  }
}

function facet(dimension) {
  const kept = new Map();
  const columns = [{label: TITLES[dimension].slice(0, -1), value: (r) => r.sortText},
    {label: "Records", kind: "num", value: (r) => r.n}];
  const table = new Table(TITLES[dimension], columns, {sort: 1, descending: true, few: FEW, row: (r) => r.row});
  byId("facets").append(element("section", {"aria-labelledby": `${dimension}-heading`, id: `table-${dimension}`},
    element("h2", {id: `${dimension}-heading`}, TITLES[dimension]), table.table, table.more));
  const entry = (v) => {
    const key = v.key[dimension], text = v.text[dimension];
    const button = element("button", {type: "button", class: "pick", click: () => toggle(dimension, key)}, text);
    const total = element("td", {class: "num share"});
    const head = element("th", {scope: "row"}, dimension === "action" ? element("span", {class: "dot", tone: text}) : null,
      button, dimension === "action" && said(text) ? element("span", {class: "small"}, ` ${said(text)}`) : null);
    const sortText = dimension === "user" && /^\d+$/.test(data.users[key] || "") ? Number(data.users[key]) : text.toLowerCase();
    const r = {key, button, total, n: 0, sortText: dimension === "user" && typeof sortText === "string" ? -1 : sortText,
      row: element("tr", null, head, total)};
    kept.set(key, r);
    return r;
  };
  return () => {
    for (const r of kept.values()) r.n = 0;
    let sum = 0;
    for (const v of data.violations) {
      const r = kept.get(v.key[dimension]) || entry(v);
      const n = matches(v, dimension) ? inRange(v) : 0;
      r.n += n;
      sum += n;
    }
    for (const r of kept.values()) {
      r.total.textContent = count(r.n);
      r.total.style.setProperty("--part", `${sum > 0 ? (100 * r.n / sum).toFixed(2) : 0}%`);
      r.button.setAttribute("aria-pressed", String(chosen[dimension].has(r.key)));
    }
    table.draw([...kept.values()].filter((r) => r.n > 0 || chosen[dimension].has(r.key)));
  };
}

// ---- The explanation of one violation ----

function happened(v) {
  const a = v.actionWord;
  if (v.death) return "The process died of SIGSYS. The record of the call that led to it is not in what was read: the kernel writes it just before this one, as type 1326.";
  if (a === "kill") return "The kernel killed the process with SIGSYS. The call did nothing.";
  if (a === "kill_thread") return v.signal === "SIGKILL" ? "The process was in strict mode, and the kernel killed it. The call did nothing."
    : "The kernel killed the thread with SIGSYS, and with it a process of one thread. The call did nothing.";
  if (a === "trap") return "The thread got SIGSYS. The call did nothing, but a handler of the program may have answered in its place.";
  if (a === "deny") return "The call failed and did nothing. The kernel does not log with which errno.";
  if (isErrno(a)) return `The call failed with ${a} and did nothing.`;
  if (a === "log" || a === "allow") return "The call was made: the filter only asked for a record.";
  if (a === "notify") return "A supervisor was asked. The record does not say what it decided.";
  if (/^trace/.test(a)) return "A tracer was asked; without one the call failed with ENOSYS.";
  return "The record does not say what became of the call.";
}

function holders(v) {
  const rules = data.held[`${v.call} ${v.abi || ""}`] || [];
  const own = rules.filter((r) => r[1] === ""), list = [];
  for (const [group, , rule] of own) {
    const through = rules.filter((r) => r[1] === group && r[2] === rule).map((r) => r[0]);
    const item = element("li", null, element("code", null, group), `: ${data.groups[group] || ""} `, element("code", null, rule));
    if (through.length > 0) item.append(`. Also by ${through.join(", ")}, which ${through.length === 1 ? "includes" : "include"} it`);
    list.push(item);
  }
  return list;
}

function why(v, call) {
  const list = holders(v), part = [element("h3", null, "Which rule did it")];
  const passed = v.actionWord === "log" || v.actionWord === "allow";
  part.push(rich("p", passed ? "A record names no rule. Calls pass and are logged by a rule such as `log " + call + "`, by the default `log`, or in a filter that only complains (`complain=on`)."
    : "A record names no rule: the kernel logs neither the filter nor the line."));
  if (v.foreign) part.push(rich("p", "The call came through the ABI `" + v.abi + "`. A filter kills what comes through an ABI that it is not for, whatever the call; `abi " + v.abi + "` in the policy adds that."));
  if (/^-?\d+$/.test(call)) part.push(rich("p", "The tables have no name for this number, and filters answer such calls with `unknown=`, which is ENOSYS unless it is set."));
  else if (list.length > 0) part.push(element("p", null, passed ? "Groups that hold the call:" : "Groups that hold the call, and so may have denied it:"), element("ul", null, ...list));
  else part.push(element("p", null, "No group holds this call: a rule names it, or a list of allowed calls lacks it, as profiles of containers and of systemd do."));
  part.push(rich("p", "`abjure check POLICY '" + call + "'` names the rule and its line where the policy is known; `abjure ps` lists the processes under filters."));
  return part;
}

// No name of a program is in these lines, since people copy them into a shell.
function remedy(v, call) {
  const title = (text) => element("h3", null, text);
  if (v.actionWord === "log" || v.actionWord === "allow")
    return [title("How to have no more such records"), rich("p", "Put `allow " + call + "` before the rule that logs. The first rule that matches decides.")];
  return [title("How to allow it"),
    element("p", null, "Is the program meant to make this call? If not, the filter has done its work, and something is wrong with the program: a denied call may be an attack that failed."),
    rich("p", "If it is, let an exception stand before the rule that denies, since the first rule that matches decides. A condition keeps it narrow."),
    element("ul", null,
      rich("li", "Command: `abjure run --allow '" + call + "' --deny ... -- PROGRAM`"),
      rich("li", "Policy: the line `allow " + call + "` first"),
      rich("li", "Program: `abjure_filter_add(filter, \"allow\", \"" + call + "\")` before the other rules"),
      rich("li", "Docker, OCI: `{\"names\": [\"" + call + "\"], \"action\": \"SCMP_ACT_ALLOW\"}` in `syscalls`"),
      rich("li", "systemd: `" + call + "` in `SystemCallFilter=`"))];
}

function facts(v) {
  const list = element("dl", {class: "facts"});
  const add = (name, text, mono) => { if (text) list.append(element("dt", null, name), element("dd", {class: mono ? "mono" : ""}, text)); };
  const some = (values, spell) => values.map((x) => x === null ? "and others" : spell(x)).join(", ");
  add("Records", count(v.count));
  add("First", v.first === undefined ? "not in the records" : `${moment(v.first)} ${zoneName()}`);
  add("Last", v.last === undefined ? "" : `${moment(v.last)} ${zoneName()}`);
  add("ABI", v.abi);
  add("Processes", some(v.pids || [], String));
  add("Names", (v.names || []).map(visible).join(", "));
  add("Login user", v.login === undefined ? "" : v.login === "unset" ? "none: nobody logged in for it" : `uid ${v.login}`);
  add("Called from", some(v.addresses || [], String), true);
  return list;
}

function explanation(v) {
  if (v.program === undefined) return [element("p", {class: "says"}, "These violations were rarer than those that have a row of their own. They are counted here by call and action, so that the page does not grow with the log.")];
  const call = v.text.call, known = data.does[v.call];
  const parts = [element("p", {class: "says"}, visible(v.says))];
  const left = element("div"), right = element("div");
  if (!v.death) left.append(element("h3", null, "What the call does"),
    element("p", null, element("code", null, call), known ? ` ${known}.` : ": there are no words for it here."));
  left.append(element("h3", null, "What became of it"), element("p", null, happened(v)));
  if (!v.death) left.append(...why(v, call), ...remedy(v, call));
  right.append(element("h3", null, "In the records"), facts(v), element("h3", null, "The first of them"),
    element("pre", null, visible(v.line.replace("\x1d", " ")) + (v.cut ? " \u2026" : "")),
    rich("p", "`abjure explain --fields` explains each of its fields."));
  parts.push(element("div", {class: "cols"}, left, right));
  return parts;
}

// ---- The list of violations ----

const usual = data.violations.reduce((n, v) => v.abi ? n.set(v.abi, (n.get(v.abi) || 0) + v.count) : n, new Map());
const mainAbi = [...usual].sort((a, b) => b[1] - a[1]).map((x) => x[0])[0];
for (const v of data.violations) v.foreign = kills(v.actionWord) && ["x86", "x32", "arm"].includes(v.abi) && v.abi !== mainAbi;

function violationRows(v) {
  if (v.rows === undefined) makeRow(v);
  v.shown.textContent = count(v.n);
  v.firstCell.textContent = second(v.first);
  v.lastCell.textContent = second(v.last);
  if (v.detail !== undefined && v.button.getAttribute("aria-expanded") === "true") v.detail.firstChild.replaceChildren(...explanation(v));
  return v.rows;
}

function makeRow(v) {
  const cell = (label, kind, ...children) => element("td", {role: "cell", class: kind, "data-label": label}, ...children);
  v.button = element("button", {type: "button", class: "open", "aria-expanded": "false", click: () => open(v)}, v.text.call);
  v.shown = cell("Records", "num");
  v.firstCell = cell("First seen", "when");
  v.lastCell = cell("Last seen", "when");
  v.rows = [element("tr", {role: "row"},
    element("th", {scope: "row", role: "rowheader"}, v.button, v.abi && v.abi !== mainAbi ? element("span", {class: "small"}, ` ${v.abi}`) : null),
    cell("Action", "action", element("span", {class: "dot", tone: v.actionWord}), v.text.action),
    cell("Program", "program", v.text.program), cell("User", "user", v.text.user), v.shown, v.firstCell, v.lastCell)];
}

let opened = 0;
function open(v) {
  const isOpen = v.button.getAttribute("aria-expanded") === "true";
  if (v.detail === undefined) {
    const id = `detail-${opened++}`;
    v.detail = element("tr", {class: "detail", role: "row", id}, element("td", {role: "cell", colspan: "7"}));
    v.button.setAttribute("aria-controls", id);
    v.rows.push(v.detail);
  }
  v.detail.hidden = isOpen;
  v.button.setAttribute("aria-expanded", String(!isOpen));
  if (!isOpen) v.detail.firstChild.replaceChildren(...explanation(v));
  v.rows[0].after(v.detail);
}

const list = new Table("Violations", [
  {label: "Call", value: (v) => v.text.call}, {label: "Action", value: (v) => v.text.action},
  {label: "Program", value: (v) => v.text.program.toLowerCase()}, {label: "User", value: (v) => v.text.user},
  {label: "Records", kind: "num", value: (v) => v.n}, {label: "First seen", kind: "when", value: (v) => v.first || 0},
  {label: "Last seen", kind: "when", value: (v) => v.last || 0},
], {sort: 4, descending: true, few: MANY, row: violationRows, stack: true});

// ---- The chart ----

const order = data.actions.map((a, i) => [["kill", "kill_thread", "trap", "deny", "log", "allow", "notify"].indexOf(tone(a)), a, i])
  .sort((a, b) => (a[0] < 0) - (b[0] < 0) || a[0] - b[0] || compare(a[1], b[1])).map((x) => x[2]).concat([-1]);

// Buckets as wide as there is room for: [first, last] of the data's and counts by action.
function bars(most) {
  const width = data.widths.find((w) => w >= data.width && Math.ceil(data.buckets * data.width / w) + 1 <= Math.max(most, 2)) || data.width;
  const groups = new Map();
  for (let i = 0; i < data.buckets; i++) {
    const at = Math.floor((bucketStart(i) + TO_MONDAY) / width);
    const g = groups.get(at) || {first: i, last: i, start: at * width - TO_MONDAY, width, total: 0, actions: new Map()};
    g.last = i;
    groups.set(at, g);
  }
  const found = [...groups.values()], of = [];
  for (const g of found) for (let i = g.first; i <= g.last; i++) of[i] = g;
  for (const v of data.violations) if (matches(v)) for (let i = 0; i < v.series.length; i += 2) {
    const g = of[v.series[i]];
    g.total += v.series[i + 1];
    g.actions.set(v.key.action, (g.actions.get(v.key.action) || 0) + v.series[i + 1]);
  }
  return found;
}

const draft = (name, attributes, text) => {
  const e = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
  if (text !== undefined) e.textContent = text;
  return e;
};

// 1, 2 or 5 times a power of ten, so that there are at most four lines.
function step(most) {
  let s = 1;
  for (let i = 0; most / s > 4; i++) s *= i % 3 === 1 ? 2.5 : 2;
  return s;
}

// The shortest form of a time that tells one bucket from the next; the day is below, where it changes.
function tick(bar) {
  const text = moment(bar.start * 1000);
  if (bar.width >= 28 * 86400) return text.slice(0, text.indexOf("-", 1) + 3);
  return bar.width >= 86400 ? text.slice(-18, -13) : bar.width >= 60 ? text.slice(-12, -7) : text.slice(-12, -4);
}
const day = (bar) => bar.width >= 86400 ? "" : second(bar.start * 1000).slice(0, -9);

const breakdown = (bar) => order.filter((a) => bar.actions.get(a)).map((a) => `${a < 0 ? OTHERS : data.actions[a]} ${count(bar.actions.get(a))}`).join(", ");
const barText = (bar) => `${second(bar.start * 1000)}, ${duration(bar.width)}: ${many(bar.total, "record", "records")}${bar.total > 0 ? ` (${breakdown(bar)})` : ""}`;
let drawn = [], drag = null, chartWidth = 0;

function drawChart() {
  const box = byId("chart"), width = Math.max(box.clientWidth, 200), height = 256, left = 52, top = 8;
  chartWidth = box.clientWidth;
  drawn = bars(Math.floor((width - left) / 5));
  const bottom = day(drawn[0]) === "" ? 26 : 42; // room for one line of text or two
  const most = Math.max(1, ...drawn.map((b) => b.total)), inner = height - bottom - top, slot = (width - left - 4) / drawn.length;
  const lines = step(most), ceiling = Math.ceil(most / lines) * lines, y = (n) => top + inner * (1 - n / ceiling);
  const svg = draft("svg", {viewBox: `0 0 ${width} ${height}`, role: "img", preserveAspectRatio: "none",
    "aria-label": `${many(drawn.reduce((n, b) => n + b.total, 0), "record", "records")} in ${many(drawn.length, "bar", "bars")} of ${duration(drawn[0].width)} each; the table below has the numbers`});
  for (let n = 0; n <= ceiling; n += lines) {
    svg.append(draft("line", {class: n === 0 ? "axis" : "grid", x1: left, x2: width, y1: y(n), y2: y(n)}),
      draft("text", {x: left - 6, y: y(n) + 4, "text-anchor": "end"}, short(n)));
  }
  const bar = Math.min(Math.max(slot - (slot > 4 ? 1.5 : 0.5), 1), 48), every = Math.ceil((tick(drawn[0]).length * 7 + 16) / slot);
  let lastDay = "", dayEnd = 0;
  drawn.forEach((b, i) => {
    const x = left + 2 + i * slot, out = range !== null && (b.last < range[0] || b.first > range[1]);
    let at = 0;
    for (const a of order) {
      const n = b.actions.get(a);
      if (!n) continue;
      const seg = draft("rect", {class: out ? "seg out" : "seg", x: x + (slot - bar) / 2, width: bar, y: y(at + n), height: Math.max(y(at) - y(at + n), 0.75)});
      seg.style.setProperty("--tone", `var(--${a < 0 ? "none" : tone(data.actions[a])})`);
      svg.append(seg);
      at += n;
    }
    if (i % every === 0 && x + slot / 2 + 20 < width) {
      svg.append(draft("text", {x: x + slot / 2, y: height - bottom + 17, "text-anchor": "middle"}, tick(b)));
      const from = x + slot / 2 - 18;
      if (day(b) !== lastDay && from > dayEnd && from + 78 < width) {
        svg.append(draft("text", {x: from, y: height - 7}, day(b)));
        [lastDay, dayEnd] = [day(b), from + 80];
      }
    }
    const hit = draft("rect", {class: "hit", x, width: slot, y: top, height: inner});
    hit.append(draft("title", {}, barText(b)));
    svg.append(hit);
  });
  box.replaceChildren(svg);
}

const short = (n) => n >= 1e6 ? `${n / 1e6}M` : n >= 1e4 ? `${n / 1e3}k` : count(n);

function barAt(event) {
  const box = byId("chart").getBoundingClientRect(), left = 54;
  const i = Math.floor((event.clientX - box.left - left) / ((box.width - left - 2) / drawn.length));
  return Math.min(Math.max(i, 0), drawn.length - 1);
}

// Shows what a pointer is being drawn over.
function mark(from, to) {
  [...byId("chart").querySelectorAll(".hit")].forEach((hit, i) => hit.classList.toggle("marked", i >= Math.min(from, to) && i <= Math.max(from, to)));
}

function drawTime() {
  drawChart();
  const options = (select, pick, at) => {
    const made = drawn.map((b, i) => element("option", {value: String(i)}, second(b.start * 1000 + pick * b.width * 1000)));
    select.replaceChildren(...made);
    select.value = String(at < 0 ? pick * (drawn.length - 1) : at);
  };
  options(byId("from"), 0, range === null ? -1 : drawn.findIndex((b) => b.last >= range[0]));
  options(byId("to"), 1, range === null ? -1 : drawn.findIndex((b) => b.last >= range[1]));
  byId("whole").disabled = range === null;
  byId("bucket").textContent = `Each bar: ${duration(drawn[0].width)}. Click one, or draw over several, to see only those.` +
    (data.untimed > 0 ? ` ${many(data.untimed, "record has", "records have")} no time and ${data.untimed === 1 ? "is" : "are"} not in the chart.` : "");
  const present = order.filter((a) => drawn.some((b) => b.actions.get(a)));
  byId("legend").replaceChildren(...present.map((a) => element("li", null, element("span", {class: "dot", tone: a < 0 ? "" : data.actions[a]}), a < 0 ? OTHERS : data.actions[a])));
  if (byId("time-details").open) drawTimeTable();
}

function drawTimeTable() {
  const rows = drawn.filter((b) => b.total > 0).map((b) => element("tr", null, element("th", {scope: "row", class: "when"}, second(b.start * 1000)),
    element("td", {class: "num"}, count(b.total)), element("td", {class: "wide"}, breakdown(b))));
  byId("time-table").replaceChildren(element("table", {"aria-label": "Records over time"}, element("thead", null, element("tr", null,
    element("th", {scope: "col"}, `From (${zoneName()})`), element("th", {scope: "col", class: "num"}, "Records"), element("th", {scope: "col"}, "Actions"))),
    element("tbody", null, ...rows)));
}

// ---- All of it ----

function tiles(list) {
  const sum = (test) => list.reduce((n, v) => test(v.actionWord) ? n + v.n : n, 0);
  const distinct = (d) => count(new Set(list.map((v) => v.key[d]).filter((k) => k !== -1)).size) + (list.some((v) => v.key[d] === -1) ? "+" : "");
  const entries = [["Records", count(sum(() => true)), ""], ["Killed", count(sum((a) => kills(a)) + list.reduce((n, v) => v.death ? n + v.n : n, 0)), "kill"],
    ["Denied", count(sum(denies)), "deny"], ["Logged, passed", count(sum((a) => a === "log" || a === "allow")), "log"],
    ["Programs", distinct("program"), "none"], ["Users", distinct("user"), "none"]];
  byId("tiles").replaceChildren(...entries.map(([name, value, t]) => {
    const box = element("div", null, element("dt", null, name), element("dd", null, value));
    if (t !== "") box.style.setProperty("--tone", `var(--${t})`);
    return box;
  }));
}

function drawBar(list) {
  const records = list.reduce((n, v) => n + v.n, 0);
  const chips = [];
  const chip = (text, click) => chips.push(element("li", null, element("button", {type: "button", "aria-label": `Remove: ${text}`, click}, `${text} \u00d7`)));
  for (const d of DIMENSIONS) for (const key of chosen[d]) chip(`${d} ${data.violations.find((v) => v.key[d] === key).text[d]}`, () => toggle(d, key));
  if (range !== null) chip(`${second(bucketStart(range[0]) * 1000)} to ${second(bucketStart(range[1] + 1) * 1000)}`, () => { range = null; draw(); });
  if (words !== "") chip(`text ${words}`, () => { words = byId("find").value = ""; draw(); });
  const narrowed = chips.length > 0;
  if (chips.length > 1) chips.push(element("li", null, element("button", {type: "button", class: "clear", click: clear}, "Show everything")));
  byId("chips").replaceChildren(...chips);
  byId("shown").textContent = narrowed ? `${count(records)} of ${many(data.records, "record", "records")}` : `All ${many(data.records, "record", "records")}`;
}

function clear() {
  for (const d of DIMENSIONS) chosen[d].clear();
  range = null;
  words = byId("find").value = "";
  draw();
}

const facets = data.violations.length > 0 ? DIMENSIONS.map(facet) : [];

function draw() {
  const focused = document.activeElement;
  for (const v of data.violations) v.n = matches(v) ? inRange(v) : 0;
  const found = data.violations.filter((v) => v.n > 0);
  drawBar(found);
  tiles(found);
  if (data.buckets > 0) drawTime();
  for (const f of facets) f();
  list.draw(found);
  byId("violations-note").textContent = `${many(found.length, "row", "rows")}, each with what records have in common: call, action, program and user. Choose a call for the explanation. Times in ${zoneName()}.`;
  drawHeader();
  // Moved elements lose the focus.
  if (focused && focused !== document.activeElement && document.contains(focused)) focused.focus({preventScroll: true});
}

function drawHeader() {
  const span = data.first === undefined ? "" : `, from ${second(data.first)} to ${second(data.last)} ${zoneName()} (${duration(Math.ceil((data.last - data.first) / 1000))})`;
  byId("span").textContent = `${many(data.records, "record", "records")} of calls that seccomp filters decided${span}`;
  const files = data.files.map(visible).join(", ") + (data.fileCount > data.files.length ? ` and ${count(data.fileCount - data.files.length)} more` : "");
  const parts = [`Read: ${files || "standard input"}`];
  if (data.selected) parts.push("narrowed by options");
  if (data.incomplete) parts.push("NOT ALL OF IT COULD BE READ");
  parts.push(many(data.damaged, "damaged line", "damaged lines"), many(data.others, "line of another kind", "lines of other kinds"));
  if (data.repeated > 0) parts.push(many(data.repeated, "death that repeats a record", "deaths that repeat a record"));
  if (data.folded > 0) parts.push(`${many(data.folded, "record", "records")} of rarer violations in rows named ${OTHERS}`);
  if (data.approximate) parts.push("there were so many different violations that rows with low counts may lack records, which are then under (others)");
  byId("input").textContent = `${parts.join("; ")}.`;
  byId("made").textContent = `Made by abjure ${data.version}, ${second(data.made)} ${zoneName()}. This page loads nothing and sends nothing.`;
}

function drawDamaged() {
  const shown = data.damagedLines;
  byId("damaged").hidden = data.damaged === 0;
  byId("damaged-note").textContent = `${many(data.damaged, "line claims", "lines claim")} to be a record of seccomp and cannot be read${data.damaged > shown.length ? `; the first ${shown.length} of them` : ""}:`;
  byId("damaged-table").append(element("table", {class: "stack", role: "table", "aria-label": "Damaged lines"},
    element("thead", {role: "rowgroup"}, element("tr", {role: "row"}, ...["Where", "What is wrong", "How it begins"].map((t) => element("th", {scope: "col", role: "columnheader"}, t)))),
    element("tbody", {role: "rowgroup"}, ...shown.map((d) => element("tr", {role: "row"},
      element("th", {scope: "row", role: "rowheader", class: "place"}, `${visible(d.file)}:${d.number}`), element("td", {role: "cell", class: "wide"}, d.why),
      element("td", {role: "cell", class: "wide mono"}, visible(d.text) + (d.cut ? " \u2026" : "")))))));
}

function start() {
  const some = data.violations.length > 0;
  drawDamaged();
  drawHeader();
  byId("empty").hidden = some;
  byId("empty-why").textContent = data.selected ? "Nothing that the options ask for is in what was read."
    : "No filter denied or logged a call in what was read, or its records are elsewhere:";
  for (const id of ["bar", "tiles", "facets", "violations"]) byId(id).hidden = !some;
  document.querySelector(".skip").hidden = !some;
  if (!some) return;
  byId("violations-table").append(list.table, list.more);
  byId("time").hidden = !(data.buckets > 0);
  byId("zone").append(element("option", {value: "utc"}, "UTC"), element("option", {value: "local"}, `this browser's zone (${localZone})`));
  byId("zone").addEventListener("change", () => { local = byId("zone").value === "local"; draw(); });
  byId("find").addEventListener("input", () => { words = byId("find").value.trim().toLowerCase(); draw(); });
  byId("whole").addEventListener("click", () => { range = null; draw(); });
  for (const id of ["from", "to"]) byId(id).addEventListener("change", () => {
    const from = Number(byId("from").value), to = Number(byId("to").value);
    range = null;
    chooseRange(drawn[Math.min(from, to)].first, drawn[Math.max(from, to)].last);
  });
  byId("time-details").addEventListener("toggle", drawTimeTable);
  const chart = byId("chart");
  chart.addEventListener("pointerdown", (e) => {
    drag = e.button === 0 ? barAt(e) : null;
    if (drag !== null) chart.setPointerCapture(e.pointerId);
  });
  chart.addEventListener("pointermove", (e) => { if (drag !== null) mark(drag, barAt(e)); });
  chart.addEventListener("pointerup", (e) => {
    if (drag === null) return;
    const to = barAt(e), from = drag;
    drag = null;
    chooseRange(drawn[Math.min(from, to)].first, drawn[Math.max(from, to)].last);
  });
  chart.addEventListener("pointercancel", () => { drag = null; drawChart(); });
  new ResizeObserver(() => { if (data.buckets > 0 && chart.clientWidth !== chartWidth) drawTime(); }).observe(chart);
  draw();
}

start();
})();
