package io.threadpool.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class PaceTest {

  private long now = 77;

  /** How long the next yield takes, and how many others append meanwhile. */
  private long took;

  private long others = Pace.EVERY;

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
          for (long i = 0; i < others; i++) {
            queue.offer("another's");
          }
        }
      };

  private void append(long count) {
    for (long i = 0; i < count; i++) {
      appended++;
      long index = queue.offer("a task");
      if (index % Pace.EVERY == 0) {
        pace.appended(index);
      }
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
  void whereOthersSubmitMeanwhileItYieldsAgainAndAgain() {
    untilNext();
    for (int i = 0; i < 20; i++) {
      assertEquals(Pace.EVERY, untilNext());
    }
  }

  @Test
  void whereNothingMovesItSeldomDoes() {
    untilNext();
    others = 0;
    assertEquals(Pace.EVERY, untilNext());
    for (long gap = 2 * Pace.EVERY; gap < Pace.LONGEST; gap *= 2) {
      assertEquals(gap, untilNext());
    }
    assertEquals(Pace.LONGEST, untilNext());
    assertEquals(Pace.LONGEST, untilNext());
    others = Pace.EVERY;
    assertEquals(Pace.LONGEST, untilNext());
    assertEquals(Pace.EVERY, untilNext());
  }

  @Test
  void whereHalfAsManyAreTakenItDoesNot() {
    others = 0;
    untilNext();
    int before = yields;
    for (int i = 0; i < 20; i++) {
      take(Pace.EVERY);
      append(2 * Pace.EVERY);
    }
    assertEquals(before, yields);
    take(Pace.EVERY - 1);
    assertEquals(2 * Pace.EVERY, untilNext());
  }

  /** As of any {@link Yielder}: nobody has submitted meanwhile. */
  @Test
  void whatCostsATimeSliceIsNotSoonRepeated() {
    others = 0;
    took = Yielder.SLICE_NANOS;
    untilNext();
    int before = yields;
    append(10 * Pace.LONGEST);
    assertEquals(before, yields);
    now += 2 * Yielder.SLICE_NANOS;
    append(Pace.LONGEST);
    assertEquals(before + 1, yields);
  }
}
