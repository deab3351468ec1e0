// SPDX-License-Identifier: MIT
'use strict'
// What the binding costs: node bench.js call | deny | plain | load

const BATCHES = 41
const CALLS = 5000

/** Nanoseconds of one call into the core: the median of the batches, the first of which warm up. */
function call () {
  const { argument } = require('abjure')
  const times = []
  for (let batch = 0; batch < 2 * BATCHES; batch++) {
    const start = process.hrtime.bigint()
    for (let i = 0; i < CALLS; i++) argument('socket', 'family', 'x86_64')
    times[batch % BATCHES] = Number(process.hrtime.bigint() - start)
  }
  return Math.round(times.sort((a, b) => a - b)[BATCHES >> 1] / CALLS)
}

/** Nanoseconds until a filter is in force, where everything is loaded already. */
function deny () {
  const abjure = require('abjure')
  abjure.restart()
  abjure.argument('socket', 'family')
  const start = process.hrtime.bigint()
  abjure.deny('@exec', '@spawn', '@listen')
  return Number(process.hrtime.bigint() - start)
}

const modes = {
  call: () => console.log(call()),
  deny: () => console.log(deny()),
  load: () => {
    const abjure = require('abjure')
    abjure.restart()
    abjure.deny('@exec', '@spawn', '@listen')
  },
  plain: () => {}
}

modes[process.argv[2]]()
