// SPDX-License-Identifier: MIT
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A file of tests/corpus; README.md there has the format. */
final class Case {
    /** A verb with its words, and the lines that say what it must give. */
    static final class Step {
        final int line;
        final List<String> words;
        final List<String> expected = new ArrayList<>();
        private int text = -1; // the word that stands for the lines with "> "

        Step(int line, List<String> words) {
            this.line = line;
            this.words = words;
        }

        String word(int i) {
            return i < words.size() ? words.get(i) : "";
        }

        String[] from(int i) {
            return i < words.size() ? words.subList(i, words.size()).toArray(new String[0]) : new String[0];
        }

        private void add(String line) {
            if (text < 0) {
                text = words.indexOf("<<");
                if (text < 0) throw new IllegalStateException(this.line + ": a text that no << announces");
                words.set(text, "");
            }
            words.set(text, words.get(text) + line + "\n");
        }
    }

    private Case() {}

    static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        int at = 0;
        while (at < line.length()) {
            if (line.charAt(at) == ' ') {
                at++;
            } else if (line.charAt(at) == '"') {
                StringBuilder word = new StringBuilder();
                for (at++; line.charAt(at) != '"'; at++) {
                    if (line.charAt(at) != '\\') {
                        word.append(line.charAt(at));
                        continue;
                    }
                    char escape = line.charAt(++at);
                    if (escape == 'x') {
                        word.append((char) Integer.parseInt(line.substring(at + 1, at + 3), 16));
                        at += 2;
                    } else {
                        word.append(escape == 'n' ? '\n' : escape == 't' ? '\t' : escape);
                    }
                }
                words.add(word.toString());
                at++;
            } else {
                int end = line.indexOf(' ', at) < 0 ? line.length() : line.indexOf(' ', at);
                words.add(line.substring(at, end));
                at = end;
            }
        }
        return words;
    }

    /** What stands behind the mark of a line and one space. */
    static String behind(String line) {
        return line.startsWith(" ", 1) ? line.substring(2) : line.substring(1);
    }

    static List<Step> read(Path file) throws IOException {
        List<Step> steps = new ArrayList<>();
        int number = 0;
        for (String line : Files.readString(file).split("\n")) {
            number++;
            if (line.isEmpty() || line.charAt(0) == '#') continue;
            if (Character.isLetter(line.charAt(0))) {
                steps.add(new Step(number, words(line)));
                continue;
            }
            Step last = steps.get(steps.size() - 1);
            if (line.charAt(0) == '>') last.add(behind(line));
            else if ("=|~!".indexOf(line.charAt(0)) >= 0) last.expected.add(line);
            else throw new IllegalStateException(file + ":" + number + ": neither a verb nor a result");
        }
        if (!steps.get(0).word(0).equals("case")) throw new IllegalStateException(file + ": the first verb is case");
        return steps;
    }
}
