package io.threadpool.internal;

import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.Test;

/** A consumer's slot, while another thread looks. */
class HeldSlotRaceTest {

  private static final class Consumer extends HeldSlot {
    Consumer() {
      super(Thread.currentThread());
    }
  }

  /** Who sees that the head has moved sees the entry, as tried or as held. */
  @Test
  void whatWasTakenIsNeverInvisible() throws Exception {
    int rounds = RaceTeam.rounds(20_000);
    Object entry = new Object();
    try (RaceTeam team = new RaceTeam(2)) {
      for (int round = 0; round < rounds; round++) {
        TaskQueue queue = new TaskQueue(1, Long.MAX_VALUE);
        queue.offer(entry);
        queue.close();
        Consumer consumer = new Consumer();
        team.race(
            () -> assertSame(entry, queue.poll(consumer)),
            () -> {
              while (!queue.isDrained()) {
                Thread.onSpinWait();
              }
              Object seen = consumer.triedEntry();
              assertSame(entry, seen == null ? consumer.heldEntry() : seen);
            });
      }
    }
    RaceTeam.print("HeldSlotRaceTest.whatWasTakenIsNeverInvisible", rounds, "taken and seen");
  }
}
