// SPDX-License-Identifier: MIT
package org.abjure;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * BPF as the kernel takes it. It comes from {@link Filter#compile}, from bytes, or from a running process. Closing it
 * frees its memory; what was loaded stays in force.
 */
public final class Program implements AutoCloseable {
    /** The size of one {@code struct sock_filter}. */
    private static final int INSTRUCTION = 8;
    private static final String SEVERAL =
            "these are all programs of a process, and each has bytes of its own: use fromProcess";

    private final Handle handle;

    Program(Pointer made) {
        handle = new Handle("program", made, Core::abjure_program_free);
    }

    /** {@code made}, or the error that the core left in errno. */
    private static Program of(Pointer made, byte[] why) {
        if (made != null) return new Program(made);
        throw new AbjureException(Native.getLastError(), Text.until(why));
    }

    private static String reason(int errno) {
        return Text.constant(Core.strerror(errno));
    }

    /**
     * From {@code struct sock_filter[]}, validated as the kernel would.
     *
     * @param bytes the instructions, in either byte order
     * @return the program
     */
    public static Program fromBytes(byte[] bytes) {
        Objects.requireNonNull(bytes, "bytes: an array is needed here, not null");
        byte[] why = new byte[Text.WHY];
        return of(Core.abjure_program_from_bytes(bytes, bytes.length, why, why.length), why);
    }

    /**
     * A program of another process, which is stopped for a moment. Needs CAP_SYS_ADMIN. Not for a child that this JVM
     * started itself: {@link Process} waits for it, and takes that stop for its end.
     *
     * @param pid the process
     * @param index 0 for the newest
     * @return the program
     */
    public static Program fromProcess(int pid, long index) {
        byte[] why = new byte[Text.WHY];
        return of(Core.abjure_program_from_process(pid, index, why, why.length), why);
    }

    /**
     * All programs of another process as one, which decides as the kernel does: the strictest verdict of them wins. It
     * has {@link #eval}, {@link #outline} and {@link #disassemble}; of several programs there are no bytes, and they
     * cannot be loaded. Needs CAP_SYS_ADMIN, and no child that this JVM started, as {@link #fromProcess}.
     *
     * @param pid the process
     * @return the program
     */
    public static Program effective(int pid) {
        byte[] why = new byte[Text.WHY];
        return of(Core.abjure_program_effective(pid, why, why.length), why);
    }

    /**
     * The instructions, as seccomp(2) and {@code bwrap --seccomp} take them.
     *
     * @return {@code struct sock_filter[]}
     */
    public byte[] bytes() {
        return handle.use(program -> {
            int size = Math.toIntExact(Core.abjure_program_bytes(program, null, 0));
            if (size < 0) throw new AbjureException(-size, SEVERAL);
            byte[] bytes = new byte[size];
            Core.abjure_program_bytes(program, bytes, bytes.length);
            return bytes;
        });
    }

    /**
     * The number of instructions.
     *
     * @return 1 to 4096
     */
    public int length() {
        return bytes().length / INSTRUCTION;
    }

    /**
     * The verdict for one call on this program's own ABI.
     *
     * @param call its name or its number
     * @param arguments integers, or texts such as "AF_INET"
     * @return "allow", "EPERM", "kill" and so on
     */
    public String eval(String call, Object... arguments) {
        return evalOn("", call, arguments);
    }

    /**
     * The verdict for one call on an ABI.
     *
     * @param abi such as "aarch64"
     * @param call its name or its number
     * @param arguments integers, or texts such as "AF_INET"
     * @return "allow", "EPERM", "kill" and so on
     */
    public String evalOn(String abi, String call, Object... arguments) {
        byte[] on = Text.clean(abi, "abi");
        byte[] of = Text.clean(call, "call");
        long[] a = Text.arguments(abi, arguments);
        return handle.use(program -> Text.collect((buffer, size) -> Core.abjure_program_eval(program, on, of, a[0],
                a[1], a[2], a[3], a[4], a[5], buffer, size), null));
    }

    /**
     * The instructions in words, a line each.
     *
     * @return the lines
     */
    public String disassemble() {
        return handle.use(program -> Text.collect(
                (buffer, size) -> Core.abjure_program_disassemble(program, buffer, size), null));
    }

    /**
     * What the program does for every call, for people to read.
     *
     * @return lines of text
     */
    public String outline() {
        return outline("text");
    }

    /**
     * What the program does for every call of every ABI that it tells apart: exact, whatever its arguments.
     *
     * @param format "text" for people; "policy" for policy text that {@link Filter#read} takes; "json"; narrowed as in
     *     "json, abi=x86_64, call=clone"
     * @return the outline
     */
    public String outline(String format) {
        byte[] as = Text.clean(format, "format");
        return handle.use(program -> Text.collect(
                (buffer, size) -> Core.abjure_program_outline(program, as, buffer, size), null));
    }

    /**
     * Puts the program in force for all threads of the process, for good.
     *
     * @param options "this_thread" for the calling thread only, "log=off", "speculation=mitigate", "no_new_privs=off"
     * @throws LoadException where it is not in force
     */
    public void load(String... options) {
        byte[] how = Options.of(options);
        handle.use(program -> {
            int result = Core.abjure_program_load(program, how);
            if (result < 0) throw new LoadException(-result, "the program was not loaded: " + reason(-result), 0);
            return null;
        });
    }

    /**
     * Loads the program and becomes another one, also where it denies that. Returns only by throwing.
     *
     * @param command what to start, looked up in PATH where it has no "/", and its arguments
     */
    public void exec(String... command) {
        exec(Text.first(command), Text.list(command), null);
    }

    /**
     * Loads the program and becomes another one, also where it denies that. Returns only by throwing.
     *
     * @param path what to start, looked up in PATH where it has no "/"
     * @param argv all of its words, the first of which is its name
     * @param environment its environment; null for that of this process
     */
    public void exec(String path, List<String> argv, Map<String, String> environment) {
        Exec call = new Exec(path, argv, environment);
        handle.use(program -> {
            int result = Core.abjure_program_exec(program, call.path, call.argv, call.envp);
            throw new AbjureException(-result, "cannot start " + path + ": " + reason(-result));
        });
    }

    /** Frees the memory now. What was loaded stays in force. */
    @Override
    public void close() {
        handle.close();
    }
}
