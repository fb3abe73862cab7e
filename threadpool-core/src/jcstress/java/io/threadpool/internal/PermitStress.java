package io.threadpool.internal;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.LI_Result;
import org.openjdk.jcstress.infra.results.LLI_Result;
import org.openjdk.jcstress.infra.results.LZI_Result;
import org.openjdk.jcstress.infra.results.ZZI_Result;

/**
 * The room in a bounded queue: a permit is neither lost nor made, whoever gives it back, waits for
 * it, gives up waiting, or closes.
 */
final class PermitStress {

  private PermitStress() {}

  /** How many permits are free, up to three; takes them. */
  private static int free(Permits permits) {
    int free = 0;
    while (free < 3 && permits.tryAcquire()) {
      free++;
    }
    return free;
  }

  /**
   * One permit, given out.
   *
   * @param capacity how many there are
   */
  private static Permits taken(int capacity) {
    Permits permits = new Permits(capacity);
    for (int i = 0; i < capacity; i++) {
      permits.tryAcquire();
    }
    return permits;
  }

  /**
   * Release against acquire: {@code release} adds to {@code free} and then reads {@code waiting};
   * the submitter writes {@code waiting} and then reads {@code free}; all volatile or stronger, so
   * one sees the other and the permit is not left lying beside one who waits.
   */
  @JCStressTest
  @State
  @Outcome(id = "GRANTED, 0", expect = ACCEPTABLE, desc = "Granted, or taken.")
  @Outcome(expect = FORBIDDEN, desc = "Left waiting, or the permit is there still.")
  public static class ReleaseAgainstAcquire {
    private final Permits permits = taken(1);

    @Actor
    public void submitter(LI_Result r) {
      r.r1 = Actors.answer(permits.acquire(Actors.LONG));
    }

    @Actor
    public void releaser() {
      permits.release();
    }

    @Arbiter
    public void result(LI_Result r) {
      r.r2 = free(permits);
    }
  }

  /**
   * A grant against the end of a timed wait: the waiter leaves the line under the monitor under
   * which grants are made, so it has left or has been granted.
   */
  @JCStressTest
  @State
  @Outcome(id = "GRANTED, 0", expect = ACCEPTABLE, desc = "Granted in time, or at the last moment.")
  @Outcome(id = "TIMEOUT, 1", expect = ACCEPTABLE, desc = "Gave up, and the permit is free.")
  @Outcome(expect = FORBIDDEN, desc = "The permit was lost, or made.")
  public static class GrantAgainstTimeout {
    private final Permits permits = taken(1);

    @Actor
    public void submitter(LI_Result r) {
      r.r1 = Actors.answer(permits.acquire(500));
    }

    @Actor
    public void releaser() {
      permits.release();
    }

    @Arbiter
    public void result(LI_Result r) {
      r.r2 = free(permits);
    }
  }

  /**
   * A grant against an interrupt: who is interrupted hands back what it was granted in the race,
   * and the flag is set when it returns.
   */
  @JCStressTest
  @State
  @Outcome(id = "GRANTED, (true|false), 0", expect = ACCEPTABLE, desc = "Granted first.")
  @Outcome(id = "INTERRUPTED, true, 1", expect = ACCEPTABLE, desc = "Gave up; the permit is free.")
  @Outcome(expect = FORBIDDEN, desc = "The permit was lost or made, or the flag was.")
  public static class GrantAgainstInterrupt {
    private final Permits permits = taken(1);
    private volatile Thread waiter;
    private volatile boolean interrupted;

    @Actor
    public void submitter(LZI_Result r) {
      waiter = Thread.currentThread();
      r.r1 = Actors.answer(permits.acquire(Actors.LONG));
      r.r2 = Thread.interrupted();
      Actors.await(() -> interrupted);
      Thread.interrupted();
    }

    @Actor
    public void releaser() {
      Actors.await(() -> waiter != null);
      waiter.interrupt();
      interrupted = true;
      permits.release();
    }

    @Arbiter
    public void result(LZI_Result r) {
      r.r3 = free(permits);
    }
  }

  /**
   * Close against a wait: {@code closed} is written, volatile, before the line is walked under the
   * monitor, and read by the waiter after it has joined the line.
   */
  @JCStressTest
  @State
  @Outcome(id = "CLOSED, 0", expect = ACCEPTABLE, desc = "Told.")
  @Outcome(expect = FORBIDDEN, desc = "Left waiting, or granted what was not there.")
  public static class CloseAgainstWait {
    private final Permits permits = taken(1);

    @Actor
    public void submitter(LI_Result r) {
      r.r1 = Actors.answer(permits.acquire(Actors.LONG));
    }

    @Actor
    public void closer() {
      permits.close();
    }

    @Arbiter
    public void result(LI_Result r) {
      r.r2 = free(permits);
    }
  }

  /**
   * A grant and a close, one after the other, against a wait: granted, or closed and handed back.
   */
  @JCStressTest
  @State
  @Outcome(id = "GRANTED, 0", expect = ACCEPTABLE, desc = "Granted first.")
  @Outcome(id = "CLOSED, 1", expect = ACCEPTABLE, desc = "Closed; the permit is free.")
  @Outcome(expect = FORBIDDEN, desc = "The permit was lost or made, or it was left waiting.")
  public static class CloseAndReleaseAgainstWait {
    private final Permits permits = taken(1);

    @Actor
    public void submitter(LI_Result r) {
      r.r1 = Actors.answer(permits.acquire(Actors.LONG));
    }

    @Actor
    public void closer() {
      permits.close();
      permits.release();
    }

    @Arbiter
    public void result(LI_Result r) {
      r.r2 = free(permits);
    }
  }

  /** Two takers of one permit: the CAS of {@code free} gives it to one. */
  @JCStressTest
  @State
  @Outcome(
      id = {"true, false, 0", "false, true, 0"},
      expect = ACCEPTABLE,
      desc = "One of them.")
  @Outcome(expect = FORBIDDEN, desc = "Both or neither.")
  public static class TakeAgainstTake {
    private final Permits permits = new Permits(1);

    @Actor
    public void one(ZZI_Result r) {
      r.r1 = permits.tryAcquire();
    }

    @Actor
    public void other(ZZI_Result r) {
      r.r2 = permits.tryAcquire();
    }

    @Arbiter
    public void result(ZZI_Result r) {
      r.r3 = free(permits);
    }
  }

  /** Two releases against one wait: one permit is granted, the other is free. */
  @JCStressTest
  @State
  @Outcome(id = "GRANTED, GRANTED, 1", expect = ACCEPTABLE, desc = "One granted, one free.")
  @Outcome(expect = FORBIDDEN, desc = "A permit was lost or made.")
  public static class ReleasesAgainstEachOther {
    private final Permits permits = taken(2);

    @Actor
    public void submitter(LLI_Result r) {
      r.r1 = Actors.answer(permits.acquire(Actors.LONG));
      permits.release();
      r.r2 = Actors.answer(permits.acquire(Actors.LONG));
    }

    @Actor
    public void releaser() {
      permits.release();
      permits.release();
    }

    @Arbiter
    public void result(LLI_Result r) {
      r.r3 = free(permits);
    }
  }

  /**
   * Two that wait, with one permit going round: each gives it back, so each is granted it; the line
   * is linked and unlinked under the monitor.
   */
  @JCStressTest
  @State
  @Outcome(id = "GRANTED, GRANTED, 1", expect = ACCEPTABLE, desc = "Each had it.")
  @Outcome(expect = FORBIDDEN, desc = "One was left waiting, or the permit was lost or made.")
  public static class PassingOn {
    private final Permits permits = new Permits(1);

    @Actor
    public void one(LLI_Result r) {
      r.r1 = Actors.answer(permits.acquire(Actors.LONG));
      permits.release();
    }

    @Actor
    public void other(LLI_Result r) {
      r.r2 = Actors.answer(permits.acquire(Actors.LONG));
      permits.release();
    }

    @Arbiter
    public void result(LLI_Result r) {
      r.r3 = free(permits);
    }
  }

  /** Overdrawing against a release: both add to {@code free}, so the sum is what it was. */
  @JCStressTest
  @State
  @Outcome(id = "[01], 1", expect = ACCEPTABLE, desc = "One is left.")
  @Outcome(expect = FORBIDDEN, desc = "A permit was lost or made.")
  public static class OverdrawAgainstRelease {
    private final Permits permits = taken(1);

    @Actor
    public void submitter(II_Result r) {
      permits.overdraw();
      r.r1 = permits.isOverdrawn() ? 1 : 0;
      permits.release();
    }

    @Actor
    public void releaser() {
      permits.release();
    }

    @Arbiter
    public void result(II_Result r) {
      r.r2 = free(permits);
    }
  }
}
