// SPDX-License-Identifier: MIT
package org.abjure.test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.abjure.Abjure;
import org.abjure.AbjureException;
import org.abjure.Filter;
import org.abjure.LoadException;
import org.abjure.Program;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Whatever is handed over: an error that says what is wrong, never a crash, never a weaker filter. */
class MisuseTest {
    private final Filter filter = new Filter().deny("ptrace");
    private final Program program = filter.compile();

    /** Every place that takes a text. */
    private List<Consumer<String>> texts() {
        return List.of(text -> Abjure.deny("ptrace", text), text -> Abjure.group(text), text -> Abjure.group("exec", text),
                text -> Abjure.value(text), text -> Abjure.value(text, "1"), text -> Abjure.argument(text, "type"),
                text -> Abjure.argument("socket", text), text -> Abjure.argument(text, "socket", "type"),
                text -> filter.add(text, "bpf"), text -> filter.add("deny", "bpf", text), text -> filter.allow(text),
                text -> filter.deny(text), text -> filter.deny(1, text), text -> filter.kill(text), text -> filter.log(text),
                text -> filter.defaultAction(text), text -> filter.set(text, "on"), text -> filter.set("log", text),
                text -> filter.read(text, "x"), text -> filter.read("", text), text -> filter.write(text),
                text -> filter.explain(text), text -> filter.explainOn(text, "bpf"), text -> filter.explain("bpf", text),
                text -> filter.load(text), text -> filter.exec(text), text -> filter.exec("x", text),
                text -> filter.exec("x", List.of("x"), Map.of("A", text + "")), text -> program.eval(text),
                text -> program.evalOn(text, "bpf"), text -> program.eval("bpf", text), program::outline, text -> program.load(text),
                text -> program.exec(text), text -> program.exec("x", Arrays.asList(text), null));
    }

    private void refused(String text, Class<? extends Exception> type, String part) {
        int place = 0;
        for (Consumer<String> taker : texts()) {
            place++;
            if (text == null && place == 28) continue; // Map.of refuses null, and null + "" is a text.
            Exception error = assertThrows(Exception.class, () -> taker.accept(text), "place " + place);
            if (text == null && error instanceof IllegalArgumentException) {
                assertTrue(error.getMessage().contains("not null"), error.toString());
                continue;
            }
            assertEquals(type, error.getClass(), "place " + place + ": " + error);
            assertTrue(error.getMessage() != null && error.getMessage().contains(part), "place " + place + ": " + error);
        }
        assertEquals("EPERM", filter.clear().compile().eval("ptrace"));
    }

    /** Whoever catches the exception and goes on gets no weaker filter. */
    @Test
    void whatIsRefusedHereBreaksTheFilterToo() {
        for (Executable wrong : List.<Executable>of(() -> filter.deny("@exec\0, @listen"), () -> filter.deny("@exec\ud800"),
                () -> filter.deny((String) null), () -> filter.deny(), () -> filter.add(null, "bpf"),
                () -> filter.defaultAction("kill\0"), () -> filter.set("log", null), () -> filter.read("deny @exec\0", "x"),
                () -> filter.readFile(Path.of("/nowhere")))) {
            Exception refused = assertThrows(Exception.class, wrong);
            assertEquals(22, filter.error());
            assertEquals(refused.getMessage(), filter.message());
            for (Executable use : List.<Executable>of(filter::compile, () -> filter.write("policy"), filter::load,
                    () -> filter.exec("true"))) {
                AbjureException again = assertThrows(AbjureException.class, use);
                assertEquals(22, again.errno());
                assertEquals(refused.getMessage(), again.getMessage());
            }
            assertThrows(LoadException.class, filter::load);
            assertEquals("EPERM", filter.clear().compile().eval("ptrace"));
            assertEquals(0, filter.error());
        }
    }

    @Test
    void nulIsRefused() {
        refused("@exec\0, @listen", IllegalArgumentException.class, "U+0000");
    }

    @Test
    void halfASurrogatePairIsRefused() {
        refused("@exec\ud800", IllegalArgumentException.class, "not valid Unicode");
    }

    @Test
    void nullIsRefused() {
        refused(null, NullPointerException.class, "not null");
        for (Executable call : List.<Executable>of(() -> Abjure.deny((String[]) null), () -> filter.deny((String[]) null),
                () -> filter.explain("bpf", (Object[]) null), () -> filter.load((String[]) null),
                () -> filter.exec((String[]) null), () -> filter.exec("x", null, null), () -> Program.fromBytes(null)))
            assertTrue(assertThrows(NullPointerException.class, call).getMessage().contains("not null"));
    }

    @Test
    void noCallsAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> Abjure.deny());
        assertThrows(IllegalArgumentException.class, () -> filter.deny());
        assertThrows(LoadException.class, () -> Abjure.deny(""));
    }

    @Test
    void aClosedHandleIsRefused() {
        Filter closed = new Filter();
        closed.close();
        closed.close();
        program.close();
        for (Executable call : List.<Executable>of(() -> closed.deny("bpf"), closed::message, closed::error, closed::clear,
                closed::skipped, closed::notes, closed::compile, closed::load, closed::blockingThread,
                () -> closed.write("policy"), () -> closed.explain("bpf"), () -> closed.exec("true"), program::bytes,
                program::length, program::disassemble, () -> program.outline("text"), program::load,
                () -> program.eval("bpf"), () -> program.exec("true")))
            assertTrue(assertThrows(IllegalStateException.class, call).getMessage().contains("was closed"));
    }

    @Test
    void argumentsOfTheWrongKindAreRefused() {
        for (Object wrong : new Object[] {1.0, 'a', new byte[1], List.of(), BigInteger.ONE.shiftLeft(64), null,
                BigInteger.ONE.shiftLeft(63).negate().subtract(BigInteger.ONE)})
            assertThrows(IllegalArgumentException.class, () -> program.eval("bpf", new Object[] {wrong}));
        assertThrows(IllegalArgumentException.class, () -> program.eval("bpf", 1, 2, 3, 4, 5, 6, 7));
    }

    @Test
    void errnosOutOfRangeAreRefused() {
        for (int errno : new int[] {-1, 4096, Integer.MIN_VALUE, Integer.MAX_VALUE})
            assertEquals(22, assertThrows(LoadException.class, () -> Abjure.deny(errno, "ptrace")).errno());
        assertThrows(AbjureException.class, () -> filter.deny(4096, "bpf"));
    }

    @Test
    void hugeTextsAreTakenOrRefused() {
        String huge = "x".repeat(64 << 20);
        assertThrows(AbjureException.class, () -> filter.deny(huge));
        filter.clear();
        assertThrows(LoadException.class, () -> Abjure.deny(huge));
        assertThrows(AbjureException.class, () -> Abjure.value(huge));
        assertEquals("", filter.read("#" + huge + "\n", "huge").message());
        assertThrows(AbjureException.class, () -> Program.fromBytes(new byte[64 << 20]));
        assertEquals("EPERM", filter.compile().eval("ptrace"));
    }

    @Test
    void namesOfVariablesAreChecked() {
        for (String name : new String[] {"", "A=B"})
            assertThrows(IllegalArgumentException.class, () -> filter.exec("x", List.of("x"), Map.of(name, "1")));
        assertThrows(AbjureException.class, () -> filter.exec("x", List.of(), null));
    }
}
