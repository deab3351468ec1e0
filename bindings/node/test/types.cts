// SPDX-License-Identifier: MIT
// The same package by require.
import abjure = require('abjure')

const filter: abjure.Filter = new abjure.Filter()
const value: bigint = abjure.value('AF_INET')
filter.deny('@exec').close()
console.log(value)
