# SPDX-License-Identifier: MIT

module Abjure
  # A filter: ordered rules and a default action. The first rule that matches a call decides it.
  #
  # ```
  # Abjure::Filter.new do |filter|
  #   filter.allow "ioctl(cmd == TIOCGWINSZ)"
  #   filter.deny "@exec", "ioctl"
  #   filter.load
  # end
  # ```
  #
  # A method that fails leaves the rules as they were and the filter broken: `load`, `compile`, `exec` and `write` raise
  # again, until `clear`. One filter is used by one thread at a time; the garbage collector frees it, or `close`.
  class Filter
    include Handle

    @handle : LibAbjure::Filter?
    @refused : String? # what the package refused, which the core has not seen

    def initialize(default : String? = nil, *, abis : Enumerable(String) = [] of String)
      made = LibAbjure.filter_new
      raise Error.new(-Errno::ENOMEM.value, "out of memory") if made.as(Void*).null?
      @handle = made
      abis.each { |abi| set("abi", abi) }
      self.default = default if default
    end

    # Yields a new filter and closes it behind the block.
    def self.new(default : String? = nil, *, abis : Enumerable(String) = [] of String, & : Filter -> T) : T forall T
      filter = new(default, abis: abis)
      begin
        yield filter
      ensure
        filter.close
      end
    end

    private def handle : LibAbjure::Filter
      @handle || raise ArgumentError.new("the filter was closed")
    end

    private def check(result : Int) : Nil
      raise Error.new(result, message) if result < 0
    end

    # For what changes the filter. What the package refuses breaks it, as what the core refuses does.
    private def change(& : -> Int32) : self
      begin
        result = yield
      rescue error
        @refused ||= error.message
        raise error
      end
      check result
      self
    end

    # Raises where the filter is broken by what the core has not seen.
    private def sound(kind = Error) : LibAbjure::Filter
      refused = @refused
      pointer = handle
      raise kind.new(-Errno::EINVAL.value, refused) if refused
      pointer
    end

    # What happens to calls that no rule matches.
    def default=(action : String) : String
      change { LibAbjure.filter_default(handle, Text.clean(action)) }
      action
    end

    # Adds a rule behind those that are there: "allow", "deny", "EACCES", "log", "kill", "trap" ... for calls.
    def add(action : String, *calls : String) : self
      change { LibAbjure.filter_add(handle, Text.clean(action), Text.join(calls)) }
    end

    {% for action in %w(allow log kill trap) %}
      # Adds a rule with the action "{{action.id}}".
      def {{action.id}}(*calls : String) : self
        add({{action}}, *calls)
      end
    {% end %}

    # Denies calls, with the errno that suits each, or with *errno*.
    def deny(*calls : String, errno : Errno? = nil) : self
      add(errno && errno.value != 0 ? "errno(#{errno.value})" : "deny", *calls)
    end

    # Sets an option of the filter; abjure(1) lists them.
    def set(option : String, value : String) : self
      change { LibAbjure.filter_set(handle, Text.clean(option), Text.clean(value)) }
    end

    # Adds what a policy text or a seccomp profile of Docker or OCI says.
    def read(text : String, name : String = "policy") : self
      change { LibAbjure.filter_read(handle, Text.clean(text), Text.clean(name)) }
    end

    # The same from a file.
    def read_file(path : Path | String) : self
      text = ""
      change do
        text = File.read(path)
        0
      end
      read(text, path.to_s)
    end

    # The filter as "policy" text or as "oci" JSON.
    def write(format : String = "policy") : String
      format, _ = Text.clean(format), sound
      result, text = Text.collect { |buffer, size| LibAbjure.filter_write(handle, format, buffer, size) }
      check result
      text
    end

    # The errno of the last call that failed.
    def error : Errno
      code = Errno.new(-LibAbjure.filter_error(handle))
      code.value == 0 && @refused ? Errno::EINVAL : code
    end

    # The message of the last call that failed.
    def message : String
      text = Text.collect { |buffer, size| LibAbjure.filter_message(handle, buffer, size) }[1]
      text.empty? ? @refused || "" : text
    end

    # Forgets the error of a call that failed; until then load, compile and write repeat it.
    def clear : self
      LibAbjure.filter_clear(handle)
      @refused = nil
      self
    end

    # Names that the filter's ABIs lack, as "creat: absent on aarch64".
    def skipped : Array(String)
      text = Text.collect { |buffer, size| LibAbjure.filter_skipped(handle, buffer, size) }[1]
      keep
      text.lines
    end

    # What is worth knowing and no error: repeated rules; after a load, what no filter takes back.
    def notes : Array(String)
      text = Text.collect { |buffer, size| LibAbjure.filter_notes(handle, buffer, size) }[1]
      keep
      text.lines
    end

    # What the filter decides for a call: `explain("socket", "AF_INET", "SOCK_STREAM")`.
    def explain(call : String, *args : Argument, abi : String = "") : Verdict
      explain(call, args.to_a.map(&.as(Argument)), abi: abi)
    end

    # :ditto:
    def explain(call : String, args : Array(Argument) = [] of Argument, *, abi : String = "") : Verdict
      call, abi, a = Text.clean(call), Text.clean(abi), Text.arguments(args, abi)
      result, text = Text.collect do |buffer, size|
        LibAbjure.filter_explain(handle, abi, call, a[0], a[1], a[2], a[3], a[4], a[5], buffer, size)
      end
      check result
      Verdict.parse(text)
    end

    # Compiled and proven to equal the rules.
    def compile : Program
      program = LibAbjure.filter_compile(sound)
      raise Error.new(LibAbjure.filter_error(handle), message) if program.as(Void*).null?
      Program.new(program)
    end

    # Puts the filter in force for all threads of the process, for good. Raises `LoadError` where it is not.
    #
    # *this_thread* covers the calling thread only, and what it starts. *once* does nothing where this process loaded
    # this very filter before.
    def load(*, this_thread : Bool = false, once : Bool = false) : Nil
      load([this_thread ? "this_thread" : nil, once ? "once" : nil].compact.join(", "))
    end

    # The same with options as a text, as in abjure.h.
    def load(options : String) : Nil
      words = Text.clean(options)
      result = LibAbjure.filter_load(sound(LoadError), words)
      raise LoadError.new(result, message, blocking_thread) if result < 0
    end

    # After a load that failed with ESRCH: the thread that is in the way; else 0.
    def blocking_thread : Int32
      thread = LibAbjure.filter_blocking_thread(handle)
      keep
      thread
    end

    # Loads the filter and becomes another program, also where the filter denies @exec. Returns only by raising.
    def exec(path : String, argv : Enumerable(String) = [path], env : Hash(String, String)? = nil) : NoReturn
      result = Text.execve(path, argv, env) do |name, words, variables|
        LibAbjure.filter_exec(sound, name, words, variables)
      end
      raise Error.new(result, message)
    end

    # Frees the memory now. What was loaded stays in force.
    def close : Nil
      @handle.try { |handle| LibAbjure.filter_free(handle) }
      @handle = nil
    end
  end
end
