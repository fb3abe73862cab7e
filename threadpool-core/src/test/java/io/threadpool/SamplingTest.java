package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.internal.TaskQueue;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.function.LongSupplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The percentiles of the sample beside those of all tasks, each of which is timed here, under loads
 * of many kinds; on one worker that is played, by a clock that is, so that nothing hangs on the
 * machine. What differs from run to run is the lot that says which tasks are timed in a rush.
 */
class SamplingTest {

  private static final int TASKS = 500_000;

  private static final long MICRO = 1_000;

  /** When tasks come, and how long they run, in nanoseconds. */
  enum Load {
    STEADY {
      @Override
      LongSupplier gaps(Random random) {
        return () -> exponential(random, 10 * MICRO);
      }

      @Override
      LongSupplier runs(Random random) {
        return () -> exponential(random, 7 * MICRO);
      }
    },

    /** Some hundreds at once, then nothing for a while. */
    BURSTY {
      @Override
      LongSupplier gaps(Random random) {
        return () -> random.nextInt(300) == 0 ? exponential(random, 4_000 * MICRO) : 100;
      }

      @Override
      LongSupplier runs(Random random) {
        return () -> exponential(random, 7 * MICRO);
      }
    },

    /** One in twenty takes a hundred times as long. */
    BIMODAL {
      @Override
      LongSupplier gaps(Random random) {
        return () -> exponential(random, 100 * MICRO);
      }

      @Override
      LongSupplier runs(Random random) {
        return () -> (random.nextInt(20) == 0 ? 1_000 : 10) * MICRO + random.nextInt(1_000);
      }
    },

    /** More comes than can be done, so the wait grows without end. */
    OVERLOADED {
      @Override
      LongSupplier gaps(Random random) {
        return () -> exponential(random, 9 * MICRO);
      }

      @Override
      LongSupplier runs(Random random) {
        return () -> exponential(random, 10 * MICRO);
      }
    },

    MOSTLY_IDLE {
      @Override
      LongSupplier gaps(Random random) {
        return () -> exponential(random, 10_000 * MICRO);
      }

      @Override
      LongSupplier runs(Random random) {
        return () -> exponential(random, 100 * MICRO);
      }
    },

    /** 64 at once, again and again, each of which is longer than the one before. */
    BATCHES_OF_64 {
      @Override
      LongSupplier gaps(Random random) {
        return counted(n -> n % 64 == 0 ? 500 * MICRO : 0);
      }

      @Override
      LongSupplier runs(Random random) {
        return counted(n -> (1 + n % 64) * 100);
      }
    };

    /** Whether one in 256 is timed. */
    boolean isRush() {
      return this != BIMODAL && this != MOSTLY_IDLE;
    }

    /**
     * By how much the count may be wrong. Each segment that turns from all to few is by up to 256,
     * either way; where many do they add up, to some 300 on average.
     */
    int countError() {
      return this == BURSTY ? 2_048 : isRush() ? 1_024 : 0;
    }

    /**
     * Of how many one is told independently: the four of a segment stand alike in batches of 64.
     */
    int oneIn() {
      return this == BATCHES_OF_64 ? 1_024 : isRush() ? 256 : 1;
    }

    abstract LongSupplier gaps(Random random);

    abstract LongSupplier runs(Random random);
  }

  private static long exponential(Random random, long mean) {
    return (long) (-mean * Math.log(1 - random.nextDouble()));
  }

  private interface ByNumber {
    long of(int n);
  }

  private static LongSupplier counted(ByNumber value) {
    int[] n = {0};
    return () -> value.of(n[0]++);
  }

  /** A worker that is played, and who submits to it. */
  private static final class Play {
    private final LongSupplier gaps;
    private final LongSupplier runs;
    private final TaskQueue queue =
        new TaskQueue(TaskQueue.DEFAULT_SEGMENT_SIZE, Long.MAX_VALUE) {
          @Override
          public long nanoTime() {
            return now;
          }
        };
    private final Ledger ledger = new Ledger(1, queue);
    private final long[] queuedAt = new long[TASKS];
    private final long[] waited = new long[TASKS];
    private final long[] ran = new long[TASKS];
    private long now = 1;
    private long nextAt = 1;
    private int submitted;
    private int begun;

    Play(Load load) {
      Random random = new Random(17);
      gaps = load.gaps(random);
      runs = load.runs(random);
    }

    void play() {
      AbortSignal signal = new AbortSignal();
      Events events = new Events(Events.LOG, "played", null, Events.SIGHT);
      PoolCore nobody = new PoolCore(WorkerPool.builder().size(1).config());
      Bodies bodies = new Bodies(ledger, events, signal, nobody);
      Frame frame = new Frame.OfLoop(signal, events, Thread.currentThread(), ledger.tally(0));
      while (begun < TASKS) {
        Object entry = queue.poll(frame);
        if (entry == null) {
          submitUntil(nextAt);
        } else {
          bodies.run(entry, frame);
          frame.letGo();
        }
      }
    }

    private void body() {
      int number = begun++;
      waited[number] = now - queuedAt[number];
      ran[number] = runs.getAsLong();
      submitUntil(now + ran[number]);
    }

    /** Lets time pass, in which tasks come. */
    private void submitUntil(long end) {
      while (nextAt <= end && submitted < TASKS) {
        now = nextAt;
        queuedAt[submitted++] = now;
        queue.offer((Runnable) this::body);
        nextAt += gaps.getAsLong();
      }
      now = end;
    }
  }

  @ParameterizedTest
  @EnumSource
  void theSamplesPercentilesAreThoseOfAllWithinTheirError(Load load) {
    Play play = new Play(load);
    play.play();
    Latencies waits = Latencies.of(play.ledger.waits);
    Latencies runs = Latencies.of(play.ledger.runs);
    assertEquals(TASKS, play.ledger.counts().completed());
    assertEquals(TASKS, waits.count(), load.countError());
    assertEquals(waits.count(), runs.count());
    assertAll(load + " waits", play.waited, waits, load.oneIn());
    assertAll(load + " runs", play.ran, runs, load.oneIn());
  }

  private static void assertAll(String what, long[] exact, Latencies told, int oneIn) {
    Arrays.sort(exact);
    assertWithin(what + " p50", exact, 0.5, told.p50(), oneIn);
    assertWithin(what + " p90", exact, 0.9, told.p90(), oneIn);
    assertWithin(what + " p99", exact, 0.99, told.p99(), oneIn);
    assertWithin(what + " p999", exact, 0.999, told.p999(), oneIn);
    assertTrue(told.max().toNanos() <= exact[TASKS - 1] * 33 / 32, what);
  }

  /**
   * The p-th of a sample of n, which is one in so many, lies between those of all whose ranks
   * differ from p by sqrt(2 p (1 - p) L / n) + 2 L / 3n, but for a probability of exp(-L)
   * (Bernstein); L is 18 here, so that this fails of itself once in some million runs. The
   * histogram adds a 32nd.
   */
  private static void assertWithin(String what, long[] exact, double p, Duration told, int oneIn) {
    double n = (double) TASKS / oneIn;
    double error = oneIn > 1 ? Math.sqrt(36 * p * (1 - p) / n) + 12 / n : 2.0 / TASKS;
    long low = exact[(int) (Math.max(0, p - error) * (TASKS - 1))];
    long high = exact[(int) (Math.min(1, p + error) * (TASKS - 1))];
    System.out.printf(
        "%s: %d of all, %d told, from %d to %d allowed%n",
        what, exact[(int) (p * (TASKS - 1))], told.toNanos(), low, high);
    assertTrue(
        told.toNanos() >= low - low / 32 && told.toNanos() <= high + high / 32,
        () -> what + ": " + told + " is not from " + low + " to " + high + " ns");
  }
}
