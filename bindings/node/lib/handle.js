// SPDX-License-Identifier: MIT
'use strict'
// What Filter and Program share: an object of the core, freed by close, or once nothing refers to it. The registry's
// callbacks never run in the middle of a call, so nothing is freed while the core works on it.

const registry = new FinalizationRegistry(({ free, pointer }) => free(pointer))

class Handle {
  #kind
  #pointer
  #free

  constructor (kind, pointer, free) {
    this.#kind = kind
    this.#pointer = pointer
    this.#free = free
    registry.register(this, { free, pointer }, this)
  }

  /** Calls with the pointer, once it is sure that there is one and that it is of this kind. */
  static use (kind, handle, call) {
    if (typeof handle !== 'object' || handle === null || !(#pointer in handle) || handle.#kind !== kind) {
      throw new TypeError(`the method of a ${kind} is called on something else`)
    }
    if (handle.#pointer === null) throw new TypeError(`the ${kind} was closed`)
    return call(handle.#pointer)
  }

  close () {
    if (this.#pointer === null) return
    registry.unregister(this)
    this.#free(this.#pointer)
    this.#pointer = null
  }
}
if (Symbol.dispose) Handle.prototype[Symbol.dispose] = Handle.prototype.close

module.exports = { Handle }
