# SPDX-License-Identifier: MIT

module Abjure
  # BPF as the kernel takes it. Comes from Filter#compile, from bytes, or from a running process. One is used by one
  # thread at a time.
  class Program
    include Handle

    SEVERAL = "these are all programs of a process, and each has bytes of its own: use from_process"
    private_constant :SEVERAL

    private_class_method :new

    def initialize(handle)
      own(handle, :abjure_program_free)
    end

    class << self
      # From struct sock_filter[], validated as the kernel would.
      def from_bytes(bytes)
        raise TypeError, "bytes are needed here, not #{bytes.class}" unless bytes.is_a?(String)

        made(*Core.abjure_program_from_bytes(bytes, 1024))
      end

      # Number +index+ of a process, 0 being the newest. Needs CAP_SYS_ADMIN.
      def from_process(pid, index = 0)
        made(*Core.abjure_program_from_process(pid, index, 1024))
      end

      # All programs of a process as one, which decides as the kernel does: the strictest verdict of them wins. Several
      # have no #bytes, and cannot be loaded. Needs CAP_SYS_ADMIN.
      def effective(pid)
        made(*Core.abjure_program_effective(pid, 1024))
      end

      def made(handle, why) # :nodoc:
        Error.fail(handle, why) if handle.is_a?(Integer)
        new(handle)
      end
    end

    # The instructions, struct sock_filter[].
    def bytes
      size = Core.abjure_program_bytes(handle, 0).first
      Error.fail(size, SEVERAL) if size.negative?
      Core.abjure_program_bytes(handle, size).last
    end

    # The number of instructions.
    def size
      bytes.bytesize / 8
    end

    # The verdict for one call: "allow", "EPERM", "kill" ...
    def eval(call, *args, abi: "")
      words = Text.arguments(args, abi)
      result, text = Text.collect { |room| Core.abjure_program_eval(handle, Text.clean(abi), Text.clean(call), *words, room) }
      Error.fail(result, text) if result.negative?
      text
    end

    # The instructions in words, a line each.
    def disassemble
      Text.collect { |size| Core.abjure_program_disassemble(handle, size) }.last
    end

    # What the program does for every call of every ABI that it tells apart: exact, whatever its arguments. The format
    # is "text", "policy" (which Filter#read takes) or "json", narrowed as in "json, abi=x86_64, call=clone".
    def outline(format = "text")
      result, text = Text.collect { |size| Core.abjure_program_outline(handle, Text.clean(format), size) }
      Error.fail(result, text) if result.negative?
      text
    end

    # Puts it in force for all threads, or for the calling one; options as in abjure.h.
    def load(options = "")
      result = Core.abjure_program_load(handle, Text.clean(options))
      Error.fail(result, "the program was not loaded", LoadError) if result.negative?
    end

    # Loads it and becomes another program, also where the filter denies that. Returns only by raising.
    def exec(path, argv = [path], env = nil)
      result = Core.abjure_program_exec(handle, Text.clean(path), Text.words(argv), Text.environment(env))
      Error.fail(result, "cannot start #{path}")
    end
  end
end
