// SPDX-License-Identifier: MIT
package org.abjure;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;

/** abjure.h as it is. Texts are UTF-8 with a NUL behind; {@link Text} makes them. */
final class Core {
    private static final String LIBRARY = "libabjure.so.0";

    static {
        try {
            Native.register(Core.class, NativeLibrary.getInstance(LIBRARY));
        } catch (UnsatisfiedLinkError error) {
            UnsatisfiedLinkError told = new UnsatisfiedLinkError(LIBRARY + " cannot be loaded; install it and run"
                    + " ldconfig, or name its folder in LD_LIBRARY_PATH: " + error.getMessage());
            told.initCause(error);
            throw told;
        }
    }

    private Core() {}

    static native int abjure_deny(byte[] calls, int err, byte[] why, long whySize);

    static native Pointer abjure_filter_new();

    static native void abjure_filter_free(Pointer filter);

    static native int abjure_filter_add(Pointer filter, byte[] action, byte[] calls);

    static native int abjure_filter_default(Pointer filter, byte[] action);

    static native int abjure_filter_read(Pointer filter, byte[] text, byte[] name);

    static native int abjure_filter_set(Pointer filter, byte[] option, byte[] value);

    static native int abjure_filter_error(Pointer filter);

    static native long abjure_filter_message(Pointer filter, byte[] buffer, long size);

    static native void abjure_filter_clear(Pointer filter);

    static native long abjure_filter_skipped(Pointer filter, byte[] buffer, long size);

    static native long abjure_filter_notes(Pointer filter, byte[] buffer, long size);

    static native long abjure_filter_write(Pointer filter, byte[] format, byte[] buffer, long size);

    static native long abjure_filter_explain(Pointer filter, byte[] abi, byte[] call, long a0, long a1, long a2,
            long a3, long a4, long a5, byte[] buffer, long size);

    static native int abjure_filter_load(Pointer filter, byte[] options);

    static native int abjure_filter_blocking_thread(Pointer filter);

    static native int abjure_filter_exec(Pointer filter, byte[] path, Pointer argv, Pointer envp);

    static native Pointer abjure_filter_compile(Pointer filter);

    static native Pointer abjure_program_from_bytes(byte[] bytes, long size, byte[] why, long whySize);

    static native Pointer abjure_program_from_process(int pid, long index, byte[] why, long whySize);

    static native Pointer abjure_program_effective(int pid, byte[] why, long whySize);

    static native void abjure_program_free(Pointer program);

    static native long abjure_program_bytes(Pointer program, byte[] buffer, long size);

    static native int abjure_program_load(Pointer program, byte[] options);

    static native int abjure_program_exec(Pointer program, byte[] path, Pointer argv, Pointer envp);

    static native long abjure_program_eval(Pointer program, byte[] abi, byte[] call, long a0, long a1, long a2,
            long a3, long a4, long a5, byte[] buffer, long size);

    static native long abjure_program_disassemble(Pointer program, byte[] buffer, long size);

    static native long abjure_program_outline(Pointer program, byte[] format, byte[] buffer, long size);

    static native long abjure_status(int pid, byte[] buffer, long size);

    static native long abjure_supported(byte[] buffer, long size);

    static native long abjure_groups(byte[] buffer, long size);

    static native long abjure_group(byte[] group, byte[] abi, byte[] buffer, long size);

    static native int abjure_value(byte[] abi, byte[] text, long[] value, byte[] why, long whySize);

    static native int abjure_argument(byte[] abi, byte[] call, byte[] name, byte[] why, long whySize);

    static native long abjure_explain(byte[] line, byte[] buffer, long size);

    static native Pointer abjure_version();

    static native Pointer abjure_tables_version();

    /** Of the C library: the loader looks up names in what libabjure needs, too. */
    static native Pointer strerror(int errno);
}
