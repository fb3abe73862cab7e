package io.threadpool.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Errands. Unless a test says otherwise no time passes but where it looks itself, so that nothing
 * is taken over that was only kept off its processor.
 */
@Timeout(60)
class ErrandsTest {

  private static final long FOREVER = Long.MAX_VALUE;

  /** What would be due, and never is. */
  private final Queue<Timers.Entry> scheduled = new ConcurrentLinkedQueue<>();

  /** The threads that were made, in their order. */
  private final List<Thread> threads = Collections.synchronizedList(new ArrayList<>());

  private final AtomicInteger refusals = new AtomicInteger();
  private final Errands errands =
      new Errands(
          new Timers() {
            @Override
            public boolean schedule(Entry entry, long nanos) {
              return scheduled.add(entry);
            }
          },
          this::thread);

  /** What was done, in the order in which it began. */
  private final Queue<String> done = new ConcurrentLinkedQueue<>();

  private final List<Held> held = new ArrayList<>();

  private Thread thread(Runnable runner) {
    if (refusals.get() > 0) {
      refusals.decrementAndGet();
      throw new OutOfMemoryError("no thread, for the test");
    }
    Thread thread = new Thread(runner, "errand-" + threads.size());
    thread.setDaemon(true);
    threads.add(thread);
    return thread;
  }

  /** A piece that comes back when it is told to. */
  private final class Held implements Runnable {
    final String name;
    final CountDownLatch begun = new CountDownLatch(1);
    final CountDownLatch end = new CountDownLatch(1);
    volatile Thread thread;

    Held(String name) {
      this.name = name;
      held.add(this);
    }

    @Override
    public void run() {
      done.add(name);
      thread = Thread.currentThread();
      begun.countDown();
      Latches.uninterruptibly(end);
    }
  }

  /** An errand of so many pieces, told apart by their numbers. */
  private class Pieces extends Errands.Errand {
    final String name;
    final int count;
    final AtomicInteger next = new AtomicInteger();

    Pieces(String name, int count) {
      this.name = name;
      this.count = count;
    }

    @Override
    public boolean next() {
      int own = next.getAndIncrement();
      if (own >= count) {
        return false;
      }
      beginPiece();
      piece(own);
      return true;
    }

    void piece(int own) {
      done.add(name + own);
    }
  }

  /** Holds the runner. */
  private Held hold(String name) throws InterruptedException {
    Held piece = new Held(name);
    errands.post(piece);
    piece.begun.await();
    return piece;
  }

  private void post(String name) {
    errands.post(() -> done.add(name));
  }

  private static void until(BooleanSupplier condition) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .until(condition::getAsBoolean);
  }

  /** Looks, as the timer does, until something is so. */
  private void lookUntil(BooleanSupplier condition) {
    until(
        () -> {
          errands.run();
          return condition.getAsBoolean();
        });
  }

  /** Looks until another has taken over, and no longer, lest that one be taken for late, too. */
  private void lookUntilThreads(int count) {
    lookUntil(() -> threads.size() == count);
  }

  private void untilDone(String... expected) {
    until(() -> done.size() >= expected.length);
    assertEquals(List.of(expected), done());
  }

  private List<String> done() {
    return List.copyOf(done);
  }

  /** No thread stays. */
  @AfterEach
  void threadsEnd() {
    refusals.set(0);
    held.forEach(piece -> piece.end.countDown());
    lookUntil(() -> threads.stream().noneMatch(Thread::isAlive));
  }

  @Test
  void nextErrandSeesNothingOfTheLast() {
    ClassLoader other = new ClassLoader(null) {};
    errands.post(
        () -> {
          errands.post(
              () -> {
                Thread own = Thread.currentThread();
                done.add(own.getName());
                done.add(String.valueOf(own.getPriority()));
                done.add(String.valueOf(own.getContextClassLoader() == other));
                done.add(String.valueOf(own.isInterrupted()));
              });
          Thread own = Thread.currentThread();
          own.setName("left behind");
          own.setPriority(Thread.MIN_PRIORITY);
          own.setContextClassLoader(other);
          own.interrupt();
        });
    until(() -> done.size() == 4);
    assertEquals(List.of("errand-0", "5", "false", "false"), List.copyOf(done));
    assertEquals(1, threads.size());
  }

  /**
   * Who helps, and has no stack for it, leaves it to others: the next time it would be the same.
   */
  @Test
  void whoHelpsAtTheEndOfHisStackStandsBack() throws InterruptedException {
    refusals.set(Integer.MAX_VALUE);
    AtomicInteger tries = new AtomicInteger();
    errands.post(
        new Errands.Errand() {
          @Override
          public boolean next() {
            if (tries.getAndIncrement() == 0) {
              throw new StackOverflowError("for the test");
            }
            return false;
          }
        });
    Thread deep = new Thread(errands::help);
    deep.setDaemon(true);
    deep.start();
    deep.join(20_000);
    assertFalse(deep.isAlive(), "it tries again and again");
    assertEquals(1, tries.get());
    errands.help();
    assertEquals(2, tries.get());
    errands.help();
    assertEquals(2, tries.get());
  }

  @Test
  void piecesRunInTheirOrderOnOneThread() throws Exception {
    Held first = hold("first");
    for (int i = 0; i < 5; i++) {
      post("p" + i);
    }
    errands.post(new Pieces("q", 3));
    first.end.countDown();
    untilDone("first", "p0", "p1", "p2", "p3", "p4", "q0", "q1", "q2");
    assertEquals(1, threads.size());
  }

  @Test
  void theThreadEndsAndAnotherComes() throws Exception {
    post("one");
    untilDone("one");
    until(() -> !threads.get(0).isAlive());
    post("two");
    untilDone("one", "two");
    assertEquals(2, threads.size());
  }

  @Test
  void onePostedFirstComesBeforeAllOthersButWhatIsUnderWay() throws Exception {
    Held first = hold("first");
    post("behind");
    errands.postFirst(new Pieces("own", 1));
    first.end.countDown();
    untilDone("first", "own0", "behind");
  }

  /** An errand of many pieces lets one that is posted first pass. */
  @Test
  void itComesAmidTheErrandThatIsUnderWay() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    errands.post(
        new Pieces("many", 3) {
          @Override
          void piece(int own) {
            super.piece(own);
            started.countDown();
            Latches.uninterruptibly(end);
          }
        });
    started.await();
    errands.postFirst(new Pieces("own", 1));
    end.countDown();
    untilDone("many0", "own0", "many1", "many2");
  }

  @Test
  void oneThatBlocksIsTakenOverFromAndNotDoneAgain() throws Exception {
    Held blocked = hold("blocked");
    post("second");
    Held third = new Held("third");
    errands.post(third);
    post("last");
    lookUntilThreads(2);
    until(() -> third.begun.getCount() == 0);
    lookUntilThreads(3);
    untilDone("blocked", "second", "third", "last");
    assertNotSame(blocked.thread, third.thread);
    assertTrue(blocked.thread.isAlive());
  }

  /** Each piece once, though each of them blocks and is taken over. */
  @Test
  void whoTakesOverGoesOnWithTheNextPiece() {
    CountDownLatch end = new CountDownLatch(1);
    errands.post(
        new Pieces("p", 4) {
          @Override
          void piece(int own) {
            super.piece(own);
            Latches.uninterruptibly(end);
          }
        });
    for (int i = 1; i < 4; i++) {
      int begun = i;
      until(() -> done.size() == begun);
      lookUntilThreads(i + 1);
    }
    untilDone("p0", "p1", "p2", "p3");
    end.countDown();
    until(() -> threads.stream().noneMatch(Thread::isAlive));
    untilDone("p0", "p1", "p2", "p3");
  }

  /** Its thread ends, and does not run anything beside who has taken over. */
  @Test
  void oneThatComesBackLateDisturbsNobody() throws Exception {
    Held late = hold("late");
    Held second = new Held("second");
    errands.post(second);
    lookUntilThreads(2);
    until(() -> second.begun.getCount() == 0);
    post("third");
    late.end.countDown();
    until(() -> !late.thread.isAlive());
    assertEquals(List.of("late", "second"), done());
    second.end.countDown();
    untilDone("late", "second", "third");
  }

  /** Nor does it where it blocked amid an errand that others have finished, and that was posted. */
  @Test
  void aLatePieceDoesNotFinishWhatWasPostedAgain() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    AtomicInteger calls = new AtomicInteger();
    Errands.Errand errand =
        new Errands.Errand() {
          @Override
          public boolean next() {
            beginPiece();
            int call = calls.incrementAndGet();
            done.add("call " + call);
            if (call == 1) {
              Latches.uninterruptibly(end);
            }
            return false;
          }
        };
    errands.post(errand);
    untilDone("call 1");
    lookUntilThreads(2);
    untilDone("call 1", "call 2");
    until(() -> !threads.get(1).isAlive());
    Held holds = hold("holds");
    errands.post(errand);
    end.countDown();
    until(() -> !threads.get(0).isAlive());
    holds.end.countDown();
    untilDone("call 1", "call 2", "holds", "call 3");
  }

  @Test
  void postedAgainWhileItIsUnderWayItRunsOnceMore() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    AtomicInteger calls = new AtomicInteger();
    Errands.Errand errand =
        new Errands.Errand() {
          @Override
          public boolean next() {
            beginPiece();
            calls.incrementAndGet();
            started.countDown();
            Latches.uninterruptibly(end);
            return false;
          }
        };
    errands.post(errand);
    started.await();
    errands.post(errand);
    errands.post(errand);
    end.countDown();
    until(() -> !threads.get(0).isAlive());
    assertEquals(2, calls.get());
    assertEquals(1, threads.size());
  }

  @Test
  void postedTwiceBeforeItRunsItRunsOnce() throws Exception {
    Held first = hold("first");
    Errands.Errand errand =
        new Errands.Errand() {
          @Override
          public boolean next() {
            done.add("once");
            return false;
          }
        };
    errands.post(errand);
    post("behind");
    errands.post(errand);
    first.end.countDown();
    untilDone("first", "once", "behind");
  }

  @Test
  void whatTheCallerDoesHereGoesOnElsewhereWhereItBlocks() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    List<Thread> by = Collections.synchronizedList(new ArrayList<>());
    Errands.Errand errand =
        new Pieces("p", 3) {
          @Override
          void piece(int own) {
            by.add(Thread.currentThread());
            super.piece(own);
            if (own == 0) {
              Latches.uninterruptibly(end);
            }
          }
        };
    Thread caller = new Thread(() -> errands.here(errand), "caller");
    caller.setDaemon(true);
    caller.start();
    untilDone("p0");
    assertEquals(1, scheduled.size());
    scheduled.remove().run(); // Its time has come.
    untilDone("p0", "p1", "p2");
    assertTrue(caller.isAlive());
    end.countDown();
    caller.join(TimeUnit.SECONDS.toMillis(20));
    assertFalse(caller.isAlive());
    untilDone("p0", "p1", "p2");
    assertEquals(List.of(caller, threads.get(0), threads.get(0)), by);
  }

  @Test
  void whatTheCallerDoesHereIsDoneWhenItReturns() {
    errands.here(new Pieces("p", 3));
    assertEquals(List.of("p0", "p1", "p2"), done());
    assertEquals(List.of(), threads);
  }

  @Test
  void whoWaitsComesBackThoughOneIsBlocked() throws Exception {
    Held blocked = hold("blocked");
    post("other");
    errands.awaitQuiet(FOREVER, 1);
    assertTrue(blocked.thread.isAlive());
    lookUntil(() -> done().contains("other"));
    errands.awaitQuiet(FOREVER, 1);
    assertTrue(blocked.thread.isAlive());
  }

  @Test
  void whoWaitsWaitsForAllThatComeBack() {
    for (int i = 0; i < 1_000; i++) {
      post("p" + i);
    }
    errands.awaitQuiet(FOREVER, FOREVER);
    assertEquals(1_000, done.size());
  }

  @Test
  void whoIsInterruptedWaitsAllTheSameAndKeepsTheFlag() throws Exception {
    Held first = hold("first");
    Thread waiter =
        new Thread(
            () -> {
              Thread.currentThread().interrupt();
              errands.awaitQuiet(FOREVER, FOREVER);
              done.add("waited " + Thread.currentThread().isInterrupted());
            });
    waiter.start();
    until(() -> waiter.getState() == Thread.State.TIMED_WAITING);
    assertEquals(List.of("first"), done());
    first.end.countDown();
    waiter.join();
    assertEquals(List.of("first", "waited true"), done());
  }

  @Test
  void whoWaitsRunsThemWhereNoThreadCanBeStarted() {
    refusals.set(Integer.MAX_VALUE);
    List<Thread> by = Collections.synchronizedList(new ArrayList<>());
    errands.post(() -> by.add(Thread.currentThread()));
    errands.post(() -> by.add(Thread.currentThread()));
    assertEquals(List.of(), by);
    errands.awaitQuiet(FOREVER, FOREVER);
    assertEquals(List.of(Thread.currentThread(), Thread.currentThread()), by);
    assertEquals(List.of(), threads);
  }

  /** One that was made and cannot be started, for once. */
  @Test
  void theNextLookStartsOneWhereNoneCouldBeStarted() {
    refusals.set(1);
    post("piece");
    assertEquals(0, refusals.get());
    assertEquals(List.of(), threads);
    lookUntilThreads(1);
    untilDone("piece");
  }

  /** Nor is the late one forgotten. */
  @Test
  void whereNobodyCanTakeOverTheNextLookTriesAgain() throws Exception {
    Held blocked = hold("blocked");
    post("second");
    refusals.set(3);
    lookUntilThreads(2);
    assertEquals(0, refusals.get());
    untilDone("blocked", "second");
    blocked.end.countDown();
    until(() -> threads.stream().noneMatch(Thread::isAlive));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5})
  void whatLacksMemoryIsRepeated(int failures) {
    AtomicInteger calls = new AtomicInteger();
    errands.post(
        new Errands.Errand() {
          @Override
          public boolean next() {
            beginPiece();
            if (calls.incrementAndGet() <= failures) {
              throw new OutOfMemoryError("for the test");
            }
            done.add("done");
            return false;
          }
        });
    post("behind");
    untilDone("done", "behind");
    assertEquals(failures + 1, calls.get());
  }

  @Test
  void whatThrowsOtherwiseIsDroppedAndTheRestRuns() {
    AtomicInteger calls = new AtomicInteger();
    Errands.Errand broken =
        new Errands.Errand() {
          @Override
          public boolean next() {
            beginPiece();
            done.add("call " + calls.incrementAndGet());
            throw new IllegalStateException("for the test");
          }
        };
    errands.post(broken);
    errands.post(
        () -> {
          throw new LinkageError("for the test");
        });
    post("behind");
    untilDone("call 1", "behind");
    errands.post(broken);
    untilDone("call 1", "behind", "call 2");
    until(() -> threads.stream().noneMatch(Thread::isAlive));
    untilDone("call 1", "behind", "call 2");
  }

  /** It may be a pool's, which is then never noticed as forgotten. */
  @Test
  void anErrandThatWasLateIsNotKept() throws Exception {
    WeakReference<Object> late = new WeakReference<>(lateErrand());
    until(() -> threads.stream().noneMatch(Thread::isAlive));
    until(
        () -> {
          System.gc();
          return late.get() == null;
        });
  }

  private Errands.Errand lateErrand() throws InterruptedException {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch comeBack = new CountDownLatch(1);
    Pieces errand =
        new Pieces("late", 1) {
          @Override
          void piece(int own) {
            entered.countDown();
            Latches.uninterruptibly(comeBack);
          }
        };
    errands.post(errand);
    entered.await();
    lookUntilThreads(2);
    until(() -> !threads.get(1).isAlive());
    comeBack.countDown();
    return errand;
  }
}
