// SPDX-License-Identifier: MIT
'use strict'

const assert = require('node:assert/strict')
const { beforeEach, test } = require('node:test')
const abjure = require('abjure')

let filter
beforeEach(() => { filter = new abjure.Filter().set('abi', 'x86_64') })

test('the first rule that matches wins', () => {
  filter.allow('socket(family == AF_UNIX)').deny('socket', { errno: 'EAFNOSUPPORT' }).log('getpid').kill('ptrace')
    .add('EACCES', 'bpf').deny('mount', { errno: 2 })
  assert.equal(filter.explain('socket', 'AF_UNIX', 1, 0).action, 'allow')
  assert.equal(filter.explain('socket', 'AF_INET', 1, 0).action, 'EAFNOSUPPORT')
  for (const [call, action] of Object.entries({ getpid: 'log', ptrace: 'kill', bpf: 'EACCES', mount: 'ENOENT', getuid: 'allow' })) {
    assert.equal(filter.explain(call).action, action)
  }
})

test('a verdict says what decided', () => {
  const verdict = filter.read('deny socket(family == AF_INET)\n', 'web.policy').explain('socket', 2n, 1, 0)
  const { action, origin, rule, source, number, abi, allowed } = verdict
  assert.deepEqual({ action, origin, rule, source, number, abi, allowed }, {
    action: 'EPERM',
    origin: 'rule',
    rule: 'deny socket(family == AF_INET)',
    source: 'web.policy:1:6',
    number: 41,
    abi: 'x86_64',
    allowed: false
  })
  assert.match(`${verdict}`, /by rule/)
  assert.equal(filter.explain('getpid').rule, undefined)
  assert.equal(filter.explain('getpid').allowed, true)
  assert.equal(filter.explain('socket', { abi: 'aarch64' }).origin, 'foreign')
})

test('arguments have 64 bits', () => {
  const program = filter.deny('sendfile(count == 0xffffffffffffffff)').compile()
  assert.equal(program.eval('sendfile', 0, 0, 0, -1), 'EPERM')
  assert.equal(program.eval('sendfile', 0, 0, 0, 2n ** 64n - 1n), 'EPERM')
  assert.equal(program.eval('sendfile', 0, 0, 0, 0xffffffff), 'allow')
  assert.equal(abjure.value('AT_FDCWD'), 2n ** 64n - 100n)
})

test('a program is its bytes', () => {
  const program = filter.deny('@exec').compile()
  const again = abjure.Program.fromBytes(program.bytes())
  assert.deepEqual(again.bytes(), program.bytes())
  assert.equal(again.length, program.bytes().length / 8)
  assert.equal(again.disassemble(), program.disassemble())
  assert.equal(again.eval('execve', { abi: 'x86' }), 'kill')
})

test('an outline says what a program does', () => {
  const program = filter.set('abi', 'x86_64').deny('kill(sig == 9)', { errno: 'EACCES' }).compile()
  const again = new abjure.Filter().read(program.outline('policy'), 'outline')
  assert.equal(again.explain('kill', 1, 9, { abi: 'x86_64' }).action, 'EACCES')
  assert.equal(again.explain('kill', 1, 15, { abi: 'x86_64' }).action, 'allow')
  assert.match(program.outline(), /kill/)
  assert.ok(JSON.parse(program.outline('json, call=kill')).abis.some(({ abi }) => abi === 'x86_64'))
  assert.throws(() => program.outline('yaml'), { code: 'EINVAL', message: /yaml/ })
})

test('a filter is its text', () => {
  const text = filter.deny('@exec').default('log').write()
  assert.equal(new abjure.Filter().read(text).write('policy'), text)
  assert.throws(() => filter.write('yaml'), { code: 'EINVAL' })
  const profile = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['bpf'], action: 'SCMP_ACT_ERRNO' }] }
  assert.equal(new abjure.Filter().read(JSON.stringify(profile)).explain('bpf').action, 'EPERM')
})

test('a refusal leaves the filter broken', () => {
  const expected = { name: 'AbjureError', code: 'ENOENT', errno: -2, message: 'unknown system call "execev"; did you mean "execve"?' }
  assert.throws(() => filter.deny('execev'), expected)
  assert.equal(filter.error, -2)
  assert.equal(filter.message, expected.message)
  assert.throws(() => filter.compile(), expected)
  assert.equal(filter.clear().error, 0)
  assert.equal(filter.message, '')
  assert.equal(filter.deny('execve').compile().eval('execve'), 'EPERM')
})

test('skipped names and notes are told', () => {
  filter.set('abi', 'aarch64').deny('creat', 'ptrace', 'ptrace').compile()
  assert.deepEqual(filter.skipped, ['creat: absent on aarch64'])
  assert.notEqual(filter.notes.length, 0)
  assert.equal(filter.blockingThread, 0)
})

test('the place is described', () => {
  assert.equal(abjure.supported().ok, true)
  assert.match(abjure.supported().get('seccomp'), /^yes/)
  assert.ok(abjure.groups().includes('@exec'))
  assert.match(abjure.group('exec'), /execveat/)
  assert.equal(abjure.group('@exec', 'aarch64'), abjure.group('exec', 'aarch64'))
  assert.equal(abjure.argument('socket', 'type'), 1)
  assert.equal(abjure.argument('clone', 'newsp', 's390x'), 0)
  assert.match(abjure.version(), /^\d+\.\d+\.\d+$/)
  assert.match(abjure.tablesVersion(), /^linux-/)
})

test('the status of processes is told', () => {
  const mine = abjure.status()
  assert.equal(mine.get('pid'), String(process.pid))
  assert.match(mine.get('mode'), /^(disabled|filter)$/)
  assert.equal(abjure.status(process.pid).get('name'), mine.get('name'))
  assert.throws(() => abjure.status(2 ** 31 - 1), { code: 'ESRCH', errno: -3, message: /no process/ })
  assert.throws(() => abjure.status(-1), { code: 'EINVAL' })
  for (const wrong of ['1', 1.5, 2 ** 31, null]) assert.throws(() => abjure.status(wrong), { name: /TypeError|RangeError/ })
})

test('audit records are explained', () => {
  const line = 'type=SECCOMP msg=audit(1592235512.578:148): uid=1000 pid=6939 comm="nc" sig=31 arch=c000003e ' +
    'syscall=49 code=0x0'
  const record = abjure.explain(line)
  assert.equal(record.call, 'bind')
  assert.equal(record.exe, undefined)
  assert.equal(record.summary, 'nc (pid 6939) called bind and was killed (SIGSYS), as uid 1000, x86_64')
  assert.throws(() => abjure.explain(''), { code: 'EINVAL' })
  assert.throws(() => abjure.explain(line + '\0'), TypeError)
})

test('errors have a code, an errno and a message', () => {
  assert.throws(() => abjure.group('exek'), { code: 'ENOENT', message: /did you mean/ })
  assert.throws(() => abjure.value('AF_INTE'), { code: 'ENOENT' })
  assert.throws(() => abjure.argument('socket', 'famly'), { code: 'ENOENT' })
  assert.throws(() => abjure.Program.fromProcess(2 ** 30), { code: 'ESRCH', errno: -3 })
  assert.throws(() => abjure.Program.fromBytes(Buffer.alloc(7)), { code: 'EINVAL', message: /8 bytes/ })
  assert.throws(() => filter.deny('ptrace').compile().eval('execev'), { code: 'ENOENT', message: /did you mean "execve"/ })
})

test('the ES module is the same package', async () => {
  const module = await import('abjure')
  assert.equal(module.default, abjure)
  assert.deepEqual(Object.keys(module).filter(name => name !== 'default').sort(), Object.keys(abjure).sort())
  for (const name of Object.keys(abjure)) assert.equal(module[name], abjure[name])
})

test('a handle disposes of itself', { skip: Symbol.dispose ? false : 'this Node.js has no Symbol.dispose' }, () => {
  filter[Symbol.dispose]()
  assert.throws(() => filter.deny('bpf'), /was closed/)
})
