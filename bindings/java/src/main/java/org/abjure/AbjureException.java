// SPDX-License-Identifier: MIT
package org.abjure;

/** What the core refused: the message says the cause and the remedy, the errno says which kind. */
public class AbjureException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Which kind. */
    private final int errno;

    AbjureException(int errno, String message) {
        super(message);
        this.errno = errno;
    }

    /**
     * Which kind of error it is; abjure.h lists them.
     *
     * @return a positive errno of this system
     */
    public int errno() {
        return errno;
    }
}
