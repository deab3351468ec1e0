// SPDX-License-Identifier: MIT
package org.abjure;

import java.util.Map;

/**
 * What a filter decides for one call.
 *
 * @param action what happens: "allow", "EPERM", "kill" and so on
 * @param origin what decided: rule, default, guard, unknown, essential, kernel, x32 or foreign
 * @param rule the rule as written; null where none decided
 * @param source "file:line:column" where the rule came from a file; else null
 * @param call the call with its arguments by name
 * @param number the number of the call
 * @param abi the ABI of the call
 */
public record Verdict(String action, String origin, String rule, String source, String call, long number, String abi) {
    static Verdict of(String text) {
        Map<String, String> lines = Text.pairs(text);
        return new Verdict(lines.get("action"), lines.get("origin"), lines.get("rule"), lines.get("source"),
                lines.get("call"), Long.parseLong(lines.get("number")), lines.get("abi"));
    }

    /**
     * Whether the call is let through, logged or not.
     *
     * @return true where it is
     */
    public boolean allowed() {
        return action.equals("allow") || action.equals("log");
    }

    @Override
    public String toString() {
        String by = rule == null ? " (" + origin + ")" : " by rule \"" + rule + "\"";
        return call + ": " + action + by + (source == null ? "" : " (" + source + ")");
    }
}
