#!/usr/bin/env node
// SPDX-License-Identifier: MIT
// A web server with a hole: it runs `ls -al` for each request, and passes the query to the shell.
//
//   server.mjs [-s | -l] [-p PORT]        -s: deny programs and new ports; -l: only log what would be denied
//
// Without -s, `curl 'localhost:8080/?.;id'` runs a program of the caller's choice.
import { exec } from 'node:child_process'
import http from 'node:http'
import { parseArgs, promisify } from 'node:util'
import { Filter, deny, restart } from 'abjure'

const { values: options } = parseArgs({
  options: {
    s: { type: 'boolean', short: 's' },
    l: { type: 'boolean', short: 'l' },
    p: { type: 'string', short: 'p', default: '8080' }
  }
})

function list (folder) {
  return promisify(exec)(`/bin/ls -al ${folder} 2>&1`)
    .catch(error => typeof error.code === 'number' ? error : Promise.reject(error)) // ls found nothing
}

if (options.s || options.l) restart() // without the io_uring ring that newer versions of Node.js make

const server = http.createServer(async (request, response) => {
  const [path, query] = request.url.split(/\?(.*)/s)
  response.setHeader('Content-Type', 'text/plain; charset=utf-8')
  if (path === '/hello') return response.end('hello\n')
  try {
    const { stdout } = await list(decodeURIComponent((query ?? '.').replaceAll('+', ' ')))
    response.end(stdout)
  } catch (error) {
    response.statusCode = 500
    response.end(`${error}\n`)
  }
})

server.listen(Number(options.p), '127.0.0.1', () => {
  if (options.l) {
    new Filter().set('complain', 'on').deny('@exec', '@spawn', '@listen').load()
  } else if (options.s) {
    deny('@exec', '@spawn', '@listen') // the server listens already: that goes on
  }
  console.error(`listening on port ${options.p}, process ${process.pid}`)
})
