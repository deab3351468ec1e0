# SPDX-License-Identifier: MIT

module Abjure
  # What the core made: freed by the garbage collector, or by close.
  module Handle # :nodoc:
    # Frees the memory now. What was loaded stays in force.
    def close
      return unless @handle

      ObjectSpace.undefine_finalizer(self)
      Core.public_send(@free, @handle)
      @handle = nil
    end

    # Made where no object is in sight: a finalizer that refers to its object keeps it alive.
    def self.finalizer(handle, free)
      proc { Core.public_send(free, handle) }
    end

    private

    def own(handle, free)
      @handle = handle
      @free = free
      ObjectSpace.define_finalizer(self, Handle.finalizer(handle, free))
    end

    def handle
      @handle || raise(ArgumentError, "the #{self.class.name.split("::").last.downcase} was closed")
    end

    # A copy has the finalizer of what it copies, and would free the handle a second time.
    def initialize_copy(_other)
      ObjectSpace.undefine_finalizer(self)
      @handle = nil
      raise TypeError, "a #{self.class} cannot be copied"
    end
  end
end
