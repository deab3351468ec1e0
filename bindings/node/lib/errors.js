// SPDX-License-Identifier: MIT
'use strict'
// The one place that turns results of the core into errors of Node.js.

const { errno: numbers } = require('node:os').constants

// Of names with one number, abjure.h has ENOTSUP and EAGAIN.
const names = new Map(Object.entries(numbers).filter(([name]) => name !== 'EOPNOTSUPP' && name !== 'EWOULDBLOCK')
  .map(([name, number]) => [number, name]))

/** What the core refused. As in Node.js's own errors, `code` is the errno's name and `errno` its negative number. */
class AbjureError extends Error {
  constructor (result, message) {
    super(message)
    this.errno = result
    this.code = names.get(-result) ?? `E${-result}`
  }
}
AbjureError.prototype.name = 'AbjureError'

/** A filter that could not be put in force. `thread` is the id of the thread in the way, where one is. */
class LoadError extends AbjureError {
  constructor (result, message, thread = 0) {
    super(result, message)
    // The ring is libuv's own, which the core cannot know.
    if (this.code === 'EBUSY') this.message += '; where Node.js made the ring, call restart() first in the program'
    this.thread = thread > 0 ? thread : undefined
  }
}
LoadError.prototype.name = 'LoadError'

/** The number of an errno that a user names; 0 for none: what suits each call. */
function errnoNumber (errno) {
  if (errno === undefined) return 0
  if (typeof errno === 'string' && Object.hasOwn(numbers, errno)) return numbers[errno]
  if (Number.isInteger(errno) && Math.abs(errno) < 2 ** 31) return errno
  throw misused(TypeError, 'VALUE', `${describe(errno)} is no errno: a name such as "EACCES", or 1 to 4095`)
}

/** An error for what is wrong before the core is called. */
function misused (Kind, what, message) {
  const error = new Kind(message)
  error.code = `ERR_INVALID_ARG_${what}`
  return error
}

function describe (value) {
  if (value === null || value === undefined) return String(value)
  return typeof value === 'object' || typeof value === 'function' ? typeof value : `${typeof value} ${String(value)}`
}

module.exports = { AbjureError, LoadError, describe, errnoNumber, misused }
