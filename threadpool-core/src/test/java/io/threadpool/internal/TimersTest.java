package io.threadpool.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is due at a time. Where an order counts, the timer's thread is held until all is said. */
@Timeout(60)
class TimersTest {

  private static final long MILLI = 1_000_000;
  private static final long HOUR = TimeUnit.HOURS.toNanos(1);

  private final Timers timers = new Timers();
  private final Hold hold = new Hold();

  /** What has run, in that order. */
  private final List<Entry> ran = Collections.synchronizedList(new ArrayList<>());

  /** Holds the timer's thread, and tells which one it is. */
  private static final class Hold extends Timers.Entry {
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch end = new CountDownLatch(1);
    private volatile Thread thread;

    @Override
    public void run() {
      thread = Thread.currentThread();
      begun.countDown();
      Latches.uninterruptibly(end);
    }
  }

  private class Entry extends Timers.Entry {
    final int number;

    /** When it is due, as the test sees it: not before the one, and not after the other. */
    long earliest;

    long latest;
    volatile Thread thread;
    final CountDownLatch done = new CountDownLatch(1);

    Entry(int number) {
      this.number = number;
    }

    void schedule(long nanos) {
      earliest = System.nanoTime() + nanos;
      assertTrue(timers.schedule(this, nanos));
      latest = System.nanoTime() + nanos;
    }

    @Override
    public void run() {
      thread = Thread.currentThread();
      ran.add(this);
      done.countDown();
    }

    @Override
    public String toString() {
      return Integer.toString(number);
    }
  }

  @AfterEach
  void letGo() {
    hold.end.countDown();
  }

  private void holdTimer() throws InterruptedException {
    timers.schedule(hold, 0);
    hold.begun.await();
  }

  private void awaitEnd(Thread thread) throws InterruptedException {
    thread.join(TimeUnit.SECONDS.toMillis(20));
    assertEquals(Thread.State.TERMINATED, thread.getState(), "the timer's thread stays");
  }

  /** None ran before one that was due when it was not. */
  private void assertInOrder() {
    Entry last = null;
    for (Entry entry : List.copyOf(ran)) {
      assertTrue(last == null || last.earliest - entry.latest <= 0, () -> "late: " + entry);
      last = last == null || entry.earliest - last.earliest > 0 ? entry : last;
    }
  }

  @Test
  void entriesRunInTheOrderOfTheirTimes() throws Exception {
    holdTimer();
    int[] millis = {30, 10, 50, 20, 40, 0, 35, 5, 45, 15, 25};
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < millis.length; i++) {
      Entry entry = new Entry(i);
      entry.schedule(millis[i] * MILLI);
      entries.add(entry);
    }
    hold.end.countDown();
    for (Entry entry : entries) {
      entry.done.await();
    }
    assertEquals(millis.length, ran.size());
    assertInOrder();
  }

  /** It clears its flag before the caller has come back, who is not to set it again. */
  @Test
  void whatIsAskedForOnceIsScheduledAgainAfterItsRun() {
    AtomicBoolean asked = new AtomicBoolean();
    AtomicInteger runs = new AtomicInteger();
    Timers.Entry entry =
        new Timers.Entry() {
          @Override
          public void run() {
            asked.set(false);
            runs.incrementAndGet();
          }
        };
    Timers atOnce =
        new Timers() {
          @Override
          public boolean schedule(Timers.Entry due, long nanos) {
            due.run();
            return true;
          }
        };
    atOnce.scheduleOnce(asked, entry, 0);
    atOnce.scheduleOnce(asked, entry, 0);
    assertEquals(2, runs.get());
  }

  /** Somebody else may, then. */
  @Test
  void whatCannotBeScheduledCountsAsNotAskedFor() {
    AtomicBoolean asked = new AtomicBoolean();
    Entry entry = new Entry(0);
    Timers broken =
        new Timers() {
          @Override
          public boolean schedule(Timers.Entry due, long nanos) {
            if (nanos == 0) {
              throw new StackOverflowError("for the test");
            }
            return false;
          }
        };
    broken.scheduleOnce(asked, entry, 1);
    assertFalse(asked.get());
    assertThrows(StackOverflowError.class, () -> broken.scheduleOnce(asked, entry, 0));
    assertFalse(asked.get());
  }

  @Test
  void noneRunsBeforeItsTime() throws Exception {
    Entry entry = new Entry(0);
    entry.schedule(20 * MILLI);
    entry.done.await();
    assertTrue(System.nanoTime() - entry.earliest >= 0);
  }

  @Test
  void oneThatIsCancelledIsForgottenAtOnceThoughOthersAreDue() {
    Entry other = new Entry(0);
    other.schedule(HOUR);
    Entry cancelled = new Entry(1);
    cancelled.schedule(HOUR / 2);
    WeakReference<Entry> reference = new WeakReference<>(cancelled);
    timers.cancel(cancelled);
    cancelled = null;
    awaitForgotten(reference);
    timers.cancel(other);
  }

  /** It waits on, since another is due later, but must not hold what it waits for. */
  @Test
  void oneThatTheThreadWaitsForIsForgottenWhenItIsCancelled() throws Exception {
    holdTimer();
    Entry cancelled = new Entry(0);
    cancelled.schedule(HOUR / 2);
    hold.end.countDown();
    Awaitility.await().until(() -> hold.thread.getState() == Thread.State.TIMED_WAITING);
    Entry other = new Entry(1);
    other.schedule(HOUR);
    WeakReference<Entry> reference = new WeakReference<>(cancelled);
    timers.cancel(cancelled);
    cancelled = null;
    awaitForgotten(reference);
    timers.cancel(other);
  }

  /** The thread waits for the next, and must not hold the one that it ran before. */
  @Test
  void oneThatHasRunIsForgottenThoughOthersAreDue() throws Exception {
    Entry other = new Entry(0);
    other.schedule(HOUR);
    WeakReference<Entry> reference = new WeakReference<>(runOne());
    ran.clear();
    awaitForgotten(reference);
    timers.cancel(other);
  }

  private Entry runOne() throws InterruptedException {
    Entry entry = new Entry(1);
    entry.schedule(0);
    entry.done.await();
    return entry;
  }

  private static void awaitForgotten(WeakReference<?> reference) {
    Awaitility.await()
        .until(
            () -> {
              System.gc();
              return reference.get() == null;
            });
  }

  @Test
  void oneThatIsCancelledDoesNotRun() throws Exception {
    holdTimer();
    Entry first = new Entry(0);
    first.schedule(0);
    Entry second = new Entry(1);
    second.schedule(0);
    timers.cancel(first);
    timers.cancel(first);
    hold.end.countDown();
    second.done.await();
    awaitEnd(hold.thread);
    assertEquals(List.of(second), ran);
  }

  @Test
  void anEntryCanBeHadEarlier() throws Exception {
    Entry entry = new Entry(0);
    entry.schedule(HOUR);
    entry.schedule(0);
    entry.done.await();
    awaitEnd(entry.thread);
    assertEquals(List.of(entry), ran);
  }

  @Test
  void anEntryCanBePutOff() throws Exception {
    holdTimer();
    Entry putOff = new Entry(0);
    putOff.schedule(0);
    Entry other = new Entry(1);
    other.schedule(0);
    putOff.schedule(HOUR);
    hold.end.countDown();
    other.done.await();
    assertEquals(List.of(other), ran);
    timers.cancel(putOff);
    awaitEnd(hold.thread);
    assertEquals(List.of(other), ran);
  }

  @Test
  void theThreadEndsWhenNothingIsDueAndComesAgain() throws Exception {
    Entry first = runOne();
    awaitEnd(first.thread);
    Entry second = runOne();
    assertNotSame(first.thread, second.thread);
    awaitEnd(second.thread);
  }

  @Test
  void itEndsWhereTheLastIsCancelled() throws Exception {
    Entry kept = new Entry(0);
    kept.schedule(HOUR);
    Entry first = runOne();
    assertTrue(first.thread.isAlive());
    timers.cancel(kept);
    awaitEnd(first.thread);
  }

  @Test
  void theThreadIsADaemonWithNobodysClassLoader() throws Exception {
    holdTimer();
    assertTrue(hold.thread.isDaemon());
    assertEquals(null, hold.thread.getContextClassLoader());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void oneThatThrowsRunsAgain(boolean memory) throws Exception {
    int[] calls = new int[1];
    CountDownLatch over = new CountDownLatch(1);
    Entry broken =
        new Entry(0) {
          @Override
          public void run() {
            super.run();
            if (++calls[0] < 4) {
              if (memory) {
                throw new OutOfMemoryError("for the test");
              }
              throw new IllegalStateException("for the test");
            }
            over.countDown();
          }
        };
    broken.schedule(0);
    over.await();
    awaitEnd(broken.thread);
    assertEquals(4, calls[0]);
  }

  @Test
  void anEntryMayScheduleItself() throws Exception {
    CountDownLatch times = new CountDownLatch(5);
    Entry periodic =
        new Entry(0) {
          @Override
          public void run() {
            super.run();
            times.countDown();
            if (times.getCount() > 0) {
              schedule(times.getCount() % 2 * MILLI);
            }
          }
        };
    periodic.schedule(0);
    times.await();
    awaitEnd(periodic.thread);
    assertEquals(5, ran.size());
  }

  /** Against the set of what is to run; cancelled and put off at random, in any place. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void manyThatComeAndGoRunAsTheModelSays(long seed) throws Exception {
    Random random = new Random(seed);
    holdTimer();
    List<Entry> entries = new ArrayList<>();
    List<Entry> expected = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      int what = entries.isEmpty() ? 0 : random.nextInt(4);
      Entry entry = what < 2 ? new Entry(i) : entries.get(random.nextInt(entries.size()));
      if (what < 2) {
        entries.add(entry);
      }
      if (what < 3) {
        entry.schedule(random.nextInt(30) * MILLI);
        if (!expected.contains(entry)) {
          expected.add(entry);
        }
      } else {
        timers.cancel(entry);
        expected.remove(entry);
      }
    }
    hold.end.countDown();
    awaitEnd(hold.thread);
    assertInOrder();
    List<Integer> numbers = new ArrayList<>(ran.stream().map(entry -> entry.number).toList());
    Collections.sort(numbers);
    assertEquals(expected.stream().map(entry -> entry.number).sorted().toList(), numbers);
  }
}
