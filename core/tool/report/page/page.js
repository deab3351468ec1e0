// SPDX-License-Identifier: MIT
// All of it: what stands above the tables, and what happens when one chooses.

function tiles(list) {
  const sum = (test) => list.reduce((n, v) => (test(v.actionWord) ? n + v.n : n), 0);
  const distinct = (d) =>
    count(new Set(list.map((v) => v.key[d]).filter((k) => k !== -1)).size) +
    (list.some((v) => v.key[d] === -1) ? "+" : "");
  const entries = [
    ["Records", count(sum(() => true)), ""],
    ["Killed", count(sum((a) => kills(a)) + list.reduce((n, v) => (v.death ? n + v.n : n), 0)), "kill"],
    ["Denied", count(sum(denies)), "deny"],
    ["Logged, passed", count(sum((a) => a === "log" || a === "allow")), "log"],
    ["Programs", distinct("program"), "none"],
    ["Users", distinct("user"), "none"],
  ];
  byId("tiles").replaceChildren(
    ...entries.map(([name, value, t]) => {
      const box = element("div", null, element("dt", null, name), element("dd", null, value));
      if (t !== "") box.style.setProperty("--tone", `var(--${t})`);
      return box;
    }),
  );
}

function drawChoice(list) {
  const records = list.reduce((n, v) => n + v.n, 0);
  const chips = [];
  const chip = (text, click) =>
    chips.push(
      element(
        "li",
        null,
        element("button", {type: "button", "aria-label": `Remove: ${text}`, click}, `${text} \u00d7`),
      ),
    );
  for (const d of DIMENSIONS)
    for (const key of chosen[d])
      chip(`${d} ${data.violations.find((v) => v.key[d] === key).text[d]}`, () => toggle(d, key));
  if (range !== null)
    chip(`${second(bucketStart(range[0]) * 1000)} to ${second(bucketStart(range[1] + 1) * 1000)}`, () => {
      range = null;
      draw();
    });
  if (words !== "")
    chip(`text ${words}`, () => {
      words = byId("find").value = "";
      draw();
    });
  const narrowed = chips.length > 0;
  if (chips.length > 1)
    chips.push(
      element("li", null, element("button", {type: "button", class: "clear", click: clear}, "Show everything")),
    );
  byId("chips").replaceChildren(...chips);
  byId("shown").textContent = narrowed
    ? `${count(records)} of ${many(data.records, "record", "records")}`
    : `All ${many(data.records, "record", "records")}`;
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
  drawChoice(found);
  tiles(found);
  if (data.buckets > 0) drawTime();
  for (const f of facets) f();
  list.draw(found);
  byId("violations-note").textContent =
    `${many(found.length, "row", "rows")}, each with what records have in common: call, action, program and user. ` +
    `Choose a call for the explanation. Times in ${zoneName()}` +
    (range === null ? "." : ", those of first and last seen without regard to the time chosen.");
  drawHeader();
  // Moved elements lose the focus.
  if (focused && focused !== document.activeElement && document.contains(focused)) focused.focus({preventScroll: true});
}

function drawHeader() {
  const span =
    data.first === undefined
      ? ""
      : `, from ${second(data.first)} to ${second(data.last)} ${zoneName()} ` +
        `(${duration(Math.ceil((data.last - data.first) / 1000))})`;
  byId("span").textContent = `${many(data.records, "record", "records")} of calls that seccomp filters decided${span}`;
  const files =
    data.files.map(visible).join(", ") +
    (data.fileCount > data.files.length ? ` and ${count(data.fileCount - data.files.length)} more` : "");
  const parts = [`Read: ${files || "standard input"}`];
  if (data.selected) parts.push("narrowed by options");
  if (data.incomplete) parts.push("NOT ALL OF IT COULD BE READ");
  parts.push(
    many(data.damaged, "damaged line", "damaged lines"),
    many(data.others, "line of another kind", "lines of other kinds"),
  );
  if (data.repeated > 0) parts.push(many(data.repeated, "death that repeats a record", "deaths that repeat a record"));
  if (data.folded > 0)
    parts.push(`${many(data.folded, "record", "records")} of rarer violations in rows named ${OTHERS}`);
  if (data.approximate)
    parts.push(
      "there were so many different violations that rows with low counts may lack records, " +
        "which are then under (others)",
    );
  byId("input").textContent = `${parts.join("; ")}.`;
  byId("made").textContent =
    `Made by abjure ${data.version}, ${second(data.made)} ${zoneName()}. This page loads nothing and sends nothing.`;
}

function drawDamaged() {
  const shown = data.damagedLines;
  byId("damaged").hidden = data.damaged === 0;
  byId("damaged-note").textContent =
    `${many(data.damaged, "line claims", "lines claim")} to be a record of seccomp and cannot be read` +
    (data.damaged > shown.length ? `; the first ${shown.length} of them:` : ":");
  byId("damaged-table").append(
    element(
      "table",
      {class: "stack", role: "table", "aria-label": "Damaged lines"},
      element(
        "thead",
        {role: "rowgroup"},
        element(
          "tr",
          {role: "row"},
          ...["Where", "What is wrong", "How it begins"].map((t) =>
            element("th", {scope: "col", role: "columnheader"}, t),
          ),
        ),
      ),
      element(
        "tbody",
        {role: "rowgroup"},
        ...shown.map((d) =>
          element(
            "tr",
            {role: "row"},
            element("th", {scope: "row", role: "rowheader", class: "place"}, `${visible(d.file)}:${d.number}`),
            element("td", {role: "cell", class: "wide"}, d.why),
            element("td", {role: "cell", class: "wide mono"}, visible(d.text) + (d.cut ? " \u2026" : "")),
          ),
        ),
      ),
    ),
  );
}

function start() {
  const some = data.violations.length > 0;
  drawDamaged();
  drawHeader();
  byId("empty").hidden = some;
  byId("empty-why").textContent = data.selected
    ? "Nothing that the options ask for is in what was read."
    : "No filter denied or logged a call in what was read, or its records are elsewhere:";
  for (const id of ["bar", "tiles", "facets", "violations"]) byId(id).hidden = !some;
  document.querySelector(".skip").hidden = !some;
  if (!some) return;
  byId("violations-table").append(list.table, list.more);
  byId("time").hidden = !(data.buckets > 0);
  byId("zone").append(
    element("option", {value: "utc"}, "UTC"),
    element("option", {value: "local"}, `this browser's zone (${localZone})`),
  );
  byId("zone").addEventListener("change", () => {
    local = byId("zone").value === "local";
    draw();
  });
  byId("find").addEventListener("input", () => {
    words = byId("find").value.trim().toLowerCase();
    draw();
  });
  byId("whole").addEventListener("click", () => {
    range = null;
    draw();
  });
  for (const id of ["from", "to"])
    byId(id).addEventListener("change", () => {
      const from = Number(byId("from").value);
      const to = Number(byId("to").value);
      range = null;
      chooseRange(drawn[Math.min(from, to)].first, drawn[Math.max(from, to)].last);
    });
  byId("time-details").addEventListener("toggle", drawTimeTable);
  const chart = byId("chart");
  chart.addEventListener("pointerdown", (e) => {
    drag = e.button === 0 ? barAt(e) : null;
    if (drag !== null) chart.setPointerCapture(e.pointerId);
  });
  chart.addEventListener("pointermove", (e) => {
    if (drag !== null) mark(drag, barAt(e));
  });
  chart.addEventListener("pointerup", (e) => {
    if (drag === null) return;
    const to = barAt(e);
    const from = drag;
    drag = null;
    chooseRange(drawn[Math.min(from, to)].first, drawn[Math.max(from, to)].last);
  });
  chart.addEventListener("pointercancel", () => {
    drag = null;
    drawChart();
  });
  new ResizeObserver(() => {
    if (data.buckets > 0 && chart.clientWidth !== chartWidth) drawTime();
  }).observe(chart);
  draw();
}

start();
