# SPDX-License-Identifier: MIT
# bench.rb call: nanoseconds of one call into the core. deny: nanoseconds until a filter is in force. load: the same, and
# the end. plain: the runtime alone.
now = -> { Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond) }

if ARGV[0] == "load"
  require "abjure"
  Abjure.deny "@exec", "@spawn", "@listen"
elsif ARGV[0] == "call"
  require "abjure"
  times = Array.new(9) do
    before = now.call
    10_000.times { Abjure.argument("socket", "family", abi: "x86_64") }
    (now.call - before) / 10_000
  end
  puts times.sort[4]
elsif ARGV[0] == "deny"
  require "abjure"
  Abjure.argument("socket", "family") # now everything is loaded
  before = now.call
  Abjure.deny "@exec", "@spawn", "@listen"
  puts now.call - before
end
