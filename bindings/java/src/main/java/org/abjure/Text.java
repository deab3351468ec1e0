// SPDX-License-Identifier: MIT
package org.abjure;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/** Texts and arguments on their way into the core and out of it. */
final class Text {
    /** The core's messages are shorter. */
    static final int WHY = 1024;

    private static final int ARGUMENTS = 6;
    private static final BigInteger LEAST = BigInteger.ONE.shiftLeft(63).negate();
    private static final BigInteger BEYOND = BigInteger.ONE.shiftLeft(64);

    /** A function of the core that writes a text or its negative errno. */
    interface Writer {
        long write(byte[] buffer, long size);
    }

    private Text() {}

    /** The text as C sees it whole: it would end at U+0000, and a rule behind that would be lost. */
    static byte[] clean(String text, String what) {
        Objects.requireNonNull(text, () -> what + ": a text is needed here, not null");
        if (text.indexOf('\0') >= 0) throw new IllegalArgumentException(what + ": the text contains U+0000");
        try {
            ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] whole = new byte[bytes.remaining() + 1];
            bytes.get(whole, 0, whole.length - 1);
            return whole;
        } catch (CharacterCodingException error) {
            throw new IllegalArgumentException(what + ": not valid Unicode: half of a surrogate pair", error);
        }
    }

    static byte[] join(String[] texts, String what) {
        Objects.requireNonNull(texts, () -> what + ": texts are needed here, not null");
        for (String text : texts) clean(text, what);
        return clean(String.join(", ", texts), what);
    }

    static byte[] calls(String[] calls) {
        byte[] joined = join(calls, "calls");
        if (calls.length == 0) throw new IllegalArgumentException("no calls given; for example \"@exec\", \"@listen\"");
        return joined;
    }

    /** The text up to its NUL. */
    static String until(byte[] buffer) {
        int length = 0;
        while (length < buffer.length && buffer[length] != 0) length++;
        return new String(buffer, 0, length, StandardCharsets.UTF_8);
    }

    static String constant(Pointer text) {
        return text.getString(0, "UTF-8");
    }

    /** The whole text; {@code message} has the reason of a failure, or null where the core wrote it to the buffer. */
    static String collect(Writer writer, Supplier<String> message) {
        byte[] buffer = new byte[WHY];
        while (true) {
            long length = writer.write(buffer, buffer.length);
            if (length < 0) throw new AbjureException((int) -length, message == null ? until(buffer) : message.get());
            if (length < buffer.length) return new String(buffer, 0, (int) length, StandardCharsets.UTF_8);
            buffer = new byte[Math.toIntExact(length + 1)];
        }
    }

    static List<String> lines(String text) {
        return text.lines().toList();
    }

    /** Lines "key: value", in their order. */
    static Map<String, String> pairs(String text) {
        Map<String, String> pairs = new LinkedHashMap<>();
        for (String line : lines(text)) {
            int colon = line.indexOf(": ");
            if (colon > 0) pairs.put(line.substring(0, colon), line.substring(colon + 2));
        }
        return pairs;
    }

    /** The six arguments of a call: integers, or texts such as "AF_INET". */
    static long[] arguments(String abi, Object[] values) {
        Objects.requireNonNull(values, "arguments: integers and texts are needed here, not null");
        if (values.length > ARGUMENTS)
            throw new IllegalArgumentException("a system call has at most 6 arguments, not " + values.length);
        long[] arguments = new long[ARGUMENTS];
        for (int i = 0; i < values.length; i++) arguments[i] = argument(abi, values[i]);
        return arguments;
    }

    private static long argument(String abi, Object value) {
        if (value instanceof Long || value instanceof Integer || value instanceof Short || value instanceof Byte)
            return ((Number) value).longValue();
        if (value instanceof String text) return Abjure.value(abi, text);
        if (!(value instanceof BigInteger big))
            throw new IllegalArgumentException("an argument of a call is an integer or a text, not "
                    + (value == null ? "null" : value.getClass().getSimpleName()));
        if (big.compareTo(LEAST) < 0 || big.compareTo(BEYOND) >= 0)
            throw new IllegalArgumentException(big + " does not fit into 64 bits");
        return big.longValue();
    }

    /** {@code char *[]} with NULL behind the last; null for null. */
    static Memory strings(List<byte[]> texts) {
        if (texts == null) return null;
        long room = (texts.size() + 1L) * Native.POINTER_SIZE;
        long size = room;
        for (byte[] text : texts) size += text.length;
        Memory block = new Memory(size);
        for (int i = 0; i < texts.size(); i++) {
            block.write(room, texts.get(i), 0, texts.get(i).length);
            block.setPointer((long) i * Native.POINTER_SIZE, block.share(room));
            room += texts.get(i).length;
        }
        block.setPointer((long) texts.size() * Native.POINTER_SIZE, null);
        return block;
    }

    static List<byte[]> words(List<String> argv) {
        Objects.requireNonNull(argv, "argv: a list of texts is needed here, not null");
        List<byte[]> words = new ArrayList<>();
        for (String word : argv) words.add(clean(word, "argv"));
        return words;
    }

    static List<byte[]> environment(Map<String, String> environment) {
        if (environment == null) return null;
        List<byte[]> lines = new ArrayList<>();
        environment.forEach((name, value) -> {
            clean(name, "environment");
            clean(value, "environment");
            if (name.isEmpty() || name.indexOf('=') >= 0)
                throw new IllegalArgumentException("environment: \"" + name + "\" is no name of a variable");
            lines.add(clean(name + "=" + value, "environment"));
        });
        return lines;
    }

    static String first(String[] command) {
        Objects.requireNonNull(command, "command: texts are needed here, not null");
        if (command.length == 0) throw new IllegalArgumentException("no program given");
        return command[0];
    }

    static List<String> list(String[] command) {
        return Arrays.asList(command);
    }
}
