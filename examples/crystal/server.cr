# SPDX-License-Identifier: MIT
# A web server with a hole: it runs `ls -al` for each request, and passes the query to the shell.
#
#     server [-s | -l] [-p PORT]        -s: deny programs and new ports; -l: only log what would be denied
#
# Without -s, `curl 'localhost:8080/?.;id'` runs a program of the caller's choice.
require "abjure"
require "http/server"
require "option_parser"

secure = log = false
port = 8080
OptionParser.parse do |parser|
  parser.banner = "A web server with a hole, and the line that closes it"
  parser.on("-s", "deny programs and new ports") { secure = true }
  parser.on("-l", "only log what would be denied") { log = true }
  parser.on("-p PORT", "the port") { |number| port = number.to_i }
end

server = HTTP::Server.new do |context|
  context.response.content_type = "text/plain; charset=utf-8"
  if context.request.path == "/hello"
    context.response.puts "hello"
    next
  end
  folder = URI.decode_www_form(context.request.query || ".")
  begin
    context.response.print `/bin/ls -al #{folder} 2>&1`
  rescue error : IO::Error | RuntimeError
    context.response.status_code = 500
    context.response.puts "#{error.class}: #{error.message}"
  end
end

server.bind_tcp "127.0.0.1", port
if log
  Abjure::Filter.new &.set("complain", "on").deny("@exec", "@spawn", "@listen").load
elsif secure
  Abjure.deny "@exec", "@spawn", "@listen" # the server has its port already: that goes on
end
STDERR.puts "listening on port #{port}, process #{Process.pid}"
server.listen
