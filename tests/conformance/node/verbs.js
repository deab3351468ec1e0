// SPDX-License-Identifier: MIT
'use strict'
// The verbs of the corpus, by the public interface, on the filter and the program of the present case.

const abjure = require('abjure')

const state = { filter: null, program: null }
const lines = list => list.map(line => `${line}\n`).join('')
const pairs = map => lines(Array.from(map, ([name, value]) => `${name}: ${value}`))
const KEYS = ['action', 'origin', 'rule', 'source', 'call', 'number', 'abi']

function make (what, made) {
  state[what]?.close()
  state[what] = made
}

/** Words from the third on: integers, or texts such as AF_INET. */
function call (abi, name, ...args) {
  const integer = word => word[0] === '-' ? -BigInt(word.slice(1)) : BigInt(word)
  return [name, ...args.map(word => /^-?\d/.test(word) ? integer(word) : word), { abi }]
}

function verdict (found) {
  return lines(KEYS.filter(key => found[key] !== undefined).map(key => `${key}: ${found[key]}`))
}

const verbs = {
  filter_new: () => make('filter', new abjure.Filter()),
  filter_free: () => make('filter', null),
  filter_add: (action, calls) => state.filter.add(action, calls),
  filter_default: action => state.filter.default(action),
  filter_set: (option, value) => state.filter.set(option, value),
  filter_read: (text, name) => state.filter.read(text, name),
  filter_error: () => String(state.filter.error),
  filter_message: () => state.filter.message,
  filter_skipped: () => lines(state.filter.skipped),
  filter_notes: () => lines(state.filter.notes),
  filter_clear: () => state.filter.clear(),
  filter_write: format => state.filter.write(format),
  filter_explain: (...words) => verdict(state.filter.explain(...call(...words))),
  filter_load: options => state.filter.load(options),
  filter_blocking_thread: () => String(state.filter.blockingThread),
  filter_exec: (path, ...argv) => state.filter.exec(path, argv),
  filter_compile: () => make('program', state.filter.compile()),
  program_from_bytes: hex => make('program', abjure.Program.fromBytes(Buffer.from(hex, 'hex'))),
  program_from_process: (pid, index) => make('program', abjure.Program.fromProcess(Number(pid), BigInt(index))),
  program_effective: pid => make('program', abjure.Program.effective(Number(pid))),
  program_free: () => make('program', null),
  program_bytes: () => Buffer.from(state.program.bytes()).toString('hex'),
  program_load: options => state.program.load(options),
  program_exec: (path, ...argv) => state.program.exec(path, argv),
  program_eval: (...words) => state.program.eval(...call(...words)),
  program_disassemble: () => state.program.disassemble(),
  program_outline: format => state.program.outline(format),
  supported: () => pairs(abjure.supported()),
  status: pid => pairs(abjure.status(Number(pid))),
  groups: () => lines(abjure.groups()),
  group: (name, abi) => abjure.group(name, abi),
  value: (abi, text) => String(abjure.value(text, abi)),
  argument: (abi, name, argument) => String(abjure.argument(name, argument, abi)),
  deny: (calls, errno) => abjure.deny(calls, { errno: Number(errno) }),
  version: () => abjure.version(),
  tables_version: () => abjure.tablesVersion(),
  explain: line => lines(Object.entries(abjure.explain(line)).map(([name, value]) => `${name}: ${value}`))
}

/** What a verb gave: a text, or the name of an errno and a message. Undefined where there is no such verb. */
function run ([verb, ...words]) {
  if (!Object.hasOwn(verbs, verb)) return undefined
  try {
    const given = verbs[verb](...words)
    return { errno: '', text: typeof given === 'string' ? given : '' }
  } catch (error) {
    if (error instanceof abjure.AbjureError) return { errno: error.code, text: error.message }
    // As C says of a handle that is not there.
    if (/of null|was closed/.test(error.message)) return { errno: 'EINVAL', text: '' }
    throw error
  }
}

function end () {
  make('filter', null)
  make('program', null)
}

module.exports = { end, run }
