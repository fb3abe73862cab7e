package io.threadpool.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The queue with segments so small that their edges are crossed all the time: nothing lost, nothing
 * doubled, each producer's order kept, against close, late producers and the sweeper. The number of
 * rounds is {@code -Drace.rounds}; see {@link RaceTeam}.
 */
class QueueRaceTest {

  private static final int EACH = 40;

  /** What one producer appended as its n-th. */
  private static final class Entry {
    final int producer;
    final int number;
    final AtomicInteger taken = new AtomicInteger();
    volatile boolean dead;
    final AtomicBoolean removed = new AtomicBoolean();

    Entry(int producer, int number) {
      this.producer = producer;
      this.number = number;
    }
  }

  /** Takes what there is, until told that no more will come; checks each producer's order. */
  private static void consume(TaskQueue queue, AtomicBoolean over, List<Entry> into) {
    for (int turn = 0; ; turn++) {
      boolean last = over.get();
      Object entry = queue.poll();
      if (entry != null) {
        turn = 0;
        Entry e = (Entry) entry;
        assertEquals(1, e.taken.incrementAndGet(), "taken twice");
        into.add(e);
      } else if (last) {
        return;
      } else {
        RaceTeam.pause(turn);
      }
    }
  }

  private static void assertOrder(List<Entry> taken, int producers) {
    int[] next = new int[producers];
    for (Entry entry : taken) {
      assertTrue(entry.number >= next[entry.producer], "one producer's order is not kept");
      next[entry.producer] = entry.number + 1;
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void producersAndConsumers(int segmentSize) throws Exception {
    int rounds = RaceTeam.rounds(1_500);
    try (RaceTeam team = new RaceTeam(4)) {
      for (int i = 0; i < rounds; i++) {
        TaskQueue queue = new TaskQueue(segmentSize, Long.MAX_VALUE);
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger producing = new AtomicInteger(2);
        List<Entry> one = new ArrayList<>();
        List<Entry> two = new ArrayList<>();
        team.race(
            () -> produce(queue, 0, producing, over),
            () -> produce(queue, 1, producing, over),
            () -> consume(queue, over, one),
            () -> consume(queue, over, two));
        assertEquals(2 * EACH, one.size() + two.size(), "entries lost");
        assertOrder(one, 2);
        assertOrder(two, 2);
        assertNull(queue.poll());
        assertEquals(2 * EACH, queue.accepted());
        assertEquals(0, queue.length());
        assertEquals(false, queue.hasWork());
      }
    }
    RaceTeam.print(
        "2 producers, 2 consumers, segments of " + segmentSize, rounds, 2 * EACH + " entries each");
  }

  private static void produce(
      TaskQueue queue, int producer, AtomicInteger producing, AtomicBoolean over) {
    for (int n = 0; n < EACH; n++) {
      assertTrue(queue.offer(new Entry(producer, n)) >= 0);
    }
    if (producing.decrementAndGet() == 0) {
      over.set(true);
    }
  }

  /** The closes alone, many in a row, so that some come amid an offer; drained afterwards. */
  @Test
  void manyClosesAgainstOffer() throws Exception {
    int batch = 1_000;
    int rounds = 1 + RaceTeam.rounds(50_000) / batch;
    long accepted = 0;
    try (RaceTeam team = new RaceTeam(2)) {
      for (int i = 0; i < rounds; i++) {
        TaskQueue[] queues = new TaskQueue[batch];
        Arrays.setAll(queues, n -> new TaskQueue(64, Long.MAX_VALUE));
        long[] in = new long[batch];
        team.race(
            () -> {
              for (TaskQueue queue : queues) {
                for (int turn = 0; queue.length() < 2; turn++) {
                  RaceTeam.pause(turn); // Until the producer has come to this one.
                }
                queue.close();
              }
            },
            () -> {
              for (int n = 0; n < batch; n++) {
                while (queues[n].offer("a task") >= 0) {
                  if (++in[n] > 1_000) {
                    Thread.yield(); // To the closer, before the heap is full.
                  }
                }
              }
            });
        for (int n = 0; n < batch; n++) {
          long out = 0;
          while (!queues[n].isDrained()) {
            out += queues[n].poll() == null ? 0 : 1;
          }
          assertEquals(in[n], out, "accepted and not drained, or refused and drained");
          accepted += out;
        }
      }
    }
    RaceTeam.print("closes against offers", rounds * batch, accepted + " accepted");
  }

  /**
   * What was offered successfully is taken before the queue says that it is drained; no more is.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void closeAgainstOffer(int segmentSize) throws Exception {
    int rounds = RaceTeam.rounds(1_500);
    long accepted = 0;
    try (RaceTeam team = new RaceTeam(4)) {
      for (int i = 0; i < rounds; i++) {
        TaskQueue queue = new TaskQueue(segmentSize, Long.MAX_VALUE);
        AtomicInteger in = new AtomicInteger();
        List<Entry> taken = new ArrayList<>();
        RaceTeam.Action producer =
            () -> {
              int n = 0;
              while (queue.offer(new Entry(0, n)) >= 0) {
                if (++n > 50_000) {
                  Thread.yield(); // To the closer, before the heap is full.
                }
              }
              in.addAndGet(n);
              assertEquals(TaskQueue.CLOSED, queue.offer(new Entry(0, n)), "open again");
            };
        team.race(
            () -> {
              RaceTeam.jitter(5_000);
              queue.close();
            },
            producer,
            producer,
            () -> {
              for (int turn = 0; !queue.isDrained(); turn++) {
                Object entry = queue.poll();
                if (entry != null) {
                  assertEquals(1, ((Entry) entry).taken.incrementAndGet());
                  taken.add((Entry) entry);
                  turn = 0;
                } else {
                  RaceTeam.pause(turn);
                }
              }
            });
        assertNull(queue.poll());
        assertEquals(in.get(), taken.size(), "accepted and not drained, or refused and drained");
        assertEquals(in.get(), queue.accepted());
        assertEquals(0, queue.length());
        accepted += in.get();
      }
    }
    RaceTeam.print(
        "close against offer, segments of " + segmentSize, rounds, accepted + " accepted");
  }

  /** Producers that stop or fail between claim and fill lose nothing of the others', nor theirs. */
  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void lateAndFailingProducers(int segmentSize) throws Exception {
    int rounds = RaceTeam.rounds(400);
    long failures = 0;
    try (RaceTeam team = new RaceTeam(4)) {
      for (int i = 0; i < rounds; i++) {
        TaskQueue queue =
            HookedQueue.of(
                segmentSize,
                Long.MAX_VALUE,
                index -> {
                  int dice = ThreadLocalRandom.current().nextInt(16);
                  if (dice == 0) {
                    throw new InternalError("for the test");
                  } else if (dice < 3) {
                    RaceTeam.jitter(6_000);
                  }
                });
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger producing = new AtomicInteger(2);
        AtomicInteger in = new AtomicInteger();
        AtomicInteger failed = new AtomicInteger();
        List<Entry> one = new ArrayList<>();
        List<Entry> two = new ArrayList<>();
        RaceTeam.Action[] producers = new RaceTeam.Action[2];
        for (int p = 0; p < 2; p++) {
          int producer = p;
          producers[p] =
              () -> {
                for (int n = 0; n < EACH; n++) {
                  try {
                    assertTrue(queue.offer(new Entry(producer, n)) >= 0);
                    in.incrementAndGet();
                  } catch (InternalError expected) {
                    failed.incrementAndGet();
                  }
                }
                if (producing.decrementAndGet() == 0) {
                  over.set(true);
                }
              };
        }
        team.race(
            producers[0],
            producers[1],
            () -> consume(queue, over, one),
            () -> consume(queue, over, two));
        assertEquals(in.get(), one.size() + two.size());
        assertOrder(one, 2);
        assertOrder(two, 2);
        assertEquals(in.get(), queue.accepted(), "accepted() counts what was given up");
        assertNull(queue.poll());
        queue.close();
        while (!queue.isDrained()) {
          assertNull(queue.poll());
        }
        assertEquals(in.get(), queue.accepted());
        failures += failed.get();
      }
    }
    RaceTeam.print(
        "late and failing producers, segments of " + segmentSize, rounds, failures + " failed");
  }

  /** A slot whose producer is late is no dead entry: its segment stays where it can be found. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void sweepSparesTheSlotOfALateProducer(int segmentSize) throws Exception {
    for (int position = 0; position < 3 * segmentSize; position++) {
      CountDownLatch stopped = new CountDownLatch(1);
      CountDownLatch release = new CountDownLatch(1);
      int late = position;
      TaskQueue queue =
          HookedQueue.of(
              segmentSize,
              Long.MAX_VALUE,
              index -> {
                if (index == late) {
                  stopped.countDown();
                  Latches.uninterruptibly(release);
                }
              });
      for (int n = 0; n < position; n++) {
        queue.offer(dead(n));
      }
      Entry entry = new Entry(0, position);
      Thread producer = new Thread(() -> queue.offer(entry));
      producer.start();
      stopped.await();
      for (int n = 0; n < 3 * segmentSize; n++) {
        queue.offer(dead(n));
      }
      AtomicInteger swept = new AtomicInteger();
      sweep(queue, swept);
      release.countDown();
      producer.join();
      sweep(queue, swept);
      List<Object> left = new ArrayList<>();
      for (Object taken = queue.poll(); taken != null; taken = queue.poll()) {
        left.add(taken);
      }
      assertEquals(List.of(entry), left, "position " + position);
      assertEquals(position + 3 * segmentSize, swept.get());
      assertEquals(0, queue.length());
    }
  }

  private static Entry dead(int number) {
    Entry entry = new Entry(1, number);
    entry.dead = true;
    return entry;
  }

  /**
   * The sweeper against consumers and producers: the live are all taken, in order; length is kept.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 4, 8})
  void sweepAgainstAll(int segmentSize) throws Exception {
    int rounds = RaceTeam.rounds(1_500);
    AtomicLong sweptAll = new AtomicLong();
    try (RaceTeam team = new RaceTeam(4)) {
      for (int i = 0; i < rounds; i++) {
        TaskQueue queue = new TaskQueue(segmentSize, Long.MAX_VALUE);
        List<Entry> before = new ArrayList<>();
        for (int n = 0; n < EACH; n++) {
          Entry entry = new Entry(0, n);
          entry.dead = n % 8 != 0;
          before.add(entry);
          queue.offer(entry);
        }
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger swept = new AtomicInteger();
        AtomicInteger deadTaken = new AtomicInteger();
        List<Entry> one = new ArrayList<>();
        List<Entry> more = new ArrayList<>();
        AtomicInteger producing = new AtomicInteger(1);
        team.race(
            () -> {
              for (int n = 0; n < EACH; n++) {
                Entry entry = new Entry(1, n);
                entry.dead = n % 4 != 0;
                more.add(entry);
                queue.offer(entry);
              }
              if (producing.decrementAndGet() == 0) {
                over.set(true);
              }
            },
            () -> {
              RaceTeam.jitter(3_000);
              consume(queue, over, one);
            },
            () -> {
              while (!over.get()) {
                sweep(queue, swept);
                Thread.yield();
              }
              sweep(queue, swept);
            },
            () -> {
              for (int n = 0; n < 8; n++) {
                Object entry = queue.poll();
                if (entry != null) {
                  Entry e = (Entry) entry;
                  e.taken.incrementAndGet();
                  tookOne(queue, e, deadTaken);
                }
              }
            });
        for (Entry entry : one) {
          tookOne(queue, entry, deadTaken);
        }
        before.addAll(more);
        int dead = 0;
        for (Entry entry : before) {
          dead += entry.dead ? 1 : 0;
          assertTrue(entry.taken.get() <= 1, "taken twice");
          assertEquals(
              entry.dead ? entry.removed.get() : true, entry.dead || entry.taken.get() == 1);
        }
        assertOrder(one, 2);
        assertEquals(dead, swept.get() + deadTaken.get(), "dead entries swept or taken, once");
        sweptAll.addAndGet(swept.get());
        // What is behind the head does not count; what is ahead does, to the last.
        for (int n = 0; n < 5; n++) {
          queue.offer(new Entry(0, n));
        }
        assertTrue(Math.abs(queue.length() - 5) <= segmentSize, () -> "length " + queue.length());
      }
    }
    RaceTeam.print(
        "sweep against take and offer, segments of " + segmentSize, rounds, sweptAll + " swept");
  }

  private static void sweep(TaskQueue queue, AtomicInteger swept) {
    queue.sweep(
        entry -> ((Entry) entry).dead && !((Entry) entry).removed.get(),
        entry -> {
          boolean ours = ((Entry) entry).removed.compareAndSet(false, true);
          if (ours) {
            swept.incrementAndGet();
          }
          return ours;
        });
  }

  /** As the pool does with an entry that it has taken. */
  private static void tookOne(TaskQueue queue, Entry entry, AtomicInteger deadTaken) {
    if (entry.dead) {
      if (entry.removed.compareAndSet(false, true)) {
        deadTaken.incrementAndGet();
      } else {
        queue.tookSwept();
      }
    }
  }

  /** The rough limit lets about so many in, and lets more in as soon as they are taken. */
  @Test
  void roughLimitAgainstTake() throws Exception {
    int rounds = RaceTeam.rounds(500);
    long limit = 64;
    int segmentSize = 8;
    try (RaceTeam team = new RaceTeam(3)) {
      for (int i = 0; i < rounds; i++) {
        TaskQueue queue = new TaskQueue(segmentSize, limit);
        AtomicInteger in = new AtomicInteger();
        AtomicInteger out = new AtomicInteger();
        AtomicBoolean over = new AtomicBoolean();
        RaceTeam.Action producer =
            () -> {
              for (int n = 0; n < 200; n++) {
                if (queue.offer("entry") >= 0) {
                  in.incrementAndGet();
                }
                long more = in.get() - out.get();
                assertTrue(more <= limit + 3L * segmentSize, () -> "far over the limit: " + more);
              }
            };
        team.race(
            producer,
            producer,
            () -> {
              RaceTeam.jitter(20_000);
              for (int n = 0; n < 100; n++) {
                if (queue.poll() != null) {
                  out.incrementAndGet();
                }
              }
            });
        while (queue.poll() != null) {
          out.incrementAndGet();
        }
        assertEquals(in.get(), out.get());
        assertTrue(in.get() >= limit - segmentSize);
        assertTrue(queue.offer("one") >= 0, "full though it is empty");
      }
    }
    RaceTeam.print("rough limit against take", rounds, "never far over it");
  }
}
