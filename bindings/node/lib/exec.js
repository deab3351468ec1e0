// SPDX-License-Identifier: MIT
'use strict'
// Another program in place of this one.

const { SIGPIPE, SIGXFSZ } = require('node:os').constants.signals
const core = require('./core.js')
const { describe, misused } = require('./errors.js')
const { clean } = require('./text.js')

const F_GETFD = 1
const F_SETFD = 2
const STREAMS = [0, 1, 2]
const SIGNALS = [SIGPIPE, SIGXFSZ]
const SIG_DFL = 0

/** What execve takes. */
function execWords (path, argv, env) {
  clean(path, 'path')
  if (!Array.isArray(argv)) {
    throw misused(TypeError, 'TYPE', `argv: an array of texts is needed here, not ${describe(argv)}`)
  }
  const words = [...argv].map(word => clean(word, 'argv'))
  if (env === undefined) return [path, [...words, null], null]
  if (typeof env !== 'object' || env === null) {
    throw misused(TypeError, 'TYPE', `env: an object is needed here, not ${describe(env)}`)
  }
  const variables = Object.entries(env).map(([name, text]) => {
    if (name === '' || name.includes('=')) throw misused(TypeError, 'VALUE', `env: "${name}" is no name of a variable`)
    return `${clean(name, 'env')}=${clean(text, 'env')}`
  })
  return [path, [...words, null], [...variables, null]]
}

/** Calls what executes. Node.js closes the standard streams on exec and ignores SIGNALS; programs expect neither. */
function become (call) {
  const flags = STREAMS.map(fd => core.fcntl(fd, F_GETFD, 'int', 0))
  const handlers = SIGNALS.map(number => core.signal(number, SIG_DFL))
  STREAMS.forEach((fd, i) => { if (flags[i] > 0) core.fcntl(fd, F_SETFD, 'int', 0) })
  const result = call()
  STREAMS.forEach((fd, i) => { if (flags[i] > 0) core.fcntl(fd, F_SETFD, 'int', flags[i]) })
  SIGNALS.forEach((number, i) => core.signal(number, handlers[i]))
  return result
}

module.exports = { become, execWords }
