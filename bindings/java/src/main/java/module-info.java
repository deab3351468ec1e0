// SPDX-License-Identifier: MIT
/** Gives up system calls for good, by libabjure, which the loader finds. */
module org.abjure {
    requires com.sun.jna;
    exports org.abjure;
}
