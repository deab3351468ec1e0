// SPDX-License-Identifier: MIT
package org.abjure.test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.sun.jna.Native;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.abjure.Abjure;
import org.abjure.AbjureException;
import org.abjure.Program;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

/** Loads, each in a child process that has the package as a module. */
class LoadTest {
    private static String place(Class<?> type) throws Exception {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    }

    private static List<String> command(String mode) throws Exception {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "-Xmx256m", "-p", place(Abjure.class) + ":" + place(Native.class),
                "--add-modules", "org.abjure", "-cp", place(Child.class)));
        if (Runtime.version().feature() >= 24) command.add("--enable-native-access=com.sun.jna");
        command.addAll(List.of("org.abjure.test.Child", mode));
        return command;
    }

    private static List<String> child(String mode) throws Exception {
        Path output = Files.createTempFile("abjure", ".txt");
        Process process = new ProcessBuilder(command(mode)).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        try {
            boolean ended = process.waitFor(60, TimeUnit.SECONDS);
            assertTrue(ended && process.exitValue() == 0, () -> {
                try {
                    return (ended ? "" : "still running; ") + Files.readString(output);
                } catch (IOException error) {
                    return error.toString();
                }
            });
            return Files.readAllLines(output);
        } finally {
            process.destroyForcibly();
            Files.delete(output);
        }
    }

    private static void denied(String line, String what) {
        assertTrue(line.startsWith(what + ": IOException: ") && line.contains("Operation not permitted"), line);
    }

    @Test
    void oneLineDeniesProgramsAndPorts() throws Exception {
        List<String> lines = child("deny");
        assertEquals("before: 0", lines.get(0));
        denied(lines.get(1), "start");
        denied(lines.get(2), "runtime");
        assertTrue(lines.get(3).startsWith("listen: ") && lines.get(3).contains("Operation not permitted"), lines.get(3));
        assertEquals(List.of("read: false", "thread: ran", "module: org.abjure"), lines.subList(4, lines.size()));
    }

    @Test
    void theErrnoIsTheOneAskedFor() throws Exception {
        String line = child("errno").get(0);
        assertTrue(line.startsWith("start: IOException: ") && line.contains("Permission denied"), line);
    }

    @Test
    void threadsThatWorkDuringTheLoadAreCovered() throws Exception {
        assertEquals("denied in 32 threads of 32", child("threads").get(0));
    }

    @Test
    void aFailureIsAnExceptionAndNothingIsLoaded() throws Exception {
        String reason = "unknown system call \"execev\"; did you mean \"execve\"?";
        assertEquals(List.of("deny: LoadException: column 8: " + reason, "broken: LoadException: " + reason, "start: 0"),
                child("refused").subList(0, 3));
    }

    @Test
    void theThreadInTheWayIsNamed() throws Exception {
        assertEquals(List.of("errno 3, of this process true, same true", "start: 0"), child("blocked").subList(0, 2));
    }

    @Test
    void onceLoadsOnce() throws Exception {
        List<String> lines = child("once");
        assertTrue(lines.get(0).matches("filters: [12]"), lines.get(0));
    }

    @Test
    void aProgramFromBytesLoads() throws Exception {
        denied(child("program").get(0), "start");
    }

    @Test
    void theProgramsOfAProcessDecideTogether() throws Exception {
        // A shell between: the JVM waits for its own children, and would take their stop for their end.
        List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", "\"$@\"; exit", "sh"));
        command.addAll(command("stack"));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String line = new BufferedReader(new InputStreamReader(process.getInputStream())).readLine();
            assertTrue(line.startsWith("ready "), line);
            Program all = effective(Integer.parseInt(line.substring(6)));
            assertEquals("kill", all.eval("acct"));
            assertEquals("EPERM", all.eval("swapon"));
            assertEquals("allow", all.eval("mount"));
            assertEquals(95, assertThrows(AbjureException.class, all::bytes).errno());
            assertEquals(95, assertThrows(AbjureException.class, all::load).errno());
        } finally {
            process.getOutputStream().close(); // its end of input ends it
            process.waitFor();
        }
    }

    private static Program effective(int pid) {
        try {
            return Program.effective(pid);
        } catch (AbjureException error) {
            assumeFalse(error.errno() == 13, error::getMessage);
            throw error;
        }
    }

    @Test
    void execStartsAProgramThatCannotStartOthers() throws Exception {
        List<String> lines = child("exec");
        assertEquals("shell x", lines.get(0));
        assertEquals("denied", lines.get(lines.size() - 1));
        lines = child("execProgram");
        assertEquals("became", lines.get(0));
        assertEquals("denied", lines.get(lines.size() - 1));
    }

    @Test
    void theCleanerFreesWhatIsForgotten() throws Exception {
        assertEquals("verdict: EPERM", child("garbage").get(0));
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21, disabledReason = "virtual threads came with Java 21")
    void virtualThreadsAreCovered() throws Exception {
        assertEquals(List.of("this thread: refused", "start: denied"), child("virtual").subList(0, 2));
    }
}
