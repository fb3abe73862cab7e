package io.threadpool.internal;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.ZI_Result;

/**
 * The close against what is submitted: accepted and so drained or aborted, or refused and so
 * nowhere; never both, never neither.
 */
final class CloseStress {

  private CloseStress() {}

  /** A queue, its producer of three entries, and its closer that drains. */
  private static final class Closing3 {
    private final TaskQueue queue;

    Closing3(int segmentSize) {
      queue = new TaskQueue(segmentSize, Long.MAX_VALUE);
    }

    /** Says which were accepted. */
    String offer() {
      StringBuilder accepted = new StringBuilder("|");
      for (int i = 1; i <= 3; i++) {
        if (queue.offer(i) >= 0) {
          accepted.append(i).append('|');
        }
      }
      return accepted.toString();
    }

    /** Says which were drained. */
    String closeAndDrain() {
      StringBuilder drained = new StringBuilder("|");
      queue.close();
      while (!queue.isDrained()) {
        Object entry = queue.poll();
        if (entry == null) {
          Thread.onSpinWait();
        } else {
          drained.append(entry).append('|');
        }
      }
      return drained.toString();
    }
  }

  /**
   * Close against one offer. Both are atomic operations on {@code tail}: the claim that returns the
   * closed bit is refused, and what was claimed before the bit lies below the bound that {@code
   * isDrained} waits for.
   */
  @JCStressTest
  @State
  @Outcome(id = "true, 1", expect = ACCEPTABLE, desc = "Accepted, and drained.")
  @Outcome(id = "false, 0", expect = ACCEPTABLE, desc = "Refused.")
  @Outcome(expect = FORBIDDEN, desc = "Accepted and lost, or refused and there.")
  public static class CloseAgainstOffer {
    private final TaskQueue queue = new TaskQueue(4, Long.MAX_VALUE);

    @Actor
    public void producer(ZI_Result r) {
      r.r1 = queue.offer("entry") >= 0;
    }

    @Actor
    public void closer(ZI_Result r) {
      queue.close();
      while (!queue.isDrained()) {
        r.r2 += queue.poll() == null ? 0 : 1;
      }
    }
  }

  /**
   * Close against offers where each needs a segment of its own: a link that the producer makes,
   * against SEALED that a consumer puts there once the bound is reached; both by CAS on {@link
   * Segment#casNext}'s field.
   */
  @JCStressTest
  @State
  @Outcome(id = "(.*), \\1", expect = ACCEPTABLE, desc = "Drained is what was accepted.")
  @Outcome(expect = FORBIDDEN, desc = "Accepted and lost, out of order, or refused and there.")
  public static class CloseAgainstOffersInSegmentsOf1 {
    private final Closing3 closing = new Closing3(1);

    @Actor
    public void producer(LL_Result r) {
      r.r1 = closing.offer();
    }

    @Actor
    public void closer(LL_Result r) {
      r.r2 = closing.closeAndDrain();
    }
  }

  /** The same with segments of two, so that the bound may lie in the midst of one. */
  @JCStressTest
  @State
  @Outcome(id = "(.*), \\1", expect = ACCEPTABLE, desc = "Drained is what was accepted.")
  @Outcome(expect = FORBIDDEN, desc = "Accepted and lost, out of order, or refused and there.")
  public static class CloseAgainstOffersInSegmentsOf2 {
    private final Closing3 closing = new Closing3(2);

    @Actor
    public void producer(LL_Result r) {
      r.r1 = closing.offer();
    }

    @Actor
    public void closer(LL_Result r) {
      r.r2 = closing.closeAndDrain();
    }
  }

  /**
   * Two closes, and what was there before them: {@code bound} is written by the one whose atomic or
   * found the bit clear, and the other, who may see the bit before the bound, waits for it.
   */
  @JCStressTest
  @State
  @Outcome(
      id = {"0, 2", "1, 1", "2, 0"},
      expect = ACCEPTABLE,
      desc = "Both entries, once.")
  @Outcome(expect = FORBIDDEN, desc = "An entry was lost or taken twice.")
  public static class CloseAgainstClose {
    private final TaskQueue queue = new TaskQueue(1, Long.MAX_VALUE);

    public CloseAgainstClose() {
      queue.offer("one");
      queue.offer("two");
    }

    private int closeAndDrain() {
      queue.close();
      int drained = 0;
      while (!queue.isDrained()) {
        drained += queue.poll() == null ? 0 : 1;
      }
      return drained;
    }

    @Actor
    public void one(II_Result r) {
      r.r1 = closeAndDrain();
    }

    @Actor
    public void other(II_Result r) {
      r.r2 = closeAndDrain();
    }
  }
}
