// SPDX-License-Identifier: MIT
// The page of abjure report. What comes from records may be an attacker's: it gets into the page as text only.
"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const SVG = "http://www.w3.org/2000/svg";
const DIMENSIONS = ["call", "program", "user", "action"];
const TITLES = {call: "Calls", program: "Programs", user: "Users", action: "Actions"};
// Rows that a table shows at first.
const FEW = 10;
const MANY = 100;
const TO_MONDAY = 3 * 86400; // buckets count from a Monday
const OTHERS = "(others)";
const byId = (id) => document.getElementById(id);
const number = new Intl.NumberFormat("en-US");
const count = (n) => number.format(n);
const many = (n, one, more) => `${count(n)} ${n === 1 ? one : more}`;

// What has no form of its own, or changes the direction of what stands beside it.
const visible = (text) =>
  text.replace(/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu, (c) => `\\u{${c.codePointAt(0).toString(16)}}`);

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
  return element(name, null, ...parts.map((part, i) => (i % 2 === 1 ? element("code", null, part) : part)));
}
