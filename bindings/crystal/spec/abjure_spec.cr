# SPDX-License-Identifier: MIT
require "spec"
require "../src/abjure"

# Builds a program of `children/` and yields its path: a filter stays in force for the rest of a process.
def with_child(name : String, & : String -> T) : T forall T
  program = File.tempname("abjure-spec")
  output = IO::Memory.new
  source = "#{__DIR__}/children/#{name}.cr"
  begin
    built = Process.run("crystal", ["build", "--no-color", "-o", program, source], output: output, error: output)
    raise output.to_s unless built.success?
    yield program
  ensure
    File.delete(program) if File.exists?(program)
  end
end

# What it prints.
def run_child(name : String) : String
  with_child(name) do |program|
    output = IO::Memory.new
    Process.run(program, output: output, error: output)
    output.to_s
  end
end

describe Abjure do
  it "knows its place" do
    Abjure.supported["seccomp"].should start_with("yes")
    Abjure.supported?.should be_true
    Abjure.groups.should contain("@exec")
    Abjure.group("@exec").should contain("execveat")
    Abjure.value("O_RDWR|O_CREAT", "x86_64").should eq(0o102)
    Abjure.value("-100", "aarch64").should eq(-100_i64.to_u64!)
    Abjure.argument("socket", "family", "x86_64").should eq(0)
    Abjure.version.should match(/^\d+\.\d+\.\d+$/)
    Abjure.tables_version.should start_with("linux-")
  end

  it "knows how processes use seccomp" do
    mine = Abjure.status
    mine["pid"].should eq(Process.pid.to_s)
    %w(disabled filter).should contain(mine["mode"])
    Abjure.status(Process.pid.to_i)["name"].should eq(mine["name"])
    expect_raises(Abjure::Error, "no process") { Abjure.status(Int32::MAX) }.os_error.should eq(Errno::ESRCH)
    expect_raises(Abjure::Error) { Abjure.status(-1) }.os_error.should eq(Errno::EINVAL)
  end

  it "reads audit records" do
    line = %(type=SECCOMP msg=audit(1592235512.578:148): uid=1000 pid=6939 comm="nc" sig=31 arch=c000003e syscall=49 code=0x0)
    record = Abjure.explain(line)
    {record["call"], record["pid"], record["exe"]?}.should eq({"bind", "6939", nil})
    record["summary"].should eq("nc (pid 6939) called bind and was killed (SIGSYS), as uid 1000, x86_64")
    expect_raises(Abjure::Error) { Abjure.explain("") }.os_error.should eq(Errno::EINVAL)
  end

  it "tells what is wrong" do
    error = expect_raises(Abjure::Error, %(did you mean "execve"?)) { Abjure::Filter.new.deny("execev") }
    error.os_error.should eq(Errno::ENOENT)
    expect_raises(Abjure::Error, "@exec") { Abjure.group("@exce") }.os_error.should eq(Errno::ENOENT)
    expect_raises(Abjure::LoadError, "@listen") { Abjure.deny("@lisen") }.os_error.should eq(Errno::ENOENT)
    expect_raises(Abjure::Error) { Abjure::Program.from_bytes(Bytes.new(7)) }.os_error.should eq(Errno::EINVAL)
    expect_raises(Abjure::Error) { Abjure::Program.from_process(-1) }
  end

  it "explains, compiles and evaluates" do
    Abjure::Filter.new(abis: ["x86_64"]) do |filter|
      filter.read("deny bind\n", "web.policy").deny("execve", errno: Errno::EACCES)
      verdict = filter.explain("execve", abi: "x86_64")
      {verdict.action, verdict.allowed?, verdict.source}.should eq({"EACCES", false, nil})
      filter.explain("bind", 3, 0_u64, 16).source.should eq("web.policy:1:6")
      filter.explain("socket", "AF_INET", "SOCK_STREAM").allowed?.should be_true
      filter.explain("socket", "AF_INET").call.should contain("family=2")
      program = filter.compile
      program.eval("execve").should eq("EACCES")
      program.eval("close", 1).should eq("allow")
      program.size.should eq(program.bytes.size // 8)
      Abjure::Program.from_bytes(program.bytes).disassemble.should eq(program.disassemble)
      filter.write.should contain("deny bind")
      filter.skipped.should be_empty
    end
  end

  it "tells what a program does" do
    program = Abjure::Filter.new(abis: ["x86_64"]).deny("kill(sig == 9)", errno: Errno::EACCES).compile
    again = Abjure::Filter.new.read(program.outline("policy"), "outline")
    again.explain("kill", 1, 9, abi: "x86_64").action.should eq("EACCES")
    again.explain("kill", 1, 15, abi: "x86_64").action.should eq("allow")
    program.outline.should contain("kill")
    program.outline("json, call=kill").should contain(%("EACCES"))
    expect_raises(Abjure::Error, "yaml") { program.outline("yaml") }.os_error.should eq(Errno::EINVAL)
  end

  it "takes the programs of a process as one" do
    expect_raises(Abjure::Error) { Abjure::Program.effective(-1) }
    with_child("stack") do |program|
      Process.run(program) do |child|
        child.output.gets.should eq("ready")
        begin
          all = Abjure::Program.effective(child.pid.to_i32)
        rescue error : Abjure::Error
          raise error unless error.os_error == Errno::EACCES
          pending! error.message.to_s
        end
        {"acct" => "kill", "swapon" => "EPERM", "mount" => "allow"}.each { |call, action| all.eval(call).should eq(action) }
        expect_raises(Abjure::Error, "use from_process") { all.bytes }.os_error.should eq(Errno::EOPNOTSUPP)
        expect_raises(Abjure::LoadError) { all.load }
      end
    end
  end

  it "keeps a filter broken until the error is cleared" do
    filter = Abjure::Filter.new
    expect_raises(Abjure::Error) { filter.deny("execev") }
    filter.deny("bind")
    expect_raises(Abjure::Error, "execev") { filter.compile }
    filter.error.should eq(Errno::ENOENT)
    filter.clear.compile.eval("bind").should eq("EPERM")
  end

  it "is broken by what the shard itself refuses, too" do
    [
      ->(f : Abjure::Filter) { f.deny("@exec\0, @listen"); nil },
      ->(f : Abjure::Filter) { f.deny(String.new(Bytes[0x40, 0xff])); nil },
      ->(f : Abjure::Filter) { f.add("de\0ny", "execve"); nil },
      ->(f : Abjure::Filter) { f.default = "kill\0"; nil },
      ->(f : Abjure::Filter) { f.set("abi", "x86_64\0"); nil },
      ->(f : Abjure::Filter) { f.read("deny @exec\0"); nil },
      ->(f : Abjure::Filter) { f.read_file("/nowhere"); nil },
    ].each do |wrong|
      filter = Abjure::Filter.new.deny("chroot")
      refused = expect_raises(Exception) { wrong.call(filter) }
      {filter.error, filter.message}.should eq({Errno::EINVAL, refused.message})
      [
        ->{ filter.compile; nil }, ->{ filter.write; nil }, ->{ filter.load; nil }, ->{ filter.exec("true"); nil },
      ].each do |use|
        again = expect_raises(Abjure::Error) { use.call }
        {again.os_error, again.message}.should eq({Errno::EINVAL, refused.message})
      end
      expect_raises(Abjure::LoadError) { filter.load }
      filter.clear.compile.eval("chroot").should eq("EPERM")
      filter.error.should eq(Errno::NONE)
    end
  end

  it "refuses what C would misread wherever a text is taken" do
    f, p = Abjure::Filter.new, Abjure::Filter.new.compile
    bad = {"@exec\0, @listen", String.new(Bytes[0x40, 0xff]), String.new(Bytes[0xed, 0xa0, 0x80])}
    bad.each do |text|
      [->{ Abjure.deny("chroot", text); nil }, ->{ Abjure.group(text); nil }, ->{ Abjure.group("@exec", text); nil },
       ->{ Abjure.value(text); nil }, ->{ Abjure.value("1", text); nil }, ->{ Abjure.argument(text, "fd"); nil },
       ->{ Abjure.argument("read", text); nil }, ->{ Abjure.argument("read", "fd", text); nil },
       ->{ Abjure::Filter.new(text); nil }, ->{ Abjure::Filter.new(abis: [text]); nil }, ->{ f.allow(text); nil },
       ->{ f.set(text, "on"); nil }, ->{ f.set("log", text); nil }, ->{ f.read("", text); nil },
       ->{ f.write(text); nil },
       ->{ f.explain(text); nil }, ->{ f.explain("bind", text); nil }, ->{ f.explain("bind", abi: text); nil },
       ->{ f.load(text); nil }, ->{ f.exec(text); nil }, ->{ f.exec("x", ["x", text]); nil },
       ->{ f.exec("x", ["x"], {"A" => text}); nil }, ->{ p.eval(text); nil }, ->{ p.eval("bind", text); nil },
       ->{ p.eval("bind", abi: text); nil }, ->{ p.outline(text); nil }, ->{ p.load(text); nil }, ->{ p.exec("x", [text]); nil },
      ].each { |take| expect_raises(ArgumentError) { take.call } }
    end
  end

  it "refuses numbers that are none" do
    expect_raises(Abjure::LoadError, "no errno") { Abjure.deny("chroot", errno: Errno.new(5000)) }
    expect_raises(Abjure::LoadError, "no errno") { Abjure.deny("chroot", errno: Errno.new(-1)) }
    expect_raises(Abjure::Error) { Abjure::Filter.new.deny("chroot", errno: Errno.new(5000)) }
    Abjure::Filter.new.deny("chroot", errno: Errno::NONE).explain("chroot").action.should eq("EPERM")
    expect_raises(Abjure::Error) { Abjure::Program.from_bytes(Bytes.empty) }
    expect_raises(Abjure::Error) { Abjure::Filter.new.exec("x", [] of String) }
  end

  it "takes or refuses texts of 64 MiB" do
    huge = "x" * (64 << 20)
    filter = Abjure::Filter.new
    expect_raises(Abjure::Error) { filter.deny(huge) }
    expect_raises(Abjure::LoadError) { Abjure.deny(huge) }
    expect_raises(Abjure::Error) { Abjure.value(huge) }
    expect_raises(Abjure::Error) { Abjure::Program.from_bytes(Bytes.new(64 << 20)) }
    filter.clear.deny("chroot").read("##{huge}\n").compile.eval("chroot").should eq("EPERM")
  end

  it "does not copy what is freed once" do
    expect_raises(ArgumentError, "cannot be copied") { Abjure::Filter.new.dup }
    expect_raises(ArgumentError, "cannot be copied") { Abjure::Filter.new.compile.dup }
  end

  it "refuses what C would misread" do
    expect_raises(ArgumentError, "U+0000") { Abjure.deny("@exec\0, @listen") }
    expect_raises(ArgumentError, "U+0000") { Abjure::Filter.new.read("deny bind\0") }
    expect_raises(ArgumentError, "UTF-8") { Abjure::Filter.new.deny(String.new(Bytes[0xff, 0xfe])) }
    expect_raises(ArgumentError, "at most 6") { Abjure::Filter.new.explain("read", 1, 2, 3, 4, 5, 6, 7) }
  end

  it "does not follow handles that are gone" do
    filter = Abjure::Filter.new
    program = filter.deny("bind").compile
    filter.close
    filter.close
    program.close
    [->{ filter.deny("bind"); nil }, ->{ filter.default = "kill"; nil }, ->{ filter.set("log", "on"); nil },
     ->{ filter.read(""); nil }, ->{ filter.write; nil }, ->{ filter.error; nil }, ->{ filter.message; nil },
     ->{ filter.clear; nil }, ->{ filter.skipped; nil }, ->{ filter.notes; nil }, ->{ filter.explain("bind"); nil },
     ->{ filter.compile; nil }, ->{ filter.load; nil }, ->{ filter.blocking_thread; nil },
     ->{ filter.exec("true"); nil },
     ->{ program.bytes; nil }, ->{ program.size; nil }, ->{ program.eval("bind"); nil }, ->{ program.disassemble; nil },
     ->{ program.outline; nil },
     ->{ program.load; nil }, ->{ program.exec("true"); nil },
    ].each { |use| expect_raises(ArgumentError, "was closed") { use.call } }
  end

  it "frees what is forgotten" do
    2000.times { Abjure::Filter.new.deny("@exec").compile }
    GC.collect
  end

  it "denies to a program what it gave up, threads that ran before included" do
    run_child("denied").should eq("EPERM EPERM ok 42 EPERM")
  end

  it "starts a program that may start no other" do
    run_child("launcher").should match(/\Astarted\n.*Operation not permitted/)
  end
end
