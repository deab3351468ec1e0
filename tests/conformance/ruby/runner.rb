# SPDX-License-Identifier: MIT
# Runs the corpus from Ruby: runner.rb FOLDER. tests/corpus/README.md has the format.
require "abjure"

WORD = /"((?:[^"\\]|\\.)*)"|(\S+)/
Step = Struct.new(:line, :words, :expected)

def unescape(text)
  text.gsub(/\\(?:x(\h\h)|(.))/) { $1 ? $1.hex.chr : { "n" => "\n", "t" => "\t" }.fetch($2, $2) }
end

def words(line)
  line.scan(WORD).map { |quoted, bare| bare || unescape(quoted) }
end

# The cases of a file, each a list of steps.
def read(file)
  steps = []
  File.foreach(file, chomp: true, encoding: "UTF-8").with_index(1) do |line, number|
    case line
    when "", /\A#/ then next
    when /\Acase (.*)/ then steps << Step.new(number, ["case", $1], [])
    when /\A[a-z]/ then steps << Step.new(number, words(line), [])
    when /\A> ?(.*)/
      at = steps.last.words.index { |word| word == "<<" || word.start_with?("\1") }
      steps.last.words[at] = "\1" if steps.last.words[at] == "<<"
      steps.last.words[at] += "#{$1}\n"
    else steps.last.expected << line
    end
  end
  steps.each { |step| step.words.map! { |word| word.delete_prefix("\1") } }
  steps.slice_before { |step| step.words[0] == "case" }.map { |list| list.drop(1) }
end

# The filter and the program of one case, and what its verbs do with them.
class State
  def arguments(words)
    words.map { |word| word.match?(/\A\d/) ? Integer(word) : word }
  end

  def lines(list)
    list.map { |line| "#{line}\n" }.join
  end

  def filter_new = (@filter = Abjure::Filter.new)
  def filter_free = @filter.close
  def filter_add(action, calls) = @filter.add(action, calls)
  def filter_default(action) = @filter.default = action
  def filter_set(option, value) = @filter.set(option, value)
  def filter_read(text, name) = @filter.read(text, name)
  def filter_error = -@filter.error
  def filter_message = @filter.message
  def filter_clear = @filter.clear
  def filter_skipped = lines(@filter.skipped)
  def filter_notes = lines(@filter.notes)
  def filter_write(format) = @filter.write(format)
  def filter_load(options) = @filter.load(options)
  def filter_blocking_thread = @filter.blocking_thread || 0
  def filter_exec(path, *argv) = @filter.exec(path, argv)
  def filter_compile = (@program = @filter.compile)

  def filter_explain(abi, call, *args)
    fields = @filter.explain(call, *arguments(args), abi: abi).to_h.compact
    fields.map { |key, value| "#{key}: #{value}\n" }.join
  end

  def program_from_bytes(hex) = (@program = Abjure::Program.from_bytes([hex].pack("H*")))
  def program_from_process(pid, index) = (@program = Abjure::Program.from_process(Integer(pid), Integer(index)))
  def program_effective(pid) = (@program = Abjure::Program.effective(Integer(pid)))
  def program_free = @program.close
  def program_bytes = @program.bytes.unpack1("H*")
  def program_load(options) = @program.load(options)
  def program_exec(path, *argv) = @program.exec(path, argv)
  def program_eval(abi, call, *args) = @program.eval(call, *arguments(args), abi: abi)
  def program_disassemble = @program.disassemble
  def program_outline(format) = @program.outline(format)
  def supported = Abjure.supported.map { |name, value| "#{name}: #{value}\n" }.join
  def status(pid) = Abjure.status(Integer(pid)).map { |name, value| "#{name}: #{value}\n" }.join
  def groups = lines(Abjure.groups)
  def group(name, abi) = Abjure.group(name, abi: abi)
  def value(abi, text) = Abjure.value(text, abi: abi)
  def argument(abi, call, name) = Abjure.argument(call, name, abi: abi)
  def version = Abjure.version
  def tables_version = Abjure.tables_version
  def explain(line) = Abjure.explain(line).map { |name, value| "#{name}: #{value}\n" }.join
  def deny(calls, errno) = Abjure.deny(calls, errno: errno == "0" ? nil : Integer(errno))
end

# nil where the outcome is as expected, else what was wanted.
def differs(step, error, text)
  return error && "success" if step.expected.empty?

  rest = text.lines(chomp: true)
  step.expected.each do |line|
    wanted = words(line.sub(/\A[=~!|]+/, ""))
    fine = case line
           when /\A\|/ then !error && rest.shift == line[1..].delete_prefix(" ")
           when /\A!~/ then error == wanted[0] && text.include?(wanted[1])
           when /\A!/ then error == wanted[0] && (wanted.size < 2 || text == wanted[1])
           when /\A~/ then !error && text.include?(wanted[0])
           else !error && text == wanted[0]
           end
    return line unless fine
  end
  "no further line" if step.expected.any? { |line| line.start_with?("|") } && !rest.empty?
end

def run_step(state, file, step)
  error = text = nil
  begin
    raise NoMethodError, "no verb #{step.words[0]}" unless State.method_defined?(step.words[0], false)

    text = state.public_send(*step.words).to_s
  rescue Abjure::Error => e
    error = Errno.constants.find { |name| name == :ENOTSUP ? e.errno == 95 : Errno.const_get(name) == e.class }.to_s
    text = e.reason
  rescue StandardError => e
    error, text = e.class.name, e.message
  end
  wanted = differs(step, error, text)
  puts "#{file}:#{step.line}: #{step.words[0]}: wanted #{wanted}\n  got #{error} #{text}" if wanted
  wanted.nil?
end

passed = failed = 0
Dir["#{ARGV[0]}/**/*.case"].sort.each do |file|
  read(file).each do |steps|
    state = State.new
    steps.map { |step| run_step(state, file, step) }.all? ? passed += 1 : failed += 1
  end
end
puts "conformance ruby: #{passed} passed, #{failed} failed, 0 skipped"
exit failed.zero? && passed.positive?
