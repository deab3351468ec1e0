// SPDX-License-Identifier: MIT
'use strict'
// Gives up system calls for good: abjure.deny('@exec', '@listen')

const core = require('./core.js')
const { AbjureError, LoadError, errnoNumber } = require('./errors.js')
const { Filter, Verdict } = require('./filter.js')
const { Program, processId } = require('./program.js')
const { restart } = require('./restart.js')
const text = require('./text.js')

function deny (...calls) {
  const errno = errnoNumber(text.takeOptions(calls, ['errno']).errno)
  const joined = text.joinCalls(calls)
  text.explained((why, size) => core.abjure_deny(joined, errno, why, size), LoadError)
}

/** What is there, by name, in order. `ok` says whether filters can be loaded. */
class Support extends Map {
  get ok () { return (this.get('filter') ?? 'no').startsWith('yes') }
}

const supported = () => new Support(text.pairs(text.collect(core.abjure_supported)))

function status (pid = 0) {
  const number = processId(pid)
  return new Map(text.pairs(text.collect((buffer, size) => core.abjure_status(number, buffer, size))))
}

const groups = () => text.lines(text.collect(core.abjure_groups))

function group (name, abi = '') {
  text.clean(name, 'group')
  text.clean(abi, 'abi')
  return text.collect((buffer, size) => core.abjure_group(name, abi, buffer, size))
}

const value = (name, abi = '') => text.value(name, abi)

function argument (call, name, abi = '') {
  text.clean(call, 'call')
  text.clean(name, 'name')
  text.clean(abi, 'abi')
  return text.explained((why, size) => core.abjure_argument(abi, call, name, why, size))
}

function explain (line) {
  text.clean(line, 'line')
  return Object.fromEntries(text.pairs(text.collect((buffer, size) => core.abjure_explain(line, buffer, size))))
}

module.exports = {
  AbjureError,
  Filter,
  LoadError,
  Program,
  Support,
  Verdict,
  argument,
  deny,
  explain,
  group,
  groups,
  restart,
  status,
  supported,
  tablesVersion: core.abjure_tables_version,
  value,
  version: core.abjure_version
}
