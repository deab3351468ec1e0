// SPDX-License-Identifier: MIT
/// <reference lib="esnext.disposable" />

/** An integer (bigint where it has more than 53 bits) or a text such as "AF_INET". */
export type Argument = number | bigint | string
/** The name of an errno, such as "EACCES", or its number. */
export interface DenyOptions { errno?: string | number }
/** An ABI such as "aarch64"; without it the filter's only one, or this program's own. */
export interface CallOptions { abi?: string }

/**
 * Denies the calls to this process, all its threads and all that it will start, now and for good.
 * Throws LoadError where the filter is not in force.
 * @param calls texts such as "execve", "@listen", "socket(family == AF_INET)"; an object behind them has the errno
 */
export function deny(...calls: string[]): void
export function deny(...calls: [...string[], DenyOptions]): void

/**
 * Where libuv made an io_uring ring (Node.js 22 and later, and 20 on Debian 13): starts this program anew, in the same
 * process, under a filter that denies rings, so that filters can be loaded. Elsewhere, and the second time, it does
 * nothing. Call it first, in the main thread, before anything is opened or said; not in a child of `fork`, which would
 * lose its channel.
 */
export function restart(): void

/** What the core refused: `code` is the name of the errno, `errno` its negative number, as in Node.js's own errors. */
export class AbjureError extends Error {
  constructor(errno: number, message: string)
  readonly code: string
  readonly errno: number
}

/** A filter that could not be put in force. */
export class LoadError extends AbjureError {
  constructor(errno: number, message: string, thread?: number)
  /** The id of the thread in the way, where one is. */
  readonly thread?: number
}

/** What a filter decides for one call. */
export class Verdict {
  private constructor()
  /** "allow", "EPERM", "kill" and so on. */
  readonly action: string
  /** rule, default, guard, unknown, essential, kernel, x32 or foreign. */
  readonly origin: string
  /** The rule as written, where one decided. */
  readonly rule?: string
  /** "file:line:column" where the rule came from a file. */
  readonly source?: string
  /** The call with its arguments by name. */
  readonly call: string
  readonly number: number
  readonly abi: string
  readonly allowed: boolean
  toString(): string
}

/**
 * An ordered list of rules and a default action, "allow" at first. The first rule that matches a call decides it.
 * A method that refuses something leaves the rules as they were and the filter broken: load, compile, exec and write
 * give the same error until `clear`. Closing frees memory; what was loaded stays in force.
 */
export class Filter {
  constructor()
  /** Adds a rule: "allow", "deny", "EACCES", "log", "kill", "kill_thread", "trap", "trace(N)" for calls. */
  add(action: string, ...calls: string[]): this
  allow(...calls: string[]): this
  deny(...calls: string[]): this
  deny(...calls: [...string[], DenyOptions]): this
  kill(...calls: string[]): this
  log(...calls: string[]): this
  /** What happens to calls that no rule matches. */
  default(action: string): this
  /** Sets an option; abjure.h and abjure(1) list them. */
  set(option: string, value: string): this
  /** Adds what a policy text or a seccomp profile of Docker or OCI says; the name is for messages. */
  read(policy: string, name?: string): this
  /** The filter as "policy" text (without a format) or as "oci" JSON. */
  write(format?: string): string
  /** The errno of the last call that failed, negative, or 0. */
  readonly error: number
  readonly message: string
  /** Forgets the error of a broken filter. */
  clear(): this
  /** Names that the filter's ABIs lack, as "creat: absent on aarch64". */
  readonly skipped: string[]
  /** Repeated rules, and after a load what no filter takes back. */
  readonly notes: string[]
  /** What the rules say of a call: explain("socket", "AF_INET", 1, { abi: "aarch64" }). */
  explain(call: string, ...args: Argument[]): Verdict
  explain(call: string, ...args: [...Argument[], CallOptions]): Verdict
  /** Compiles, and proves that the program equals the rules. */
  compile(): Program
  /** Puts it in force for all threads, for good. Options: "once", "this_thread". Throws LoadError where it is not. */
  load(...options: string[]): void
  /** After a load that failed with ESRCH: the id of the thread in the way; else 0. */
  readonly blockingThread: number
  /** Loads it and becomes another program, also where the filter denies that. Returns only by throwing. */
  exec(path: string, argv?: readonly string[], env?: Readonly<Record<string, string>>): never
  close(): void
  [Symbol.dispose](): void
}

/** BPF as the kernel takes it. */
export class Program {
  private constructor()
  /** From struct sock_filter[], validated as the kernel would. */
  static fromBytes(bytes: Uint8Array): Program
  /** Number `index` of a process, 0 being the newest. Needs CAP_SYS_ADMIN. */
  static fromProcess(pid: number, index?: number | bigint): Program
  /**
   * All programs of a process as one, which decides as the kernel does: the strictest verdict of them wins. Several have
   * no bytes, and cannot be loaded. Needs CAP_SYS_ADMIN.
   */
  static effective(pid: number): Program
  /** struct sock_filter[], in a Buffer. */
  bytes(): Uint8Array
  /** The number of instructions. */
  readonly length: number
  /** The verdict for one call: "allow", "EPERM" ... */
  eval(call: string, ...args: Argument[]): string
  eval(call: string, ...args: [...Argument[], CallOptions]): string
  /** The instructions in words, a line each. */
  disassemble(): string
  /**
   * What the program does for every call of every ABI that it tells apart: exact, whatever its arguments. The format is
   * "text" (without one), "policy", which Filter.read takes, or "json", narrowed as in "json, abi=x86_64, call=clone".
   */
  outline(format?: string): string
  /** Options: "this_thread", "log=off", "speculation=mitigate", "no_new_privs=off". */
  load(...options: string[]): void
  exec(path: string, argv?: readonly string[], env?: Readonly<Record<string, string>>): never
  close(): void
  [Symbol.dispose](): void
}

/** By name: "yes", "no" or a value, with " - reason" where something is missing. */
export class Support extends Map<string, string> {
  /** Whether filters can be loaded. */
  readonly ok: boolean
}

export function supported(): Support
/**
 * How a process uses seccomp now; without a number, this one. Keys: pid, name, parent, uid, mode ("disabled", "strict",
 * "filter"), filters, no_new_privs, speculation, threads, differing, exe, cgroup, unit, container, where known.
 */
export function status(pid?: number): Map<string, string>
/** "@exec", "@spawn" ... */
export function groups(): string[]
/** What a group is for, its rules, what it breaks and what it leaves open. */
export function group(name: string, abi?: string): string
/** The 64 bits of a value as the calls language has it: "AF_INET", "O_RDWR|O_CREAT", "-100". */
export function value(text: string, abi?: string): bigint
/** Which argument of a call (0 to 5) has this name. */
export function argument(call: string, name: string, abi?: string): number
export function version(): string
/** The newest kernel whose calls the tables know: "linux-7.2". */
export function tablesVersion(): string

/** What an audit record of seccomp tells. What the record does not have is left out. */
export interface AuditRecord {
  /** ISO 8601, UTC. */
  readonly time?: string
  readonly serial?: string
  /** Its name on the record's ABI, or its number. */
  readonly call?: string
  readonly abi?: string
  readonly action?: string
  readonly signal?: string
  readonly errno?: string
  readonly pid?: string
  readonly uid?: string
  readonly auid?: string
  readonly gid?: string
  readonly session?: string
  readonly name?: string
  readonly exe?: string
  readonly ip?: string
  readonly subject?: string
  readonly compat?: string
  /** A sentence. */
  readonly summary: string
}
/** What one line of audit.log, ausearch, dmesg or the journal says of a denied call. */
export function explain(line: string): AuditRecord
