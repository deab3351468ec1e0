// SPDX-License-Identifier: MIT
import abjure from './index.js'

export const {
  AbjureError, Filter, LoadError, Program, Support, Verdict, argument, deny, explain, group, groups, restart, status,
  supported, tablesVersion, value, version
} = abjure
export default abjure
