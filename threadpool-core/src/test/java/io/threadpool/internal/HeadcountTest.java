package io.threadpool.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Who may come and who may leave, played by one thread. */
class HeadcountTest {

  private static Headcount of(int min, int max, int alive) {
    Headcount headcount = new Headcount(0, new Notice());
    headcount.resize(min, max);
    for (int i = 0; i < alive; i++) {
      assertTrue(headcount.tryEnter());
      headcount.came();
    }
    return headcount;
  }

  /** Else it would be awake, and counted as if it were not. */
  @Test
  void whoWasWokenStaysAndIsCounted() {
    Headcount headcount = of(0, 1, 1);
    Parker parker = new Parker(0);
    parker.mayLeave = true;
    assertTrue(parker.mark(Parker.SEARCHING));
    assertFalse(headcount.tryLeave(parker, System.nanoTime()));
    assertEquals(1, headcount.alive());
    assertEquals(Parker.SEARCHING, parker.signal);
  }

  @Test
  void whoLeavesIsNotWoken() {
    Headcount headcount = of(0, 1, 1);
    Parker parker = new Parker(0);
    parker.mayLeave = true;
    assertTrue(headcount.tryLeave(parker, System.nanoTime()));
    assertEquals(0, headcount.alive());
    assertFalse(parker.mark(Parker.SEARCHING));
    assertEquals(Parker.DORMANT, parker.signal);
  }

  /** Else nobody would be asked for meanwhile, though nobody comes. */
  @Test
  void whoHasLeftBeforeItsStartIsNotedIsNotComing() {
    Headcount headcount = of(0, 2, 1);
    assertEquals(1, headcount.unstarted());
    assertTrue(headcount.tryLeave(sleeping(), System.nanoTime()));
    assertEquals(0, headcount.unstarted());
    headcount.started();
    assertEquals(0, headcount.unstarted());
  }

  @Test
  void asManyStayAsAreToStay() {
    Headcount headcount = of(1, 2, 2);
    assertTrue(headcount.tryLeave(sleeping(), System.nanoTime()));
    assertFalse(headcount.tryLeave(sleeping(), System.nanoTime()));
    assertFalse(headcount.tryLeave());
    assertEquals(1, headcount.alive());
    assertFalse(headcount.isShort());
  }

  @Test
  void whoIsTooMuchLeavesAwakeAndAtOnce() {
    Headcount headcount = of(2, 2, 2);
    assertFalse(headcount.isElastic());
    headcount.resize(1, 1);
    assertTrue(headcount.isShrinking());
    assertTrue(headcount.isElastic());
    assertEquals(0, headcount.untilLeaving(System.nanoTime()));
    assertTrue(headcount.tryLeave());
    assertFalse(headcount.tryLeave());
    assertFalse(headcount.isShrinking(), "everybody looks for ever");
    assertEquals(1, headcount.alive());
  }

  /** One after the other: so that a lull does not cost all. */
  @Test
  void eachWaitsForItsShareAfterTheLast() {
    long keepAlive = 1_000_000_000_000L;
    Headcount headcount = new Headcount(keepAlive, new Notice());
    headcount.resize(0, 4);
    for (int i = 0; i < 4; i++) {
      assertTrue(headcount.tryEnter());
      headcount.came();
    }
    long asleep = System.nanoTime() - keepAlive;
    assertTrue(headcount.untilLeaving(asleep) <= 0);
    assertTrue(headcount.tryLeave(sleeping(), asleep));
    long left = headcount.untilLeaving(asleep);
    assertTrue(left > 0 && left <= keepAlive, () -> left + " ns");
    assertFalse(headcount.tryLeave(sleeping(), asleep));
  }

  /** The factory may hold that up, or its thread be dead. */
  @Test
  void nobodyLeavesInFavourOfOneThatHasNotCome() {
    Headcount elastic = of(1, 2, 1);
    assertTrue(elastic.tryEnter());
    assertEquals(1, elastic.awaited());
    assertTrue(elastic.untilLeaving(System.nanoTime()) > 0);
    assertFalse(elastic.tryLeave(sleeping(), System.nanoTime()));
    Headcount resized = of(2, 2, 1);
    assertTrue(resized.tryEnter());
    resized.resize(1, 1);
    assertFalse(resized.tryLeave());
    assertTrue(resized.isShrinking(), "the late one is to look");
    resized.came();
    assertTrue(resized.tryLeave());
    assertEquals(1, resized.come());
    assertFalse(resized.tryLeave());
  }

  @Test
  void whoDoesNotComeIsCountedOutAsOneThatIsAwaited() {
    Headcount headcount = of(0, 4, 2);
    assertTrue(headcount.tryEnter());
    headcount.lost(false);
    headcount.notStarted();
    headcount.lost(true);
    assertEquals(1, headcount.alive());
    assertEquals(1, headcount.come());
    assertEquals(0, headcount.awaited());
  }

  /** Else a size that was asked for meanwhile is taken back, down to none. */
  @Test
  void nothingIsLostForGoodWhereTheBoundsWereChanged() {
    Headcount fixed = of(3, 3, 3);
    assertFalse(fixed.grows());
    for (int left = 2; left >= 0; left--) { // Two who look at once may each have found one.
      fixed.lost(true);
      fixed.lostForGood(1);
      assertEquals(Math.max(1, left), fixed.max());
    }
    for (int size : new int[] {2, 3}) {
      Headcount resized = of(3, 3, 3);
      resized.resize(size, size);
      resized.lost(true);
      resized.lostForGood(1);
      assertTrue(resized.grows());
      assertEquals(size, resized.max());
    }
  }

  /** It sleeps since before the other came, who is the one that is woken from then on. */
  @Test
  void whoCannotLeaveForOneThatIsComingLooksAgain() {
    Headcount headcount = new Headcount(20_000_000, new Notice());
    headcount.resize(1, 2);
    assertTrue(headcount.tryEnter());
    headcount.came();
    long asleep = System.nanoTime();
    assertEquals(Long.MAX_VALUE, headcount.untilLeaving(asleep));
    assertTrue(headcount.tryEnter());
    assertEquals(20_000_000, headcount.untilLeaving(asleep));
    assertFalse(headcount.tryLeave(sleeping(), asleep - 1_000_000_000));
    headcount.came();
    assertTrue(headcount.tryLeave(sleeping(), asleep - 1_000_000_000));
  }

  private static Parker sleeping() {
    Parker parker = new Parker(0);
    parker.mayLeave = true;
    return parker;
  }
}
