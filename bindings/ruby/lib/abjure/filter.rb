# SPDX-License-Identifier: MIT

module Abjure
  # A filter: ordered rules and a default action. The first rule that matches a call decides it.
  #
  #     Abjure::Filter.new do |filter|
  #       filter.allow "ioctl(cmd == TIOCGWINSZ)"
  #       filter.deny "@exec", "ioctl"
  #       filter.load
  #     end
  #
  # With a block, the filter is closed behind it. One filter is used by one thread at a time.
  #
  # A method that fails leaves the rules as they were and the filter broken: load, compile, exec and write raise again,
  # until clear.
  class Filter
    include Handle

    def self.new(*args, **options)
      filter = super
      return filter unless block_given?

      begin
        yield filter
      ensure
        filter.close
      end
    end

    def initialize(default = nil, abis: [])
      handle = Core.abjure_filter_new or raise NoMemoryError
      own(handle, :abjure_filter_free)
      Array(abis).each { |abi| set("abi", abi) }
      self.default = default if default
    end

    # What happens to calls that no rule matches.
    def default=(action)
      change { Core.abjure_filter_default(handle, Text.clean(action)) }
    end

    # Adds a rule behind those that are there: "allow", "deny", "EACCES", "log", "kill", "trap" ... for calls.
    def add(action, *calls)
      change { Core.abjure_filter_add(handle, Text.clean(action), Text.join(calls)) }
      self
    end

    # :method: allow
    %w[allow log kill trap].each { |action| define_method(action) { |*calls| add(action, *calls) } }

    # Denies calls, with the errno that suits each, or with +errno+ (:EACCES or 13).
    def deny(*calls, errno: nil)
      number = change { Text.errno(errno) }
      add(number.zero? ? "deny" : "errno(#{number})", *calls)
    end

    # Sets an option of the filter; abjure(1) lists them.
    def set(option, value)
      change { Core.abjure_filter_set(handle, Text.clean(option), Text.clean(value)) }
      self
    end

    # Adds what a policy text or a seccomp profile of Docker or OCI says.
    def read(text, name = "policy")
      change { Core.abjure_filter_read(handle, Text.clean(text), Text.clean(name)) }
      self
    end

    # The same from a file.
    def read_file(path)
      text = nil
      change { (text = File.read(path, encoding: Encoding::UTF_8)) && 0 }
      read(text, path.to_s)
    end

    # The filter as "policy" text or as "oci" JSON.
    def write(format = "policy")
      sound
      result, text = Text.collect { |size| Core.abjure_filter_write(handle, Text.clean(format), size) }
      check result
      text
    end

    # The errno of the last call that failed; 0 where none did.
    def error
      code = -Core.abjure_filter_error(handle)
      code.zero? && @refused ? Errno::EINVAL::Errno : code
    end

    # The message of the last call that failed.
    def message
      text = Text.collect { |size| Core.abjure_filter_message(handle, size) }.last
      text.empty? && @refused ? @refused : text
    end

    # Forgets the error of a call that failed; until then load, compile and write repeat it.
    def clear
      Core.abjure_filter_clear(handle)
      @refused = nil
      self
    end

    # Names that the filter's ABIs lack, as "creat: absent on aarch64".
    def skipped
      Text.collect { |size| Core.abjure_filter_skipped(handle, size) }.last.lines(chomp: true)
    end

    # What is worth knowing and no error: repeated rules; after a load, what no filter takes back.
    def notes
      Text.collect { |size| Core.abjure_filter_notes(handle, size) }.last.lines(chomp: true)
    end

    # What the filter decides for a call: explain("socket", "AF_INET", "SOCK_STREAM").
    def explain(call, *args, abi: "")
      words = Text.arguments(args, abi)
      result, text = Text.collect { |size| Core.abjure_filter_explain(handle, Text.clean(abi), Text.clean(call), *words, size) }
      check result
      Verdict.parse(text)
    end

    # Compiled and proven to equal the rules.
    def compile
      sound
      program = Core.abjure_filter_compile(handle)
      check program if program.is_a?(Integer)
      Program.made(program, nil)
    end

    # Puts the filter in force for all threads of the process, for good. Raises a LoadError where it is not.
    #
    # +this_thread+ covers the calling thread only, and what it starts. +once+ does nothing where this process loaded
    # this very filter before. +options+ is the text of abjure.h.
    def load(options = "", this_thread: false, once: false)
      words = [Text.clean(options), ("this_thread" if this_thread), ("once" if once)].compact.reject(&:empty?)
      sound LoadError
      result = Core.abjure_filter_load(handle, words.join(", "))
      Error.fail(result, message, LoadError, thread: blocking_thread) if result.negative?
    end

    # After a load that failed with ESRCH: the thread that is in the way; else nil.
    def blocking_thread
      thread = Core.abjure_filter_blocking_thread(handle)
      thread if thread.positive?
    end

    # Loads the filter and becomes another program, also where the filter denies @exec. Returns only by raising.
    def exec(path, argv = [path], env = nil)
      sound
      check Core.abjure_filter_exec(handle, Text.clean(path), Text.words(argv), Text.environment(env))
    end

    private

    def check(result)
      Error.fail(result, message) if result.negative?
    end

    # For what changes the filter. What this package refuses breaks it, as what the core refuses does.
    def change
      yield.tap { |result| check result }
    rescue StandardError => e
      @refused ||= e.message unless e.is_a?(Error)
      raise
    end

    # Raises where the filter is broken by what the core has not seen.
    def sound(kind = Error)
      handle
      Error.fail(-Errno::EINVAL::Errno, @refused, kind) if @refused
    end
  end
end
