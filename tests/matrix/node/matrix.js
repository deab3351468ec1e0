// SPDX-License-Identifier: MIT
'use strict'
// What the means of Node.js itself do under a filter: node matrix.js PORT FOLDER [CALLS...]

const processes = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs')
const http = require('node:http')
const net = require('node:net')
const path = require('node:path')
const { promisify } = require('node:util')
const { Worker } = require('node:worker_threads')
const abjure = require('abjure')

abjure.restart()

const [port, folder, ...calls] = process.argv.slice(2)

const marker = means => path.join(folder, means.replace(/\W/g, ''))

async function attempt (effect, means, step) {
  const result = await Promise.resolve().then(step).then(given => given ?? 'ok', error => error.code ?? error.message)
  console.log(`${effect}\t${means}\t${result}`)
}

const start = (means, run) => attempt('start', means, () => run(marker(means)))

const listen = (means, server) => attempt('listen', means, async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  server.close()
})

// A worker that is older than the load, and tries to start a program after it.
const OLD = `
  const { parentPort, workerData } = require('node:worker_threads')
  parentPort.once('message', () => {
    const { error } = require('node:child_process').spawnSync('/bin/touch', [workerData])
    parentPort.postMessage(error ? error.code : 'ok')
    parentPort.close()
  })
  parentPort.postMessage('waits')`

async function main () {
  const old = new Worker(OLD, { eval: true, workerData: marker('spawnSync, old') })
  await once(old, 'message')
  if (calls.length > 0) abjure.deny(...calls)

  await start('spawn', file => once(processes.spawn('/bin/touch', [file]), 'close').then(() => undefined))
  await start('spawnSync', file => processes.spawnSync('/bin/touch', [file]).error?.code)
  await start('exec', file => promisify(processes.exec)(`/bin/touch ${file}`).then(() => undefined))
  await start('execSync', file => { processes.execSync(`/bin/touch ${file}`) })
  await start('execFile', file => promisify(processes.execFile)('/bin/touch', [file]).then(() => undefined))
  await attempt('fork', 'none', () => 'n/a') // child_process.fork starts Node.js anew
  await listen('net.Server', net.createServer())
  await listen('http.Server', http.createServer())
  await attempt('connect', 'net.connect', async () => {
    const socket = net.connect(Number(port), '127.0.0.1')
    await once(socket, 'connect')
    socket.destroy()
  })
  await attempt('open', 'fs.readFileSync', () => { fs.readFileSync('/etc/hostname') })
  await attempt('open', 'fs.promises', () => fs.promises.readFile('/etc/hostname').then(() => undefined))
  await attempt('thread', 'Worker', async () => {
    const worker = new Worker('require("node:worker_threads").parentPort.postMessage(42)', { eval: true })
    const [answer] = await once(worker, 'message')
    return answer === 42 ? 'ok' : 'no answer'
  })
  old.postMessage('go')
  const [result] = await once(old, 'message')
  console.log(`old thread\tspawnSync, old\t${result}`)
}

main().catch(error => {
  console.error(error)
  process.exitCode = 1
})
