# SPDX-License-Identifier: MIT
require "json"
require "minitest/autorun"
require "open3"
require "rbconfig"
require "abjure"

class AbjureTest < Minitest::Test
  # What a Ruby program of its own prints: a filter stays in force for the rest of a process.
  def child(source)
    paths = $LOAD_PATH.flat_map { |path| ["-I", path] }
    output, status = Open3.capture2e(RbConfig.ruby, *paths, "-rabjure", "-rsocket", "-e", source)
    assert status.success?, output
    output.strip
  end

  def test_place
    assert_match(/\Ayes/, Abjure.supported["seccomp"])
    assert_predicate Abjure, :supported?
    assert_includes Abjure.groups, "@exec"
    assert_includes Abjure.group("@exec"), "execveat"
    assert_equal 0o102, Abjure.value("O_RDWR|O_CREAT", abi: "x86_64")
    assert_equal (1 << 64) - 100, Abjure.value("-100", abi: "aarch64")
    assert_equal 0, Abjure.argument("socket", "family", abi: "x86_64")
    assert_match(/\A\d+\.\d+\.\d+\z/, Abjure.version)
    assert_match(/\Alinux-/, Abjure.tables_version)
    assert_equal Gem.loaded_specs["abjure"].version.to_s, Abjure.version if Gem.loaded_specs["abjure"]
  end

  def test_status
    mine = Abjure.status
    assert_equal Process.pid.to_s, mine["pid"]
    assert_includes %w[disabled filter], mine["mode"]
    assert_equal mine["name"], Abjure.status(Process.pid)["name"]
    assert_match(/no process/, (assert_raises(Errno::ESRCH) { Abjure.status((1 << 31) - 1) }).reason)
    assert_raises(Errno::EINVAL) { Abjure.status(-1) }
    assert_raises(TypeError) { Abjure.status("1") }
  end

  def test_records
    line = 'type=SECCOMP msg=audit(1592235512.578:148): uid=1000 pid=6939 comm="nc" sig=31 arch=c000003e syscall=49 code=0x0'
    record = Abjure.explain(line)
    assert_equal ["bind", "6939", nil], record.values_at("call", "pid", "exe")
    assert_equal "nc (pid 6939) called bind and was killed (SIGSYS), as uid 1000, x86_64", record["summary"]
    assert_raises(Errno::EINVAL) { Abjure.explain("") }
    assert_raises(Errno::ENOENT) { Abjure.explain("type=LOGIN msg=audit(1592235512.578:148): pid=1") }
    assert_raises(ArgumentError) { Abjure.explain("#{line}\0") }
  end

  def test_errors
    error = assert_raises(Errno::ENOENT) { Abjure::Filter.new.deny("execev") }
    assert_kind_of Abjure::Error, error
    assert_equal 'unknown system call "execev"; did you mean "execve"?', error.reason
    assert_equal Encoding::UTF_8, error.reason.encoding
    assert_kind_of Abjure::LoadError, (assert_raises(Errno::ENOENT) { Abjure.deny("@lisen") })
    assert_kind_of Abjure::Error, (assert_raises(Errno::EINVAL) { Abjure::Program.from_bytes("short") })
    assert_raises(SystemCallError) { Abjure::Program.from_process(-1) }
    assert_raises(Errno::ENOENT) { Abjure.group("@exce") }
    assert_raises(Errno::ENOENT) { Abjure.value("AF_INTE") }
  end

  def test_filter_and_program
    Abjure::Filter.new(abis: ["x86_64"]) do |filter|
      filter.read("deny bind\n", "web.policy").deny("execve", errno: :EACCES)
      verdict = filter.explain("execve", abi: "x86_64")
      assert_equal ["EACCES", false, nil], [verdict.action, verdict.allowed?, verdict.source]
      assert_equal "web.policy:1:6", filter.explain("bind", 3, 0, 16).source
      assert_predicate filter.explain("socket", "AF_INET", "SOCK_STREAM"), :allowed?
      program = filter.compile
      assert_equal "EACCES", program.eval("execve")
      assert_equal program.disassemble, Abjure::Program.from_bytes(program.bytes).disassemble
      assert_equal program.bytes.bytesize, program.size * 8
      assert_includes filter.write, "deny bind"
      assert_empty filter.skipped
    end
  end

  def test_outline
    program = Abjure::Filter.new(abis: ["x86_64"]).deny("kill(sig == 9)", errno: :EACCES).compile
    again = Abjure::Filter.new.read(program.outline("policy"), "outline")
    assert_equal %w[EACCES allow], [9, 15].map { |sig| again.explain("kill", 1, sig, abi: "x86_64").action }
    assert_includes program.outline, "kill"
    assert_includes JSON.parse(program.outline("json, call=kill")).fetch("abis").map { |abi| abi["abi"] }, "x86_64"
    assert_match(/yaml/, assert_raises(Errno::EINVAL) { program.outline("yaml") }.reason)
  end

  # The programs of a process decide together, the strictest verdict wins.
  def test_effective
    source = 'Abjure::Filter.new.kill("acct").deny("swapon").load; Abjure::Filter.new.add("EACCES", "acct").load; ' \
             'puts "ready"; $stdout.flush; $stdin.read'
    paths = $LOAD_PATH.flat_map { |path| ["-I", path] }
    Open3.popen2(RbConfig.ruby, *paths, "-rabjure", "-e", source) do |_, output, child|
      assert_equal "ready\n", output.gets
      begin
        all = Abjure::Program.effective(child.pid)
      rescue Errno::EACCES => error
        skip error.message
      end
      assert_equal %w[kill EPERM allow], %w[acct swapon mount].map { |call| all.eval(call) }
      [-> { all.bytes }, -> { all.size }, -> { all.load }].each { |use| assert_raises(Errno::EOPNOTSUPP, &use) }
    end
    assert_raises(SystemCallError) { Abjure::Program.effective(-1) }
    assert_raises(TypeError) { Abjure::Program.effective("1") }
  end

  def test_broken_until_cleared
    filter = Abjure::Filter.new
    assert_raises(Errno::ENOENT) { filter.deny("execev") }
    filter.deny("bind")
    assert_raises(Errno::ENOENT) { filter.compile }
    assert_equal 2, filter.error
    assert_equal "EPERM", filter.clear.compile.eval("bind")
  end

  # Whoever rescues the error and goes on gets no weaker filter.
  def test_what_the_package_refuses_breaks_the_filter_too
    [->(f) { f.deny("@exec\0, @listen") }, ->(f) { f.deny("@exec\xff") }, ->(f) { f.deny(nil) }, ->(f) { f.deny },
     ->(f) { f.deny("execve", errno: 1.5) }, ->(f) { f.deny("execve", errno: :ENOSUCH) }, ->(f) { f.kill(1) },
     ->(f) { f.default = "kill\0" }, ->(f) { f.set("log", nil) }, ->(f) { f.read("deny @exec\0") },
     ->(f) { f.read("deny @exec", nil) }, ->(f) { f.read_file("/nowhere") }].each do |wrong|
      filter = Abjure::Filter.new.deny("chroot")
      refused = assert_raises(ArgumentError, TypeError, Errno::ENOENT) { wrong.call(filter) }
      assert_equal [Errno::EINVAL::Errno, refused.message], [filter.error, filter.message]
      [-> { filter.compile }, -> { filter.write }, -> { filter.load }, -> { filter.exec("true") }].each do |use|
        again = assert_raises(Errno::EINVAL, &use)
        assert_kind_of Abjure::Error, again
        assert_equal refused.message, again.reason
      end
      assert_kind_of Abjure::LoadError, (assert_raises(Errno::EINVAL) { filter.load })
      assert_equal "EPERM", filter.clear.compile.eval("chroot")
      assert_equal 0, filter.error
    end
  end

  TEXTS = [->(t) { Abjure.deny("chroot", t) }, ->(t) { Abjure.group(t) }, ->(t) { Abjure.group("@exec", abi: t) },
           ->(t) { Abjure.value(t) }, ->(t) { Abjure.value("1", abi: t) }, ->(t) { Abjure.argument(t, "fd") },
           ->(t) { Abjure.argument("read", t) }, ->(t) { Abjure.argument("read", "fd", abi: t) },
           ->(t) { Abjure::Filter.new(t) unless t.nil? }, ->(t) { Abjure::Filter.new(abis: [t]) },
           ->(t) { Abjure::Filter.new.add(t, "bind") }, ->(t) { Abjure::Filter.new.add("deny", "bind", t) },
           ->(t) { Abjure::Filter.new.allow(t) }, ->(t) { Abjure::Filter.new.set(t, "on") },
           ->(t) { Abjure::Filter.new.set("log", t) }, ->(t) { Abjure::Filter.new.read(t) },
           ->(t) { Abjure::Filter.new.read("", t) }, ->(t) { Abjure::Filter.new.write(t) },
           ->(t) { Abjure::Filter.new.explain(t) }, ->(t) { Abjure::Filter.new.explain("bind", t) },
           ->(t) { Abjure::Filter.new.explain("bind", abi: t) }, ->(t) { Abjure::Filter.new.load(t) },
           ->(t) { Abjure::Filter.new.exec(t) }, ->(t) { Abjure::Filter.new.exec("x", ["x", t]) },
           ->(t) { Abjure::Filter.new.exec("x", ["x"], { "A" => t }) }, ->(t) { Abjure::Filter.new.compile.eval(t) },
           ->(t) { Abjure::Filter.new.compile.outline(t) },
           ->(t) { Abjure::Filter.new.compile.eval("bind", abi: t) }, ->(t) { Abjure::Filter.new.compile.load(t) },
           ->(t) { Abjure::Filter.new.compile.exec("x", [t]) }].freeze

  def test_texts
    TEXTS.each_with_index do |take, i|
      ["@exec\0, @listen", "@exec\xff", "\xed\xa0\x80", "a\0".encode("UTF-16LE")].each do |text|
        assert_raises(ArgumentError, "place #{i}") { take.call(text) }
      end
      [nil, 1.5, [1], Object.new].each do |wrong|
        assert_raises(TypeError, "place #{i}, #{wrong.inspect}") { take.call(wrong) } unless wrong.nil? && i == 8
      end
    end
  end

  def test_misuse
    filter = Abjure::Filter.new
    assert_raises(ArgumentError) { Abjure.deny("@exec\0, @listen") }
    assert_raises(ArgumentError) { filter.deny("\xff".b) }
    assert_raises(ArgumentError) { filter.deny("\xff") }
    assert_raises(TypeError) { filter.deny(nil) }
    assert_raises(TypeError) { filter.deny(42) }
    assert_raises(TypeError) { filter.explain("read", nil) }
    assert_raises(ArgumentError) { filter.explain("read", 1 << 64) }
    assert_raises(ArgumentError) { filter.explain("read", *[0] * 7) }
    assert_raises(ArgumentError) { Abjure.deny }
    [:ENOSUCH, :eperm, "", :String, "EPERM\0"].each do |errno|
      assert_raises(ArgumentError) { Abjure.deny("bind", errno: errno) }
    end
    assert_equal "EPERM", Abjure::Filter.new.deny("bind", errno: 0).explain("bind").action
    assert_raises(Errno::EINVAL) { Abjure.deny("bind", errno: 5000) }
    assert_raises(Errno::EINVAL) { filter.clear.deny("bind", errno: 1 << 80) }
    assert_raises(TypeError) { Abjure.deny("bind", errno: 1.5) }
    assert_raises(TypeError) { Abjure::Program.from_bytes(nil) }
    assert_raises(TypeError) { filter.dup }
    assert_raises(NoMethodError) { Abjure::Program.new(nil) }
    assert_raises(ArgumentError) { filter.exec("/bin/true", ["a\0b"]) }
    [nil, "x", 1, { x: 1 }].each { |argv| assert_raises(TypeError) { filter.clear.exec("x", argv) } }
    ["x", 1, []].each { |env| assert_raises(TypeError) { filter.exec("x", ["x"], env) } }
    ["1", nil, 1.5].each { |pid| assert_raises(TypeError) { Abjure::Program.from_process(pid) } }
    [1 << 80, -(1 << 80)].each { |pid| assert_raises(RangeError, TypeError) { Abjure::Program.from_process(pid) } }
    assert_raises(ArgumentError, TypeError) { Abjure::Core.abjure_filter_add(nil, "deny", "bind") }
    assert_raises(ArgumentError, TypeError) { Abjure::Core.abjure_filter_add("x", "deny", "bind") }
    huge = "x" * (64 << 20)
    assert_raises(SystemCallError) { filter.deny(huge) }
    assert_raises(SystemCallError) { Abjure.deny(huge) }
    assert_raises(SystemCallError) { Abjure.value(huge) }
    assert_raises(SystemCallError) { Abjure::Program.from_bytes("\0" * (64 << 20)) }
    assert_equal "EPERM", filter.clear.deny("chroot").read("##{huge}\n").compile.eval("chroot")
  end

  def test_closed
    filter = Abjure::Filter.new.deny("bind")
    program = filter.compile
    2.times { filter.close }
    2.times { program.close }
    assert_match(/the filter was closed/, assert_raises(ArgumentError) { filter.deny("bind") }.message)
    [-> { filter.default = "kill" }, -> { filter.set("log", "on") }, -> { filter.read("") }, -> { filter.write },
     -> { filter.error }, -> { filter.message }, -> { filter.clear }, -> { filter.skipped }, -> { filter.notes },
     -> { filter.explain("bind") }, -> { filter.compile }, -> { filter.load }, -> { filter.blocking_thread },
     -> { filter.exec("true") }, -> { program.eval("bind") }, -> { program.bytes }, -> { program.size },
     -> { program.disassemble }, -> { program.outline }, -> { program.load }, -> { program.exec("true") }].each do |use|
      assert_match(/the (filter|program) was closed/, assert_raises(ArgumentError, &use).message)
    end
  end

  def test_garbage_is_freed
    before = ObjectSpace.each_object(Abjure::Filter).count
    3000.times { Abjure::Filter.new.deny("@exec").compile }
    GC.start
    assert_operator ObjectSpace.each_object(Abjure::Filter).count, :<, before + 1500
  end

  def test_denied_in_all_threads
    assert_equal "EPERM EPERM nil 42 EPERM", child(<<~'RUBY')
      name = ->(&block) { block.call.inspect rescue $!.class.name.split("::").last }
      go = Queue.new
      older = Thread.new { go.pop; name.call { TCPServer.new("127.0.0.1", 0) } }
      pool = Array.new(8) { Thread.new { 2000.times { |i| i.to_s } } }
      Abjure.deny "@exec", "@spawn", "@listen"
      go << true
      pool.each(&:join)
      puts [name.call { `ls` }, name.call { fork }, system("ls").inspect, Thread.new { 42 }.value, older.value].join(" ")
    RUBY
  end

  def test_exec_starts_one_program
    output = child(%q(Abjure::Filter.new.deny("@exec").exec("/bin/sh", ["sh", "-c", "echo started; /bin/true || true"])))
    assert_match(/started/, output)
    assert_match(/Operation not permitted/, output)
  end
end
