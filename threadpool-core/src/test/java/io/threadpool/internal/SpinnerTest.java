package io.threadpool.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class SpinnerTest {

  /** How much later it is each time that the clock is read. */
  private static final long STEP = Spinner.SPIN_NANOS / 3;

  private long now = 77;
  private int looks;

  /** At which look the thing is done. */
  private int doneAt = Integer.MAX_VALUE;

  private final CompletableFuture<String> handle =
      new CompletableFuture<>() {
        @Override
        public boolean isDone() {
          return ++looks >= doneAt;
        }
      };

  private final Spinner spinner =
      new Spinner() {
        @Override
        long nanoTime() {
          return now += STEP;
        }
      };

  /** How long nobody spins, by trying again and again; the last try spins. */
  private long barred() {
    long start = now;
    looks = 0;
    while (!spinner.spin(handle) && looks == 1) {
      looks = 0;
    }
    return now - start;
  }

  @Test
  void looksUntilItIsDone() {
    doneAt = 7;
    assertTrue(spinner.spin(handle));
    assertEquals(7, looks);
    looks = 0;
    assertTrue(spinner.spin(handle), "barred by a spin that has found it");
    assertEquals(7, looks);
  }

  @Test
  void looksForAMomentAtTheMost() {
    assertFalse(spinner.spin(handle));
    assertEquals(3 * 4, looks);
  }

  @Test
  void asksOnceWhereAMomentWasTooShort() {
    assertFalse(spinner.spin(handle));
    looks = 0;
    assertFalse(spinner.spin(handle));
    assertEquals(1, looks);
    doneAt = 2;
    assertTrue(spinner.spin(handle));
  }

  @Test
  void spinsTheLessOftenTheMoreWereInVainUpToALimit() {
    long last = 0;
    assertFalse(spinner.spin(handle));
    for (int i = 0; i <= Spinner.MOST_DOUBLINGS; i++) {
      long bar = barred();
      long expected = Spinner.BAR_NANOS << i;
      assertTrue(bar >= expected && bar < expected + 10 * STEP, () -> "barred for " + bar);
      assertTrue(bar > last);
      last = bar;
    }
    assertTrue(barred() < last + 10 * STEP);
  }

  @Test
  void oneThatWasLongEnoughMakesUpForThoseInVain() {
    assertFalse(spinner.spin(handle));
    barred();
    long second = barred();
    doneAt = 5;
    barred();
    doneAt = Integer.MAX_VALUE;
    assertFalse(spinner.spin(handle));
    assertTrue(barred() < second);
  }
}
