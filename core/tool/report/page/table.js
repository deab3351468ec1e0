// SPDX-License-Identifier: MIT
// Tables that sort, and those that narrow the page: by call, program, user and action.

const compare = (a, b) => (typeof a === "number" ? a - b : a < b ? -1 : a > b ? 1 : 0);

// Columns: {label, kind: class of its cells, value(row)}; rows keep their element, so that the focus stays.
class Table {
  constructor(label, columns, {sort, descending, few, row, stack}) {
    Object.assign(this, {columns, sort, descending, few, row, all: false});
    this.body = element("tbody");
    this.heads = columns.map((c, i) =>
      element(
        "th",
        {scope: "col", class: c.kind || ""},
        element("button", {type: "button", click: () => this.sortBy(i)}, c.label),
      ),
    );
    this.more = element("button", {
      type: "button",
      class: "more",
      click: () => {
        this.all = !this.all;
        draw();
      },
    });
    this.table = element(
      "table",
      {"aria-label": label, class: stack ? "stack" : ""},
      element("thead", null, element("tr", null, ...this.heads)),
      this.body,
    );
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
    this.descending =
      this.sort === i ? !this.descending : this.columns[i].kind === "num" || this.columns[i].kind === "when";
    this.sort = i;
    draw();
  }

  draw(rows) {
    const value = this.columns[this.sort].value;
    const sign = this.descending ? -1 : 1;
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
  const columns = [
    {label: TITLES[dimension].slice(0, -1), value: (r) => r.sortText},
    {label: "Records", kind: "num", value: (r) => r.n},
  ];
  const table = new Table(TITLES[dimension], columns, {sort: 1, descending: true, few: FEW, row: (r) => r.row});
  byId("facets").append(
    element(
      "section",
      {"aria-labelledby": `${dimension}-heading`, id: `table-${dimension}`},
      element("h2", {id: `${dimension}-heading`}, TITLES[dimension]),
      table.table,
      table.more,
    ),
  );
  const entry = (v) => {
    const key = v.key[dimension];
    const text = v.text[dimension];
    const button = element("button", {type: "button", class: "pick", click: () => toggle(dimension, key)}, text);
    const total = element("td", {class: "num share"});
    const head = element(
      "th",
      {scope: "row"},
      dimension === "action" ? element("span", {class: "dot", tone: text}) : null,
      button,
      dimension === "action" && said(text) ? element("span", {class: "small"}, ` ${said(text)}`) : null,
    );
    const sortText =
      dimension === "user" && /^\d+$/.test(data.users[key] || "") ? Number(data.users[key]) : text.toLowerCase();
    const r = {
      key,
      button,
      total,
      n: 0,
      sortText: dimension === "user" && typeof sortText === "string" ? -1 : sortText,
      row: element("tr", null, head, total),
    };
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
      r.total.style.setProperty("--part", `${sum > 0 ? ((100 * r.n) / sum).toFixed(2) : 0}%`);
      r.button.setAttribute("aria-pressed", String(chosen[dimension].has(r.key)));
    }
    table.draw([...kept.values()].filter((r) => r.n > 0 || chosen[dimension].has(r.key)));
  };
}
