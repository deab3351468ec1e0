// SPDX-License-Identifier: MIT
// The explanation of one violation.

function happened(v) {
  const a = v.actionWord;
  if (v.death)
    return (
      "The process died of SIGSYS. The record of the call that led to it is not in what was read: the kernel writes " +
      "it just before this one, as type 1326."
    );
  if (a === "kill") return "The kernel killed the process with SIGSYS. The call did nothing.";
  if (a === "kill_thread")
    return v.signal === "SIGKILL"
      ? "The process was in strict mode, and the kernel killed it. The call did nothing."
      : "The kernel killed the thread with SIGSYS, and with it a process of one thread. The call did nothing.";
  if (a === "trap")
    return "The thread got SIGSYS. The call did nothing, but a handler of the program may have answered in its place.";
  if (a === "deny") return "The call failed and did nothing. The kernel does not log with which errno.";
  if (isErrno(a)) return `The call failed with ${a} and did nothing.`;
  if (a === "log" || a === "allow") return "The call was made: the filter only asked for a record.";
  if (a === "notify") return "A supervisor was asked. The record does not say what it decided.";
  if (/^trace/.test(a)) return "A tracer was asked; without one the call failed with ENOSYS.";
  return "The record does not say what became of the call.";
}

function holders(v) {
  const rules = data.held[`${v.call} ${v.abi || ""}`] || [];
  const own = rules.filter((r) => r[1] === "");
  const list = [];
  for (const [group, , rule] of own) {
    const through = rules.filter((r) => r[1] === group && r[2] === rule).map((r) => r[0]);
    const item = element(
      "li",
      null,
      element("code", null, group),
      `: ${data.groups[group] || ""} `,
      element("code", null, rule),
    );
    if (through.length > 0)
      item.append(`. Also by ${through.join(", ")}, which ${through.length === 1 ? "includes" : "include"} it`);
    list.push(item);
  }
  return list;
}

function why(v, call) {
  const list = holders(v);
  const part = [element("h3", null, "Which rule did it")];
  const passed = v.actionWord === "log" || v.actionWord === "allow";
  part.push(
    rich(
      "p",
      passed
        ? "A record names no rule. Calls pass and are logged by a rule such as `log " +
            call +
            "`, by the default `log`, or in a filter that only complains (`complain=on`)."
        : "A record names no rule: the kernel logs neither the filter nor the line.",
    ),
  );
  if (v.foreign)
    part.push(
      rich(
        "p",
        "The call came through the ABI `" +
          v.abi +
          "`. A filter kills what comes through an ABI that it is not for, whatever the call; `abi " +
          v.abi +
          "` in the policy adds that.",
      ),
    );
  if (/^-?\d+$/.test(call))
    part.push(
      rich(
        "p",
        "The tables have no name for this number, and filters answer such calls with `unknown=`, which is ENOSYS " +
          "unless it is set.",
      ),
    );
  else if (list.length > 0)
    part.push(
      element(
        "p",
        null,
        passed ? "Groups that hold the call:" : "Groups that hold the call, and so may have denied it:",
      ),
      element("ul", null, ...list),
    );
  else
    part.push(
      element(
        "p",
        null,
        "No group holds this call: a rule names it, or a list of allowed calls lacks it, as profiles of containers " +
          "and of systemd do.",
      ),
    );
  part.push(
    rich(
      "p",
      "`abjure check POLICY '" +
        call +
        "'` names the rule and its line where the policy is known; `abjure ps` lists the processes under filters.",
    ),
  );
  return part;
}

// No name of a program is in these lines, since people copy them into a shell.
function remedy(v, call) {
  const title = (text) => element("h3", null, text);
  if (v.actionWord === "log" || v.actionWord === "allow")
    return [
      title("How to have no more such records"),
      rich("p", "Put `allow " + call + "` before the rule that logs. The first rule that matches decides."),
    ];
  return [
    title("How to allow it"),
    element(
      "p",
      null,
      "Is the program meant to make this call? If not, the filter has done its work, and something is wrong with the " +
        "program: a denied call may be an attack that failed.",
    ),
    rich(
      "p",
      "If it is, let an exception stand before the rule that denies, since the first rule that matches decides. " +
        "A condition keeps it narrow.",
    ),
    element(
      "ul",
      null,
      rich("li", "Command: `abjure run --allow '" + call + "' --deny ... -- PROGRAM`"),
      rich("li", "Policy: the line `allow " + call + "` first"),
      rich("li", 'Program: `abjure_filter_add(filter, "allow", "' + call + '")` before the other rules'),
      rich("li", 'Docker, OCI: `{"names": ["' + call + '"], "action": "SCMP_ACT_ALLOW"}` in `syscalls`'),
      rich("li", "systemd: `" + call + "` in `SystemCallFilter=`"),
    ),
  ];
}

function facts(v) {
  const list = element("dl", {class: "facts"});
  const add = (name, text, mono) => {
    if (text) list.append(element("dt", null, name), element("dd", {class: mono ? "mono" : ""}, text));
  };
  const some = (values, spell) => values.map((x) => (x === null ? "and others" : spell(x))).join(", ");
  add("Records", v.n < v.count ? `${count(v.n)} of ${count(v.count)}` : count(v.count));
  add("First", v.first === undefined ? "not in the records" : `${moment(v.first)} ${zoneName()}`);
  add("Last", v.last === undefined ? "" : `${moment(v.last)} ${zoneName()}`);
  add("ABI", v.abi);
  add("Processes", some(v.pids || [], String));
  add("Names", (v.names || []).map(visible).join(", "));
  add(
    "Login user",
    v.login === undefined ? "" : v.login === "unset" ? "none: nobody logged in for it" : `uid ${v.login}`,
  );
  add("Called from", some(v.addresses || [], String), true);
  return list;
}

function explanation(v) {
  if (v.program === undefined)
    return [
      element(
        "p",
        {class: "says"},
        "These violations were rarer than those that have a row of their own. They are counted here by call and " +
          "action, so that the page does not grow with the log.",
      ),
    ];
  const call = v.text.call;
  const known = data.does[v.call];
  const parts = [element("p", {class: "says"}, visible(v.says))];
  const left = element("div");
  const right = element("div");
  if (!v.death)
    left.append(
      element("h3", null, "What the call does"),
      element("p", null, element("code", null, call), known ? ` ${known}.` : ": there are no words for it here."),
    );
  left.append(element("h3", null, "What became of it"), element("p", null, happened(v)));
  if (!v.death) left.append(...why(v, call), ...remedy(v, call));
  right.append(
    element("h3", null, "In the records"),
    facts(v),
    element("h3", null, "The first of them"),
    element("pre", null, visible(v.line.replace("\x1d", " ")) + (v.cut ? " \u2026" : "")),
    rich("p", "`abjure explain --fields` explains each of its fields."),
  );
  parts.push(element("div", {class: "cols"}, left, right));
  return parts;
}
