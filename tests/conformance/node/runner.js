// SPDX-License-Identifier: MIT
'use strict'
// Runs the corpus from Node.js: node runner.js FOLDER

const { restart } = require('abjure')
const fs = require('node:fs')
const path = require('node:path')
const { behind, read, words } = require('./case.js')
const verbs = require('./verbs.js')

restart()

let passed = 0
let failed = 0

function files (folder) {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const at = path.join(folder, entry.name)
    return entry.isDirectory() ? files(at) : at.endsWith('.case') ? [at] : []
  })
}

function fails (wanted, got) {
  const part = wanted.startsWith('!~')
  const [errno, message] = words(wanted.slice(part ? 2 : 1))
  if (got.errno !== errno) return true
  return message !== undefined && !(part ? got.text.includes(message) : got.text === message)
}

/** The first line that does not come out as said; undefined where all do. */
function differs (step, got) {
  if (got === undefined) return 'a verb that exists'
  if (step.expected.length === 0) return got.errno === '' ? undefined : 'success'
  const lines = got.text.replace(/\n$/, '').split('\n')
  const count = got.text === '' ? 0 : lines.length
  let next = 0
  for (const wanted of step.expected) {
    const bad = {
      '|': () => next >= count || lines[next++] !== behind(wanted),
      '!': () => fails(wanted, got),
      '~': () => got.errno !== '' || !got.text.includes(words(wanted.slice(1))[0]),
      '=': () => got.errno !== '' || got.text !== words(wanted.slice(1))[0]
    }[wanted[0]]()
    if (bad) return wanted
  }
  return next > 0 && (got.errno !== '' || next < count) ? 'no further line' : undefined
}

function run (file) {
  const steps = read(file)
  for (let i = 0; i < steps.length;) {
    let bad = false
    for (i++; i < steps.length && steps[i].words[0] !== 'case'; i++) {
      if (bad) continue
      const got = verbs.run(steps[i].words)
      const wanted = differs(steps[i], got)
      if (wanted === undefined) continue
      bad = true
      console.log(`${file}:${steps[i].line}: ${steps[i].words[0]}: wanted ${wanted}`)
      console.log(`  got ${got?.errno ?? ''} ${got?.text ?? ''}`)
    }
    verbs.end()
    if (bad) failed++
    else passed++
  }
}

files(process.argv[2]).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))).forEach(run)
console.log(`conformance node: ${passed} passed, ${failed} failed, 0 skipped`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0
