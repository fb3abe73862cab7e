package io.threadpool.benchmark;

import java.util.concurrent.ThreadLocalRandom;

/** A stretch of computing of a given length, without memory traffic or system calls. */
final class Work {

  /** The system property that tells the forks how fast this machine is. */
  static final String ROUNDS_PER_MICROSECOND = "benchmark.roundsPerMicrosecond";

  private static volatile long sink;

  private Work() {}

  /** The rounds that take so long here. */
  static int rounds(int nanos) {
    return (int) (nanos * Long.getLong(ROUNDS_PER_MICROSECOND, 500) / 1_000);
  }

  /** Computes for so many rounds. */
  static void run(int rounds) {
    long x = rounds;
    for (int i = 0; i < rounds; i++) {
      x ^= x << 13;
      x ^= x >>> 7;
      x ^= x << 17;
    }
    if (x == 42) {
      sink = x;
    }
  }

  /** Measures how many rounds a microsecond has; the best of many tries. */
  static long measure() {
    int rounds = 10_000 + ThreadLocalRandom.current().nextInt(10);
    long best = Long.MAX_VALUE;
    for (int i = 0; i < 5_000; i++) {
      long start = System.nanoTime();
      run(rounds);
      best = Math.min(best, System.nanoTime() - start);
    }
    return rounds * 1_000L / best;
  }
}
