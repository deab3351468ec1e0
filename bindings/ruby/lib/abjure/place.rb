# SPDX-License-Identifier: MIT

# What this kernel, process and sandbox allow, and what the library holds.
module Abjure
  class << self
    # What is there, by name: supported["landlock"] is "yes", "no" or a value, with " - reason" behind. Never raises.
    def supported
      _, text = Text.collect { |size| Core.abjure_supported(size) }
      Text.pairs(text)
    end

    # Can filters be loaded here?
    def supported?
      supported.fetch("filter", "no").start_with?("yes")
    end

    # How a process uses seccomp now, 0 being this one: status["mode"] is "disabled", "strict" or "filter". Also pid, name,
    # parent, uid, filters, no_new_privs, speculation, threads, differing, exe, cgroup, unit and container, where known.
    def status(pid = 0)
      result, text = Text.collect { |size| Core.abjure_status(pid, size) }
      Error.fail(result, text) if result.negative?
      Text.pairs(text)
    end

    # The names of the groups: "@exec", "@spawn" ...
    def groups
      Text.collect { |size| Core.abjure_groups(size) }.last.split
    end

    # What a group is for, its rules on this ABI, what it breaks and what it leaves open.
    def group(name, abi: "")
      result, text = Text.collect { |size| Core.abjure_group(Text.clean(name), Text.clean(abi), size) }
      Error.fail(result, text) if result.negative?
      text
    end

    # One value as the calls language has it ("AF_INET", "O_RDWR|O_CREAT", "-100") on an ABI.
    def value(text, abi: "")
      result, found, why = Core.abjure_value(Text.clean(abi), Text.clean(text), 1024)
      Error.fail(result, why) if result.negative?
      found
    end

    # Which argument of a call (0 to 5) has this name.
    def argument(call, name, abi: "")
      result, why = Core.abjure_argument(Text.clean(abi), Text.clean(call), Text.clean(name), 1024)
      Error.fail(result, why) if result.negative?
      result
    end

    # What one line of audit.log, ausearch, dmesg or the journal says of a denied call, by name: explain(line)["call"] is
    # "bind", and "summary" a sentence. What the record does not have is left out.
    def explain(line)
      result, text = Text.collect { |size| Core.abjure_explain(Text.clean(line), size) }
      Error.fail(result, text) if result.negative?
      text.lines(chomp: true).to_h { |pair| pair.split(": ", 2) }
    end

    # The version of the library.
    def version
      Core.abjure_version
    end

    # The newest kernel whose calls the tables know: "linux-7.2".
    def tables_version
      Core.abjure_tables_version
    end
  end
end
