// SPDX-License-Identifier: MIT
/**
 * Gives up system calls for good.
 *
 * <pre>{@code Abjure.deny("@exec", "@listen");}</pre>
 *
 * <p>From that line on no thread of this process, and nothing that it starts, can execute a program or open a port.
 * There is no way back. A failure to load is an exception, always.
 */
package org.abjure;
