# SPDX-License-Identifier: MIT
# bench call: nanoseconds of one call into the core. bench deny: nanoseconds until a filter is in force. bench load: the
# same, and the end.
require "abjure"

case ARGV[0]
when "load"
  Abjure.deny "@exec", "@spawn", "@listen"
when "call"
  times = Array.new(9) do
    before = Time.monotonic
    20_000.times { Abjure.argument("socket", "family", "x86_64") }
    (Time.monotonic - before).total_nanoseconds / 20_000
  end
  puts times.sort[4].round.to_i
when "deny"
  before = Time.monotonic
  Abjure.deny "@exec", "@spawn", "@listen"
  puts (Time.monotonic - before).total_nanoseconds.to_i
end
