# SPDX-License-Identifier: MIT

module Abjure
  # Texts on their way into the core and out of it.
  module Text # :nodoc:
    module_function

    # A text that C sees whole: it would end at U+0000, and a rule behind that would be lost.
    def clean(text)
      raise TypeError, "a text is needed here, not #{text.class}" unless text.is_a?(String) || text.is_a?(Symbol)

      text = text.to_s
      begin
        text = text.encode(Encoding::UTF_8) unless text.encoding == Encoding::UTF_8
      rescue EncodingError
        raise ArgumentError, "the text is not valid Unicode"
      end
      raise ArgumentError, "the text is not valid UTF-8" unless text.valid_encoding?
      raise ArgumentError, "the text contains U+0000" if text.include?("\0")

      text
    end

    # What SWIG gives is bytes to Ruby.
    def utf8(text)
      text.dup.force_encoding(Encoding::UTF_8)
    end

    def join(calls)
      raise ArgumentError, 'no calls given; for example "@exec", "@listen"' if calls.empty?

      calls.map { |call| clean(call) }.join(", ")
    end

    # 0 for nil: then each rule of a group has the errno that suits it.
    def errno(value)
      case value
      when nil then 0
      when Symbol, String
        unless /\AE[A-Z0-9]+\z/.match?(value) && Errno.const_defined?(value, false)
          raise ArgumentError, "unknown errno #{value.inspect}; for example :EPERM or :EACCES"
        end
        Errno.const_get(value)::Errno
      when Integer then value.clamp(-1, 1 << 16) # within an int of C; the core tells which are none
      else raise TypeError, "an errno is a number or a name such as :EACCES, not #{value.inspect}"
      end
    end

    # Calls a function of the core that writes a text, again where the buffer was too small.
    def collect
      size = 1024
      loop do
        result, text = yield size
        return [result, utf8(text)] if result < size

        size = result + 1
      end
    end

    # Lines "key: value".
    def pairs(text)
      text.lines(chomp: true).filter_map { |line| line.split(": ", 2) if line.include?(": ") }.to_h
    end

    # An argument of a call: a number, or a text such as "AF_INET" or "O_RDWR|O_CREAT".
    def number(value, abi)
      return Abjure.value(value, abi: abi) if value.is_a?(String) || value.is_a?(Symbol)
      raise TypeError, "a number or a text is needed here, not #{value.class}" unless value.is_a?(Integer)
      raise ArgumentError, "#{value} does not fit into 64 bits" unless value.between?(-(1 << 63), (1 << 64) - 1)

      value & ((1 << 64) - 1)
    end

    def arguments(values, abi)
      raise ArgumentError, "a system call has at most 6 arguments, not #{values.size}" if values.size > 6

      values.map { |value| number(value, abi) } + [0] * (6 - values.size)
    end

    # argv and envp of execve.
    def words(words)
      raise TypeError, "an array of texts is needed here, not #{words.class}" unless words.is_a?(Array)

      words.map { |word| clean(word) }
    end

    def environment(env)
      return if env.nil?
      raise TypeError, "a hash of texts is needed here, not #{env.class}" unless env.is_a?(Hash)

      env.map { |name, value| "#{clean(name)}=#{clean(value)}" }
    end
  end
end
