# SPDX-License-Identifier: MIT

module Abjure
  # :nodoc:
  # What `Filter` and `Program` share: an object of the core, freed once.
  module Handle
    def finalize
      close
    end

    # A copy would free the same object of the core a second time.
    def dup : NoReturn
      raise ArgumentError.new("a #{self.class} cannot be copied")
    end

    # Keeps the object until here: without a use behind a call of the core, the collector, which another thread may
    # start, could free what the core still works on.
    private def keep : Nil
      Handle.use(object_id)
    end

    # Apart, with one type: the compiler of 1.6 breaks down where several types share a method with asm.
    def self.use(address : UInt64) : Nil
      asm("" :: "r"(address) :: "volatile")
    end
  end
end
