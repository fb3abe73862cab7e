package io.threadpool;

import io.threadpool.TaskAbortedException.Reason;
import io.threadpool.internal.Errands;
import io.threadpool.internal.Gate;
import io.threadpool.internal.Threads;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What an abort does: it decides what is queued, has what runs interrupted, and, at the end of the
 * grace, decides what is stuck. A handle answers from the decision on; its stages run when it is
 * told, afterwards, by {@link Errands}.
 *
 * <p>Implementation note. Deciding runs no user code. Telling, interrupting and logging do, and are
 * errands. Each step may be done again by another thread, where it has failed half way: what an
 * earlier call has decided it finds decided. The {@link Lifecycle} says when each is due.
 *
 * <p>What was taken is listed in blocks of the size that is needed, made before anything is taken;
 * where there is no memory for that, of a smaller one.
 */
class Abort {

  /** Of so many stuck threads the stack is asked for. */
  private static final int MOST_STACKS = 100;

  private static final int LEAST_BLOCK = 64;
  private static final int MOST_LISTED = 1 << 30;

  /** How many are told before another errand may come first. */
  private static final int AT_ONCE = 256;

  /** For how long handles are told, or bodies interrupted, before another errand may come first. */
  private static final long AT_ONCE_NANOS = 1_000_000;

  private static final StackTraceElement[] NO_STACK = {};

  /** In the place of a stack that somebody asks for. */
  private static final StackTraceElement[] ASKED = {};

  /** How often one looks whether another has got it, some 10 ms in all. */
  private static final int MOST_TURNS = 1_010;

  /** Entries that were decided and are to be told. */
  private static final class Block {
    final @Nullable Object[] entries;

    /** How many there are. Written by who claims, read by who tells. */
    volatile int size;

    /** How many were told. Written by CAS, by errand threads. */
    final AtomicInteger told = new AtomicInteger();

    volatile @Nullable Block next;

    Block(int capacity) {
      entries = new Object[capacity];
    }
  }

  private final Floor floor;
  private final Backlog backlog;
  private final Crew crew;
  private final Guests guests;

  /** Why; written before anything is claimed. */
  volatile Reason reason = Reason.SHUTDOWN;

  private final AtomicBoolean claiming = new AtomicBoolean();

  /** Before the first block there is an empty one. */
  private final Block first = new Block(0);

  /** Used by who claims. */
  private Block last = first;

  /** Whether there is a handle, or a future, among what was claimed. Written by who claims. */
  private volatile boolean tellable;

  /**
   * How many commands, which have no handle, the end of the grace found. Written by who looked, at
   * the end: two may look side by side.
   */
  volatile int openCommands;

  /** How many steps of futures it found that had not begun. Written as that is. */
  volatile int openStages;

  /** What the log is to be told of. Written by who ends the grace. */
  private volatile List<StuckTask> stuck = List.of();

  private final Telling telling = new Telling();
  private final Interrupting interrupting = new Interrupting();

  private final Errands.Errand stuckLines =
      new Errands.Errand() {
        @Override
        public boolean next() {
          if (beginOnce()) {
            stuck.forEach(floor.events()::stuck);
          }
          return false;
        }
      };

  Abort(Floor floor, Crew crew, Guests guests) {
    this.floor = floor;
    this.crew = crew;
    this.guests = guests;
    backlog = floor.backlog();
  }

  // What is queued.

  /**
   * Takes all out of the closed queue, and then what is due or delayed, and decides it, as far as
   * no earlier call has.
   *
   * @return false where another thread is at it
   */
  boolean claim() {
    if (!claiming.compareAndSet(false, true)) {
      return false;
    }
    try {
      while (!backlog.queue.isDrained()) {
        Block block = blockWithRoom();
        Object entry = backlog.queue.poll();
        if (entry == null) {
          Gate.pause(); // The closer has not said yet where the queue ends.
        } else if (isClaimed(entry)) {
          add(block, entry);
        }
      }
      claimDelayed();
      return true;
    } finally {
      claiming.set(false);
    }
  }

  private void claimDelayed() {
    floor.delays().settleDropped();
    while (backlog.beside.size() > 0) {
      Block block = blockWithRoom();
      Task<?> delayed = floor.delays().takeAny();
      if (delayed == null) {
        return;
      }
      if (isClaimed(delayed)) {
        add(block, delayed);
      }
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // One claims at a time.
  private void add(Block block, Object entry) {
    block.entries[block.size] = entry;
    block.size++;
    if (!tellable) {
      tellable = Wrapped.given(entry) instanceof Future<?>; // So is a handle.
    }
  }

  private Block blockWithRoom() {
    if (last.size == last.entries.length) {
      long left = backlog.queue.length() + backlog.beside.size();
      Block added = newBlock((int) Math.min(left + 1, MOST_LISTED));
      last.next = added;
      last = added;
    }
    return last;
  }

  private static Block newBlock(int capacity) {
    for (int n = capacity; ; n /= 2) {
      try {
        return new Block(n);
      } catch (OutOfMemoryError full) {
        if (n <= LEAST_BLOCK) {
          throw full;
        }
      }
    }
  }

  /** As {@link Backlog#abort}; what follows the decision may lack memory, and is left then. */
  private boolean isClaimed(Object entry) {
    try {
      return backlog.abort(entry, reason);
    } catch (Throwable noMemory) {
      return !(entry instanceof Task<?> task) || task.isAborted();
    }
  }

  /** What was claimed, in order, as it was given; asked before anything is told. */
  List<Runnable> claimed() {
    int size = 0;
    for (Block block = first; block != null; block = block.next) {
      size += block.size;
    }
    List<Runnable> list = new ArrayList<>(size);
    for (Block block = first; block != null; block = block.next) {
      for (int i = 0; i < block.size; i++) {
        Object entry = block.entries[i];
        if (entry != null) {
          list.add(Wrapped.given(entry));
        }
      }
    }
    return list;
  }

  // What is told.

  /** Has done by errands what is to be; may be called again. */
  void follow() {
    if (!interrupting.isOver()) {
      floor.errands().postFirst(interrupting); // Before the stages, which may be many.
    }
    if (tellable && !telling.isOver()) {
      floor.errands().post(telling);
    }
  }

  /** Whether there is nothing to be told or interrupted any more. */
  boolean isOver() {
    return interrupting.isOver() && (!tellable || telling.isOver());
  }

  private final class Telling extends Errands.Errand {
    private volatile Block at = first;

    boolean isOver() {
      Block block = at;
      return block.next == null && block.told.get() >= block.size;
    }

    @Override
    public boolean next() {
      long start = System.nanoTime();
      for (int i = 0; i < AT_ONCE && System.nanoTime() - start < AT_ONCE_NANOS; i++) {
        Block block = at;
        Block following = block.next; // Before the size, which is final where there is one.
        int index = block.told.get();
        if (index < block.size) {
          boolean callsUserCode = callsUserCode(block.entries[index]);
          tell(block, index);
          if (callsUserCode || Thread.currentThread().isInterrupted()) {
            return true; // What it has left on the thread is taken away between two pieces.
          }
        } else if (following != null) {
          at = following;
        } else {
          floor.observer().onErrandOver();
          return false;
        }
      }
      return true;
    }

    private static boolean callsUserCode(@Nullable Object entry) {
      return entry instanceof Task<?> task
          ? task.getNumberOfDependents() > 0
          : entry instanceof Future<?>;
    }

    /**
     * A handle is passed when it was told, a future before it is cancelled: see {@link Errands}. A
     * command with options is both: its handle is nobody's.
     */
    private void tell(Block block, int index) {
      Object entry = block.entries[index];
      beginPiece();
      if (entry instanceof Task<?> task) {
        task.publishDropped();
      }
      if (pass(block, index) && entry != null) {
        backlog.cancelGiven(entry);
      }
    }

    private boolean pass(Block block, int index) {
      boolean ours = block.told.compareAndSet(index, index + 1);
      block.entries[index] = null; // After that, so that nobody passes it who has not seen it.
      return ours;
    }
  }

  // What runs.

  /**
   * Has interrupted what runs now, once more where it was, but for the body on the caller's stack.
   * Who begins later sees the abort.
   */
  void interruptBodies(@Nullable Frame caller) {
    if (caller != null) {
      caller.exempt = true;
    }
    Frame spared = caller == null ? null : caller.root;
    VarHandle.fullFence(); // Between the phase that was written and the frames: see Worker.
    for (Frame frame : crew.roots(guests)) {
      if (frame != spared && frame.isBusy()) {
        frame.interruptDue = true;
      }
    }
    follow();
  }

  /** Interrupts each body for which that is due; one that has left its thread is not. */
  private final class Interrupting extends Errands.Errand {
    /** Makes no list: where there is nothing to interrupt, nobody asks again who lacked memory. */
    boolean isOver() {
      return !crew.any(Frame.INTERRUPT_DUE) && !guests.roots.any(Frame.INTERRUPT_DUE);
    }

    @Override
    public boolean next() {
      long start = System.nanoTime();
      for (Frame frame : crew.roots(guests)) {
        if (interrupt(frame) && System.nanoTime() - start > AT_ONCE_NANOS) {
          return true;
        }
      }
      floor.observer().onErrandOver();
      return false;
    }

    /** Each is noted before, so that one that does not come back is not tried again. */
    private boolean interrupt(Frame frame) {
      if (!frame.interruptDue) {
        return false;
      }
      frame.interruptDue = false;
      beginPiece();
      if (frame.isBusy()) {
        frame.interruptForAbort();
      }
      return true;
    }
  }

  // What is stuck.

  /**
   * Decides the bodies that outlived the grace, and describes them. The phase says already that the
   * grace has ended.
   */
  List<StuckTask> settleStuck() {
    guests.awaitAccepted();
    VarHandle.fullFence(); // Between the phase that was written and the frames: see Worker.
    int[] open = new int[2]; // Commands, and steps among them.
    List<StuckTask> stuck = new ArrayList<>();
    Set<Object> given = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Frame frame : crew.roots(guests)) {
      settle(frame, given, stuck, open);
    }
    openCommands = open[0];
    openStages = open[1];
    return stuck;
  }

  private void settle(Frame root, Set<Object> given, List<StuckTask> stuck, int[] open) {
    boolean worker = root.isWorker();
    Frame innermost = root.innermost;
    Object last = innermost.entry();
    Object tried = last == null && worker ? root.triedEntry() : null;
    if (last == null && tried == null) {
      last = innermost.entry(); // What was tried at the first look was held at the second.
    }
    boolean runs = false;
    for (Frame frame = innermost; frame != null; frame = frame.below) {
      // What runs for a joiner stands in the queue until it is claimed.
      boolean taken = worker && frame == root && frame.joiner == null;
      runs |= settleEntry(frame, taken, open);
    }
    if (tried != null) {
      if (!isHeldByAnother(root, tried) && root.isAt(tried) && given.add(tried)) {
        if (giveUpTried(root, tried, open)) {
          stuck.add(describe(root, stuck.size()));
        }
      }
    } else if (last != null) {
      StuckTask description = describe(root, stuck.size());
      // One that was decided, but whose stages hold the thread, is stuck as well, if it still is.
      if (runs || (innermost.entry() == last && holdsThread(innermost, last))) {
        stuck.add(description);
      }
    }
  }

  /** Decides the entry of a frame; true where its body was running, or taken by a worker. */
  private boolean settleEntry(Frame frame, boolean taken, int[] open) {
    Object entry = frame.entry();
    if (entry instanceof Task<?> task) {
      return (taken || task.isRunning()) && (giveUp(task) || task.isRunning());
    }
    if (entry == null || !holdsThread(frame, entry)) {
      return false;
    }
    count(frame, entry, open);
    return true;
  }

  private static boolean holdsThread(Frame frame, Object entry) {
    if (entry instanceof Task<?> task) {
      return task.hasStarted();
    }
    return frame.begun || (frame == frame.root && frame.isWorker());
  }

  /** Of a frame with a raw command. */
  private static void count(Frame frame, Object command, int[] open) {
    open[0]++;
    open[1] += frame.run() == Frame.NO_RUN && Backlog.isStep(command) ? 1 : 0;
  }

  private boolean giveUpTried(Frame root, Object entry, int[] open) {
    if (entry instanceof Task<?> task) {
      return giveUp(task);
    }
    count(root, entry, open);
    return true;
  }

  /** Makes sure that the task will be told before it is decided. */
  private boolean giveUp(Task<?> task) {
    while (!claiming.compareAndSet(false, true)) {
      Gate.pause(); // Another thread is at the same step.
    }
    try {
      Block block = blockWithRoom();
      boolean givenUp = task.abortStuck() || task.isAborted();
      if (givenUp) {
        add(block, task); // Should it have been told, it is passed quickly.
      }
      return givenUp;
    } finally {
      claiming.set(false);
    }
  }

  private boolean isHeldByAnother(Frame root, Object entry) {
    for (Frame frame : crew.frames()) {
      if (frame != root && frame.entry() == entry) {
        return true;
      }
    }
    return false;
  }

  private static StuckTask describe(Frame root, int before) {
    long age = System.nanoTime() - root.innermost.startedAt;
    StackTraceElement[] stack = before < MOST_STACKS ? stackOf(root) : NO_STACK;
    String name = root.innermost.entry() instanceof Task<?> task ? task.name() : null;
    return new StuckTask(
        root.thread.getName(),
        name == null ? "" : name,
        Duration.ofNanos(age),
        Arrays.asList(stack));
  }

  /** Asks each thread once: that may be user code, and not come back. */
  private static StackTraceElement[] stackOf(Frame root) {
    StackTraceElement[] seen = root.stack;
    if (seen == null) {
      seen = ASKED;
      root.stack = seen;
      seen = Threads.stackOf(root.thread);
      root.stack = seen;
    }
    for (int turn = 0; seen == ASKED && turn < MOST_TURNS; turn++) {
      Gate.pause(turn); // Another thread asks, whose report may come after this one's.
      seen = Objects.requireNonNull(root.stack, "stack");
    }
    return seen;
  }

  /** Tells the log of them, by an errand, once. */
  void tellStuck(List<StuckTask> told) {
    stuck = told;
    floor.errands().post(stuckLines);
  }
}
