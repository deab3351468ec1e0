// SPDX-License-Identifier: MIT
'use strict'
// What a test cannot do in its own process, since no filter is ever taken back. Prints what happened, a line each.

const { spawnSync, exec } = require('node:child_process')
const fs = require('node:fs')
const net = require('node:net')
const { once } = require('node:events')
const { promisify } = require('node:util')
const { Worker } = require('node:worker_threads')
const abjure = require('abjure')

abjure.restart()

function start () {
  const { error, status } = spawnSync('/bin/true')
  return error ? error.code : status
}

// Some functions throw, others give a promise that fails.
async function said (what, attempt) {
  console.log(`${what}: ${await Promise.resolve().then(attempt).then(String, error => error.code ?? error.message)}`)
}

const listening = () => once(net.createServer().listen(0, '127.0.0.1'), 'listening').then(() => 'ok')

// A worker that is busy until it is told to stop, and then tries to start a program.
const BUSY = `
  const { workerData, parentPort } = require('node:worker_threads')
  const state = new Int32Array(workerData)
  while (Atomics.load(state, 0) === 0) Atomics.add(state, 1, JSON.parse('[1]').length)
  const { error, status } = require('node:child_process').spawnSync('/bin/true')
  parentPort.postMessage(error ? error.code : status)`

const modes = {
  async deny () {
    console.log(`before: ${start()}`)
    abjure.deny('@exec', '@spawn', '@listen')
    console.log(`spawnSync: ${start()}`)
    await said('exec', () => promisify(exec)('/bin/true'))
    await said('listen', listening)
    await said('pool', () => fs.promises.readFile('/etc/hostname').then(() => 'ok'))
    await said('lookup', () => promisify(require('node:dns').lookup)('127.0.0.1').then(({ address }) => address))
    const worker = new Worker('require("node:worker_threads").parentPort.postMessage("ran")', { eval: true })
    await said('worker', () => once(worker, 'message'))
  },

  async errno () {
    abjure.deny('execve', { errno: 'EACCES' })
    console.log(`spawnSync: ${start()}`)
  },

  // Workers and the pool are at work while the filter loads.
  async threads () {
    const state = new Int32Array(new SharedArrayBuffer(8))
    const workers = Array.from({ length: 4 }, () => new Worker(BUSY, { eval: true, workerData: state.buffer }))
    const hash = promisify(require('node:crypto').pbkdf2)
    const hashes = Array.from({ length: 16 }, () => hash('word', 'salt', 20000, 64, 'sha512'))
    while (Atomics.load(state, 1) < 100000) await new Promise(resolve => setTimeout(resolve, 1))
    abjure.deny('@exec', '@listen')
    Atomics.store(state, 0, 1)
    const results = await Promise.all(workers.map(worker => once(worker, 'message')))
    console.log(`workers: ${results}`)
    console.log(`hashes: ${(await Promise.all(hashes)).length}`)
  },

  async worker () {
    const load = 'require("abjure").deny("@exec"); require("node:worker_threads").parentPort.postMessage("loaded")'
    await said('worker', () => once(new Worker(load, { eval: true }), 'message'))
    console.log(`main: ${start()}`)
  },

  async refused () {
    for (const [what, step] of Object.entries({
      deny: () => abjure.deny('@exec', 'execev'),
      broken: () => {
        const filter = new abjure.Filter().deny('@exec')
        try {
          filter.deny('execev')
        } catch {
          // The filter stays broken, so that the load says so again.
        }
        filter.load()
      }
    })) {
      try {
        step()
        console.log(`${what}: loaded`)
      } catch (error) {
        console.log(`${what}: ${error.name} ${error.code}: ${error.message}`)
      }
    }
    console.log(`start: ${start()}`)
  },

  async blocked () {
    const source = `new (require('abjure').Filter)().deny('ptrace').load('this_thread')
      require('node:worker_threads').parentPort.on('message', () => {}).postMessage('loaded')`
    const worker = new Worker(source, { eval: true })
    await once(worker, 'message')
    const filter = new abjure.Filter().deny('@exec')
    try {
      filter.load()
      console.log('loaded')
    } catch (error) {
      console.log(error.code, fs.existsSync(`/proc/self/task/${error.thread}`), error.thread === filter.blockingThread)
    }
    console.log(`start: ${start()}`)
    await worker.terminate()
  },

  async program () {
    abjure.Program.fromBytes(new abjure.Filter().deny('@exec').compile().bytes()).load('log=off')
    console.log(`start: ${start()}`)
  },

  async stack () {
    new abjure.Filter().kill('acct').deny('swapon').load()
    new abjure.Filter().add('EACCES', 'acct').load()
    console.log('ready')
    process.stdin.resume()
  },

  async exec () {
    const script = 'echo $0 $WORD; ' +
      'while read name value; do [ "$name" != SigIgn: ] || [ "$value" != 0000000000000000 ] || echo no signal ignored; done ' +
      '</proc/self/status; /bin/true || echo denied'
    new abjure.Filter().deny('@exec').exec('/bin/sh', ['shell', '-c', script], { WORD: 'x' })
  },

  async execProgram () {
    new abjure.Filter().deny('@exec').compile().exec('sh', ['sh', '-c', 'echo became; /bin/true || echo denied'])
  },

  async restarted () {
    abjure.restart()
    const links = fs.readdirSync('/proc/self/fd').map(fd => {
      try {
        return fs.readlinkSync(`/proc/self/fd/${fd}`)
      } catch {
        return '' // the descriptor that read the folder
      }
    })
    console.log(`rings: ${links.filter(link => link.includes('io_uring')).length}`)
    console.log(`words: ${[...process.execArgv, ...process.argv.slice(2)].join(', ')}`)
  },

  async garbage () {
    for (let i = 0; i < 20000; i++) {
      const program = new abjure.Filter().deny('@exec').compile()
      if (i % 100 === 0) program.eval('execve')
      if (i % 1000 === 0) await new Promise(resolve => setImmediate(resolve))
    }
    globalThis.gc()
    await new Promise(resolve => setTimeout(resolve, 50))
    const memory = process.memoryUsage().rss
    console.log(`verdict: ${new abjure.Filter().deny('@exec').compile().eval('execve')}, small: ${memory < 400e6}`)
  }
}

modes[process.argv[2]]().then(() => process.exit(0), error => {
  console.error(error)
  process.exit(1)
})
