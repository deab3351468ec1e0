// SPDX-License-Identifier: MIT
package org.abjure.test;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.abjure.Abjure;
import org.abjure.AbjureException;
import org.abjure.Filter;
import org.abjure.LoadException;
import org.abjure.Program;

/** What a test cannot do in its own process, since no filter is ever taken back. Prints what happened, a line each. */
final class Child {
    private Child() {}

    interface Try {
        Object run() throws Exception;
    }

    private static void say(String what, Try step) {
        try {
            System.out.println(what + ": " + step.run());
        } catch (Exception error) {
            // Java 21 says in further lines what else it may have been.
            String message = String.valueOf(error.getMessage()).replaceAll("\\s+", " ");
            System.out.println(what + ": " + error.getClass().getSimpleName() + ": " + message);
        }
    }

    private static int start() throws IOException, InterruptedException {
        return new ProcessBuilder("/bin/true").start().waitFor();
    }

    private static int listen() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return server.getLocalPort() > 0 ? 0 : 1;
        }
    }

    static void deny() {
        say("before", Child::start);
        Abjure.deny("@exec", "@spawn", "@listen");
        say("start", Child::start);
        say("runtime", () -> Runtime.getRuntime().exec(new String[] {"/bin/true"}).waitFor());
        say("listen", Child::listen);
        say("read", () -> Files.readString(Path.of("/etc/hostname")).isEmpty());
        say("thread", () -> CompletableFuture.supplyAsync(() -> "ran").get());
    }

    static void errno() {
        Abjure.deny(13, "execve");
        say("start", Child::start);
    }

    /** Threads that work while the filter loads, each of which then tries to start a program. */
    static void threads() throws Exception {
        int count = 32;
        AtomicLong work = new AtomicLong();
        SynchronousQueue<Try> steps = new SynchronousQueue<>();
        ExecutorService busy = Executors.newFixedThreadPool(count);
        List<Future<String>> results = new ArrayList<>();
        for (int i = 0; i < count; i++)
            results.add(busy.submit(() -> {
                Try step = null;
                while ((step = steps.poll()) == null) work.addAndGet(new byte[512].length);
                try {
                    return "" + step.run();
                } catch (IOException error) {
                    return error.getMessage().contains("Operation not permitted") ? "denied" : error.getMessage();
                }
            }));
        while (work.get() < 1_000_000) Thread.onSpinWait();
        Abjure.deny("@exec", "@listen");
        long before = work.get();
        while (work.get() < before + 1_000_000) Thread.onSpinWait();
        for (int i = 0; i < count; i++) steps.put(Child::start);
        int denied = 0;
        for (Future<String> result : results) denied += result.get().equals("denied") ? 1 : 0;
        busy.shutdown();
        System.out.println("denied in " + denied + " threads of " + count);
    }

    /** The load is refused, and nothing is in force. */
    static void refused() {
        say("deny", () -> {
            Abjure.deny("@exec", "execev");
            return "loaded";
        });
        say("broken", () -> {
            try (Filter filter = new Filter().deny("@exec")) {
                try {
                    filter.deny("execev");
                } catch (AbjureException ignored) {
                    // The filter stays broken, so that the load below says so again.
                }
                filter.load();
                return "loaded";
            }
        });
        say("start", Child::start);
    }

    /** A thread with a filter of its own is in the way of a load for all threads. */
    static void blocked() throws Exception {
        Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task);
            thread.setDaemon(true);
            return thread;
        }).submit(() -> new Filter().deny("ptrace").load("this_thread")).get();
        Filter filter = new Filter().deny("@exec");
        try {
            filter.load();
        } catch (LoadException error) {
            int thread = error.thread().getAsInt();
            System.out.println("errno " + error.errno() + ", of this process "
                    + Files.exists(Path.of("/proc/self/task/" + thread)) + ", same " + (thread == filter.blockingThread()));
        }
        say("start", Child::start);
    }

    static void once() {
        try (Filter filter = new Filter().deny("ptrace")) {
            filter.load();
            filter.load("once");
            filter.load("once", "this_thread");
        }
        say("filters", () -> Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("Seccomp_filters")).findFirst().get().replaceAll("\\D", ""));
    }

    static void program() {
        try (Filter filter = new Filter().deny("@exec"); Program program = Program.fromBytes(filter.compile().bytes())) {
            program.load("log=off");
        }
        say("start", Child::start);
    }

    /** Two programs, and then it waits. */
    static void stack() throws IOException {
        new Filter().kill("acct").deny("swapon").load();
        new Filter().add("EACCES", "acct").load();
        System.out.println("ready " + ProcessHandle.current().pid());
        while (System.in.read() >= 0) continue;
    }

    static void exec() {
        try (Filter filter = new Filter().deny("@exec")) {
            filter.exec("/bin/sh", List.of("shell", "-c", "echo $0 $WORD; /bin/true || echo denied"), Map.of("WORD", "x"));
        }
    }

    static void execProgram() {
        try (Program program = new Filter().deny("@exec").compile()) {
            program.exec("sh", "-c", "echo became; /bin/true || echo denied");
        }
    }

    /** Handles that nothing refers to any more are freed while others are at work. */
    static void garbage() {
        for (int i = 0; i < 20_000; i++) {
            Program program = new Filter().deny("@exec").compile();
            if (i % 100 == 0) program.eval("execve");
            if (i % 1000 == 0) System.gc();
        }
        System.gc();
        say("verdict", () -> new Filter().deny("@exec").compile().eval("execve"));
    }

    static void virtual() throws Exception {
        Abjure.deny("@exec");
        ExecutorService pool = (ExecutorService) Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        say("this thread", () -> pool.submit(() -> {
            try (Filter filter = new Filter().deny("ptrace")) {
                filter.load("this_thread");
                return "loaded";
            } catch (IllegalStateException error) {
                return "refused";
            }
        }).get());
        say("start", () -> pool.submit(() -> {
            try {
                return start();
            } catch (IOException error) {
                return error.getMessage().contains("Operation not permitted") ? "denied" : error.getMessage();
            }
        }).get());
    }

    public static void main(String[] arguments) throws Exception {
        try {
            Child.class.getDeclaredMethod(arguments[0]).invoke(null);
        } catch (Throwable error) {
            error.printStackTrace();
            System.exit(1); // also where threads are still at work
        }
        System.out.println("module: " + Abjure.class.getModule().getName());
        System.exit(0);
    }
}
