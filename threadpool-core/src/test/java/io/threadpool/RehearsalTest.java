package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RehearsalTest {

  @Test
  void leavesTheThreadAsItWas() {
    ClassLoader loader = Thread.currentThread().getContextClassLoader();
    String name = Thread.currentThread().getName();
    assertTrue(Rehearsal.rehearse(), "the books");
    assertFalse(Thread.interrupted());
    Thread.currentThread().interrupt();
    Rehearsal.rehearse();
    assertTrue(Thread.interrupted());
    assertSame(loader, Thread.currentThread().getContextClassLoader());
    assertEquals(name, Thread.currentThread().getName());
  }

  /** A thread's interrupt may be user code: one that closes a connection, say. */
  @Test
  void doesNotInterruptWhoBuildsThePool() throws InterruptedException {
    AtomicInteger interrupts = new AtomicInteger();
    Thread builder =
        new Thread(Rehearsal::rehearse) {
          @Override
          public void interrupt() {
            interrupts.incrementAndGet();
            super.interrupt();
          }
        };
    builder.start();
    builder.join();
    assertEquals(0, interrupts.get());
  }

  /** The JDK counts the factories for the names of the threads that they make. */
  @Test
  void leavesTheNamesOfOtherPoolsAsTheyWere() {
    int before = numberOfNextPool();
    Rehearsal.rehearse();
    assertEquals(before + 1, numberOfNextPool());
  }

  private static int numberOfNextPool() {
    String name = Executors.defaultThreadFactory().newThread(() -> {}).getName();
    return Integer.parseInt(name.split("-")[1]);
  }

  @Test
  void leavesTheFramesOfATaskThatBuildsAPool(Pools pools) {
    WorkerPool pool = pools.fixed(1);
    Task<Boolean> nested =
        pool.submit(
            () -> {
              Frame before = Frame.current();
              Rehearsal.rehearse();
              return before != null && Frame.current() == before;
            });
    assertEquals(true, nested.join());
  }
}
