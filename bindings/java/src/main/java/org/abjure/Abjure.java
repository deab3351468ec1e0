// SPDX-License-Identifier: MIT
package org.abjure;

import java.util.Collections;
import java.util.List;
import java.util.Map;

/** The one line, and what there is to know about this place. */
public final class Abjure {
    private Abjure() {}

    /**
     * Denies the calls to this process, all its threads and all that it will start, now and for good. A denied call
     * fails with EPERM, or with what suits each rule of a group.
     *
     * @param calls texts such as "execve", "@listen", "socket(family == AF_INET)"
     * @throws LoadException where the filter is not in force
     */
    public static void deny(String... calls) {
        deny(0, calls);
    }

    /**
     * Denies the calls as above, with an errno of your choice.
     *
     * @param errno what a denied call fails with, 1 to 4095; 0 for what suits each call
     * @param calls texts such as "execve", "@listen", "socket(family == AF_INET)"
     * @throws LoadException where the filter is not in force
     */
    public static void deny(int errno, String... calls) {
        byte[] why = new byte[Text.WHY];
        int result = Core.abjure_deny(Text.calls(calls), errno, why, why.length);
        if (result < 0) throw new LoadException(-result, Text.until(why), 0);
    }

    /**
     * Whether filters can be loaded here. {@link #supported()} has the reason where not.
     *
     * @return true where they can
     */
    public static boolean isSupported() {
        return supported().getOrDefault("filter", "no").startsWith("yes");
    }

    /**
     * What this kernel, process and sandbox allow, by name: "yes", "no" or a value, with " - reason" where something
     * is missing.
     *
     * @return the names and what is said of each, in order
     */
    public static Map<String, String> supported() {
        return Collections.unmodifiableMap(Text.pairs(Text.collect(Core::abjure_supported, null)));
    }

    /**
     * How a process uses seccomp now: mode ("disabled", "strict", "filter"), and pid, name, parent, uid, filters,
     * no_new_privs, speculation, threads, differing, exe, cgroup, unit and container, where known.
     *
     * @param pid its number; 0 for this process
     * @return the keys and their values, in order
     */
    public static Map<String, String> status(int pid) {
        String text = Text.collect((buffer, size) -> Core.abjure_status(pid, buffer, size), null);
        return Collections.unmodifiableMap(Text.pairs(text));
    }

    /**
     * The names of the groups: "@exec", "@spawn" and so on.
     *
     * @return the names
     */
    public static List<String> groups() {
        return Text.lines(Text.collect(Core::abjure_groups, null));
    }

    /**
     * What a group is for, its rules on this program's own ABI, what it breaks and what it leaves open.
     *
     * @param name with or without "@"
     * @return a text of several lines
     */
    public static String group(String name) {
        return group(name, "");
    }

    /**
     * What a group is for, its rules on an ABI, what it breaks and what it leaves open.
     *
     * @param name with or without "@"
     * @param abi such as "aarch64"; "" for this program's own
     * @return a text of several lines
     */
    public static String group(String name, String abi) {
        byte[] group = Text.clean(name, "group");
        byte[] of = Text.clean(abi, "abi");
        return Text.collect((buffer, size) -> Core.abjure_group(group, of, buffer, size), null);
    }

    /**
     * A value as the calls language has it, on this program's own ABI.
     *
     * @param text such as "AF_INET", "O_RDWR|O_CREAT", "-100", "0x10"
     * @return its 64 bits, unsigned
     */
    public static long value(String text) {
        return value("", text);
    }

    /**
     * A value as the calls language has it.
     *
     * @param abi such as "aarch64"; "" for this program's own
     * @param text such as "AF_INET", "O_RDWR|O_CREAT", "-100", "0x10"
     * @return its 64 bits, unsigned
     */
    public static long value(String abi, String text) {
        byte[] why = new byte[Text.WHY];
        long[] value = new long[1];
        int result = Core.abjure_value(Text.clean(abi, "abi"), Text.clean(text, "value"), value, why, why.length);
        if (result < 0) throw new AbjureException(-result, Text.until(why));
        return value[0];
    }

    /**
     * Which argument of a call has this name.
     *
     * @param abi such as "aarch64"; "" for this program's own
     * @param call such as "socket"
     * @param name the kernel's, the man page's or "arg0" to "arg5"
     * @return 0 to 5
     */
    public static int argument(String abi, String call, String name) {
        byte[] why = new byte[Text.WHY];
        int result = Core.abjure_argument(Text.clean(abi, "abi"), Text.clean(call, "call"), Text.clean(name, "name"),
                why, why.length);
        if (result < 0) throw new AbjureException(-result, Text.until(why));
        return result;
    }

    /**
     * Which argument of a call has this name, on this program's own ABI.
     *
     * @param call such as "socket"
     * @param name the kernel's, the man page's or "arg0" to "arg5"
     * @return 0 to 5
     */
    public static int argument(String call, String name) {
        return argument("", call, name);
    }

    /**
     * What one line of audit.log, ausearch, dmesg or the journal says of a denied call, by name: time, serial, call,
     * abi, action, signal, errno, pid, uid, auid, gid, session, name, exe, ip, subject, compat and summary, which is a
     * sentence. What the record does not have is left out.
     *
     * @param line the record
     * @return the names and what is said of each, in order
     */
    public static Map<String, String> explain(String line) {
        byte[] record = Text.clean(line, "line");
        return Collections.unmodifiableMap(
                Text.pairs(Text.collect((buffer, size) -> Core.abjure_explain(record, buffer, size), null)));
    }

    /**
     * The version of libabjure.
     *
     * @return such as "0.1.0"
     */
    public static String version() {
        return Text.constant(Core.abjure_version());
    }

    /**
     * The newest kernel whose calls the tables know.
     *
     * @return such as "linux-7.2"
     */
    public static String tablesVersion() {
        return Text.constant(Core.abjure_tables_version());
    }
}
