// SPDX-License-Identifier: MIT
export * from './index.js'
import * as abjure from './index.js'
export default abjure
