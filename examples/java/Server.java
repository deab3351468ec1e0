// SPDX-License-Identifier: MIT
// A web server with a hole: it runs `ls -al` for each request, and passes the query to the shell.
//
//   java Server [-s | -l] [-p PORT] [-t THREADS]    -s: deny programs and new ports; -l: only log what would be denied
//
// Without -s, `curl 'localhost:8080/?.;id'` runs a program of the caller's choice. -t has threads busy during the load.
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.abjure.Abjure;
import org.abjure.Filter;

final class Server {
    static void list(HttpExchange exchange) throws IOException {
        String query = exchange.getRequestURI().getQuery();
        String command = "/bin/ls -al " + (query == null ? "." : query.replace('+', ' '));
        try {
            Process ls = new ProcessBuilder("/bin/sh", "-c", command).redirectErrorStream(true).start();
            answer(exchange, 200, ls.getInputStream().readAllBytes());
        } catch (IOException error) {
            answer(exchange, 500, (error + "\n").getBytes(StandardCharsets.UTF_8));
        }
    }

    static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    static void work() {
        for (long bytes = 0; ; bytes += new byte[256].length) if (bytes % (1 << 20) == 0) Thread.yield();
    }

    public static void main(String[] arguments) throws IOException {
        List<String> options = List.of(arguments);
        int port = options.contains("-p") ? Integer.parseInt(options.get(options.indexOf("-p") + 1)) : 8080;
        int busy = options.contains("-t") ? Integer.parseInt(options.get(options.indexOf("-t") + 1)) : 0;
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port), 64);
        ExecutorService pool = Executors.newFixedThreadPool(8 + busy);
        for (int i = 0; i < busy; i++) pool.execute(Server::work);
        server.createContext("/", Server::list);
        server.createContext("/hello", exchange -> answer(exchange, 200, "hello\n".getBytes(StandardCharsets.UTF_8)));
        server.setExecutor(pool);
        if (options.contains("-l"))
            new Filter().set("complain", "on").deny("@exec", "@spawn", "@listen").load();
        else if (options.contains("-s"))
            Abjure.deny("@exec", "@spawn", "@listen"); // the server listens already: that goes on
        System.err.println("listening on port " + port + ", process " + ProcessHandle.current().pid());
        server.start();
    }
}
