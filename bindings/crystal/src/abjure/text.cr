# SPDX-License-Identifier: MIT

module Abjure
  # An argument of a call: a number, or a text such as `"AF_INET"` or `"O_RDWR|O_CREAT"`.
  alias Argument = Int32 | Int64 | UInt32 | UInt64 | String

  # Texts on their way into the core and out of it.
  module Text
    # A text that C sees whole: it would end at U+0000, and a rule behind that would be lost.
    def self.clean(text : String) : String
      raise ArgumentError.new("the text contains U+0000") if text.includes?('\0')
      raise ArgumentError.new("the text is not valid UTF-8") unless text.valid_encoding?
      text
    end

    def self.join(calls : Enumerable(String)) : String
      raise ArgumentError.new(%(no calls given; for example "@exec", "@listen")) if calls.empty?
      calls.map { |call| clean(call) }.join(", ")
    end

    # Calls a function of the core that writes a text, again where the buffer was too small.
    def self.collect(& : UInt8*, UInt64 -> Int64) : {Int64, String}
      size = 1024_u64
      loop do
        buffer = Bytes.new(size)
        result = yield buffer.to_unsafe, size
        return {result, String.new(buffer.to_unsafe)} if result < size.to_i64
        size = result.to_u64 + 1
      end
    end

    # Lines "key: value".
    def self.pairs(text : String) : Hash(String, String)
      text.each_line.select(&.includes?(": ")).map(&.split(": ", 2)).to_h { |pair| {pair[0], pair[1]} }
    end

    # The reason that a function writes to its `why`.
    def self.reason(& : UInt8*, UInt64 ->) : String
      buffer = Bytes.new(1024)
      yield buffer.to_unsafe, buffer.size.to_u64
      String.new(buffer.to_unsafe)
    end

    def self.arguments(values : Enumerable(Argument), abi : String) : StaticArray(UInt64, 6)
      raise ArgumentError.new("a system call has at most 6 arguments, not #{values.size}") if values.size > 6
      all = StaticArray(UInt64, 6).new(0_u64)
      values.each_with_index do |value, i|
        all[i] = value.is_a?(String) ? Abjure.value(value, abi) : value.to_i128.to_u64!
      end
      all
    end

    # Yields the path, argv and envp of execve. Without an environment that is NULL: the program gets this one's.
    def self.execve(path : String, argv : Enumerable(String), env : Hash(String, String)?,
                    & : String, Array(UInt8*), UInt8** -> Int32) : Int32
      words = terminated(argv)
      variables = env ? terminated(env.map { |name, value| "#{name}=#{value}" }).to_unsafe : Pointer(UInt8*).null
      yield clean(path), words, variables
    end

    # A list that ends in NULL.
    private def self.terminated(words : Enumerable(String)) : Array(UInt8*)
      words.map { |word| clean(word).to_unsafe }.to_a << Pointer(UInt8).null
    end
  end
end
