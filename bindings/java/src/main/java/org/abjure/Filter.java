// SPDX-License-Identifier: MIT
package org.abjure;

import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;

/**
 * An ordered list of rules and a default action, which is "allow" at first. The first rule that matches a call decides
 * it.
 *
 * <pre>{@code
 * try (Filter filter = new Filter()) {
 *     filter.allow("socket(family == AF_UNIX)").deny("socket").kill("ptrace").load();
 * }
 * }</pre>
 *
 * <p>Closing it frees its memory; what was loaded stays in force. A method that refuses something leaves the rules as
 * they were, and the filter broken: load, compile, exec and write give the same error until {@link #clear()}.
 */
public final class Filter implements AutoCloseable {
    private static final int EINVAL = 22; // the same on every architecture of Linux

    private final Handle handle;

    /** What this class refused, which the core has not seen; null where nothing was. */
    private String refused;

    /** A filter without rules that allows everything. */
    public Filter() {
        Pointer made = Core.abjure_filter_new();
        if (made == null) throw new OutOfMemoryError("no memory for a filter");
        handle = new Handle("filter", made, Core::abjure_filter_free);
    }

    private static String message(Pointer filter) {
        return Text.collect((buffer, size) -> Core.abjure_filter_message(filter, buffer, size), () -> "");
    }

    /** Checks the arguments, and then changes the rules. What is refused here breaks the filter, too. */
    private Filter change(Supplier<ToIntFunction<Pointer>> check) {
        return handle.use(filter -> {
            ToIntFunction<Pointer> call;
            try {
                call = check.get();
            } catch (RuntimeException error) {
                refuse(error);
                throw error;
            }
            int result = call.applyAsInt(filter);
            if (result < 0) throw new AbjureException(-result, message(filter));
            return this;
        });
    }

    private void refuse(Exception error) {
        if (refused == null) refused = String.valueOf(error.getMessage());
    }

    /** Of a filter that is not broken by what the core has not seen. */
    private <T> T useSound(Function<Pointer, T> call) {
        return handle.use(filter -> {
            if (refused != null) throw new AbjureException(EINVAL, refused);
            return call.apply(filter);
        });
    }

    /**
     * Adds a rule behind those that are there.
     *
     * @param action "allow", "deny", "EACCES", "log", "kill", "kill_thread", "trap", "trace(N)" or "notify"
     * @param calls what it applies to
     * @return this filter
     */
    public Filter add(String action, String... calls) {
        return change(() -> {
            byte[] what = Text.clean(action, "action");
            byte[] to = Text.calls(calls);
            return filter -> Core.abjure_filter_add(filter, what, to);
        });
    }

    /**
     * Adds a rule that allows the calls.
     *
     * @param calls what it applies to
     * @return this filter
     */
    public Filter allow(String... calls) {
        return add("allow", calls);
    }

    /**
     * Adds a rule that denies the calls, with EPERM, or with what suits each rule of a group.
     *
     * @param calls what it applies to
     * @return this filter
     */
    public Filter deny(String... calls) {
        return add("deny", calls);
    }

    /**
     * Adds a rule that denies the calls with an errno. {@code add("EACCES", calls)} takes its name.
     *
     * @param errno 1 to 4095; 0 for what suits each call
     * @param calls what it applies to
     * @return this filter
     */
    public Filter deny(int errno, String... calls) {
        return add(errno == 0 ? "deny" : "errno(" + errno + ")", calls);
    }

    /**
     * Adds a rule: the calls end the process.
     *
     * @param calls what it applies to
     * @return this filter
     */
    public Filter kill(String... calls) {
        return add("kill", calls);
    }

    /**
     * Adds a rule: the calls are allowed, and logged by the kernel.
     *
     * @param calls what it applies to
     * @return this filter
     */
    public Filter log(String... calls) {
        return add("log", calls);
    }

    /**
     * Says what happens to calls that no rule matches.
     *
     * @param action as for {@link #add}
     * @return this filter
     */
    public Filter defaultAction(String action) {
        return change(() -> {
            byte[] what = Text.clean(action, "action");
            return filter -> Core.abjure_filter_default(filter, what);
        });
    }

    /**
     * Sets an option; abjure.h and abjure(1) list them.
     *
     * @param option such as "abi" or "complain"
     * @param value such as "aarch64" or "on"
     * @return this filter
     */
    public Filter set(String option, String value) {
        return change(() -> {
            byte[] what = Text.clean(option, "option");
            byte[] to = Text.clean(value, "value");
            return filter -> Core.abjure_filter_set(filter, what, to);
        });
    }

    /**
     * Adds what a policy text says, or a seccomp profile of Docker or OCI.
     *
     * @param text the policy
     * @param name its name, for messages
     * @return this filter
     */
    public Filter read(String text, String name) {
        return change(() -> {
            byte[] policy = Text.clean(text, "policy");
            byte[] from = Text.clean(name, "name");
            return filter -> Core.abjure_filter_read(filter, policy, from);
        });
    }

    /**
     * Adds what a policy file says.
     *
     * @param file in UTF-8
     * @return this filter
     * @throws IOException where the file cannot be read
     */
    public Filter readFile(Path file) throws IOException {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException | RuntimeException error) {
            handle.use(filter -> {
                refuse(error);
                return null;
            });
            throw error;
        }
        return read(text, file.toString());
    }

    /**
     * Writes the filter.
     *
     * @param format "policy", which {@link #read} reads again, or "oci", a profile in JSON
     * @return the text
     */
    public String write(String format) {
        byte[] as = Text.clean(format, "format");
        return useSound(filter -> Text.collect((buffer, size) -> Core.abjure_filter_write(filter, as, buffer, size),
                () -> message(filter)));
    }

    /**
     * The error of the last call that failed.
     *
     * @return its errno, positive; 0 where none failed
     */
    public int error() {
        return handle.use(filter -> {
            int error = -Core.abjure_filter_error(filter);
            return error == 0 && refused != null ? EINVAL : error;
        });
    }

    /**
     * The message of the last call that failed.
     *
     * @return the message, or ""
     */
    public String message() {
        return handle.use(filter -> {
            String message = message(filter);
            return message.isEmpty() && refused != null ? refused : message;
        });
    }

    /**
     * Forgets the error of a broken filter.
     *
     * @return this filter
     */
    public Filter clear() {
        return handle.use(filter -> {
            Core.abjure_filter_clear(filter);
            refused = null;
            return this;
        });
    }

    /**
     * The names that the filter's ABIs lack and that were therefore skipped.
     *
     * @return texts such as "creat: absent on aarch64"
     */
    public List<String> skipped() {
        return handle.use(filter -> Text.lines(Text.collect(
                (buffer, size) -> Core.abjure_filter_skipped(filter, buffer, size), () -> message(filter))));
    }

    /**
     * What is worth knowing and no error: repeated rules, and after a load what no filter takes back.
     *
     * @return the notes
     */
    public List<String> notes() {
        return handle.use(filter -> Text.lines(Text.collect(
                (buffer, size) -> Core.abjure_filter_notes(filter, buffer, size), () -> message(filter))));
    }

    /**
     * What the rules say of a call, on the filter's only ABI or else this program's own.
     *
     * @param call its name or its number
     * @param arguments integers, or texts such as "AF_INET"
     * @return what is decided, and by what
     */
    public Verdict explain(String call, Object... arguments) {
        return explainOn("", call, arguments);
    }

    /**
     * What the rules say of a call on an ABI.
     *
     * @param abi such as "aarch64"
     * @param call its name or its number
     * @param arguments integers, or texts such as "AF_INET"
     * @return what is decided, and by what
     */
    public Verdict explainOn(String abi, String call, Object... arguments) {
        byte[] on = Text.clean(abi, "abi");
        byte[] of = Text.clean(call, "call");
        long[] a = Text.arguments(abi, arguments);
        return handle.use(filter -> Verdict.of(Text.collect((buffer, size) -> Core.abjure_filter_explain(filter, on, of,
                a[0], a[1], a[2], a[3], a[4], a[5], buffer, size), () -> message(filter))));
    }

    /**
     * Compiles the filter and proves that the program equals the rules.
     *
     * @return the program
     */
    public Program compile() {
        return useSound(filter -> {
            Pointer made = Core.abjure_filter_compile(filter);
            if (made == null) throw new AbjureException(-Core.abjure_filter_error(filter), message(filter));
            return new Program(made);
        });
    }

    /**
     * Puts the filter in force for all threads of the process, for good.
     *
     * @param options "once" does nothing where this process loaded this very filter before; "this_thread" covers the
     *     calling thread only and what it starts, and is refused in a virtual thread, which has none of its own
     * @throws LoadException where it is not in force
     */
    public void load(String... options) {
        byte[] how = Options.of(options);
        handle.use(filter -> {
            if (refused != null) throw new LoadException(EINVAL, refused, 0);
            int result = Core.abjure_filter_load(filter, how);
            if (result < 0)
                throw new LoadException(-result, message(filter), Core.abjure_filter_blocking_thread(filter));
            return null;
        });
    }

    /**
     * After a load that failed with ESRCH: the thread that is in the way.
     *
     * @return its id in Linux; else 0
     */
    public int blockingThread() {
        return handle.use(Core::abjure_filter_blocking_thread);
    }

    /**
     * Loads the filter and becomes another program, also where the filter denies that. Returns only by throwing.
     *
     * @param command the program, looked up in PATH where it has no "/", and its arguments
     */
    public void exec(String... command) {
        exec(Text.first(command), Text.list(command), null);
    }

    /**
     * Loads the filter and becomes another program, also where the filter denies that. Returns only by throwing.
     *
     * @param path the program, looked up in PATH where it has no "/"
     * @param argv all of its words, the first of which is its name
     * @param environment its environment; null for that of this process
     */
    public void exec(String path, List<String> argv, Map<String, String> environment) {
        Exec call = new Exec(path, argv, environment);
        useSound(filter -> {
            int result = Core.abjure_filter_exec(filter, call.path, call.argv, call.envp);
            throw new AbjureException(-result, message(filter));
        });
    }

    /** Frees the memory now. What was loaded stays in force. */
    @Override
    public void close() {
        handle.close();
    }
}
