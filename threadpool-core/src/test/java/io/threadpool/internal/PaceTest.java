package io.threadpool.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class PaceTest {

  private long now = 77;

  /** How long the next yield takes. */
  private long took = Pace.AT_ONCE_NANOS;

  private int yields;
  private int appended;

  private final TaskQueue queue = new TaskQueue(64, 10_000_000);
  private final Pace pace =
      new Pace(queue) {
        @Override
        long nanoTime() {
          return now;
        }

        @Override
        void yieldProcessor() {
          yields++;
          now += took;
        }
      };

  private void append(long count) {
    for (long i = 0; i < count; i++) {
      appended++;
      pace.appended(queue.offer("a task"));
    }
  }

  private void take(long count) {
    for (long i = 0; i < count; i++) {
      queue.poll();
    }
  }

  /** After how many more that are appended somebody yields. */
  private long untilNext() {
    int before = yields;
    int from = appended;
    while (yields == before) {
      append(1);
    }
    return appended - from;
  }

  @Test
  void fewAreLeftAlone() {
    append(Pace.FEW - 1);
    assertEquals(0, yields);
    append(Pace.EVERY);
    assertEquals(1, yields);
  }

  @Test
  void whereOthersRunItYieldsAgainAndAgain() {
    untilNext();
    for (int i = 0; i < 20; i++) {
      assertEquals(Pace.EVERY, untilNext());
    }
  }

  @Test
  void whereNobodyElseWantsToRunItSeldomDoes() {
    untilNext();
    took = Pace.AT_ONCE_NANOS - 1;
    assertEquals(Pace.EVERY, untilNext());
    for (long gap = 2 * Pace.EVERY; gap < Pace.LONGEST; gap *= 2) {
      assertEquals(gap, untilNext());
    }
    assertEquals(Pace.LONGEST, untilNext());
    assertEquals(Pace.LONGEST, untilNext());
    took = Pace.AT_ONCE_NANOS;
    assertEquals(Pace.LONGEST, untilNext());
    assertEquals(Pace.EVERY, untilNext());
  }

  @Test
  void whereHalfAsManyAreTakenItDoesNot() {
    untilNext();
    int before = yields;
    for (int i = 0; i < 20; i++) {
      take(Pace.EVERY / 2);
      append(Pace.EVERY);
    }
    assertEquals(before, yields);
    take(Pace.EVERY / 2 - 1);
    assertEquals(Pace.EVERY, untilNext());
  }

  /** As of any {@link Yielder}: nobody has submitted meanwhile. */
  @Test
  void whatCostsATimeSliceIsNotSoonRepeated() {
    untilNext();
    took = Yielder.SLICE_NANOS;
    assertEquals(Pace.EVERY, untilNext());
    int before = yields;
    append(10 * Pace.EVERY);
    assertEquals(before, yields);
    now += 2 * Yielder.SLICE_NANOS;
    append(Pace.LONGEST);
    assertEquals(before + 1, yields);
  }
}
