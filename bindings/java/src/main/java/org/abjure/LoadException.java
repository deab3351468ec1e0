// SPDX-License-Identifier: MIT
package org.abjure;

import java.util.OptionalInt;

/** A filter that could not be put in force: nothing was loaded, unless the message says otherwise. */
public class LoadException extends AbjureException {
    private static final long serialVersionUID = 1;

    /** The thread in the way, or 0. */
    private final int thread;

    LoadException(int errno, String message, int thread) {
        super(errno, message);
        this.thread = thread;
    }

    /**
     * The thread of this process that is in the way, where one is.
     *
     * @return its id in Linux, as in /proc/self/task
     */
    public OptionalInt thread() {
        return thread > 0 ? OptionalInt.of(thread) : OptionalInt.empty();
    }
}
