# SPDX-License-Identifier: MIT

module Abjure
  # What the core refused. It is mixed into the Errno::... that is raised, whose +errno+ says which kind; +reason+ is
  # the cause and the remedy, for people, and part of the message.
  module Error
    attr_reader :reason, :thread

    # Raises the system's error of a negative result, with this module (or LoadError) in it.
    def self.fail(result, reason, kind = Error, thread: nil)
      reason = Text.utf8(reason)
      error = SystemCallError.new(reason, -result)
      error.extend(kind)
      error.instance_variable_set(:@reason, reason)
      error.instance_variable_set(:@thread, thread)
      raise error
    end
  end

  # A filter that could not be put in force. +thread+ is the id of the thread in the way, where one is.
  module LoadError
    include Error
  end
end
