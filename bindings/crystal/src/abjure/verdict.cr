# SPDX-License-Identifier: MIT

module Abjure
  # What a filter decides for one call.
  record Verdict,
    action : String,  # "allow", "EPERM", "kill" ...
    origin : String,  # "rule", "default", "guard", "unknown", "essential", "kernel", "x32" or "foreign"
    rule : String?,   # as written, where one decided
    source : String?, # "file:line:column" where the rule came from a file
    call : String,    # with its arguments by name
    number : UInt32,
    abi : String do
    def allowed? : Bool
      action.in?("allow", "log")
    end

    # :nodoc:
    def self.parse(text : String) : Verdict
      lines = text.each_line.map(&.split(": ", 2)).to_h { |pair| {pair[0], pair[1]} }
      new(lines["action"], lines["origin"], lines["rule"]?, lines["source"]?, lines["call"],
        lines["number"].to_u32, lines["abi"])
    end
  end
end
