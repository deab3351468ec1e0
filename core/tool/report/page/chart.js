// SPDX-License-Identifier: MIT
// Records over time.

const order = data.actions
  .map((a, i) => [["kill", "kill_thread", "trap", "deny", "log", "allow", "notify"].indexOf(tone(a)), a, i])
  .sort((a, b) => (a[0] < 0) - (b[0] < 0) || a[0] - b[0] || compare(a[1], b[1]))
  .map((x) => x[2])
  .concat([-1]);

// Buckets as wide as there is room for: [first, last] of the data's and counts by action.
function bars(most) {
  const width =
    data.widths.find((w) => w >= data.width && Math.ceil((data.buckets * data.width) / w) + 1 <= Math.max(most, 2)) ||
    data.width;
  const groups = new Map();
  for (let i = 0; i < data.buckets; i++) {
    const at = Math.floor((bucketStart(i) + TO_MONDAY) / width);
    const g = groups.get(at) || {
      first: i,
      last: i,
      start: at * width - TO_MONDAY,
      width,
      total: 0,
      actions: new Map(),
    };
    g.last = i;
    groups.set(at, g);
  }
  const found = [...groups.values()];
  const of = []; // bucket of the data -> bar
  for (const g of found) for (let i = g.first; i <= g.last; i++) of[i] = g;
  for (const v of data.violations)
    if (matches(v))
      for (let i = 0; i < v.series.length; i += 2) {
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
const day = (bar) => (bar.width >= 86400 ? "" : second(bar.start * 1000).slice(0, -9));

const breakdown = (bar) =>
  order
    .filter((a) => bar.actions.get(a))
    .map((a) => `${a < 0 ? OTHERS : data.actions[a]} ${count(bar.actions.get(a))}`)
    .join(", ");
const barText = (bar) =>
  `${second(bar.start * 1000)}, ${duration(bar.width)}: ${many(bar.total, "record", "records")}` +
  (bar.total > 0 ? ` (${breakdown(bar)})` : "");
let drawn = []; // the bars
let drag = null; // the bar where a pointer was pressed
let chartWidth = 0;

// What the parts of the chart need to know: its measures, and where a count is.
function frameOf(width) {
  const [height, left, top] = [256, 52, 8];
  const bottom = day(drawn[0]) === "" ? 26 : 42; // room for one line of text or two
  const most = Math.max(1, ...drawn.map((b) => b.total));
  const lines = step(most);
  const ceiling = Math.ceil(most / lines) * lines;
  const inner = height - bottom - top;
  const slot = (width - left - 4) / drawn.length;
  const y = (n) => top + inner * (1 - n / ceiling);
  return {width, height, left, top, bottom, lines, ceiling, inner, slot, y};
}

function drawGrid(svg, f) {
  for (let n = 0; n <= f.ceiling; n += f.lines)
    svg.append(
      draft("line", {class: n === 0 ? "axis" : "grid", x1: f.left, x2: f.width, y1: f.y(n), y2: f.y(n)}),
      draft("text", {x: f.left - 6, y: f.y(n) + 4, "text-anchor": "end"}, short(n)),
    );
}

function drawBar(svg, f, b, x) {
  const out = range !== null && (b.last < range[0] || b.first > range[1]);
  const width = Math.min(Math.max(f.slot - (f.slot > 4 ? 1.5 : 0.5), 1), 48);
  let below = 0;
  for (const a of order) {
    const n = b.actions.get(a);
    if (!n) continue;
    const [y, bottom] = [f.y(below + n), f.y(below)];
    const height = Math.max(bottom - y, 0.75);
    const part = draft("rect", {class: out ? "seg out" : "seg", x: x + (f.slot - width) / 2, width, y, height});
    part.style.setProperty("--tone", `var(--${a < 0 ? "none" : tone(data.actions[a])})`);
    svg.append(part);
    below += n;
  }
  const hit = draft("rect", {class: "hit", x, width: f.slot, y: f.top, height: f.inner});
  hit.append(draft("title", {}, barText(b)));
  svg.append(hit);
}

// As many times as there is room for, and below them the days.
function drawTicks(svg, f) {
  const every = Math.ceil((tick(drawn[0]).length * 7 + 16) / f.slot);
  let shown = "";
  let end = 0;
  for (let i = 0; i < drawn.length; i += every) {
    const middle = f.left + 2 + (i + 0.5) * f.slot;
    const from = middle - 18;
    const today = day(drawn[i]);
    if (middle + 20 >= f.width) break;
    svg.append(draft("text", {x: middle, y: f.height - f.bottom + 17, "text-anchor": "middle"}, tick(drawn[i])));
    if (today === shown || from <= end || from + 78 >= f.width) continue;
    svg.append(draft("text", {x: from, y: f.height - 7}, today));
    shown = today;
    end = from + 80;
  }
}

function drawChart() {
  const box = byId("chart");
  const width = Math.max(box.clientWidth, 200);
  chartWidth = box.clientWidth;
  drawn = bars(Math.floor((width - 56) / 5));
  const f = frameOf(width);
  const records = many(
    drawn.reduce((n, b) => n + b.total, 0),
    "record",
    "records",
  );
  const svg = draft("svg", {
    viewBox: `0 0 ${f.width} ${f.height}`,
    role: "img",
    preserveAspectRatio: "none",
    "aria-label":
      `${records} in ${many(drawn.length, "bar", "bars")} of ${duration(drawn[0].width)} each; ` +
      "the table below has the numbers",
  });
  drawGrid(svg, f);
  drawn.forEach((b, i) => drawBar(svg, f, b, f.left + 2 + i * f.slot));
  drawTicks(svg, f);
  box.replaceChildren(svg);
}

const short = (n) => (n >= 1e6 ? `${n / 1e6}M` : n >= 1e4 ? `${n / 1e3}k` : count(n));

function barAt(event) {
  const box = byId("chart").getBoundingClientRect();
  const left = 54;
  const i = Math.floor((event.clientX - box.left - left) / ((box.width - left - 2) / drawn.length));
  return Math.min(Math.max(i, 0), drawn.length - 1);
}

// Shows what a pointer is being drawn over.
function mark(from, to) {
  [...byId("chart").querySelectorAll(".hit")].forEach((hit, i) =>
    hit.classList.toggle("marked", i >= Math.min(from, to) && i <= Math.max(from, to)),
  );
}

function drawTime() {
  drawChart();
  const options = (select, pick, at) => {
    const made = drawn.map((b, i) =>
      element("option", {value: String(i)}, second(b.start * 1000 + pick * b.width * 1000)),
    );
    select.replaceChildren(...made);
    select.value = String(at < 0 ? pick * (drawn.length - 1) : at);
  };
  options(byId("from"), 0, range === null ? -1 : drawn.findIndex((b) => b.last >= range[0]));
  options(byId("to"), 1, range === null ? -1 : drawn.findIndex((b) => b.last >= range[1]));
  byId("whole").disabled = range === null;
  const untimed = ` Not in the chart: ${many(data.untimed, "record", "records")} without a time.`;
  byId("bucket").textContent =
    `Each bar: ${duration(drawn[0].width)}. Click one, or draw over several, to see only those.` +
    (data.untimed > 0 ? untimed : "");
  const present = order.filter((a) => drawn.some((b) => b.actions.get(a)));
  byId("legend").replaceChildren(
    ...present.map((a) =>
      element(
        "li",
        null,
        element("span", {class: "dot", tone: a < 0 ? "" : data.actions[a]}),
        a < 0 ? OTHERS : data.actions[a],
      ),
    ),
  );
  if (byId("time-details").open) drawTimeTable();
}

function drawTimeTable() {
  const rows = drawn
    .filter((b) => b.total > 0)
    .map((b) =>
      element(
        "tr",
        null,
        element("th", {scope: "row", class: "when"}, second(b.start * 1000)),
        element("td", {class: "num"}, count(b.total)),
        element("td", {class: "wide"}, breakdown(b)),
      ),
    );
  byId("time-table").replaceChildren(
    element(
      "table",
      {"aria-label": "Records over time"},
      element(
        "thead",
        null,
        element(
          "tr",
          null,
          element("th", {scope: "col"}, `From (${zoneName()})`),
          element("th", {scope: "col", class: "num"}, "Records"),
          element("th", {scope: "col"}, "Actions"),
        ),
      ),
      element("tbody", null, ...rows),
    ),
  );
}
