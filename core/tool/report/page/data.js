// SPDX-License-Identifier: MIT
// What the data means, and what of it is chosen.

const isErrno = (action) => /^E[A-Z0-9]+$|^errno\(/.test(action);
const TONES = ["kill", "kill_thread", "trap", "deny", "log", "allow", "notify"];
function tone(action) {
  if (isErrno(action)) return "deny";
  return TONES.find((t) => t === action) || (/^trace/.test(action) ? "trace" : "none");
}
const SAID = {
  kill: "killed the process",
  kill_thread: "killed the thread",
  trap: "sent SIGSYS",
  deny: "denied, with an errno",
  log: "let it pass, logged",
  allow: "let it pass",
  notify: "left to a supervisor",
  trace: "left to a tracer",
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
  v.find = DIMENSIONS.map((d) => v.text[d])
    .concat(v.names || [])
    .join("\n")
    .toLowerCase();
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
const second = (ms) => (ms === undefined ? "-" : moment(ms).slice(0, -4));
const zoneName = () => (local ? localZone : "UTC");
const bucketStart = (i) => data.start + i * data.width;

function duration(seconds) {
  const units = [
    [31449600, "year"],
    [604800, "week"],
    [86400, "day"],
    [3600, "hour"],
    [60, "minute"],
    [1, "second"],
  ];
  for (const [size, name] of units)
    if (seconds >= size) {
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
  for (let i = 0; i < v.series.length; i += 2)
    if (v.series[i] >= range[0] && v.series[i] <= range[1]) n += v.series[i + 1];
  return n;
}

// Each table is narrowed by what is chosen in the others.
function matches(v, except) {
  return (
    (words === "" || v.find.includes(words)) &&
    DIMENSIONS.every((d) => d === except || chosen[d].size === 0 || chosen[d].has(v.key[d]))
  );
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
