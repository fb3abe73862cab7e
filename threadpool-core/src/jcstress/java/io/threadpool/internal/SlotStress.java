package io.threadpool.internal;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.LI_Result;
import org.openjdk.jcstress.infra.results.LLI_Result;
import org.openjdk.jcstress.infra.results.LLL_Result;
import org.openjdk.jcstress.infra.results.L_Result;
import org.openjdk.jcstress.infra.results.ZZL_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** The queue's slots and segments: each entry is taken once, in order, by whoever gets there. */
final class SlotStress {

  private SlotStress() {}

  private static final class Consumer extends HeldSlot {
    Consumer() {
      super(Thread.currentThread());
    }
  }

  /**
   * A slot given up against its late fill: both CAS it from null, so one of them finds it so; the
   * entry is there, or the producer knows that it has to claim another.
   */
  @JCStressTest
  @State
  @Outcome(id = "true, false, entry", expect = ACCEPTABLE, desc = "Filled.")
  @Outcome(id = "false, true, taken", expect = ACCEPTABLE, desc = "Given up.")
  @Outcome(expect = FORBIDDEN, desc = "Both or neither.")
  public static class FillAgainstGiveUp {
    private final Segment segment = new Segment(0, 1);

    @Actor
    public void producer(ZZL_Result r) {
      r.r1 = segment.fill(0, "entry");
    }

    @Actor
    public void consumer(ZZL_Result r) {
      r.r2 = segment.giveUp(0);
    }

    @Arbiter
    public void result(ZZL_Result r) {
      Object entry = segment.get(0);
      r.r3 = entry == Segment.TAKEN ? "taken" : entry;
    }
  }

  /**
   * The same through the queue: the producer is held up between its claim and its fill for about as
   * long as a consumer waits. The entry is taken once, whether in its first slot or in a later one,
   * and {@code accepted} leaves the lost claims out.
   */
  @JCStressTest
  @State
  @Outcome(id = "entry, null, 1", expect = ACCEPTABLE, desc = "Waited for, or there in time.")
  @Outcome(id = "null, entry, 1", expect = ACCEPTABLE, desc = "Taken later.")
  @Outcome(expect = FORBIDDEN, desc = "Lost, taken twice, or the count is wrong.")
  public static class LateFillAgainstPoll {
    private final TaskQueue queue =
        new TaskQueue(2, Long.MAX_VALUE) {
          @Override
          public void onClaim(long index) {
            Actors.pause(900);
          }
        };

    @Actor
    public void producer() {
      queue.offer("entry");
    }

    @Actor
    public void consumer(LLI_Result r) {
      for (int i = 0; i < 20 && !queue.hasWork(); i++) {
        Thread.onSpinWait();
      }
      r.r1 = queue.poll();
    }

    @Arbiter
    public void result(LLI_Result r) {
      r.r2 = queue.poll();
      r.r3 = (int) queue.accepted();
    }
  }

  /**
   * Two late producers, whose first slots may both be given up, against a consumer: the later claim
   * is not lost with the earlier one.
   */
  @JCStressTest
  @State
  @Outcome(id = "2, 0, 2", expect = ACCEPTABLE, desc = "Both taken.")
  @Outcome(expect = FORBIDDEN, desc = "One was lost or taken twice, or a count is wrong.")
  public static class LateFillsAgainstEachOther {
    private final AtomicInteger taken = new AtomicInteger();
    private final TaskQueue queue =
        new TaskQueue(1, Long.MAX_VALUE) {
          @Override
          public void onClaim(long index) {
            Actors.pause(300);
          }
        };

    private void offerAndPoll() {
      queue.offer("entry");
      if (queue.poll() != null) {
        taken.incrementAndGet();
      }
    }

    @Actor
    public void one() {
      offerAndPoll();
    }

    @Actor
    public void other() {
      offerAndPoll();
    }

    @Arbiter
    public void result(III_Result r) {
      while (queue.poll() != null) {
        taken.incrementAndGet();
      }
      r.r1 = taken.get();
      r.r2 = (int) queue.length();
      r.r3 = (int) queue.accepted();
    }
  }

  /**
   * Never empty while an entry is there, though an earlier producer may be between claim and fill:
   * {@code poll} says so only where {@code tail}, read after the null slot, is not above the head.
   * Each actor polls after its own offer, so each finds something.
   */
  @JCStressTest
  @State
  @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "Each found one.")
  @Outcome(expect = FORBIDDEN, desc = "Empty, though its own entry was in.")
  public static class EmptyAgainstEarlierProducer {
    private final TaskQueue queue = new TaskQueue(2, Long.MAX_VALUE);

    @Actor
    public void one(ZZ_Result r) {
      queue.offer("one");
      r.r1 = queue.poll() != null;
    }

    @Actor
    public void other(ZZ_Result r) {
      queue.offer("other");
      r.r2 = queue.poll() != null;
    }
  }

  /** The same with a segment for each slot, so that the earlier producer may not have linked it. */
  @JCStressTest
  @State
  @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "Each found one.")
  @Outcome(expect = FORBIDDEN, desc = "Empty, though its own entry was in.")
  public static class EmptyAgainstEarlierLinker {
    private final TaskQueue queue = new TaskQueue(1, Long.MAX_VALUE);

    public EmptyAgainstEarlierLinker() {
      queue.offer("first");
      queue.poll();
    }

    @Actor
    public void one(ZZ_Result r) {
      queue.offer("one");
      r.r1 = queue.poll() != null;
    }

    @Actor
    public void other(ZZ_Result r) {
      queue.offer("other");
      r.r2 = queue.poll() != null;
    }
  }

  /**
   * Two consumers, two entries: moving the head by CAS is what makes an entry one's own. Each sees
   * the entries in order, and what it takes is filled (acquire in {@link Segment#get}).
   */
  @JCStressTest
  @State
  @Outcome(
      id = {"1, 2, 2", "2, 1, 2", "12, , 2", ", 12, 2"},
      expect = ACCEPTABLE,
      desc = "Both once, in order.")
  @Outcome(expect = FORBIDDEN, desc = "One was lost, taken twice, or overtaken.")
  public static class TakeAgainstTake {
    private final TaskQueue queue = new TaskQueue(1, Long.MAX_VALUE);

    public TakeAgainstTake() {
      queue.offer("1");
      queue.offer("2");
    }

    private String takeTwo() {
      Object first = queue.poll();
      Object second = queue.poll();
      return (first == null ? "" : "" + first) + (second == null ? "" : second);
    }

    @Actor
    public void one(LLI_Result r) {
      r.r1 = takeTwo();
    }

    @Actor
    public void other(LLI_Result r) {
      r.r2 = takeTwo();
    }

    @Arbiter
    public void result(LLI_Result r) {
      r.r3 = (int) queue.accepted();
    }
  }

  /**
   * Two producers that need the same next segment: {@link Segment#nextOrLink} links by CAS, and who
   * loses takes the winner's. Both entries are found, and each producer's in its order.
   */
  @JCStressTest
  @State
  @Outcome(id = "aA, bB, 4", expect = ACCEPTABLE, desc = "All four, each in its order.")
  @Outcome(expect = FORBIDDEN, desc = "One was lost with its segment, or overtaken.")
  public static class LinkAgainstLink {
    private final TaskQueue queue = new TaskQueue(1, Long.MAX_VALUE);

    @Actor
    public void one() {
      queue.offer("a");
      queue.offer("A");
    }

    @Actor
    public void other() {
      queue.offer("b");
      queue.offer("B");
    }

    @Arbiter
    public void result(LLI_Result r) {
      StringBuilder all = new StringBuilder();
      for (Object entry = queue.poll(); entry != null; entry = queue.poll()) {
        all.append(entry);
      }
      r.r1 = all.toString().replaceAll("[bB]", "");
      r.r2 = all.toString().replaceAll("[aA]", "");
      r.r3 = (int) queue.accepted();
    }
  }

  /**
   * A producer that walks on from a segment that a consumer retires under it: a retired segment
   * links to itself, volatile, and the producer starts again at the head segment.
   */
  @JCStressTest
  @State
  @Outcome(id = "123, 3, 0", expect = ACCEPTABLE, desc = "All three, in order.")
  @Outcome(expect = FORBIDDEN, desc = "One was lost, or overtaken, or a count is wrong.")
  public static class WalkAgainstRetire {
    private final TaskQueue queue = new TaskQueue(1, Long.MAX_VALUE);
    private final StringBuilder taken = new StringBuilder();

    private void take() {
      Object entry = queue.poll();
      if (entry != null) {
        taken.append(entry);
      }
    }

    @Actor
    public void producer() {
      queue.offer("1");
      queue.offer("2");
      queue.offer("3");
    }

    @Actor
    public void consumer() {
      take();
      take();
      take();
    }

    @Arbiter
    public void result(LLL_Result r) {
      take();
      take();
      take();
      r.r1 = taken.toString();
      r.r2 = queue.accepted();
      r.r3 = queue.length();
    }
  }

  /**
   * The rough limit against a take: a producer that is refused has read {@code head}, volatile,
   * after {@code headSeen} told it to; so a full queue from which one was taken before the offer is
   * not called full.
   */
  @JCStressTest
  @State
  @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "There was room.")
  @Outcome(
      id = "true, false",
      expect = ACCEPTABLE_INTERESTING,
      desc = "Refused, at the limit, since the take came later.")
  @Outcome(expect = FORBIDDEN, desc = "Nothing to take.")
  public static class FullAgainstTake {
    private final TaskQueue queue = new TaskQueue(1, 2);

    public FullAgainstTake() {
      queue.offer("one");
      queue.offer("two");
      queue.offer("three");
    }

    @Actor
    public void consumer(ZZ_Result r) {
      r.r1 = queue.poll() != null;
    }

    @Actor
    public void producer(ZZ_Result r) {
      r.r2 = queue.offer("four") >= 0;
    }
  }

  /**
   * A consumer that goes from entry to entry, and across a segment's edge, against one who asks
   * what it holds: that is what it works on, or nothing, and never what still waits in the queue.
   */
  @JCStressTest
  @State
  @Outcome(id = "null", expect = ACCEPTABLE, desc = "Before, between or after.")
  @Outcome(
      id = {"first", "second", "third"},
      expect = ACCEPTABLE,
      desc = "At work.")
  @Outcome(expect = FORBIDDEN, desc = "Something it does not hold.")
  public static class HoldAgainstLook {
    private final TaskQueue queue = new TaskQueue(2, Long.MAX_VALUE);
    private final Consumer consumer = new Consumer();

    public HoldAgainstLook() {
      queue.offer("first");
      queue.offer("second");
      queue.offer("third");
      queue.offer("waiting");
    }

    @Actor
    public void consumer() {
      for (int i = 0; i < 3; i++) {
        queue.poll(consumer);
        consumer.letGo();
      }
    }

    @Actor
    public void looker(L_Result r) {
      r.r1 = consumer.heldEntry();
    }
  }

  /** Who finds that nothing is held any more sees what the consumer wrote while it was. */
  @JCStressTest
  @State
  @Outcome(id = "entry, 0", expect = ACCEPTABLE, desc = "At work.")
  @Outcome(id = "entry, 1", expect = ACCEPTABLE, desc = "At work, and far on.")
  @Outcome(id = "null, 1", expect = ACCEPTABLE, desc = "Let go of.")
  @Outcome(expect = FORBIDDEN, desc = "Let go of before the work was done.")
  public static class WorkBeforeLetGo {
    private final TaskQueue queue = new TaskQueue(2, Long.MAX_VALUE);
    private final Consumer consumer = new Consumer();
    private int work;

    public WorkBeforeLetGo() {
      queue.offer("entry");
      queue.poll(consumer);
    }

    @Actor
    public void consumer() {
      work = 1;
      consumer.letGo();
    }

    @Actor
    public void looker(LI_Result r) {
      r.r1 = consumer.heldEntry();
      r.r2 = work;
    }
  }
}
