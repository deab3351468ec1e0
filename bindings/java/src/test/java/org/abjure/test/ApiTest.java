// SPDX-License-Identifier: MIT
package org.abjure.test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.abjure.Abjure;
import org.abjure.AbjureException;
import org.abjure.Filter;
import org.abjure.Program;
import org.abjure.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApiTest {
    private final Filter filter = new Filter().set("abi", "x86_64");

    @Test
    void theFirstRuleThatMatchesWins() {
        filter.allow("socket(family == AF_UNIX)").deny(97, "socket").log("getpid").kill("ptrace").add("EACCES", "bpf");
        assertEquals("allow", filter.explain("socket", "AF_UNIX", 1, 0).action());
        assertEquals("EAFNOSUPPORT", filter.explain("socket", "AF_INET", 1, 0).action());
        assertEquals("log", filter.explain("getpid").action());
        assertEquals("kill", filter.explain("ptrace").action());
        assertEquals("EACCES", filter.explain("bpf").action());
        assertEquals("allow", filter.explain("getuid").action());
    }

    @Test
    void aVerdictSaysWhatDecided() {
        Verdict verdict = filter.read("deny socket(family == AF_INET)\n", "web.policy").explain("socket", 2L, (short) 1, 0);
        assertEquals("EPERM", verdict.action());
        assertEquals("rule", verdict.origin());
        assertEquals("deny socket(family == AF_INET)", verdict.rule());
        assertEquals("web.policy:1:6", verdict.source());
        assertEquals(41, verdict.number());
        assertEquals("x86_64", verdict.abi());
        assertFalse(verdict.allowed());
        assertTrue(verdict.toString().contains("by rule"), verdict.toString());
        Verdict other = filter.explain("getpid");
        assertTrue(other.allowed());
        assertNull(other.rule());
        assertEquals("foreign", filter.explainOn("aarch64", "socket").origin());
    }

    @Test
    void argumentsHave64Bits() {
        Program program = filter.deny("sendfile(count == 0xffffffffffffffff)").compile();
        assertEquals("EPERM", program.eval("sendfile", 0, 0, 0, -1));
        assertEquals("EPERM", program.eval("sendfile", 0, 0, 0, BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE)));
        assertEquals("allow", program.eval("sendfile", 0, 0, 0, 0xffffffffL));
        assertEquals(-100, Abjure.value("AT_FDCWD"));
        assertEquals("18446744073709551615", Long.toUnsignedString(Abjure.value("0xffffffffffffffff")));
    }

    @Test
    void aProgramIsItsBytes() {
        Program program = filter.deny("@exec").compile();
        byte[] bytes = program.bytes();
        assertEquals(bytes.length, program.length() * 8);
        Program again = Program.fromBytes(bytes);
        assertArrayEquals(bytes, again.bytes());
        assertEquals(program.disassemble(), again.disassemble());
        assertEquals("EPERM", again.evalOn("x86_64", "execve"));
        assertEquals("kill", again.evalOn("x86", "execve"));
    }

    @Test
    void anOutlineSaysWhatAProgramDoes() {
        Program program = filter.set("abi", "x86_64").add("EACCES", "kill(sig == 9)").compile();
        Filter again = new Filter().read(program.outline("policy"), "outline");
        assertEquals("EACCES", again.explainOn("x86_64", "kill", 1, 9).action());
        assertEquals("allow", again.explainOn("x86_64", "kill", 1, 15).action());
        assertTrue(program.outline().contains("kill"));
        assertTrue(program.outline("json, call=kill").contains("\"EACCES\""));
        assertEquals(22, assertThrows(AbjureException.class, () -> program.outline("yaml")).errno());
        assertThrows(AbjureException.class, () -> Program.effective(-1));
    }

    @Test
    void aFilterIsItsText(@TempDir Path folder) throws Exception {
        String text = filter.deny("@exec").defaultAction("log").write("policy");
        Path file = Files.writeString(folder.resolve("x.policy"), text);
        assertEquals(text, new Filter().readFile(file).write("policy"));
        assertEquals(22, assertThrows(AbjureException.class, () -> filter.write("yaml")).errno());
        String profile = "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"bpf\"], "
                + "\"action\": \"SCMP_ACT_ERRNO\"}]}";
        assertEquals("EPERM", new Filter().read(profile, "x.json").explain("bpf").action());
    }

    @Test
    void aRefusalLeavesTheFilterBroken() {
        AbjureException error = assertThrows(AbjureException.class, () -> filter.deny("execev"));
        assertEquals("unknown system call \"execev\"; did you mean \"execve\"?", error.getMessage());
        assertEquals(2, error.errno());
        assertEquals(2, filter.error());
        assertEquals(error.getMessage(), filter.message());
        assertEquals(error.getMessage(), assertThrows(AbjureException.class, filter::compile).getMessage());
        assertEquals(0, filter.clear().error());
        assertEquals("", filter.message());
        assertEquals("EPERM", filter.deny("execve").compile().eval("execve"));
    }

    @Test
    void skippedNamesAndNotesAreTold() {
        filter.set("abi", "aarch64").deny("creat", "ptrace", "ptrace");
        assertEquals(List.of("creat: absent on aarch64"), filter.skipped());
        filter.compile();
        assertFalse(filter.notes().isEmpty());
        assertEquals(0, filter.blockingThread());
    }

    @Test
    void thePlaceIsDescribed() {
        assertTrue(Abjure.isSupported());
        assertTrue(Abjure.supported().get("seccomp").startsWith("yes"));
        assertTrue(Abjure.groups().containsAll(List.of("@exec", "@spawn", "@listen")));
        assertTrue(Abjure.group("exec").contains("execveat"));
        assertEquals(Abjure.group("@exec", "aarch64"), Abjure.group("exec", "aarch64"));
        assertEquals(1, Abjure.argument("socket", "type"));
        assertEquals(0, Abjure.argument("s390x", "clone", "newsp"));
        assertTrue(Abjure.version().matches("\\d+\\.\\d+\\.\\d+"));
        assertTrue(Abjure.tablesVersion().startsWith("linux-"));
    }

    @Test
    void theStatusOfProcessesIsTold() {
        String pid = Long.toString(ProcessHandle.current().pid());
        assertEquals(pid, Abjure.status(0).get("pid"));
        assertEquals(Abjure.status(0).get("name"), Abjure.status(Integer.parseInt(pid)).get("name"));
        assertTrue(List.of("disabled", "filter").contains(Abjure.status(0).get("mode")));
        assertTrue(Integer.parseInt(Abjure.status(0).get("threads")) > 1);
        AbjureException error = assertThrows(AbjureException.class, () -> Abjure.status(Integer.MAX_VALUE));
        assertEquals(3, error.errno());
        assertTrue(error.getMessage().contains("no process"), error.getMessage());
        assertEquals(22, assertThrows(AbjureException.class, () -> Abjure.status(-1)).errno());
    }

    @Test
    void recordsAreExplained() {
        String line = "type=SECCOMP msg=audit(1592235512.578:148): uid=1000 pid=6939 comm=\"nc\" sig=31 arch=c000003e"
                + " syscall=49 code=0x0";
        var record = Abjure.explain(line);
        assertEquals("bind", record.get("call"));
        assertEquals("nc (pid 6939) called bind and was killed (SIGSYS), as uid 1000, x86_64",
                record.get("summary"));
        assertFalse(record.containsKey("exe"));
        assertEquals(22, assertThrows(AbjureException.class, () -> Abjure.explain("")).errno());
        assertThrows(IllegalArgumentException.class, () -> Abjure.explain(line + "\0"));
    }

    @Test
    void errorsHaveErrnoAndMessage() {
        assertEquals(2, assertThrows(AbjureException.class, () -> Abjure.group("exek")).errno());
        assertEquals(2, assertThrows(AbjureException.class, () -> Abjure.value("AF_INTE")).errno());
        assertEquals(2, assertThrows(AbjureException.class, () -> Abjure.argument("socket", "famly")).errno());
        assertEquals(3, assertThrows(AbjureException.class, () -> Program.fromProcess(1 << 30, 0)).errno());
        AbjureException error = assertThrows(AbjureException.class, () -> Program.fromBytes(new byte[7]));
        assertEquals(22, error.errno());
        assertTrue(error.getMessage().contains("8 bytes"), error.getMessage());
        error = assertThrows(AbjureException.class, () -> filter.deny("ptrace").compile().eval("execev"));
        assertTrue(error.getMessage().contains("did you mean \"execve\"?"), error.getMessage());
    }
}
