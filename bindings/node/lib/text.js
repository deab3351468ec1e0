// SPDX-License-Identifier: MIT
'use strict'
// Texts and arguments on their way into the core and out of it.

const core = require('./core.js')
const { AbjureError, describe, misused } = require('./errors.js')

const WHY = 1024 // the core's messages are shorter
const ARGUMENTS = 6

/** A text that C sees whole: it would end at U+0000, and a rule behind that would be lost. */
function clean (text, what) {
  if (typeof text !== 'string') {
    throw misused(TypeError, 'TYPE', `${what}: a text is needed here, not ${describe(text)}`)
  }
  if (text.includes('\0')) throw misused(TypeError, 'VALUE', `${what}: the text contains U+0000`)
  // With the flag u a pair of surrogates is one character, so this finds only halves.
  if (/[\ud800-\udfff]/u.test(text)) {
    throw misused(TypeError, 'VALUE', `${what}: the text is not valid Unicode: half of a surrogate pair`)
  }
  return text
}

const join = (texts, what) => texts.map(text => clean(text, what)).join(', ')

function joinCalls (calls) {
  if (calls.length === 0) throw misused(TypeError, 'VALUE', 'no calls given; for example "@exec", "@listen"')
  return join(calls, 'calls')
}

/** The text up to its NUL. */
function until (buffer) {
  const end = buffer.indexOf(0)
  return buffer.toString('utf8', 0, end < 0 ? buffer.length : end)
}

/** The whole text that `write(buffer, size)` gives; `message()` has the reason of a failure, or else the buffer. */
function collect (write, message) {
  for (let size = WHY; ;) {
    const buffer = Buffer.alloc(size)
    const length = Number(write(buffer, size))
    if (length < 0) throw new AbjureError(length, message ? message() : until(buffer))
    if (length < size) return buffer.toString('utf8', 0, length)
    size = length + 1
  }
}

/** Calls `call(why, size)`; throws what `why` then has where the result is negative. */
function explained (call, Kind = AbjureError) {
  const why = Buffer.alloc(WHY)
  const result = call(why, WHY)
  if (result < 0) throw new Kind(result, until(why))
  return result
}

/** A handle, or the error that the core left in errno. */
function handleOf (call) {
  const why = Buffer.alloc(WHY)
  const handle = call(why, WHY)
  if (!handle) throw new AbjureError(-core.errno(), until(why))
  return handle
}

const lines = text => text.split('\n').filter(line => line !== '')

/** Lines "key: value", in their order. */
const pairs = text => lines(text).map(line => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)])

/** The 64 bits of a value as the calls language has it. */
function value (text, abi = '') {
  clean(text, 'value')
  clean(abi, 'abi')
  const found = new BigUint64Array(1)
  explained((why, size) => core.abjure_value(abi, text, found, why, size))
  return found[0]
}

function argument (given, abi) {
  if (typeof given === 'string') return value(given, abi)
  if (typeof given === 'number' && !Number.isSafeInteger(given)) {
    throw misused(RangeError, 'VALUE', `${given} is no integer that a number holds exactly; give a bigint`)
  }
  if (typeof given !== 'number' && typeof given !== 'bigint') {
    throw misused(TypeError, 'TYPE', `an argument of a call is a number, a bigint or a text, not ${describe(given)}`)
  }
  const big = BigInt(given)
  if (big < -(1n << 63n) || big >= 1n << 64n) throw misused(RangeError, 'VALUE', `${big} does not fit into 64 bits`)
  return BigInt.asUintN(64, big)
}

/** The six arguments of a call, and the ABI that an object behind them names. */
function call (name, given) {
  const options = takeOptions(given, ['abi'])
  const abi = options.abi === undefined ? '' : clean(options.abi, 'abi')
  if (given.length > ARGUMENTS) {
    throw misused(RangeError, 'VALUE', `a system call has at most 6 arguments, not ${given.length}`)
  }
  const values = given.map(one => argument(one, abi))
  while (values.length < ARGUMENTS) values.push(0n)
  return [abi, clean(name, 'call'), ...values]
}

/** Removes the object at the end of a list, where there is one. A name that it must not have is an error. */
function takeOptions (list, known) {
  const last = list.at(-1)
  if (typeof last !== 'object' || last === null) return {}
  const prototype = Object.getPrototypeOf(last)
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return {} // an array, a Map and so on
  for (const name of Object.keys(last)) {
    if (!known.includes(name)) {
      throw misused(TypeError, 'VALUE', `unknown option "${name}"; there is ${known.join(', ')}`)
    }
  }
  return list.pop()
}

module.exports = { call, clean, collect, explained, handleOf, join, joinCalls, lines, pairs, takeOptions, value }
