# SPDX-License-Identifier: MIT
# A web server with a hole: it runs `ls -al` for each request, and passes the query to the shell.
#
#     server.rb [-s | -l] [-p PORT]        -s: deny programs and new ports; -l: only log what would be denied
#
# Without -s, `curl 'localhost:8080/?.;id'` runs a program of the caller's choice.
require "abjure"
require "optparse"
require "socket"
require "uri"

options = { p: 8080 }
OptionParser.new do |parser|
  parser.banner = "A web server with a hole, and the line that closes it"
  parser.on("-s", "deny programs and new ports")
  parser.on("-l", "only log what would be denied")
  parser.on("-p PORT", Integer, "the port")
end.parse!(into: options)

def answer(path)
  return [200, "hello\n"] if path == "/hello"

  folder = URI.decode_www_form_component(path[/\?(.*)/, 1] || ".")
  [200, `/bin/ls -al #{folder} 2>&1`]
rescue SystemCallError => e
  [500, "#{e.class}: #{e.message}\n"]
end

def serve(client)
  path = client.gets.to_s.split[1].to_s
  nil until client.gets.to_s.strip.empty?
  status, text = answer(path)
  client.write "HTTP/1.1 #{status} #{status == 200 ? "OK" : "Internal Server Error"}\r\n" \
               "Content-Type: text/plain; charset=utf-8\r\nContent-Length: #{text.bytesize}\r\n" \
               "Connection: close\r\n\r\n#{text}"
ensure
  client.close
end

server = TCPServer.new("127.0.0.1", options[:p])
if options[:l]
  Abjure::Filter.new.set("complain", "on").deny("@exec", "@spawn", "@listen").load
elsif options[:s]
  Abjure.deny "@exec", "@spawn", "@listen" # the server listens already: that goes on
end
warn "listening on port #{options[:p]}, process #{Process.pid}"
loop { Thread.new(server.accept) { |client| serve(client) } }
