// SPDX-License-Identifier: MIT
import com.sun.jna.Function;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.abjure.Abjure;
import org.abjure.AbjureException;
import org.abjure.Filter;
import org.abjure.Program;
import org.abjure.Verdict;

/** The verbs of the corpus, by the public interface, and the filter and the program of the present case. */
final class Verbs implements AutoCloseable {
    /** What a verb gave: a text, or the name of an errno and a message. */
    record Outcome(String errno, String text) {}

    private static final Function ERRNO_NAME = Function.getFunction("c", "strerrorname_np");

    private Filter filter;
    private Program program;

    /** The outcome; null where there is no such verb. */
    Outcome run(Case.Step step) {
        try {
            String text = give(step);
            return text == null ? null : new Outcome("", text);
        } catch (AbjureException error) {
            String name = ERRNO_NAME.invokePointer(new Object[] {error.errno()}).getString(0);
            // The same number, and abjure.h has the other name.
            return new Outcome(name.equals("EOPNOTSUPP") ? "ENOTSUP" : name, error.getMessage());
        } catch (NullPointerException | IllegalStateException missing) {
            return new Outcome("EINVAL", ""); // as C says of a handle that is not there
        }
    }

    private static Object[] arguments(Case.Step step) {
        return Arrays.stream(step.from(3)).map(word -> word.startsWith("0x") ? new BigInteger(word.substring(2), 16)
                : word.matches("-?[0-9]+") ? new BigInteger(word) : word).toArray();
    }

    private static String lines(List<String> lines) {
        return lines.stream().map(line -> line + "\n").collect(Collectors.joining());
    }

    private static String text(Verdict v) {
        return lines(Stream.of(new String[][] {{"action", v.action()}, {"origin", v.origin()}, {"rule", v.rule()},
                {"source", v.source()}, {"call", v.call()}, {"number", "" + v.number()}, {"abi", v.abi()}})
                .filter(pair -> pair[1] != null).map(pair -> pair[0] + ": " + pair[1]).toList());
    }

    private String make(Program made) {
        if (program != null) program.close();
        program = made;
        return "";
    }

    private String make(Filter made) {
        if (filter != null) filter.close();
        filter = made;
        return "";
    }

    private static String pairs(Map<String, String> pairs) {
        return lines(pairs.entrySet().stream().map(e -> e.getKey() + ": " + e.getValue()).toList());
    }

    private static String done(Runnable call) {
        call.run();
        return "";
    }

    private String give(Case.Step step) {
        String a = step.word(1);
        String b = step.word(2);
        String c = step.word(3);
        return switch (step.word(0)) {
            case "filter_new" -> make(new Filter());
            case "filter_free" -> done(filter::close);
            case "filter_add" -> done(() -> filter.add(a, b));
            case "filter_default" -> done(() -> filter.defaultAction(a));
            case "filter_set" -> done(() -> filter.set(a, b));
            case "filter_read" -> done(() -> filter.read(a, b));
            case "filter_error" -> "" + -filter.error();
            case "filter_message" -> filter.message();
            case "filter_skipped" -> lines(filter.skipped());
            case "filter_notes" -> lines(filter.notes());
            case "filter_clear" -> done(filter::clear);
            case "filter_write" -> filter.write(a);
            case "filter_explain" -> text(filter.explainOn(a, b, arguments(step)));
            case "filter_load" -> done(() -> filter.load(a));
            case "filter_blocking_thread" -> "" + filter.blockingThread();
            case "filter_exec" -> done(() -> filter.exec(a, List.of(step.from(2)), null));
            case "filter_compile" -> make(filter.compile());
            case "program_from_bytes" -> make(Program.fromBytes(HexFormat.of().parseHex(a)));
            case "program_from_process" -> make(Program.fromProcess(Integer.parseInt(a), Long.parseUnsignedLong(b)));
            case "program_effective" -> make(Program.effective(Integer.parseInt(a)));
            case "program_free" -> done(program::close);
            case "program_bytes" -> HexFormat.of().formatHex(program.bytes());
            case "program_load" -> done(() -> program.load(a));
            case "program_exec" -> done(() -> program.exec(a, List.of(step.from(2)), null));
            case "program_eval" -> program.evalOn(a, b, arguments(step));
            case "program_disassemble" -> program.disassemble();
            case "program_outline" -> program.outline(a);
            case "supported" -> pairs(Abjure.supported());
            case "status" -> pairs(Abjure.status(Integer.parseInt(a)));
            case "groups" -> lines(Abjure.groups());
            case "group" -> Abjure.group(a, b);
            case "value" -> Long.toUnsignedString(Abjure.value(a, b));
            case "argument" -> "" + Abjure.argument(a, b, c);
            case "deny" -> done(() -> Abjure.deny(Integer.parseInt(b), a));
            case "version" -> Abjure.version();
            case "tables_version" -> Abjure.tablesVersion();
            case "explain" -> lines(Abjure.explain(a).entrySet().stream().map(e -> e.getKey() + ": " + e.getValue())
                    .toList());
            default -> null;
        };
    }

    @Override
    public void close() {
        make((Filter) null);
        make((Program) null);
    }
}
