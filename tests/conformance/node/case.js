// SPDX-License-Identifier: MIT
'use strict'
// Reads a file of tests/corpus; README.md there has the format.

const fs = require('node:fs')

const ESCAPES = { n: '\n', t: '\t' }

function words (line) {
  const found = line.matchAll(/"((?:[^"\\]|\\.)*)"|[^ ]+/g)
  return Array.from(found, ([word, quoted]) => quoted === undefined
    ? word
    : quoted.replace(/\\(?:x([0-9a-fA-F]{2})|(.))/g, (_, hex, escape) =>
      hex ? String.fromCharCode(parseInt(hex, 16)) : ESCAPES[escape] ?? escape))
}

/** What stands behind the mark of a line and one space. */
const behind = line => line.slice(line[1] === ' ' ? 2 : 1)

/** The verbs of a file, with their words and the lines that say what they must give. */
function read (file) {
  const steps = []
  fs.readFileSync(file, 'utf8').split('\n').forEach((line, at) => {
    if (line === '' || line[0] === '#') return
    const last = steps.at(-1)
    if (/^[A-Za-z]/.test(line)) {
      steps.push({ line: at + 1, words: words(line), expected: [], text: -1 })
    } else if (line[0] === '>') {
      if (last.text < 0) {
        last.text = last.words.indexOf('<<')
        if (last.text < 0) throw new Error(`${file}:${at + 1}: a text that no << announces`)
        last.words[last.text] = ''
      }
      last.words[last.text] += `${behind(line)}\n`
    } else if ('=|~!'.includes(line[0])) {
      last.expected.push(line)
    } else {
      throw new Error(`${file}:${at + 1}: neither a verb nor a result`)
    }
  })
  if (steps[0]?.words[0] !== 'case') throw new Error(`${file}: the first verb is case`)
  return steps
}

module.exports = { behind, read, words }
