# SPDX-License-Identifier: MIT
# What Ruby's own means do under a filter: matrix.rb PORT FOLDER [CALLS...]
require "abjure"
require "open3"
require "socket"

PORT, FOLDER, *CALLS = ARGV

def attempt(effect, means)
  result = begin
    yield || "ok"
  rescue SystemCallError => e
    e.class.name.delete_prefix("Errno::")
  end
  puts "#{effect}\t#{means}\t#{result}"
end

def touch(means)
  ["/bin/touch", "#{FOLDER}/#{means.gsub(/\W/, "")}"]
end

# system answers nil and sets $? where the program did not start, and leaves the errno out.
def answer(done)
  done ? nil : done.inspect
end

go = Queue.new
older = Thread.new { go.pop && attempt("old thread", "spawn, old") { Process.wait(spawn(*touch("spawn, old"))) && nil } }

Abjure.deny(*CALLS) unless CALLS.empty?

attempt("start", "system") { answer(system(*touch("system"))) }
attempt("start", "system, exception") { answer(system(*touch("system, exception"), exception: true)) }
attempt("start", "backticks") { `#{touch("backticks").join(" ")}` && nil }
attempt("start", "spawn") { Process.wait(spawn(*touch("spawn"))) && nil }
attempt("start", "IO.popen") { IO.popen(touch("IO.popen"), &:read) && nil }
attempt("start", "Open3.capture2e") { Open3.capture2e(*touch("Open3.capture2e")) && nil }
attempt("fork", "fork") { Process.wait(fork { exit!(0) }) && nil }
attempt("listen", "TCPServer.new") { TCPServer.new("127.0.0.1", 0).close }
attempt("connect", "TCPSocket.new") { TCPSocket.new("127.0.0.1", PORT).close }
attempt("open", "File.open") { File.open("/etc/hostname", &:read) && nil }
attempt("thread", "Thread.new") { Thread.new { 42 }.value == 42 ? nil : "no answer" }
go << true
older.join
