# SPDX-License-Identifier: MIT

# Give up system calls for good.
#
# ```
# require "abjure"
#
# Abjure.deny "@exec", "@listen"
# ```
#
# From that line on no thread of this process, and nothing that it starts, can execute a program or open a port. There
# is no way back. A failure to load raises, always. Requiring the shard changes nothing.
module Abjure
end

require "./abjure/lib"
require "./abjure/error"
require "./abjure/text"
require "./abjure/handle"
require "./abjure/place"
require "./abjure/program"
require "./abjure/verdict"
require "./abjure/filter"

module Abjure
  # Denies the calls to this process, all its threads and all that it will start, now and for good.
  #
  # *calls* are texts such as `"execve"`, `"@listen"`, `"socket(family == AF_INET)"`. A denied call then fails with the
  # errno that suits it, or with *errno*. Raises `LoadError` where the filter is not in force.
  def self.deny(*calls : String, errno : Errno? = nil) : Nil
    text = Text.join(calls)
    number = errno ? errno.value : 0
    result = uninitialized Int32
    why = Text.reason { |buffer, size| result = LibAbjure.deny(text, number, buffer, size) }
    raise LoadError.new(result, why) if result < 0
  end
end
