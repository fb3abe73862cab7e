package io.threadpool.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class YielderTest {

  private static final long QUICK = Yielder.SLICE_NANOS - 1;
  private static final long DEAR = Yielder.SLICE_NANOS;

  /** What the clock says, and how long the next yield takes. */
  private long now = 77;

  private long took = QUICK;
  private int yields;

  private final TaskQueue queue = new TaskQueue(64, 1_000);

  /** How many others submit while the next yield lasts. */
  private int submitted;

  /** Whether somebody else loses a slice while the next yield lasts. */
  private boolean besideIt;

  private final Yielder yielder =
      new Yielder(queue) {
        @Override
        long nanoTime() {
          return now;
        }

        @Override
        void yieldProcessor() {
          yields++;
          for (int i = 0; i < submitted; i++) {
            queue.offer("a task");
          }
          if (besideIt) {
            besideIt = false;
            assertFalse(letRun()); // The time that it takes is that of both.
          } else {
            now += took;
          }
        }
      };

  /** How long nobody yields, by trying again and again; the last try yields. */
  private long barred() {
    long start = now;
    int before = yields;
    while (yields == before) {
      now += Yielder.SLICE_NANOS / 2;
      long wasAt = now;
      boolean cheap = yielder.letRun();
      if (yields > before) {
        assertEquals(took < Yielder.SLICE_NANOS, cheap);
        return wasAt - start;
      }
      assertFalse(cheap);
    }
    return -1;
  }

  @Test
  void yieldsEachTimeWhileThatIsCheap() {
    for (int i = 1; i <= 100; i++) {
      assertTrue(yielder.letRun());
      assertEquals(i, yields);
    }
  }

  @Test
  void eachTimeSliceSoonAfterAnotherBarsForTwiceAsLongUpToSixtyFourTimes() {
    took = DEAR;
    assertFalse(yielder.letRun());
    for (long factor = 2; factor <= 64; factor *= 2) {
      assertEquals(factor * DEAR, barred());
    }
    assertEquals(64 * DEAR, barred());
  }

  /** Who has had less than its share keeps the processor for some more, and then loses a slice. */
  @Test
  void cheapOnesBetweenChangeNothing() {
    took = DEAR;
    assertFalse(yielder.letRun());
    took = QUICK / 100;
    assertEquals(2 * DEAR, barred());
    for (int i = 0; i < 10; i++) {
      assertTrue(yielder.letRun());
    }
    took = DEAR;
    assertFalse(yielder.letRun());
    assertEquals(4 * DEAR, barred());
  }

  /** It was a collection, or the like. */
  @Test
  void aTimeSliceLongAfterAnotherBeginsAnew() {
    took = DEAR;
    assertFalse(yielder.letRun());
    now += 2 * DEAR + 2 * DEAR;
    assertFalse(yielder.letRun());
    assertEquals(2 * DEAR, barred());
  }

  /** Several wait for the same handle, or for handles of the same pool. */
  @Test
  void ofThoseThatLoseASliceSideBySideOneCounts() {
    took = DEAR;
    besideIt = true;
    assertFalse(yielder.letRun());
    assertEquals(2, yields);
    assertEquals(2 * DEAR, barred());
  }

  /** Callers of the same pool have the processor in turns, some for longer than others. */
  @Test
  void aTimeSliceForOthersThatSubmitBarsNothing() {
    took = DEAR;
    submitted = (int) (DEAR / Yielder.SUBMITTED_EACH_NANOS);
    assertFalse(yielder.letRun());
    assertFalse(yielder.letRun());
    assertEquals(2, yields);
    submitted--;
    assertFalse(yielder.letRun());
    assertFalse(yielder.letRun());
    assertEquals(3, yields);
  }

  /** As where the machine slept for an hour. */
  @Test
  void howLongItTookCountsUpToALimit() {
    took = 3_600_000_000_000L;
    assertFalse(yielder.letRun());
    took = QUICK;
    assertEquals(2 * Yielder.LONGEST_NANOS, barred());
  }
}
