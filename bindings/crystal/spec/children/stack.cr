# SPDX-License-Identifier: MIT
require "../../src/abjure"

# Two programs, and then it waits.
Abjure::Filter.new.kill("acct").deny("swapon").load
Abjure::Filter.new.add("EACCES", "acct").load
puts "ready"
STDOUT.flush
STDIN.gets
