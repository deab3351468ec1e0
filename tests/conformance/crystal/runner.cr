# SPDX-License-Identifier: MIT
# Runs the corpus from Crystal: runner FOLDER. tests/corpus/README.md has the format.
require "abjure"

WORD = /"((?:[^"\\]|\\.)*)"|(\S+)/

record Step, line : Int32, words : Array(String), expected : Array(String)

def unescape(text : String) : String
  text.gsub(/\\(x[0-9a-f]{2}|.)/i) do |_, match|
    case match[1]
    when "n"       then "\n"
    when "t"       then "\t"
    when /^x(..)$/ then $1.to_i(16).chr.to_s
    else                match[1]
    end
  end
end

def words(line : String) : Array(String)
  line.scan(WORD).map { |match| match[1]?.try { |quoted| unescape(quoted) } || match[2]? || "" }
end

def read(file : String) : Array(Step)
  steps = [] of Step
  File.read_lines(file).each_with_index(1) do |line, number|
    case line
    when "", /^#/     then next
    when /^case (.*)/ then steps << Step.new(number, ["case", $1], [] of String)
    when /^[a-z]/     then steps << Step.new(number, words(line), [] of String)
    when /^> ?(.*)/
      at = steps.last.words.index { |word| word == "<<" || word.starts_with?('\u{1}') } || raise "#{file}:#{number}: no <<"
      before = steps.last.words[at]
      steps.last.words[at] = (before == "<<" ? "\u{1}" : before) + $1 + "\n"
    else steps.last.expected << line
    end
  end
  steps.each { |step| step.words.map!(&.lchop('\u{1}')) }
  steps
end

# The filter and the program of one case, and what its verbs do with them.
class State
  @filter : Abjure::Filter?
  @program : Abjure::Program?

  def filter
    @filter || raise "no filter"
  end

  def program
    @program || raise "no program"
  end

  def arguments(words : Array(String)) : Array(Abjure::Argument)
    words.map { |word| (word[0].ascii_number? ? word.to_u64(prefix: true) : word).as(Abjure::Argument) }
  end

  def explain(w) : String
    v = filter.explain(w[2], arguments(w[3..]), abi: w[1])
    {"action" => v.action, "origin" => v.origin, "rule" => v.rule, "source" => v.source, "call" => v.call,
     "number" => v.number, "abi" => v.abi}.compact.join("") { |key, value| "#{key}: #{value}\n" }
  end

  def lines(all : Array(String)) : String
    all.join { |line| "#{line}\n" }
  end

  # What a verb gives, as text.
  def run(w : Array(String)) : String
    case w[0]
    when "filter_new"             then @filter = Abjure::Filter.new
    when "filter_free"            then filter.close
    when "filter_add"             then filter.add(w[1], w[2])
    when "filter_default"         then filter.default = w[1]
    when "filter_set"             then filter.set(w[1], w[2])
    when "filter_read"            then filter.read(w[1], w[2])
    when "filter_error"           then return (-filter.error.value).to_s
    when "filter_message"         then return filter.message
    when "filter_clear"           then filter.clear
    when "filter_skipped"         then return lines(filter.skipped)
    when "filter_notes"           then return lines(filter.notes)
    when "filter_write"           then return filter.write(w[1])
    when "filter_explain"         then return explain(w)
    when "filter_load"            then filter.load(w[1])
    when "filter_blocking_thread" then return filter.blocking_thread.to_s
    when "filter_exec"            then filter.exec(w[1], w[2..])
    when "filter_compile"         then @program = filter.compile
    when "program_from_bytes"     then @program = Abjure::Program.from_bytes(w[1].hexbytes)
    when "program_from_process"   then @program = Abjure::Program.from_process(w[1].to_i, w[2].to_u64)
    when "program_effective"      then @program = Abjure::Program.effective(w[1].to_i)
    when "program_free"           then program.close
    when "program_bytes"          then return program.bytes.hexstring
    when "program_load"           then program.load(w[1])
    when "program_exec"           then program.exec(w[1], w[2..])
    when "program_eval"           then return program.eval(w[2], arguments(w[3..]), abi: w[1])
    when "program_disassemble"    then return program.disassemble
    when "program_outline"        then return program.outline(w[1])
    when "supported"              then return Abjure.supported.join { |name, value| "#{name}: #{value}\n" }
    when "status"                 then return Abjure.status(w[1].to_i).join { |name, value| "#{name}: #{value}\n" }
    when "groups"                 then return lines(Abjure.groups)
    when "group"                  then return Abjure.group(w[1], w[2])
    when "value"                  then return Abjure.value(w[2], w[1]).to_s
    when "argument"               then return Abjure.argument(w[2], w[3], w[1]).to_s
    when "version"                then return Abjure.version
    when "tables_version"         then return Abjure.tables_version
    when "explain"                then return Abjure.explain(w[1]).join { |name, value| "#{name}: #{value}\n" }
    when "deny"                   then Abjure.deny(w[1], errno: w[2] == "0" ? nil : Errno.new(w[2].to_i))
    else                               raise "unknown verb #{w[0]}"
    end
    ""
  end
end

# nil where the outcome is as expected, else what was wanted.
def differs(step : Step, error : String?, text : String) : String?
  return error && "success" if step.expected.empty?
  rest = text.lines
  step.expected.each do |line|
    wanted = words(line.lstrip("=~!"))
    fine = case line
           when /^\|/ then !error && rest.shift? == line[1..].lchop(' ')
           when /^!~/ then error == wanted[0] && text.includes?(wanted[1])
           when /^!/  then error == wanted[0] && (wanted.size < 2 || text == wanted[1])
           when /^~/  then !error && text.includes?(wanted[0])
           else            !error && text == wanted[0]
           end
    return line unless fine
  end
  "no further line" if step.expected.any?(&.starts_with?('|')) && !rest.empty?
end

def run_step(state : State, file : String, step : Step) : Bool
  error, text = nil, ""
  begin
    text = state.run(step.words)
  rescue problem : Abjure::Error
    error, text = problem.os_error.as(Errno).to_s, problem.message.to_s
    error = "ENOTSUP" if error == "EOPNOTSUPP" # Linux has two names for 95
  rescue problem
    error, text = problem.class.name, problem.message.to_s
  end
  wanted = differs(step, error, text)
  puts "#{file}:#{step.line}: #{step.words[0]}: wanted #{wanted}\n  got #{error} #{text}" if wanted
  wanted.nil?
end

passed = failed = 0
Dir.glob("#{ARGV[0]}/**/*.case").sort.each do |file|
  read(file).slice_before { |step| step.words[0] == "case" }.each do |steps|
    state = State.new
    if steps.skip(1).map { |step| run_step(state, file, step) }.all?
      passed += 1
    else
      failed += 1
    end
  end
end
puts "conformance crystal: #{passed} passed, #{failed} failed, 0 skipped"
exit failed == 0 && passed > 0 ? 0 : 1
