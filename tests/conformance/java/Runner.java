// SPDX-License-Identifier: MIT
// Runs the corpus from Java: java Runner FOLDER
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

final class Runner {
    private static int passed;
    private static int failed;

    private Runner() {}

    private static boolean fails(String wanted, Verbs.Outcome got) {
        boolean part = wanted.startsWith("!~");
        List<String> words = Case.words(wanted.substring(part ? 2 : 1));
        if (!got.errno().equals(words.get(0))) return true;
        return words.size() > 1 && !(part ? got.text().contains(words.get(1)) : got.text().equals(words.get(1)));
    }

    /** The first line that does not come out as said; null where all do. */
    private static String differs(Case.Step step, Verbs.Outcome got) {
        if (got == null) return "a verb that exists";
        if (step.expected.isEmpty()) return got.errno().isEmpty() ? null : "success";
        List<String> lines = got.text().lines().toList();
        int next = 0;
        for (String wanted : step.expected) {
            boolean bad = switch (wanted.charAt(0)) {
                case '|' -> next >= lines.size() || !lines.get(next++).equals(Case.behind(wanted));
                case '!' -> fails(wanted, got);
                case '~' -> !got.errno().isEmpty() || !got.text().contains(Case.words(wanted.substring(1)).get(0));
                default -> !got.errno().isEmpty() || !got.text().equals(Case.words(wanted.substring(1)).get(0));
            };
            if (bad) return wanted;
        }
        return next > 0 && (!got.errno().isEmpty() || next < lines.size()) ? "no further line" : null;
    }

    private static void run(Path file) throws IOException {
        List<Case.Step> steps = Case.read(file);
        for (int i = 0; i < steps.size();) {
            boolean bad = false;
            try (Verbs verbs = new Verbs()) {
                for (i++; i < steps.size() && !steps.get(i).word(0).equals("case"); i++) {
                    if (bad) continue;
                    Verbs.Outcome got = verbs.run(steps.get(i));
                    String wanted = differs(steps.get(i), got);
                    bad = wanted != null;
                    if (bad) System.out.printf("%s:%d: %s: wanted %s%n  got %s%n", file, steps.get(i).line,
                            steps.get(i).word(0), wanted, got == null ? "" : (got.errno() + " " + got.text()).strip());
                }
            }
            if (bad) failed++;
            else passed++;
        }
    }

    public static void main(String[] arguments) throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.walk(Path.of(arguments[0]))) {
            files = found.filter(path -> path.toString().endsWith(".case"))
                    .sorted(Comparator.comparing(Path::toString)).toList();
        }
        for (Path file : files) run(file);
        System.out.printf("conformance java: %d passed, %d failed, 0 skipped%n", passed, failed);
        System.exit(failed > 0 || passed == 0 ? 1 : 0);
    }
}
