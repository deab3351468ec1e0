# SPDX-License-Identifier: MIT

# Give up system calls for good.
#
#     require "abjure"
#     Abjure.deny "@exec", "@listen"
#
# From that line on no thread of this process, and nothing that it starts, can execute a program or open a port. There
# is no way back. A failure to load raises, always. Requiring the gem changes nothing.
module Abjure
end

require "abjure/core"
require "abjure/error"
require "abjure/text"
require "abjure/handle"
require "abjure/place"
require "abjure/program"
require "abjure/verdict"
require "abjure/filter"

module Abjure
  # Denies the calls to this process, all its threads and all that it will start, now and for good.
  #
  # +calls+ are texts such as "execve", "@listen", "socket(family == AF_INET)". A denied call then raises Errno::EPERM,
  # or the error that +errno+ names (:EACCES or 13). Raises a LoadError where the filter is not in force.
  def self.deny(*calls, errno: nil)
    result, why = Core.abjure_deny(Text.join(calls), Text.errno(errno), 1024)
    Error.fail(result, why, LoadError) if result.negative?
  end
end
