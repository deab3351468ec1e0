// SPDX-License-Identifier: MIT
'use strict'

const core = require('./core.js')
const { AbjureError, LoadError, describe, misused } = require('./errors.js')
const { become, execWords } = require('./exec.js')
const { Handle } = require('./handle.js')
const text = require('./text.js')

const INSTRUCTION = 8 // the size of one struct sock_filter
const SEVERAL = 'these are all programs of a process, and each has bytes of its own: use fromProcess'
const internal = Symbol('made by the core')

const use = (program, call) => Handle.use('program', program, call)

function integer (value, least, most, what) {
  if ((typeof value !== 'number' || !Number.isSafeInteger(value)) && typeof value !== 'bigint') {
    throw misused(TypeError, 'TYPE', `${what}: an integer is needed here, not ${describe(value)}`)
  }
  if (value < least || value > most) {
    throw misused(RangeError, 'VALUE', `${what}: ${value} is not from ${least} to ${most}`)
  }
  return value
}

const processId = pid => Number(integer(pid, -(2 ** 31), 2 ** 31 - 1, 'pid'))

class Program extends Handle {
  constructor (pointer, made) {
    if (made !== internal) {
      throw new TypeError('programs come from Filter.compile, Program.fromBytes, Program.fromProcess and Program.effective')
    }
    super('program', pointer, core.abjure_program_free)
  }

  static fromBytes (bytes) {
    if (!(bytes instanceof Uint8Array)) {
      throw misused(TypeError, 'TYPE', `bytes: a Uint8Array or Buffer is needed here, not ${describe(bytes)}`)
    }
    const copy = new Uint8Array(bytes) // a subclass may lie about its length
    const given = copy.length > 0 ? copy : Buffer.alloc(1) // koffi makes NULL of an empty array
    const make = (why, size) => core.abjure_program_from_bytes(given, copy.length, why, size)
    return new Program(text.handleOf(make), internal)
  }

  static fromProcess (pid, index = 0) {
    const process = processId(pid)
    integer(index, 0, 2n ** 64n - 1n, 'index')
    const make = (why, size) => core.abjure_program_from_process(process, index, why, size)
    return new Program(text.handleOf(make), internal)
  }

  static effective (pid) {
    const process = processId(pid)
    return new Program(text.handleOf((why, size) => core.abjure_program_effective(process, why, size)), internal)
  }

  bytes () {
    return use(this, pointer => {
      const size = Number(core.abjure_program_bytes(pointer, null, 0))
      if (size < 0) throw new AbjureError(size, SEVERAL)
      const bytes = Buffer.alloc(size)
      core.abjure_program_bytes(pointer, bytes, bytes.length)
      return bytes
    })
  }

  get length () { return this.bytes().length / INSTRUCTION }

  eval (call, ...args) {
    const words = text.call(call, args)
    return use(this, pointer =>
      text.collect((buffer, size) => core.abjure_program_eval(pointer, ...words, buffer, size)))
  }

  disassemble () {
    return use(this, pointer =>
      text.collect((buffer, size) => core.abjure_program_disassemble(pointer, buffer, size)))
  }

  outline (format = 'text') {
    text.clean(format, 'format')
    return use(this, pointer =>
      text.collect((buffer, size) => core.abjure_program_outline(pointer, format, buffer, size)))
  }

  load (...options) {
    const joined = text.join(options, 'options')
    use(this, pointer => {
      const result = core.abjure_program_load(pointer, joined)
      if (result < 0) throw new LoadError(result, `the program was not loaded: ${core.strerror(-result)}`)
    })
  }

  exec (path, argv = [path], env = undefined) {
    const words = execWords(path, argv, env)
    use(this, pointer => {
      const result = become(() => core.abjure_program_exec(pointer, ...words))
      throw new AbjureError(result, `cannot start ${path}: ${core.strerror(-result)}`)
    })
  }
}

module.exports = { Program, internal, processId }
