// SPDX-License-Identifier: MIT
'use strict'
// abjure.h as it is. Every caller checks its arguments first: koffi takes a number for an address, and reads a Buffer
// without a NUL past its end. So texts get here as strings, and handles only from the functions that make them.

const koffi = require('koffi')

const LIBRARY = 'libabjure.so.0'
let library
try {
  library = koffi.load(LIBRARY)
} catch (cause) {
  throw new Error(`${LIBRARY} cannot be loaded; install it and run ldconfig, or name its folder in LD_LIBRARY_PATH: ` +
    cause.message, { cause })
}

const TEXT_OUT = 'uint8_t *buffer, uint64_t size'
const WHY = 'uint8_t *why, uint64_t why_size'
const ARGUMENTS = 'uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5'
const EXEC = 'const char *path, const char **argv, const char **envp'

const prototypes = [
  `int abjure_deny(const char *calls, int err, ${WHY})`,
  'void *abjure_filter_new()',
  'void abjure_filter_free(void *filter)',
  'int abjure_filter_add(void *filter, const char *action, const char *calls)',
  'int abjure_filter_default(void *filter, const char *action)',
  'int abjure_filter_read(void *filter, const char *text, const char *name)',
  'int abjure_filter_set(void *filter, const char *option, const char *value)',
  'int abjure_filter_error(void *filter)',
  `int64_t abjure_filter_message(void *filter, ${TEXT_OUT})`,
  'void abjure_filter_clear(void *filter)',
  `int64_t abjure_filter_skipped(void *filter, ${TEXT_OUT})`,
  `int64_t abjure_filter_notes(void *filter, ${TEXT_OUT})`,
  `int64_t abjure_filter_write(void *filter, const char *format, ${TEXT_OUT})`,
  `int64_t abjure_filter_explain(void *filter, const char *abi, const char *call, ${ARGUMENTS}, ${TEXT_OUT})`,
  'int abjure_filter_load(void *filter, const char *options)',
  'int abjure_filter_blocking_thread(void *filter)',
  `int abjure_filter_exec(void *filter, ${EXEC})`,
  'void *abjure_filter_compile(void *filter)',
  `void *abjure_program_from_bytes(const uint8_t *bytes, uint64_t size, ${WHY})`,
  `void *abjure_program_from_process(int pid, uint64_t index, ${WHY})`,
  `void *abjure_program_effective(int pid, ${WHY})`,
  'void abjure_program_free(void *program)',
  `int64_t abjure_program_bytes(void *program, ${TEXT_OUT})`,
  'int abjure_program_load(void *program, const char *options)',
  `int abjure_program_exec(void *program, ${EXEC})`,
  `int64_t abjure_program_eval(void *program, const char *abi, const char *call, ${ARGUMENTS}, ${TEXT_OUT})`,
  `int64_t abjure_program_disassemble(void *program, ${TEXT_OUT})`,
  `int64_t abjure_program_outline(void *program, const char *format, ${TEXT_OUT})`,
  `int64_t abjure_status(int pid, ${TEXT_OUT})`,
  `int64_t abjure_supported(${TEXT_OUT})`,
  `int64_t abjure_groups(${TEXT_OUT})`,
  `int64_t abjure_group(const char *group, const char *abi, ${TEXT_OUT})`,
  `int abjure_value(const char *abi, const char *text, uint64_t *value, ${WHY})`,
  `int abjure_argument(const char *abi, const char *call, const char *name, ${WHY})`,
  `int64_t abjure_explain(const char *line, ${TEXT_OUT})`,
  'const char *abjure_version()',
  'const char *abjure_tables_version()',
  // Of the C library: the loader looks up names in what libabjure needs, too.
  'const char *strerror(int err)',
  'int fcntl(int fd, int command, ...)',
  'intptr_t signal(int number, intptr_t handler)'
]

for (const prototype of prototypes) {
  exports[prototype.match(/(\w+)\(/)[1]] = library.func(prototype)
}
exports.errno = () => koffi.errno()
