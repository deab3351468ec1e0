# SPDX-License-Identifier: MIT
# What Crystal's own means do under a filter: matrix PORT FOLDER [CALLS...]
require "abjure"
require "socket"

lib C
  fun system(command : UInt8*) : LibC::Int
  fun usleep(microseconds : LibC::UInt) : LibC::Int
end

PORT   = ARGV[0].to_i
FOLDER = ARGV[1]

def outcome(error : Exception) : String
  error.responds_to?(:os_error) ? error.os_error.to_s : error.message.to_s
end

def try(effect : String, means : String, & : -> String?)
  result = begin
    yield || "ok"
  rescue error
    outcome(error)
  end
  puts "#{effect}\t#{means}\t#{result}"
end

def touch(means : String) : Array(String)
  ["#{FOLDER}/#{means.gsub(/\W/, "")}"]
end

# A thread that is older than the load, and tries to start a program after it: by C's system(3), since Process belongs
# to the main thread's event loop.
go, old_result = Atomic(Int32).new(0), ""
command = "/bin/touch #{touch("C system, old")[0]}"
old = Thread.new do
  while go.get == 0
    C.usleep(1000)
  end
  status = C.system(command)
  old_result = status == 0 ? "ok" : status < 0 ? Errno.value.to_s : status.to_s
end

Abjure.deny(ARGV[2..].join(", ")) if ARGV.size > 2

# It ends before the first child: Crystal's handler of SIGCHLD must not run in a thread without a scheduler.
go.set(1)
old.join
puts "old thread\tC system, old\t#{old_result}"

try("start", "Process.run") { Process.run("/bin/touch", touch("Process.run")).success? ? nil : "failed" }
try("start", "Process.new") { Process.new("/bin/touch", touch("Process.new")).wait.success? ? nil : "failed" }
try("start", "system") { system("/bin/touch #{touch("system")[0]}") ? nil : "false" }
try("start", "backticks") { `/bin/touch #{touch("backticks")[0]}`; $?.success? ? nil : "failed" }
try("fork", "Process.fork") { Process.fork { }.wait.success? ? nil : "failed" }
try("listen", "TCPServer.new") { TCPServer.new("127.0.0.1", 0).close }
try("connect", "TCPSocket.new") { TCPSocket.new("127.0.0.1", PORT).close }
try("open", "File.open") { File.open("/etc/hostname", &.gets); nil }
try("thread", "Thread.new") { answer = 0; Thread.new { answer = 42 }.join; answer == 42 ? nil : "no answer" }
