package io.threadpool.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PermitsTest {

  private static final long FOREVER = Long.MAX_VALUE;
  private static final List<String> NAMES = List.of("GRANTED", "TIMEOUT", "INTERRUPTED", "CLOSED");

  private final Permits permits = new Permits(1);
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();

  /** Starts a thread that waits for a permit, and returns when it does, or no longer does. */
  private Thread waiter(String name, long nanos) {
    Thread thread =
        new Thread(() -> answers.add(name + " " + NAMES.get(permits.acquire(nanos))), name);
    thread.start();
    Set<Thread.State> waiting =
        Set.of(Thread.State.WAITING, Thread.State.TIMED_WAITING, Thread.State.TERMINATED);
    await().until(() -> waiting.contains(thread.getState()));
    return thread;
  }

  private String answer() throws InterruptedException {
    return answers.poll(1, TimeUnit.MINUTES);
  }

  @Test
  void thereAreAsManyAsTheCapacity() {
    Permits three = new Permits(3);
    for (int i = 0; i < 3; i++) {
      assertTrue(three.tryAcquire());
    }
    assertFalse(three.tryAcquire());
    three.release();
    assertTrue(three.tryAcquire());
    assertFalse(three.tryAcquire());
  }

  @Test
  void waitersAreServedInTheOrderOfArrivalAndNotOvertaken() throws Exception {
    assertTrue(permits.tryAcquire());
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      threads.add(waiter("w" + i, FOREVER));
    }
    for (int i = 0; i < 5; i++) {
      permits.release();
      assertEquals("w" + i + " GRANTED", answer());
      assertFalse(permits.tryAcquire());
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }

  @Test
  void aWaiterThatLeavesKeepsTheOthersInLine() throws Exception {
    assertTrue(permits.tryAcquire());
    Thread first = waiter("first", FOREVER);
    Thread second = waiter("second", FOREVER);
    Thread third = waiter("third", FOREVER);
    second.interrupt();
    assertEquals("second INTERRUPTED", answer());
    permits.release();
    assertEquals("first GRANTED", answer());
    permits.release();
    assertEquals("third GRANTED", answer());
    permits.release();
    assertTrue(permits.tryAcquire());
    assertFalse(permits.tryAcquire());
    first.join();
    third.join();
  }

  @Test
  void timeRunsOutAndNothingIsTaken() {
    assertTrue(permits.tryAcquire());
    assertEquals(Permits.TIMED_OUT, permits.acquire(1));
    assertEquals(Permits.TIMED_OUT, permits.acquire(0));
    permits.release();
    assertTrue(permits.tryAcquire());
  }

  @Test
  void anInterruptedCallerKeepsItsFlagAndNeedsNoneWhereThereIsRoom() {
    Thread.currentThread().interrupt();
    assertEquals(Permits.GRANTED, permits.acquire(FOREVER));
    assertEquals(Permits.INTERRUPTED, permits.acquire(FOREVER));
    assertTrue(Thread.interrupted());
  }

  @Test
  void closingEndsEveryWait() throws Exception {
    assertTrue(permits.tryAcquire());
    Thread first = waiter("w", FOREVER);
    Thread second = waiter("w", FOREVER);
    permits.close();
    assertEquals("w CLOSED", answer());
    assertEquals("w CLOSED", answer());
    assertEquals(Permits.CLOSED, permits.acquire(FOREVER));
    permits.release();
    assertTrue(permits.tryAcquire());
    first.join();
    second.join();
  }

  /** What ends the wait comes first, and the permit before the waiter has left the line. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aPermitThatComesTooLateIsHandedBack(boolean closes) throws Exception {
    assertTrue(permits.tryAcquire());
    Thread thread = waiter("w", FOREVER);
    synchronized (permits) {
      if (closes) {
        permits.close();
      } else {
        thread.interrupt();
      }
      awaitBlocked(thread);
      permits.release();
    }
    assertEquals(closes ? "w CLOSED" : "w INTERRUPTED", answer());
    thread.join();
    assertTrue(permits.tryAcquire(), "the permit is lost");
    assertFalse(permits.tryAcquire());
  }

  /** Two come back, and the one that waits is about to be granted the first of them. */
  @Test
  void whoFindsAnotherJoiningTheLineIsNotRefused() throws Exception {
    assertTrue(permits.tryAcquire());
    permits.overdraw(); // So there are two to be given back, and a third after that.
    Thread thread = waiter("w", FOREVER);
    permits.release();
    Thread[] releasers = {new Thread(permits::release), new Thread(permits::release)};
    synchronized (permits) {
      for (Thread releaser : releasers) {
        releaser.start();
        awaitBlocked(releaser);
      }
      assertTrue(permits.tryAcquire(), "refused for one that waits for another");
    }
    assertEquals("w GRANTED", answer());
    for (Thread each : List.of(thread, releasers[0], releasers[1])) {
      each.join();
    }
    assertFalse(permits.tryAcquire());
  }

  @Test
  void aPermitThatComesWhenTheTimeHasRunOutIsTaken() throws Exception {
    assertTrue(permits.tryAcquire());
    for (long millis = 200; ; millis *= 2) {
      Thread thread = waiter("w", TimeUnit.MILLISECONDS.toNanos(millis));
      synchronized (permits) {
        if (thread.getState() == Thread.State.TIMED_WAITING) {
          awaitBlocked(thread);
          permits.release();
          break;
        }
      }
      assertEquals("w TIMEOUT", answer()); // It was not seen waiting; with more time it is.
    }
    assertEquals("w GRANTED", answer());
    assertFalse(permits.tryAcquire());
    permits.release();
    assertTrue(permits.tryAcquire());
  }

  private static void awaitBlocked(Thread thread) {
    await().until(() -> thread.getState() == Thread.State.BLOCKED);
  }

  private static ConditionFactory await() {
    return Awaitility.await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(2));
  }

  @Test
  void anOverdrawnAccountIsFilledFirst() {
    permits.overdraw();
    assertFalse(permits.isOverdrawn());
    permits.overdraw();
    assertTrue(permits.isOverdrawn());
    permits.release();
    assertFalse(permits.isOverdrawn());
    assertFalse(permits.tryAcquire());
    permits.release();
    assertTrue(permits.tryAcquire());
  }
}
