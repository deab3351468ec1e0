// SPDX-License-Identifier: MIT
package org.abjure;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/** The options of a load. */
final class Options {
    private Options() {}

    static byte[] of(String[] options) {
        byte[] joined = Text.join(options, "options");
        for (String option : options)
            if (option.contains("this_thread") && virtual())
                throw new IllegalStateException(
                        "a virtual thread moves between threads of the system; load from a platform thread");
        return joined;
    }

    /** Thread.isVirtual came with Java 21. */
    private static boolean virtual() {
        MethodHandle ask;
        try {
            ask = MethodHandles.publicLookup().findVirtual(Thread.class, "isVirtual",
                    MethodType.methodType(boolean.class));
        } catch (ReflectiveOperationException absent) {
            return false;
        }
        try {
            return (boolean) ask.invokeExact(Thread.currentThread());
        } catch (Throwable error) {
            throw new IllegalStateException(error);
        }
    }
}
