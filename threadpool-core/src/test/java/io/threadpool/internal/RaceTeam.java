package io.threadpool.internal;

import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Threads that do one thing each at the same moment, round after round. The thread that calls
 * {@link #race} is one of them.
 *
 * <p>The normal suite runs few rounds. {@code -Drace.rounds=N} sets another number for every test
 * that asks for {@link #rounds}, and has the figures printed; then a test may take longer than the
 * five minutes, and all of them than the twenty, after which they count as hanging:
 *
 * <pre>
 *   mvn -B -ntp -pl threadpool-core test -Dtest='*RaceTest' -DforkCount=1 \
 *       -Drace.rounds=1000000 -Djunit.jupiter.execution.timeout.default=10h -Dtest.seconds=36000
 * </pre>
 */
public final class RaceTeam implements AutoCloseable {

  /** What one thread does in a round. */
  public interface Action {
    void run() throws Exception;
  }

  /** How long a round may take before it counts as hanging. */
  private static final long HANG_NANOS = 60_000_000_000L;

  private static final int SPINS = 500;
  private static final int YIELDS = 5_000;

  private final Thread[] others;
  private final AtomicInteger left = new AtomicInteger();

  /** Written by the caller before it raises {@link #round}. */
  private Action[] actions = {};

  private volatile int round;
  private volatile boolean closed;
  private volatile Throwable failure;

  /** A team of the calling thread and {@code size - 1} others. */
  public RaceTeam(int size) {
    others = new Thread[size - 1];
    for (int i = 0; i < others.length; i++) {
      int member = i + 1;
      others[i] = new Thread(() -> follow(member), "race-" + member);
      others[i].setDaemon(true);
      others[i].start();
    }
  }

  /** A team for races that miss no signal: until it is closed, {@link LookAgain} is off. */
  public static RaceTeam forSignals(int size) {
    LookAgain.off();
    return new RaceTeam(size);
  }

  /** How many rounds to run where the normal suite runs {@code normal}. */
  public static int rounds(int normal) {
    return Integer.getInteger("race.rounds", normal);
  }

  /** Prints the figures of a race where the number of rounds was asked for. */
  public static void print(String race, int rounds, String figures) {
    if (Integer.getInteger("race.rounds") != null) {
      System.out.printf("%-62s %,11d rounds, 0 violations; %s%n", race, rounds, figures);
    }
  }

  /** Lets up to about so many nanoseconds pass, so that the members meet at different points. */
  public static void jitter(int nanos) {
    long wait = ThreadLocalRandom.current().nextInt(nanos + 1);
    long start = System.nanoTime();
    while (System.nanoTime() - start < wait) {
      Thread.onSpinWait();
    }
  }

  /** The thread that runs the action with this index; the first is the caller's. */
  public Thread member(int index) {
    return index == 0 ? Thread.currentThread() : others[index - 1];
  }

  /** Runs the actions at the same moment, the first on the calling thread, and waits for all. */
  public void race(Action... doings) throws Exception {
    if (doings.length != others.length + 1) {
      throw new IllegalArgumentException("a team of " + (others.length + 1));
    }
    actions = doings;
    left.set(others.length);
    round++;
    Throwable own = null;
    try {
      doings[0].run();
    } catch (Throwable thrown) {
      own = thrown;
    }
    awaitOthers(own);
    Throwable thrown = own == null ? failure : own;
    if (thrown != null) {
      throw new AssertionError("round " + round + ": " + thrown, thrown);
    }
  }

  private void awaitOthers(Throwable own) {
    long start = System.nanoTime();
    for (int turn = 0; left.get() > 0; turn++) {
      pause(turn);
      if (System.nanoTime() - start > HANG_NANOS) {
        StringBuilder text = new StringBuilder("round " + round + " hangs:");
        for (Thread thread : others) {
          text.append('\n')
              .append(thread.getName())
              .append(Arrays.toString(thread.getStackTrace()));
        }
        throw new AssertionError(text.toString(), own);
      }
    }
  }

  private void follow(int member) {
    int seen = 0;
    while (!closed) {
      for (int turn = 0; round == seen && !closed; turn++) {
        pause(turn);
      }
      if (!closed) {
        seen = round;
        try {
          actions[member].run();
        } catch (Throwable thrown) {
          failure = thrown;
        }
        left.decrementAndGet();
      }
    }
  }

  /** Waits for a moment, the longer the more often it was called before. */
  public static void pause(int turn) {
    if (turn < SPINS) {
      Thread.onSpinWait();
    } else if (turn < YIELDS) {
      Thread.yield();
    } else {
      LockSupport.parkNanos(100_000);
    }
  }

  @Override
  public void close() {
    closed = true;
    LookAgain.on();
  }
}
