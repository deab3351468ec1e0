// SPDX-License-Identifier: MIT
'use strict'

const { EINVAL } = require('node:os').constants.errno
const core = require('./core.js')
const { AbjureError, LoadError, errnoNumber } = require('./errors.js')
const { become, execWords } = require('./exec.js')
const { Handle } = require('./handle.js')
const { Program, internal } = require('./program.js')
const text = require('./text.js')

const use = (filter, call) => Handle.use('filter', filter, call)
const messageOf = pointer => text.collect((buffer, size) => core.abjure_filter_message(pointer, buffer, size))

/** Of each filter: what this package refused, which the core has not seen. */
const refused = new WeakMap()

/** `check` looks at what is given; what it returns changes the filter. What it refuses breaks the filter, too. */
function change (filter, check) {
  use(filter, pointer => {
    let call
    try {
      call = check()
    } catch (error) {
      if (!refused.has(filter)) refused.set(filter, error.message)
      throw error
    }
    const result = call(pointer)
    if (result < 0) throw new AbjureError(result, messageOf(pointer))
  })
  return filter
}

/** Uses a filter that is not broken by what the core has not seen. */
function useSound (filter, call, Kind = AbjureError) {
  return use(filter, pointer => {
    if (refused.has(filter)) throw new Kind(-EINVAL, refused.get(filter))
    return call(pointer)
  })
}

function read (filter, call) {
  return use(filter, pointer => text.collect((buffer, size) => call(pointer, buffer, size), () => messageOf(pointer)))
}

/** What a filter decides for one call. */
class Verdict {
  constructor (lines) {
    const { action, origin, rule, source, call, number, abi } = Object.fromEntries(text.pairs(lines))
    Object.assign(this, { action, origin, rule, source, call, number: Number(number), abi })
    Object.freeze(this)
  }

  get allowed () {
    return this.action === 'allow' || this.action === 'log'
  }

  toString () {
    const by = this.rule === undefined ? ` (${this.origin})` : ` by rule "${this.rule}"`
    return `${this.call}: ${this.action}${by}${this.source === undefined ? '' : ` (${this.source})`}`
  }
}

class Filter extends Handle {
  constructor () {
    const pointer = core.abjure_filter_new()
    if (!pointer) throw new RangeError('no memory for a filter')
    super('filter', pointer, core.abjure_filter_free)
  }

  add (action, ...calls) {
    return change(this, () => {
      text.clean(action, 'action')
      const joined = text.joinCalls(calls)
      return pointer => core.abjure_filter_add(pointer, action, joined)
    })
  }

  allow (...calls) { return this.add('allow', ...calls) }
  kill (...calls) { return this.add('kill', ...calls) }
  log (...calls) { return this.add('log', ...calls) }

  deny (...calls) {
    return change(this, () => {
      const errno = errnoNumber(text.takeOptions(calls, ['errno']).errno)
      const joined = text.joinCalls(calls)
      return pointer => core.abjure_filter_add(pointer, errno === 0 ? 'deny' : `errno(${errno})`, joined)
    })
  }

  default (action) {
    return change(this, () => {
      text.clean(action, 'action')
      return pointer => core.abjure_filter_default(pointer, action)
    })
  }

  set (option, value) {
    return change(this, () => {
      text.clean(option, 'option')
      text.clean(value, 'value')
      return pointer => core.abjure_filter_set(pointer, option, value)
    })
  }

  read (policy, name = 'policy') {
    return change(this, () => {
      text.clean(policy, 'policy')
      text.clean(name, 'name')
      return pointer => core.abjure_filter_read(pointer, policy, name)
    })
  }

  write (format = 'policy') {
    text.clean(format, 'format')
    return useSound(this, pointer => text.collect((buffer, size) =>
      core.abjure_filter_write(pointer, format, buffer, size), () => messageOf(pointer)))
  }

  get error () { return use(this, core.abjure_filter_error) || (refused.has(this) ? -EINVAL : 0) }
  get message () { return use(this, messageOf) || (refused.get(this) ?? '') }

  clear () {
    use(this, core.abjure_filter_clear)
    refused.delete(this)
    return this
  }

  get skipped () { return text.lines(read(this, core.abjure_filter_skipped)) }
  get notes () { return text.lines(read(this, core.abjure_filter_notes)) }

  explain (call, ...args) {
    const words = text.call(call, args)
    return new Verdict(read(this, (...out) => core.abjure_filter_explain(out[0], ...words, out[1], out[2])))
  }

  compile () {
    return useSound(this, pointer => {
      const program = core.abjure_filter_compile(pointer)
      if (!program) throw new AbjureError(core.abjure_filter_error(pointer), messageOf(pointer))
      return new Program(program, internal)
    })
  }

  load (...options) {
    const joined = text.join(options, 'options')
    useSound(this, pointer => {
      const result = core.abjure_filter_load(pointer, joined)
      if (result < 0) throw new LoadError(result, messageOf(pointer), core.abjure_filter_blocking_thread(pointer))
    }, LoadError)
  }

  get blockingThread () { return use(this, core.abjure_filter_blocking_thread) }

  exec (path, argv = [path], env = undefined) {
    const words = execWords(path, argv, env)
    useSound(this, pointer => {
      const result = become(() => core.abjure_filter_exec(pointer, ...words))
      throw new AbjureError(result, messageOf(pointer))
    })
  }
}

module.exports = { Filter, Verdict }
