// SPDX-License-Identifier: MIT
'use strict'
// Since version 1.49 libuv has an io_uring ring in every process (Node.js 22, and 20 as Debian 13 builds it), and no
// setting of its own keeps it from making one. A filter is not loaded beside a ring, and libuv does not bear that its
// ring stops working. Where rings were denied before Node.js starts, libuv does without.

const fs = require('node:fs')
const { Filter } = require('./filter.js')

function hasRing () {
  return fs.readdirSync('/proc/self/fd').some(fd => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${fd}`) === 'anon_inode:[io_uring]'
    } catch {
      return false // the descriptor that read the folder
    }
  })
}

function restart () {
  if (!hasRing()) return
  const filter = new Filter().deny('io_uring_setup').set('io_uring', 'keep')
  filter.exec(process.execPath, [process.argv0, ...process.execArgv, ...process.argv.slice(1)])
}

module.exports = { restart }
