# SPDX-License-Identifier: MIT
# bench.rb call: nanoseconds of one call into the core. load: a filter in force, and the end. plain: the runtime alone.
if ARGV[0] == "load"
  require "abjure"
  Abjure.deny "@exec", "@spawn", "@listen"
elsif ARGV[0] == "call"
  require "abjure"
  now = -> { Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond) }
  times = Array.new(9) do
    before = now.call
    10_000.times { Abjure.argument("socket", "family", abi: "x86_64") }
    (now.call - before) / 10_000
  end
  puts times.sort[4]
end
