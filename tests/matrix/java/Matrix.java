// SPDX-License-Identifier: MIT
// What Java's own means do under a filter: java Matrix PORT FOLDER [CALLS...]
import java.io.FileInputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.abjure.Abjure;

final class Matrix {
    private static final InetAddress HOST = InetAddress.getLoopbackAddress();
    private static String folder;

    private Matrix() {}

    interface Step {
        Object run() throws Exception;
    }

    /** Java's exceptions carry no errno, but the system's words for it, among others that differ between versions. */
    private static String outcome(Step step) {
        try {
            Object result = step.run();
            return result == null || result.equals(0) ? "ok" : result.toString();
        } catch (Exception error) {
            String message = String.valueOf(error.getMessage());
            for (String words : new String[] {"Operation not permitted", "Address family not supported by protocol"})
                if (message.contains(words)) return words;
            return message.replaceAll("\\s+", " ");
        }
    }

    private static void attempt(String effect, String means, Step step) {
        System.out.println(effect + "\t" + means + "\t" + outcome(step));
    }

    private static String[] touch(String means) {
        return new String[] {"/bin/touch", folder + "/" + means.replaceAll("\\W", "")};
    }

    private static Object close(AutoCloseable thing) throws Exception {
        thing.close();
        return null;
    }

    public static void main(String[] arguments) throws Exception {
        int port = Integer.parseInt(arguments[0]);
        folder = arguments[1];
        String[] calls = Arrays.copyOfRange(arguments, 2, arguments.length);

        CountDownLatch loaded = new CountDownLatch(1);
        CompletableFuture<String> old = new CompletableFuture<>();
        CountDownLatch waits = new CountDownLatch(1);
        Thread worker = new Thread(() -> {
            waits.countDown();
            old.complete(outcome(() -> {
                loaded.await();
                return new ProcessBuilder(touch("ProcessBuilder, old")).start().waitFor();
            }));
        });
        worker.start();
        waits.await();
        if (calls.length > 0) Abjure.deny(calls);

        attempt("start", "ProcessBuilder", () -> new ProcessBuilder(touch("ProcessBuilder")).start().waitFor());
        attempt("start", "Runtime.exec", () -> Runtime.getRuntime().exec(touch("Runtime.exec")).waitFor());
        attempt("fork", "none", () -> "n/a");
        attempt("listen", "ServerSocket", () -> close(new ServerSocket(0, 1, HOST)));
        attempt("listen", "ServerSocketChannel",
                () -> close(ServerSocketChannel.open().bind(new InetSocketAddress(HOST, 0))));
        attempt("connect", "Socket", () -> close(new Socket(HOST, port)));
        attempt("connect", "SocketChannel", () -> close(SocketChannel.open(new InetSocketAddress(HOST, port))));
        attempt("open", "FileInputStream", () -> close(new FileInputStream("/etc/hostname")));
        attempt("open", "Files.readString", () -> Files.readString(Path.of("/etc/hostname")).isEmpty() ? "empty" : null);
        attempt("thread", "Thread", () -> {
            FutureTask<Integer> task = new FutureTask<>(() -> 42);
            new Thread(task).start();
            return task.get() - 42;
        });
        loaded.countDown();
        System.out.println("old thread\tProcessBuilder, old\t" + old.get());
        System.exit(0);
    }
}
