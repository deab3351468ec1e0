# SPDX-License-Identifier: MIT

module Abjure
  # BPF as the kernel takes it. Comes from `Filter#compile`, from bytes, or from a running process.
  # One is used by one thread at a time; the garbage collector frees it, or `close`.
  class Program
    include Handle

    private SEVERAL = "these are all programs of a process, and each has bytes of its own: use from_process"

    # :nodoc:
    def initialize(@handle : LibAbjure::Program?)
    end

    # From `struct sock_filter[]`, validated as the kernel would. Raises `Error`.
    def self.from_bytes(bytes : Bytes) : Program
      made { |why, size| LibAbjure.program_from_bytes(bytes, bytes.size.to_u64, why, size) }
    end

    # Number *index* of a process, 0 being the newest. Needs CAP_SYS_ADMIN. Raises `Error`.
    def self.from_process(pid : Int32, index : UInt64 = 0) : Program
      made { |why, size| LibAbjure.program_from_process(pid, index, why, size) }
    end

    # All programs of a process as one, which decides as the kernel does: the strictest verdict of them wins. Of several
    # programs there are no `bytes`, and they cannot be loaded. Needs CAP_SYS_ADMIN. Raises `Error`.
    def self.effective(pid : Int32) : Program
      made { |why, size| LibAbjure.program_effective(pid, why, size) }
    end

    private def self.made(& : UInt8*, UInt64 -> LibAbjure::Program) : Program
      program, errno = nil, Errno::NONE
      why = Text.reason do |buffer, size|
        program = yield buffer, size
        errno = Errno.value
      end
      raise Error.new(-errno.value, why) if program.nil? || program.as(Void*).null?
      new(program)
    end

    private def handle : LibAbjure::Program
      @handle || raise ArgumentError.new("the program was closed")
    end

    # The instructions, `struct sock_filter[]`. Raises `Error` where there are several programs.
    def bytes : Bytes
      size = LibAbjure.program_bytes(handle, nil, 0)
      raise Error.new(size, SEVERAL) if size < 0
      all = Bytes.new(size)
      LibAbjure.program_bytes(handle, all, all.size.to_u64)
      keep
      all
    end

    # The number of instructions.
    def size : Int32
      bytes.size // 8
    end

    # The verdict for one call: "allow", "EPERM", "kill" ... Raises `Error`.
    def eval(call : String, *args : Argument, abi : String = "") : String
      eval(call, args.to_a.map(&.as(Argument)), abi: abi)
    end

    # :ditto:
    def eval(call : String, args : Array(Argument) = [] of Argument, *, abi : String = "") : String
      call, abi, a = Text.clean(call), Text.clean(abi), Text.arguments(args, abi)
      result, text = Text.collect do |buffer, size|
        LibAbjure.program_eval(handle, abi, call, a[0], a[1], a[2], a[3], a[4], a[5], buffer, size)
      end
      keep
      raise Error.new(result, text) if result < 0
      text
    end

    # The instructions in words, a line each.
    def disassemble : String
      text = Text.collect { |buffer, size| LibAbjure.program_disassemble(handle, buffer, size) }[1]
      keep
      text
    end

    # What the program does for every call of every ABI that it tells apart: exact, whatever its arguments. Raises `Error`.
    # *format* is "text", "policy" (which `Filter#read` takes) or "json", narrowed as in "json, abi=x86_64, call=clone".
    def outline(format : String = "text") : String
      format = Text.clean(format)
      result, text = Text.collect { |buffer, size| LibAbjure.program_outline(handle, format, buffer, size) }
      keep
      raise Error.new(result, text) if result < 0
      text
    end

    # Puts it in force for all threads, or for the calling one; *options* as in abjure.h. Raises `LoadError`.
    def load(options : String = "") : Nil
      result = LibAbjure.program_load(handle, Text.clean(options))
      keep
      raise LoadError.new(result, "the program was not loaded: #{Errno.new(-result).message}") if result < 0
    end

    # Loads it and becomes another program, also where the filter denies that. Returns only by raising.
    def exec(path : String, argv : Enumerable(String) = [path], env : Hash(String, String)? = nil) : NoReturn
      result = Text.execve(path, argv, env) do |name, words, variables|
        LibAbjure.program_exec(handle, name, words, variables)
      end
      keep
      raise Error.new(result, "cannot start #{path}: #{Errno.new(-result).message}")
    end

    # Frees the memory now. What was loaded stays in force.
    def close : Nil
      @handle.try { |handle| LibAbjure.program_free(handle) }
      @handle = nil
    end
  end
end
