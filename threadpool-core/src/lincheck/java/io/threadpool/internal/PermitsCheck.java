package io.threadpool.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Test;

/** Blocked submitters: the line for a permit against room, time-out, interrupt and close. */
class PermitsCheck {

  private static final long LONG = 3_600_000_000_000L;

  /** As many permits as there should be, and no more. */
  private static void assertFree(int expected, Permits permits) {
    for (int i = 0; i < expected; i++) {
      assertTrue(permits.tryAcquire(), "a permit is lost");
    }
    assertFalse(permits.tryAcquire(), "a permit too many");
  }

  @Test
  void semaphore() {
    Explorer.check(
        "permits: take one, wait briefly for one, give one back; 3 threads",
        new ModelCheckingOptions().threads(3).actorsPerThread(2).actorsBefore(1).actorsAfter(1),
        Semaphore.class,
        SequentialSemaphore.class);
  }

  /** Permits used as a semaphore. */
  public static class Semaphore {
    private final Permits permits = new Permits(1);

    @Operation
    public boolean tryAcquire() {
      return permits.tryAcquire();
    }

    /** Waits in the line, for so short a time that it is over at the first look at the clock. */
    @Operation
    public boolean acquireBriefly() {
      return permits.acquire(1) == Permits.GRANTED;
    }

    @Operation
    public void release() {
      permits.release();
    }
  }

  /** What a semaphore does in one thread. */
  public static class SequentialSemaphore {
    private int free = 1;

    /** Takes one if there is one. */
    public boolean tryAcquire() {
      boolean taken = free > 0;
      free -= taken ? 1 : 0;
      return taken;
    }

    /** The same, since nobody gives one back meanwhile. */
    public boolean acquireBriefly() {
      return tryAcquire();
    }

    /** Gives one back. */
    public void release() {
      free++;
    }
  }

  @Test
  void waitersAgainstRoom() {
    Explorer.explore(
        "two blocked submitters against room",
        1_500,
        () -> {
          Permits permits = new Permits(1);
          assertTrue(permits.tryAcquire());
          Explorer.Step waiter =
              () -> {
                assertEquals(Permits.GRANTED, permits.acquire(Explorer.FOREVER));
                permits.release();
              };
          Explorer.together(waiter, waiter, permits::release);
          assertFree(1, permits);
        });
  }

  @Test
  void newcomerAgainstWaiter() {
    Explorer.explore(
        "a newcomer against a blocked submitter and room",
        1_500,
        () -> {
          Permits permits = new Permits(1);
          assertTrue(permits.tryAcquire());
          Explorer.together(
              () -> {
                assertEquals(Permits.GRANTED, permits.acquire(Explorer.FOREVER));
                permits.release();
              },
              permits::release,
              () -> {
                if (permits.tryAcquire()) {
                  permits.release();
                }
              });
          assertFree(1, permits);
        });
  }

  @Test
  void timeoutAgainstRoom() {
    Explorer.explore(
        "a blocked submitter's time-out against room",
        1_500,
        () -> {
          Permits permits = new Permits(1);
          assertTrue(permits.tryAcquire());
          int[] answer = new int[1];
          Thread waiter = new ModelThread(() -> answer[0] = permits.acquire(LONG));
          waiter.start();
          Explorer.together(
              permits::release,
              () -> {
                ModelWorld.pass(LONG);
                ModelWorld.unpark(waiter);
              });
          waiter.join();
          assertFree(answer[0] == Permits.GRANTED ? 0 : 1, permits);
          assertTrue(answer[0] == Permits.GRANTED || answer[0] == Permits.TIMED_OUT);
        });
  }

  @Test
  void timeoutInTheMiddleOfTheLine() {
    Explorer.explore(
        "a time-out in the middle of the line against room",
        1_500,
        () -> {
          Permits permits = new Permits(1);
          assertTrue(permits.tryAcquire());
          AtomicInteger granted = new AtomicInteger();
          Explorer.together(
              () -> {
                assertEquals(Permits.GRANTED, permits.acquire(Explorer.FOREVER));
                granted.incrementAndGet();
                permits.release();
              },
              () -> {
                if (permits.acquire(1) == Permits.GRANTED) {
                  permits.release();
                }
              },
              permits::release);
          assertEquals(1, granted.get());
          assertFree(1, permits);
        });
  }

  @Test
  void interruptAgainstRoom() {
    Explorer.explore(
        "a blocked submitter's interrupt against room",
        1_500,
        () -> {
          Permits permits = new Permits(1);
          assertTrue(permits.tryAcquire());
          int[] answer = new int[1];
          boolean[] flag = new boolean[1];
          Thread waiter =
              new ModelThread(
                  () -> {
                    answer[0] = permits.acquire(Explorer.FOREVER);
                    flag[0] = Thread.interrupted();
                  });
          waiter.start();
          Explorer.together(permits::release, waiter::interrupt);
          waiter.join();
          if (answer[0] == Permits.INTERRUPTED) {
            assertTrue(flag[0], "the flag is not kept");
          } else {
            assertEquals(Permits.GRANTED, answer[0]);
          }
          assertFree(answer[0] == Permits.GRANTED ? 0 : 1, permits);
        });
  }

  @Test
  void closeAgainstRoom() {
    Explorer.explore(
        "two blocked submitters against close and room",
        1_500,
        () -> {
          Permits permits = new Permits(1);
          assertTrue(permits.tryAcquire());
          AtomicInteger granted = new AtomicInteger();
          Explorer.Step waiter =
              () -> {
                int answer = permits.acquire(Explorer.FOREVER);
                assertTrue(answer == Permits.GRANTED || answer == Permits.CLOSED);
                granted.getAndAdd(answer == Permits.GRANTED ? 1 : 0);
              };
          Explorer.together(waiter, waiter, permits::release, permits::close);
          assertTrue(granted.get() <= 1);
          assertFree(1 - granted.get(), permits);
        });
  }
}
