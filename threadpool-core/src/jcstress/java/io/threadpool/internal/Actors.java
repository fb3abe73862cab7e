package io.threadpool.internal;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** What the actors of the cases do between the steps that the cases are about. */
public final class Actors {

  /** As long as a wait may last that does not have to end by itself. */
  public static final long LONG = TimeUnit.SECONDS.toNanos(10);

  private static final List<String> ANSWERS =
      List.of("GRANTED", "TIMEOUT", "INTERRUPTED", "CLOSED");

  /** What came of waiting for a permit, in a word. */
  public static String answer(int answer) {
    return ANSWERS.get(answer);
  }

  /** Calls what does not throw here. */
  public static <T> T sure(Callable<T> call) {
    try {
      return call.call();
    } catch (Exception unexpected) {
      throw new AssertionError(unexpected);
    }
  }

  /** Waits until a flag is seen set; false where it is not, for long. */
  public static boolean await(BooleanSupplier flag) {
    long start = System.nanoTime();
    for (int turn = 0; !flag.getAsBoolean(); turn++) {
      if (System.nanoTime() - start > LONG) {
        return flag.getAsBoolean(); // The machine may have stood still since the look.
      }
      if (turn < 1_000) {
        Thread.onSpinWait();
      } else {
        Thread.yield(); // There may be no processor left for who sets it.
      }
    }
    return true;
  }

  /** Holds the calling thread up for a time, in nanoseconds. */
  public static void pause(int nanos) {
    if (nanos > 0) {
      for (long start = System.nanoTime(); System.nanoTime() - start < nanos; ) {
        Thread.onSpinWait();
      }
    }
  }

  /** Holds the calling thread up for any time up to so many nanoseconds. */
  public static void pauseUpTo(int nanos) {
    pause(ThreadLocalRandom.current().nextInt(nanos));
  }

  /** True where the calling thread is interrupted, or soon will be; clears that. */
  public static boolean isInterruptedSoon() {
    boolean interrupted = false;
    for (int i = 0; i < 20; i++) {
      interrupted |= Thread.interrupted();
      Thread.onSpinWait();
    }
    return interrupted;
  }

  private Actors() {}
}
