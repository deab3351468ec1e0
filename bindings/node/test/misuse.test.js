// SPDX-License-Identifier: MIT
'use strict'
// Whatever is handed over: an error that says what is wrong, never a crash, never a weaker filter.

const assert = require('node:assert/strict')
const { test } = require('node:test')
const abjure = require('abjure')

const filter = new abjure.Filter().deny('ptrace')
const program = filter.compile()

// Every place that takes a text.
const texts = {
  deny: text => abjure.deny('ptrace', text),
  group: text => abjure.group(text),
  'group on': text => abjure.group('exec', text),
  value: text => abjure.value(text),
  'value on': text => abjure.value('1', text),
  argument: text => abjure.argument(text, 'type'),
  'argument of': text => abjure.argument('socket', text),
  'argument on': text => abjure.argument('socket', 'type', text),
  add: text => filter.add(text, 'bpf'),
  'add calls': text => filter.add('deny', 'bpf', text),
  allow: text => filter.allow(text),
  'filter.deny': text => filter.deny('bpf', text),
  kill: text => filter.kill(text),
  log: text => filter.log(text),
  default: text => filter.default(text),
  set: text => filter.set(text, 'on'),
  'set to': text => filter.set('log', text),
  read: text => filter.read(text),
  'read from': text => filter.read('', text),
  write: text => filter.write(text),
  explain: text => filter.explain(text),
  load: text => filter.load(text),
  exec: text => filter.exec(text),
  'exec argv': text => filter.exec('x', ['x', text]),
  'exec env': text => filter.exec('x', ['x'], { A: text }),
  eval: text => program.eval(text),
  outline: text => program.outline(text),
  'eval on': text => program.eval('bpf', { abi: text }),
  'program.load': text => program.load(text),
  'program.exec': text => program.exec('x', [text])
}
// An undefined option counts as not given.
const optional = ['group on', 'value on', 'argument on', 'read from', 'write', 'outline', 'eval on']

test('text with U+0000 is refused', () => {
  for (const [place, take] of Object.entries(texts)) {
    assert.throws(() => take('@exec\0, @listen'), { name: 'TypeError', message: /U\+0000/ }, place)
  }
  assert.throws(() => abjure.deny('ptrace', { errno: 'EPERM\0' }), TypeError)
  assert.throws(() => filter.explain('bpf', 'AF_INET\0'), /U\+0000/)
})

// Whoever catches the error and goes on gets no weaker filter.
test('what is refused here breaks the filter, too', () => {
  for (const wrong of [f => f.deny('@exec\0, @listen'), f => f.deny('@exec\ud800'), f => f.deny(null), f => f.deny(),
    f => f.deny('execve', { errno: 'ENOSUCH' }), f => f.deny('execve', { erno: 1 }), f => f.add(1, 'execve'),
    f => f.default('kill\0'), f => f.set('log'), f => f.read('deny @exec\0'), f => f.read('', 1)]) {
    const f = new abjure.Filter().deny('chroot')
    let message
    assert.throws(() => wrong(f), error => { message = error.message; return error instanceof TypeError })
    assert.deepEqual([f.error, f.message], [-22, message])
    for (const use of [() => f.compile(), () => f.write(), () => f.exec('true')]) {
      assert.throws(use, { name: 'AbjureError', code: 'EINVAL', message })
    }
    assert.throws(() => f.load(), { name: 'LoadError', code: 'EINVAL', message })
    assert.equal(f.clear().compile().eval('chroot'), 'EPERM')
    assert.equal(f.error, 0)
  }
})

test('half of a surrogate pair is refused', () => {
  for (const [place, take] of Object.entries(texts)) {
    for (const half of ['@exec\ud800', '\udc00x']) {
      assert.throws(() => take(half), { name: 'TypeError', message: /not valid Unicode/ }, place)
    }
  }
  assert.throws(() => filter.deny('\u{1f600}'), { name: 'AbjureError' })
  filter.clear()
})

test('what is no text is refused', () => {
  const wrongs = [undefined, null, 0, 1, 140000000000, 5n, true, NaN, Symbol('x'), ['ptrace'], Buffer.from('ptrace'),
    Object('ptrace'), () => 'ptrace', new Map([['x', 1]]), Object.create(null)]
  for (const [place, take] of Object.entries(texts)) {
    for (const wrong of wrongs) {
      if (wrong === undefined && optional.includes(place)) continue
      if (place.endsWith('deny') && typeof wrong === 'object' && wrong && !('toString' in wrong)) continue // no options
      assert.throws(() => take(wrong), error => error instanceof TypeError && error.message !== '', `${place}: ${typeof wrong}`)
    }
  }
  assert.equal(filter.clear().compile().eval('ptrace'), 'EPERM')
})

test('no calls and unknown options are refused', () => {
  assert.throws(() => abjure.deny(), /no calls given/)
  assert.throws(() => abjure.deny({ errno: 'EPERM' }), /no calls given/)
  assert.throws(() => filter.deny(), /no calls given/)
  assert.throws(() => abjure.deny('ptrace', { errn: 1 }), /unknown option "errn"/)
  assert.throws(() => filter.deny('bpf', new Date()), TypeError)
  assert.throws(() => abjure.deny('ptrace', new Map()), TypeError)
  assert.throws(() => abjure.deny(''), { name: 'LoadError' })
})

test('a closed handle is refused', () => {
  const closed = new abjure.Filter().deny('bpf')
  const ended = closed.compile()
  for (const handle of [closed, closed, ended]) handle.close()
  for (const call of [() => closed.deny('bpf'), () => closed.message, () => closed.error, () => closed.clear(),
    () => closed.skipped, () => closed.notes, () => closed.compile(), () => closed.load(), () => closed.blockingThread,
    () => closed.write(), () => closed.explain('bpf'), () => closed.exec('true'), () => ended.bytes(), () => ended.length,
    () => ended.disassemble(), () => ended.outline(), () => ended.load(), () => ended.eval('bpf'), () => ended.exec('true')]) {
    assert.throws(call, { name: 'TypeError', message: /was closed/ })
  }
})

test('a handle of another kind is refused', () => {
  for (const call of [() => abjure.Filter.prototype.add.call(program, 'deny', 'bpf'), () => abjure.Program.prototype.load.call(filter),
    () => abjure.Filter.prototype.compile.call({}), () => abjure.Filter.prototype.compile.call(4096n),
    () => abjure.Program.prototype.bytes.call(null)]) assert.throws(call, /called on something else/)
  assert.throws(() => new abjure.Program(4096n), /come from/)
  assert.throws(() => structuredClone(filter).deny('bpf'), TypeError)
})

test('arguments of the wrong kind are refused', () => {
  for (const wrong of [1.5, NaN, Infinity, 2 ** 53, 2n ** 64n, -(2n ** 63n) - 1n]) {
    assert.throws(() => program.eval('bpf', wrong), RangeError)
  }
  for (const wrong of [true, null, undefined, [], Buffer.alloc(1), Symbol('x')]) {
    assert.throws(() => program.eval('bpf', wrong, 0), TypeError)
  }
  assert.throws(() => program.eval('bpf', 1, 2, 3, 4, 5, 6, 7), RangeError)
  for (const wrong of ['1', 1.5, 2 ** 31, null, undefined, {}]) assert.throws(() => abjure.Program.fromProcess(wrong))
  for (const wrong of [-1, 2n ** 64n, '0', null]) assert.throws(() => abjure.Program.fromProcess(1, wrong))
  for (const wrong of [null, undefined, 'x', 4096, 4096n, [], new ArrayBuffer(8), {}, Object.create(Uint8Array.prototype)]) {
    assert.throws(() => abjure.Program.fromBytes(wrong), TypeError)
  }
  class Liar extends Uint8Array { get length () { return 1 << 20 } }
  assert.throws(() => abjure.Program.fromBytes(new Liar(7)), { code: 'EINVAL', message: /not 7/ })
})

test('errnos out of range are refused', () => {
  for (const errno of [-1, 4096, -(2 ** 31) + 1, 2 ** 31 - 1]) {
    assert.throws(() => abjure.deny('ptrace', { errno }), { name: 'LoadError', code: 'EINVAL' })
  }
  for (const errno of [1.5, NaN, 2 ** 31, null, 'EPREM', 'toString', {}, 1n]) {
    assert.throws(() => abjure.deny('ptrace', { errno }), TypeError)
  }
})

test('huge texts are taken or refused', () => {
  const huge = 'x'.repeat(64 << 20)
  assert.throws(() => filter.deny(huge), { code: /^E/ })
  filter.clear()
  assert.throws(() => abjure.deny(huge), { name: 'LoadError' })
  assert.throws(() => abjure.value(huge), { code: /^E/ })
  filter.read(`#${huge}\n`)
  assert.throws(() => abjure.Program.fromBytes(Buffer.alloc(64 << 20)), { code: 'EINVAL' })
  assert.equal(filter.compile().eval('ptrace'), 'EPERM')
})

test('what execve takes is checked', () => {
  assert.throws(() => filter.exec('x', []), { code: 'EINVAL' })
  filter.clear()
  for (const argv of [null, 'x', 4096, { length: 1, 0: 'x' }, [4096]]) assert.throws(() => filter.exec('x', argv), TypeError)
  for (const env of [null, 'A=B', 4096, { '': '1' }, { 'A=B': '1' }, { A: 1 }]) {
    assert.throws(() => filter.exec('x', ['x'], env), TypeError)
  }
})
