package io.threadpool.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * The queue's books where slots are given up, segments never come to be, entries are swept out:
 * what was accepted is taken, once, and each producer's order is kept.
 */
class QueueCheck {

  private static final int SIZE = 1;

  /** What one producer appended as its n-th. */
  private record Entry(int producer, int number) {}

  private static List<Entry> drain(TaskQueue queue) {
    List<Entry> taken = new ArrayList<>();
    for (Object entry = queue.poll(); entry != null; entry = queue.poll()) {
      taken.add((Entry) entry);
    }
    return taken;
  }

  private static void assertOrder(List<Entry> taken) {
    int[] next = new int[2];
    for (Entry entry : taken) {
      assertTrue(entry.number >= next[entry.producer], "order");
      next[entry.producer] = entry.number + 1;
    }
  }

  private static void assertEmpty(TaskQueue queue, int accepted) {
    assertEquals(accepted, queue.accepted(), "accepted");
    assertEquals(0, queue.length(), "length");
    assertFalse(queue.hasWork(), "has work");
    assertNull(queue.poll());
  }

  @Test
  void givenUpAgainstLateFill() {
    Explorer.explore(
        "a slot given up against its late fill",
        3_000,
        () -> {
          TaskQueue queue = new TaskQueue(SIZE, Long.MAX_VALUE);
          List<Entry> taken = new ArrayList<>();
          Explorer.together(
              () -> {
                queue.offer(new Entry(0, 0));
                queue.offer(new Entry(0, 1));
              },
              () -> queue.offer(new Entry(1, 0)),
              () -> {
                for (int i = 0; i < 2; i++) {
                  Entry entry = (Entry) queue.poll();
                  if (entry != null) {
                    taken.add(entry);
                  }
                }
              });
          taken.addAll(drain(queue));
          assertEquals(3, taken.size(), "lost or doubled");
          assertOrder(taken);
          assertEmpty(queue, 3);
        });
  }

  @Test
  void failingProducer() {
    Explorer.explore(
        "a producer that fails between claim and fill, against another and take",
        3_000,
        () -> {
          TaskQueue queue =
              new TaskQueue(SIZE, Long.MAX_VALUE) {
                @Override
                public void onClaim(long index) {
                  if (Thread.currentThread().getName().equals("failing")) {
                    throw new IllegalStateException("for the test");
                  }
                }
              };
          List<Entry> taken = new ArrayList<>();
          Explorer.together(
              () -> {
                Thread.currentThread().setName("failing");
                try {
                  queue.offer(new Entry(0, 0));
                } catch (IllegalStateException expected) {
                  assertEquals("for the test", expected.getMessage());
                }
              },
              () -> queue.offer(new Entry(1, 0)),
              () -> {
                Entry entry = (Entry) queue.poll();
                if (entry != null) {
                  taken.add(entry);
                }
              });
          taken.addAll(drain(queue));
          assertEquals(List.of(new Entry(1, 0)), taken);
          queue.close();
          assertTrue(drain(queue).isEmpty());
          assertTrue(queue.isDrained(), "not drained");
          assertEmpty(queue, 1);
        });
  }

  @Test
  void closeAgainstLateProducers() {
    Explorer.explore(
        "close and drain against two producers",
        3_000,
        () -> {
          TaskQueue queue = new TaskQueue(SIZE, Long.MAX_VALUE);
          AtomicInteger accepted = new AtomicInteger();
          List<Object> taken = new ArrayList<>();
          Explorer.together(
              () -> accepted.getAndAdd(queue.offer(new Entry(0, 0)) >= 0 ? 1 : 0),
              () -> accepted.getAndAdd(queue.offer(new Entry(1, 0)) >= 0 ? 1 : 0),
              () -> {
                queue.close();
                while (!queue.isDrained()) {
                  Object entry = queue.poll();
                  if (entry != null) {
                    taken.add(entry);
                  }
                }
              });
          assertEquals(accepted.get(), taken.size(), "accepted and not drained, or the reverse");
          assertEquals(TaskQueue.CLOSED, queue.offer(new Entry(0, 1)));
          assertEmpty(queue, accepted.get());
        });
  }

  @Test
  void roughLimitAgainstTake() {
    Explorer.explore(
        "the rough limit against take",
        2_000,
        () -> {
          TaskQueue queue = new TaskQueue(SIZE, 2);
          AtomicInteger accepted = new AtomicInteger();
          AtomicInteger taken = new AtomicInteger();
          Explorer.Step producer =
              () -> {
                for (int i = 0; i < 2; i++) {
                  accepted.getAndAdd(queue.offer(new Entry(0, i)) >= 0 ? 1 : 0);
                }
              };
          Explorer.together(
              producer, producer, () -> taken.getAndAdd(queue.poll() == null ? 0 : 1));
          taken.getAndAdd(drain(queue).size());
          assertEquals(accepted.get(), taken.get());
          assertTrue(accepted.get() >= 2, "full while there was room for all");
          assertTrue(queue.offer(new Entry(1, 0)) >= 0, "full though it was emptied");
        });
  }

  @Test
  void sweepAgainstTakeAndLateFill() {
    Explorer.explore(
        "sweep of dead entries against take and a late fill",
        3_000,
        () -> {
          TaskQueue queue = new TaskQueue(SIZE, Long.MAX_VALUE);
          AtomicInteger removed = new AtomicInteger();
          for (int i = 0; i < 2; i++) {
            queue.offer(new Dead());
          }
          List<Object> live = new ArrayList<>();
          Explorer.Step consumer =
              () -> {
                for (Object entry = queue.poll(); entry != null; entry = queue.poll()) {
                  if (!(entry instanceof Dead dead)) {
                    live.add(entry);
                  } else if (dead.remove()) {
                    removed.incrementAndGet();
                  } else {
                    queue.tookSwept();
                  }
                }
              };
          Explorer.together(
              consumer,
              () -> {
                queue.offer(new Entry(0, 0));
                queue.offer(new Entry(0, 1));
              },
              () ->
                  queue.sweep(
                      Dead.class::isInstance,
                      entry -> {
                        boolean ours = ((Dead) entry).remove();
                        removed.getAndAdd(ours ? 1 : 0);
                        return ours;
                      }));
          consumer.run();
          assertEquals(List.of(new Entry(0, 0), new Entry(0, 1)), live);
          assertEquals(2, removed.get());
          assertEmpty(queue, 4);
        });
  }

  /** An entry that only waits to be removed. */
  private static final class Dead {
    private final AtomicInteger removed = new AtomicInteger();

    boolean remove() {
      return removed.getAndSet(1) == 0;
    }
  }
}
