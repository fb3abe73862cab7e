package io.threadpool.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The word of the idle workers, played by one thread. */
class IdleWorkersTest {

  private final Parker[] parkers = {parker(0), parker(1), parker(2)};
  private final TaskQueue queue = new TaskQueue(1, 1);
  private final IdleWorkers idle = new IdleWorkers(parkers, queue);

  private static Parker parker(int id) {
    Parker parker = new Parker(id);
    parker.thread = Thread.currentThread();
    return parker;
  }

  private void assertWoken(int... signals) {
    for (int i = 0; i < signals.length; i++) {
      assertEquals(signals[i], parkers[i].signal, "signal of worker " + i);
    }
  }

  @Test
  void lastInFirstOutAndOneSearcher() {
    idle.register(parkers[0], false);
    idle.register(parkers[1], false);
    idle.wakeOne();
    assertWoken(Parker.NONE, Parker.SEARCHING, Parker.NONE);
    idle.wakeOne();
    assertWoken(Parker.NONE, Parker.SEARCHING, Parker.NONE);
    assertFalse(idle.trySearch());
    idle.stopSearching();
    idle.wakeOne();
    assertWoken(Parker.SEARCHING, Parker.SEARCHING, Parker.NONE);
  }

  @Test
  void nobodyIsWokenWhileOneIsOnTheLookout() {
    idle.register(parkers[0], false);
    assertTrue(idle.standDown(parkers[1]));
    assertFalse(idle.standDown(parkers[2]), "there is one");
    assertTrue(idle.hasLookout());
    idle.wakeOne();
    assertWoken(Parker.NONE, Parker.NONE, Parker.NONE);
  }

  private void goDormant(int id) {
    parkers[id].mayLeave = true;
    idle.register(parkers[id], false);
    assertTrue(parkers[id].goDormant());
  }

  @Test
  void whoPopsOneThatHasLeftGoesOn() {
    idle.register(parkers[0], false);
    goDormant(1);
    goDormant(2);
    assertTrue(idle.wakeOne());
    assertWoken(Parker.SEARCHING, Parker.DORMANT, Parker.DORMANT);
    assertTrue(idle.hasSearcher());
  }

  /** So that the caller says so, and no other counts on a searcher that there is not. */
  @Test
  void whoFindsOnlySomeThatHaveLeftFindsNobody() {
    goDormant(0);
    goDormant(1);
    assertFalse(idle.wakeOne());
    assertFalse(idle.hasSearcher());
    assertFalse(idle.wakeOne());
  }

  /** It was popped, and its run has left, whichever came first. */
  @Test
  void aPlaceIsUsedAgainAfterBothSteps() {
    goDormant(0);
    goDormant(1);
    idle.vacate(parkers[0]);
    assertNull(idle.takeVacant(), "still on the stack");
    idle.wakeAll();
    assertSame(parkers[0], idle.takeVacant());
    assertEquals(Parker.NONE, parkers[0].signal);
    assertNull(idle.takeVacant(), "its run has not left");
    idle.vacate(parkers[1]);
    assertSame(parkers[1], idle.takeVacant());
    goDormant(0);
    assertNull(idle.takeVacant());
  }

  /** The counter by which, of two whose windows overlap, one stands down. */
  @Test
  void oneAtATimeTriesToStandDown() {
    long before = idle.trials();
    assertTrue(idle.tryTrial(before));
    assertFalse(idle.tryTrial(before), "another has, meanwhile");
    assertTrue(idle.tryTrial(idle.trials()));
  }

  @Test
  void whoEndsTheLookoutCanWakeTheTop() {
    idle.standDown(parkers[0]);
    idle.standDown(parkers[1]);
    idle.endLookout();
    assertFalse(idle.hasLookout());
    idle.wakeOne();
    assertWoken(Parker.NONE, Parker.SEARCHING, Parker.NONE);
    idle.endLookout(); // Of none.
    assertTrue(idle.hasSearcher());
  }

  @Test
  void whoFindsNothingRelievesTheLookout() {
    idle.standDown(parkers[0]);
    assertTrue(idle.trySearch());
    assertTrue(idle.hasLookout(), "a search may still find something");
    idle.register(parkers[1], true);
    assertFalse(idle.hasLookout());
    assertFalse(idle.hasSearcher());
    idle.wakeOne();
    assertWoken(Parker.NONE, Parker.SEARCHING, Parker.NONE);
  }

  @Test
  void wakingAllWakesTheLookout() {
    idle.standDown(parkers[0]);
    idle.standDown(parkers[1]);
    idle.standDown(parkers[2]);
    idle.wakeAll();
    assertWoken(Parker.PLAIN, Parker.PLAIN, Parker.PLAIN);
    assertFalse(idle.hasLookout());
  }

  /** Else a waker that was descheduled amid its pop would put back a worker that is awake. */
  @Test
  void noStateOfTheStackComesBack() {
    List<Runnable> changes =
        List.of(
            () -> idle.register(parkers[0], false),
            () -> idle.register(parkers[1], false),
            idle::wakeOne,
            idle::stopSearching,
            () -> idle.standDown(parkers[1]),
            idle::endLookout,
            idle::wakeAll,
            idle::trySearch,
            () -> idle.register(parkers[0], true),
            idle::wakeAll);
    Set<Long> seen = new HashSet<>();
    for (int i = 0; i < 1_000; i++) {
      for (Runnable change : changes) {
        long before = queue.line.sleepers;
        change.run();
        assertTrue(queue.line.sleepers != before, "nothing was changed");
        assertTrue(seen.add(queue.line.sleepers), "the same word again");
      }
    }
  }
}
