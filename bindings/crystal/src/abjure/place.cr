# SPDX-License-Identifier: MIT

# What this kernel, process and sandbox allow, and what the library holds.
module Abjure
  # What is there, by name: `supported["landlock"]` is "yes", "no" or a value, with " - reason" behind. Never raises.
  def self.supported : Hash(String, String)
    Text.pairs(Text.collect { |buffer, size| LibAbjure.supported(buffer, size) }[1])
  end

  # Can filters be loaded here?
  def self.supported? : Bool
    supported.fetch("filter", "no").starts_with?("yes")
  end

  # How a process uses seccomp now, 0 being this one: `status["mode"]` is "disabled", "strict" or "filter". Also pid, name,
  # parent, uid, filters, no_new_privs, speculation, threads, differing, exe, cgroup, unit and container, where known.
  def self.status(pid : Int32 = 0) : Hash(String, String)
    result, text = Text.collect { |buffer, size| LibAbjure.status(pid, buffer, size) }
    raise Error.new(result, text) if result < 0
    Text.pairs(text)
  end

  # The names of the groups: "@exec", "@spawn" ...
  def self.groups : Array(String)
    Text.collect { |buffer, size| LibAbjure.groups(buffer, size) }[1].split
  end

  # What a group is for, its rules on this ABI, what it breaks and what it leaves open.
  def self.group(name : String, abi : String = "") : String
    name, abi = Text.clean(name), Text.clean(abi)
    result, text = Text.collect { |buffer, size| LibAbjure.group(name, abi, buffer, size) }
    raise Error.new(result, text) if result < 0
    text
  end

  # One value as the calls language has it ("AF_INET", "O_RDWR|O_CREAT", "-100") on an ABI.
  def self.value(text : String, abi : String = "") : UInt64
    text, abi = Text.clean(text), Text.clean(abi)
    found, result = 0_u64, 0
    why = Text.reason { |buffer, size| result = LibAbjure.value(abi, text, pointerof(found), buffer, size) }
    raise Error.new(result, why) if result < 0
    found
  end

  # Which argument of a call (0 to 5) has this name.
  def self.argument(call : String, name : String, abi : String = "") : Int32
    call, name, abi = Text.clean(call), Text.clean(name), Text.clean(abi)
    result = 0
    why = Text.reason { |buffer, size| result = LibAbjure.argument(abi, call, name, buffer, size) }
    raise Error.new(result, why) if result < 0
    result
  end

  # What one line of audit.log, ausearch, dmesg or the journal says of a denied call, by name: `explain(line)["call"]` is
  # "bind", and "summary" a sentence. What the record does not have is left out.
  def self.explain(line : String) : Hash(String, String)
    line = Text.clean(line)
    result, text = Text.collect { |buffer, size| LibAbjure.explain(line, buffer, size) }
    raise Error.new(result, text) if result < 0
    text.each_line.map(&.split(": ", 2)).to_h { |pair| {pair[0], pair[1]} }
  end

  # The version of the library.
  def self.version : String
    String.new(LibAbjure.version)
  end

  # The newest kernel whose calls the tables know: "linux-7.2".
  def self.tables_version : String
    String.new(LibAbjure.tables_version)
  end
end
