// SPDX-License-Identifier: MIT
// The list of violations.

const usual = data.violations.reduce((n, v) => (v.abi ? n.set(v.abi, (n.get(v.abi) || 0) + v.count) : n), new Map());
const mainAbi = [...usual].sort((a, b) => b[1] - a[1]).map((x) => x[0])[0];
for (const v of data.violations)
  v.foreign = kills(v.actionWord) && ["x86", "x32", "arm"].includes(v.abi) && v.abi !== mainAbi;

function violationRows(v) {
  if (v.rows === undefined) makeRow(v);
  v.shown.textContent = count(v.n);
  v.firstCell.textContent = second(v.first);
  v.lastCell.textContent = second(v.last);
  if (v.detail !== undefined && v.button.getAttribute("aria-expanded") === "true")
    v.detail.firstChild.replaceChildren(...explanation(v));
  return v.rows;
}

function makeRow(v) {
  const cell = (label, kind, ...children) =>
    element("td", {role: "cell", class: kind, "data-label": label}, ...children);
  v.button = element(
    "button",
    {type: "button", class: "open", "aria-expanded": "false", click: () => openOrClose(v)},
    v.text.call,
  );
  v.shown = cell("Records", "num");
  v.firstCell = cell("First seen", "when");
  v.lastCell = cell("Last seen", "when");
  v.rows = [
    element(
      "tr",
      {role: "row"},
      element(
        "th",
        {scope: "row", role: "rowheader"},
        v.button,
        v.abi && v.abi !== mainAbi ? element("span", {class: "small"}, ` ${v.abi}`) : null,
      ),
      cell("Action", "action", element("span", {class: "dot", tone: v.actionWord}), v.text.action),
      cell("Program", "program", v.text.program),
      cell("User", "user", v.text.user),
      v.shown,
      v.firstCell,
      v.lastCell,
    ),
  ];
}

let opened = 0;
function openOrClose(v) {
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

const list = new Table(
  "Violations",
  [
    {label: "Call", value: (v) => v.text.call},
    {label: "Action", value: (v) => v.text.action},
    {label: "Program", value: (v) => v.text.program.toLowerCase()},
    {label: "User", value: (v) => v.text.user},
    {label: "Records", kind: "num", value: (v) => v.n},
    {label: "First seen", kind: "when", value: (v) => v.first || 0},
    {label: "Last seen", kind: "when", value: (v) => v.last || 0},
  ],
  {sort: 4, descending: true, few: MANY, row: violationRows, stack: true},
);
