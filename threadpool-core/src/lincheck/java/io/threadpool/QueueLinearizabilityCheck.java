package io.threadpool;

import io.threadpool.RejectedTaskException.Reason;
import io.threadpool.internal.Explorer;
import io.threadpool.internal.Gate;
import io.threadpool.internal.TaskQueue;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/**
 * The queue, alone and as the pool bounds it by permits, does what a sequential queue could do. The
 * clock gives every late producer up at once, so slots are lost wherever that can be.
 */
class QueueLinearizabilityCheck {

  private static ModelCheckingOptions threads(int threads, int operations) {
    return new ModelCheckingOptions()
        .threads(threads)
        .actorsPerThread(operations)
        .actorsBefore(2)
        .actorsAfter(2);
  }

  @Test
  void segmentsOfOne() {
    Explorer.check(
        "queue of segments of 1: offer, poll; 2 threads",
        threads(2, 3),
        SegmentsOfOne.class,
        Sequential.class);
  }

  @Test
  void segmentsOfTwo() {
    Explorer.check(
        "queue of segments of 2: offer, poll; 3 threads",
        threads(3, 2),
        SegmentsOfTwo.class,
        Sequential.class);
  }

  @Test
  void closing() {
    Explorer.check(
        "queue of segments of 1: offer, take, close; 3 threads",
        threads(3, 2),
        Closing.class,
        Sequential.class);
  }

  @Test
  void closingSegmentsOfTwo() {
    Explorer.check(
        "queue of segments of 2: offer, take, close; 2 threads",
        threads(2, 4),
        ClosingSegmentsOfTwo.class,
        Sequential.class);
  }

  @Test
  void bounded() {
    Explorer.check(
        "engine of capacity 2: submit; 3 threads",
        threads(3, 2),
        Bounded.class,
        SequentialBounded.class);
  }

  @Test
  void boundedClosing() {
    Explorer.check(
        "engine of a capacity that suffices: submit, take, close; 3 threads",
        threads(3, 2),
        BoundedClosing.class,
        Sequential.class);
  }

  /** Segments of one slot: each entry crosses an edge. */
  public static class SegmentsOfOne {
    final TaskQueue queue;

    public SegmentsOfOne() {
      this(1);
    }

    SegmentsOfOne(int segmentSize) {
      queue = new TaskQueue(segmentSize, Long.MAX_VALUE);
    }

    @Operation
    public boolean offer(@Param(gen = IntGen.class, conf = "1:99") int value) {
      return queue.offer(value) >= 0;
    }

    @Operation
    public Object poll() {
      return queue.poll();
    }
  }

  /** Segments of two slots. */
  public static class SegmentsOfTwo extends SegmentsOfOne {
    public SegmentsOfTwo() {
      super(2);
    }
  }

  /** A queue that is closed. */
  public static class Closing {
    final TaskQueue queue;

    public Closing() {
      this(1);
    }

    Closing(int segmentSize) {
      queue = new TaskQueue(segmentSize, Long.MAX_VALUE);
    }

    @Operation
    public boolean offer(@Param(gen = IntGen.class, conf = "1:99") int value) {
      return queue.offer(value) >= 0;
    }

    /** Takes as a worker does, which believes that there is nothing only of an open queue. */
    @Operation
    public Object take() {
      for (; ; ) {
        Object entry = queue.poll();
        if (entry != null || !queue.isClosed()) {
          return entry;
        }
        if (queue.isDrained()) {
          return "drained";
        }
        Gate.pause();
      }
    }

    @Operation
    public void close() {
      queue.close();
    }
  }

  /** Segments of two slots. */
  public static class ClosingSegmentsOfTwo extends Closing {
    public ClosingSegmentsOfTwo() {
      super(2);
    }
  }

  /** What a queue of either kind does in one thread. */
  public static class Sequential {
    private final Queue<Integer> queue = new ArrayDeque<>();
    private boolean closed;

    /** Appends unless closed. */
    public boolean offer(int value) {
      return !closed && queue.offer(value);
    }

    /** Takes the first. */
    public Object poll() {
      return queue.poll();
    }

    /** Takes the first, or says whether there will be none. */
    public Object take() {
      Integer first = queue.poll();
      return first == null && closed ? "drained" : first;
    }

    /** Refuses from now on. */
    public void close() {
      closed = true;
    }
  }

  /** A pool's engine whose queue is bounded. */
  static class BoundedEngine {
    final Engine engine;

    BoundedEngine(int capacity) {
      engine = new Engine(1, capacity, SaturationPolicy.reject());
    }

    private record Command(int value) implements Runnable {
      @Override
      public void run() {}
    }

    Reason submitValue(int value) {
      return engine.execute(new Command(value));
    }

    Object takeOne() {
      for (; ; ) {
        Object entry = engine.core.queue.poll();
        if (entry != null) {
          engine.core.backlog.releasePermit();
          return ((Command) entry).value();
        }
        if (!engine.core.queue.isClosed()) {
          return null;
        }
        if (engine.core.queue.isDrained()) {
          return "drained";
        }
        Gate.pause();
      }
    }
  }

  /**
   * An engine whose queue holds two. A submission has its room before it has its place in the
   * order, and one that is refused because of a shutdown has had room for a moment; so neither
   * takes nor closes here, where each refusal has to have its reason.
   */
  public static class Bounded extends BoundedEngine {
    public Bounded() {
      super(2);
    }

    @Operation
    public String submit(@Param(gen = IntGen.class, conf = "1:99") int value) {
      return String.valueOf(submitValue(value));
    }
  }

  /** An engine that is closed, with room for all. */
  public static class BoundedClosing extends BoundedEngine {
    public BoundedClosing() {
      super(100);
    }

    @Operation
    public boolean offer(@Param(gen = IntGen.class, conf = "1:99") int value) {
      return submitValue(value) == null;
    }

    @Operation
    public Object take() {
      return takeOne();
    }

    @Operation
    public void close() {
      engine.core.backlog.close();
    }
  }

  /** What the room for two allows in one thread. */
  public static class SequentialBounded {
    private int queued;

    /** Appends where there is room; says why not, or null. */
    public String submit(int value) {
      if (queued == 2) {
        return "SATURATED";
      }
      queued++;
      return "null";
    }
  }
}
