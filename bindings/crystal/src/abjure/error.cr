# SPDX-License-Identifier: MIT

module Abjure
  # What the core refused: `os_error` says which kind, the message the cause and the remedy, for people.
  class Error < RuntimeError
    include SystemError

    # *result* is a negative errno, as the core returns it.
    def initialize(result : Int, message : String)
      super(message)
      @os_error = Errno.new(-result.to_i32)
    end
  end

  # A filter that could not be put in force. `thread` is the id of the thread in the way, where one is.
  class LoadError < Error
    getter thread : Int32?

    def initialize(result : Int, message : String, thread : Int32 = 0)
      super(result, message)
      @thread = thread > 0 ? thread : nil
    end
  end
end
