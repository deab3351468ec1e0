# SPDX-License-Identifier: MIT

module Abjure
  # What a filter decides for one call: +action+ ("allow", "EPERM", "kill" ...), +origin+ ("rule", "default", "guard",
  # "unknown" ...), +rule+ as written or nil, +source+ "file:line:column" or nil, +call+ with its arguments by name,
  # +number+ and +abi+.
  Verdict = Struct.new(:action, :origin, :rule, :source, :call, :number, :abi, keyword_init: true) do
    def allowed?
      %w[allow log].include?(action)
    end

    def self.parse(text) # :nodoc:
      fields = text.lines(chomp: true).to_h { |line| line.split(": ", 2) }.transform_keys(&:to_sym)
      new(**fields, number: Integer(fields.fetch(:number))).freeze
    end
  end
end
