// SPDX-License-Identifier: MIT
package org.abjure;

import com.sun.jna.Pointer;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.function.Consumer;
import java.util.function.Function;

/** An object of the core, freed by close, or once nothing refers to it. One thread at a time is inside. */
final class Handle {
    private static final Cleaner CLEANER = Cleaner.create();

    private final String what;
    private final Cleaner.Cleanable memory;
    private Pointer pointer;

    Handle(String what, Pointer pointer, Consumer<Pointer> free) {
        this.what = what;
        this.pointer = pointer;
        memory = CLEANER.register(this, () -> free.accept(pointer));
    }

    synchronized <T> T use(Function<Pointer, T> call) {
        if (pointer == null) throw new IllegalStateException("the " + what + " was closed");
        try {
            return call.apply(pointer);
        } finally {
            // Without it the cleaner could free the memory while the core still works on it.
            Reference.reachabilityFence(this);
        }
    }

    synchronized void close() {
        pointer = null;
        memory.clean();
    }
}
