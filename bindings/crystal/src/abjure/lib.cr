# SPDX-License-Identifier: MIT

# The raw declarations: abjure.h explains each function.
@[Link("abjure", pkg_config: "abjure")]
lib LibAbjure
  type Filter = Void*
  type Program = Void*

  fun deny = abjure_deny(calls : UInt8*, err : Int32, why : UInt8*, why_size : UInt64) : Int32

  fun filter_new = abjure_filter_new : Filter
  fun filter_free = abjure_filter_free(filter : Filter)
  fun filter_add = abjure_filter_add(filter : Filter, action : UInt8*, calls : UInt8*) : Int32
  fun filter_default = abjure_filter_default(filter : Filter, action : UInt8*) : Int32
  fun filter_read = abjure_filter_read(filter : Filter, text : UInt8*, name : UInt8*) : Int32
  fun filter_set = abjure_filter_set(filter : Filter, option : UInt8*, value : UInt8*) : Int32
  fun filter_error = abjure_filter_error(filter : Filter) : Int32
  fun filter_message = abjure_filter_message(filter : Filter, buffer : UInt8*, size : UInt64) : Int64
  fun filter_clear = abjure_filter_clear(filter : Filter)
  fun filter_skipped = abjure_filter_skipped(filter : Filter, buffer : UInt8*, size : UInt64) : Int64
  fun filter_notes = abjure_filter_notes(filter : Filter, buffer : UInt8*, size : UInt64) : Int64
  fun filter_write = abjure_filter_write(filter : Filter, format : UInt8*, buffer : UInt8*, size : UInt64) : Int64
  fun filter_explain = abjure_filter_explain(filter : Filter, abi : UInt8*, call : UInt8*, a0 : UInt64, a1 : UInt64,
                                             a2 : UInt64, a3 : UInt64, a4 : UInt64, a5 : UInt64, buffer : UInt8*,
                                             size : UInt64) : Int64
  fun filter_load = abjure_filter_load(filter : Filter, options : UInt8*) : Int32
  fun filter_blocking_thread = abjure_filter_blocking_thread(filter : Filter) : Int32
  fun filter_exec = abjure_filter_exec(filter : Filter, path : UInt8*, argv : UInt8**, envp : UInt8**) : Int32
  fun filter_compile = abjure_filter_compile(filter : Filter) : Program

  fun program_from_bytes = abjure_program_from_bytes(bytes : UInt8*, size : UInt64, why : UInt8*,
                                                     why_size : UInt64) : Program
  fun program_from_process = abjure_program_from_process(pid : Int32, index : UInt64, why : UInt8*,
                                                         why_size : UInt64) : Program
  fun program_effective = abjure_program_effective(pid : Int32, why : UInt8*, why_size : UInt64) : Program
  fun program_free = abjure_program_free(program : Program)
  fun program_bytes = abjure_program_bytes(program : Program, buffer : UInt8*, size : UInt64) : Int64
  fun program_load = abjure_program_load(program : Program, options : UInt8*) : Int32
  fun program_exec = abjure_program_exec(program : Program, path : UInt8*, argv : UInt8**, envp : UInt8**) : Int32
  fun program_eval = abjure_program_eval(program : Program, abi : UInt8*, call : UInt8*, a0 : UInt64, a1 : UInt64,
                                         a2 : UInt64, a3 : UInt64, a4 : UInt64, a5 : UInt64, buffer : UInt8*,
                                         size : UInt64) : Int64
  fun program_disassemble = abjure_program_disassemble(program : Program, buffer : UInt8*, size : UInt64) : Int64
  fun program_outline = abjure_program_outline(program : Program, format : UInt8*, buffer : UInt8*,
                                               size : UInt64) : Int64

  fun status = abjure_status(pid : Int32, buffer : UInt8*, size : UInt64) : Int64
  fun supported = abjure_supported(buffer : UInt8*, size : UInt64) : Int64
  fun groups = abjure_groups(buffer : UInt8*, size : UInt64) : Int64
  fun group = abjure_group(group : UInt8*, abi : UInt8*, buffer : UInt8*, size : UInt64) : Int64
  fun value = abjure_value(abi : UInt8*, text : UInt8*, value : UInt64*, why : UInt8*, why_size : UInt64) : Int32
  fun argument = abjure_argument(abi : UInt8*, call : UInt8*, name : UInt8*, why : UInt8*, why_size : UInt64) : Int32
  fun explain = abjure_explain(line : UInt8*, buffer : UInt8*, size : UInt64) : Int64
  fun version = abjure_version : UInt8*
  fun tables_version = abjure_tables_version : UInt8*
end
