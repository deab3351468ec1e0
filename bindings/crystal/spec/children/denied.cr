# SPDX-License-Identifier: MIT
require "socket"
require "../../src/abjure"

go, older = Atomic(Int32).new(0), ""
thread = Thread.new do
  while go.get == 0
    Thread.yield
  end
  older = begin
    TCPServer.new("127.0.0.1", 0)
    "listens"
  rescue error : Socket::Error
    error.os_error.to_s
  end
end
Abjure.deny "@exec", "@listen"
go.set(1)
thread.join
run = begin
  Process.run("/bin/true")
  "ran"
rescue error
  error.responds_to?(:os_error) ? error.os_error.to_s : "?"
end
answer = 0
Thread.new { answer = 42 }.join
listens = begin
  TCPServer.new("127.0.0.1", 0)
  "listens"
rescue error : Socket::Error
  error.os_error.to_s
end
print "#{run} #{listens} #{File.open("/etc/hostname", &.gets) ? "ok" : "empty"} #{answer} #{older}"
