// SPDX-License-Identifier: MIT
// What the binding costs: java Bench call | deny | plain | load
import java.util.Arrays;
import org.abjure.Abjure;

final class Bench {
    private static final int BATCHES = 41;
    private static final int CALLS = 20_000;

    private Bench() {}

    /** Nanoseconds of one call into the core: the median of the batches, the first half of which warms up. */
    private static long call() {
        long[] times = new long[BATCHES];
        int sum = 0;
        for (int batch = 0; batch < 2 * BATCHES; batch++) {
            long start = System.nanoTime();
            for (int i = 0; i < CALLS; i++) sum += Abjure.argument("x86_64", "socket", "family");
            times[batch % BATCHES] = System.nanoTime() - start;
        }
        if (sum != 0) throw new IllegalStateException("family is argument 0 of socket");
        Arrays.sort(times);
        return times[BATCHES / 2] / CALLS;
    }

    /** Nanoseconds until a filter is in force, where the library is loaded already. */
    private static long deny() {
        Abjure.argument("x86_64", "socket", "family");
        long start = System.nanoTime();
        Abjure.deny("@exec", "@spawn", "@listen");
        return System.nanoTime() - start;
    }

    public static void main(String[] arguments) {
        switch (arguments[0]) {
            case "call" -> System.out.println(call());
            case "deny" -> System.out.println(deny());
            case "load" -> Abjure.deny("@exec", "@spawn", "@listen");
            case "plain" -> { }
            default -> throw new IllegalArgumentException("the modes are call, deny, plain and load");
        }
    }
}
