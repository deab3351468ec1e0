// SPDX-License-Identifier: MIT
package org.abjure;

import com.sun.jna.Memory;
import java.util.List;
import java.util.Map;

/** What execve takes, checked and in C's form. */
final class Exec {
    final byte[] path;
    final Memory argv;
    final Memory envp;

    Exec(String path, List<String> argv, Map<String, String> environment) {
        this.path = Text.clean(path, "path");
        this.argv = Text.strings(Text.words(argv));
        this.envp = Text.strings(Text.environment(environment));
    }
}
