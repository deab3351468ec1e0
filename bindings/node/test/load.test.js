// SPDX-License-Identifier: MIT
'use strict'
// Loads, each in a child process.

const assert = require('node:assert/strict')
const { spawn, spawnSync } = require('node:child_process')
const { once } = require('node:events')
const path = require('node:path')
const { test } = require('node:test')
const abjure = require('abjure')

function child (mode) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', path.join(__dirname, 'child.js'), mode],
    { encoding: 'utf8', timeout: 60000 })
  assert.equal(status, 0, stdout + stderr)
  return stdout.trimEnd().split('\n')
}

test('one line denies programs and ports, and the rest goes on', () => {
  assert.deepEqual(child('deny'), ['before: 0', 'spawnSync: EPERM', 'exec: EPERM', 'listen: EPERM', 'pool: ok',
    'lookup: 127.0.0.1', 'worker: ran'])
})

test('the errno is the one asked for', () => assert.deepEqual(child('errno'), ['spawnSync: EACCES']))

test('workers and the pool, busy during the load, are covered and go on', () => {
  assert.deepEqual(child('threads'), ['workers: EPERM,EPERM,EPERM,EPERM', 'hashes: 16'])
})

test('a load in a worker covers the main thread', () => assert.deepEqual(child('worker'), ['worker: loaded', 'main: EPERM']))

test('a failure throws and nothing is loaded', () => {
  const reason = 'unknown system call "execev"; did you mean "execve"?'
  assert.deepEqual(child('refused'), [`deny: LoadError ENOENT: column 8: ${reason}`,
    `broken: LoadError ENOENT: ${reason}`, 'start: 0'])
})

test('the thread in the way is named', () => assert.deepEqual(child('blocked'), ['ESRCH true true', 'start: 0']))

test('a program from bytes loads', () => assert.deepEqual(child('program'), ['start: EPERM']))

test('the programs of a process decide together', async t => {
  const running = spawn(process.execPath, [path.join(__dirname, 'child.js'), 'stack'], { stdio: ['pipe', 'pipe', 'inherit'] })
  try {
    assert.equal(String((await once(running.stdout, 'data'))[0]), 'ready\n')
    let all
    try {
      all = abjure.Program.effective(running.pid)
    } catch (error) {
      if (error.code !== 'EACCES') throw error
      return t.skip(error.message)
    }
    assert.deepEqual(['acct', 'swapon', 'mount'].map(call => all.eval(call)), ['kill', 'EPERM', 'allow'])
    for (const use of [() => all.bytes(), () => all.length, () => all.load()]) {
      assert.throws(use, ({ code }) => code === 'ENOTSUP' || code === 'EOPNOTSUPP')
    }
  } finally {
    running.kill('SIGKILL')
  }
  assert.throws(() => abjure.Program.effective(-1), { name: 'AbjureError' })
  assert.throws(() => abjure.Program.effective('1'), TypeError)
})

test('exec starts a program that cannot start others', () => {
  assert.deepEqual(child('exec'), ['shell x', 'no signal ignored', 'denied'])
  assert.deepEqual(child('execProgram'), ['became', 'denied'])
})

test('restart leaves a process without a ring, and does nothing there', () => {
  assert.deepEqual(child('restarted'), ['rings: 0', 'words: --expose-gc, restarted'])
})

test('what is forgotten is freed', () => assert.deepEqual(child('garbage'), ['verdict: EPERM, small: true']))
