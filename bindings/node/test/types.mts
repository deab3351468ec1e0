// SPDX-License-Identifier: MIT
// What a user writes has these types; npm run types.
import abjure, { AbjureError, Filter, LoadError, Program, deny, type Verdict } from 'abjure'

deny('@exec', '@listen')
deny('@exec', { errno: 'EACCES' })
// @ts-expect-error a number is no text
deny(4096)
// @ts-expect-error there is no such option
deny('@exec', { errn: 1 })

using filter: Filter = new Filter().allow('bpf').deny('ptrace', { errno: 1 }).set('log', 'off')
const verdict: Verdict = filter.explain('socket', 'AF_INET', 1, 0n, { abi: 'x86_64' })
const words: [string, string | undefined, boolean] = [verdict.action, verdict.rule, verdict.allowed]
const program: Program = Program.fromBytes(filter.compile().bytes())
const text: string = program.eval('socket', 2)
const value: bigint = abjure.value('AF_INET')
const mode: string | undefined = abjure.status(1).get('mode')
const ok: boolean = abjure.supported().ok
// @ts-expect-error programs are made by the core
new Program()
// @ts-expect-error text is no array
const become = (): never => filter.exec('x', 'x')
try {
  filter.load('once')
} catch (error) {
  if (error instanceof LoadError) console.log(error.thread?.toFixed(), error.code, error.errno + 1)
  if (error instanceof AbjureError) console.log(error.message, words, text, value, mode, ok, become)
}
