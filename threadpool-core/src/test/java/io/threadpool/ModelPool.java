package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.RejectedTaskException.Reason;
import io.threadpool.internal.TaskQueue;
import io.threadpool.internal.Timers;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * A pool whose bodies wait at gates, beside a sequential model of it: what is queued, what stands
 * on each worker's stack, what has become of every task. A command is given to both; then the pool
 * has to come to what the model says, and to stay there.
 */
final class ModelPool implements AutoCloseable {

  /** What a pool is built with; capacity 0 is none. */
  record Config(Crew crew, int size, int capacity, SaturationPolicy policy) {

    WorkerPoolBuilder builder() {
      WorkerPoolBuilder builder = crew.settings(size).saturationPolicy(policy);
      return capacity == 0 ? builder.unboundedQueue() : builder.queueCapacity(capacity);
    }
  }

  /** Who works there. */
  enum Crew {
    FIXED,
    ELASTIC,
    VIRTUAL;

    WorkerPoolBuilder settings(int size) {
      return switch (this) {
        case FIXED -> WorkerPool.builder().size(size);
        case ELASTIC -> WorkerPool.builder().size(0, size).keepAlive(Duration.ofMillis(1));
        case VIRTUAL -> WorkerPool.builder().size(size).virtualThreads();
      };
    }
  }

  /** What a body does when it has started. */
  enum Kind {
    /** Waits at its gate, then returns its number. */
    GATE,
    /** Waits at its gate, then throws. */
    THROWER,
    /** Joins the handle that was made last, then returns its number. On a pool of one worker. */
    JOINER
  }

  /** What has become of a task, in the model. */
  private enum State {
    DELAYED,
    QUEUED,
    RUNNING,
    COMPLETED,
    FAILED,
    CANCELLED,
    ABORTED
  }

  /** A submission: its body for the pool, and its state in the model. */
  private final class Item implements Runnable {
    final int number;
    final Kind kind;
    final boolean raw;
    final Semaphore gate = new Semaphore(0);
    Task<Integer> task;
    Timing timing = Timing.AT_ONCE;

    // The model's.
    State state = State.QUEUED;
    boolean byUser;

    /** When it is due, if it is delayed. */
    long due;

    /** Between two beats, if it repeats. */
    long period;

    /** By when it has to have started, and for how long it may run. */
    long startBy = NEVER;

    long runLimit = NEVER;
    long begunAt;

    Item(int number, Kind kind, boolean raw) {
      this.number = number;
      this.kind = kind;
      this.raw = raw;
    }

    @Override
    public void run() {
      body();
    }

    int body() {
      synchronized (started) {
        started.add(number);
      }
      if (Thread.currentThread() == driver) {
        return number; // Run by its caller, who has commands to give.
      }
      if (kind == Kind.JOINER) {
        joinNewest();
      } else {
        try {
          gate.acquire();
        } catch (InterruptedException e) {
          throw new IllegalStateException("interrupted", e);
        }
        if (kind == Kind.THROWER) {
          throw new IllegalArgumentException("as told");
        }
      }
      return number;
    }

    private void joinNewest() {
      Task<Integer> target = newest(this);
      if (target != null) {
        try {
          target.get();
        } catch (ExecutionException | CancellationException ended) {
          // However it ended.
        } catch (InterruptedException e) {
          throw new IllegalStateException("interrupted", e);
        }
      }
    }

    /** When the clock has a part in what becomes of it next. */
    long event() {
      return switch (state) {
        case DELAYED -> due;
        case QUEUED -> startBy;
        case RUNNING -> runLimit == NEVER ? NEVER : begunAt + runLimit;
        default -> NEVER;
      };
    }

    void begin() {
      state = State.RUNNING;
      begunAt = now;
      if (timing == Timing.RATE) {
        due = now - (now - due) % period; // The beats before were missed.
      }
    }

    long nextDue() {
      return timing == Timing.RATE ? due + period : now + period;
    }

    void end(State outcome) {
      if (timing.repeats() && outcome == State.COMPLETED && !isDecided()) {
        due = nextDue();
        if (closed) {
          state = State.CANCELLED;
        } else {
          delayInModel(this);
        }
      } else {
        decide(outcome);
      }
    }

    boolean isDecided() {
      return state.compareTo(State.RUNNING) > 0;
    }

    /** Each has some nanoseconds of its own, so that not many things are due at one time. */
    void setTimes(int units) {
      long nanos = units * UNIT + number;
      switch (timing) {
        case START_LIMIT -> startBy = now + nanos + UNIT;
        case RUN_LIMIT -> runLimit = nanos + UNIT;
        case DELAYED, RATE, FIXED_DELAY -> {
          due = units == 0 ? now : now + nanos;
          period = timing.repeats() ? (1 + number % 2) * UNIT : 0;
        }
        default -> {}
      }
    }

    void decide(State outcome) {
      if (!isDecided()) {
        state = outcome;
      }
    }
  }

  /** What a task is submitted with. */
  enum Timing {
    AT_ONCE,
    START_LIMIT,
    RUN_LIMIT,
    DELAYED,
    RATE,
    FIXED_DELAY;

    boolean isScheduled() {
      return compareTo(DELAYED) >= 0;
    }

    boolean repeats() {
      return compareTo(RATE) >= 0;
    }
  }

  /** Keeps what limits are due, for the test to run them; all else has a real timer. */
  private static final class Limits extends Timers {
    private final Map<Entry, Long> due = new HashMap<>();
    private final LongSupplier clock;

    Limits(LongSupplier clock) {
      this.clock = clock;
    }

    @Override
    public synchronized boolean schedule(Entry entry, long nanos) {
      if (entry instanceof Limit) {
        due.put(entry, clock.getAsLong() + nanos);
        return true;
      }
      return super.schedule(entry, nanos);
    }

    @Override
    public synchronized void cancel(Entry entry) {
      due.remove(entry);
      super.cancel(entry);
    }

    private synchronized List<Entry> takeDue() {
      List<Entry> taken = new ArrayList<>(due.keySet());
      taken.removeIf(entry -> due.get(entry) > clock.getAsLong());
      taken.forEach(due::remove);
      return taken;
    }
  }

  private static final long DEADLINE_NANOS = 20_000_000_000L;
  private static final long NEVER = Long.MAX_VALUE;

  /** So long that none passes by itself. */
  private static final long UNIT = TimeUnit.DAYS.toNanos(1);

  private final Thread driver = Thread.currentThread();
  private final Config config;
  private final PoolCore core;
  private final WorkerPool pool;

  /** The clock of delays and limits, the model's and the pool's; written by the driver. */
  private volatile long now = System.nanoTime();

  private final Limits limits = new Limits(() -> now);

  /** The handles, in the order of submission; also read by joiners. */
  private final List<Item> handles = Collections.synchronizedList(new ArrayList<>());

  /** The numbers of the bodies that have started, in that order. Guarded by itself. */
  private final List<Integer> started = new ArrayList<>();

  // The model.

  private final List<Item> items = new ArrayList<>();
  private final Deque<Item> queue = new ArrayDeque<>();

  /**
   * What has fallen due. In which order workers look at it and at the queue is not in the model: so
   * at most one of the two is filled.
   */
  private final Deque<Item> line = new ArrayDeque<>();

  private final List<Item> delayed = new ArrayList<>();

  /** The bodies on each worker's stack, the innermost first. */
  private final List<Deque<Item>> workers = new ArrayList<>();

  private final List<Integer> startedInModel = new ArrayList<>();
  private int rejected;
  private boolean closed;

  /** The largest that it has been: joiners that wait for other workers are not in the model. */
  private int mostWorkers;

  /** How many bodies may be at the bottom of a stack. */
  private int size;

  ModelPool(Config config) {
    this.config = config;
    core =
        new PoolCore(config.builder().config()) {
          @Override
          TaskQueue newQueue(long roughLimit) {
            return new TaskQueue(TaskQueue.DEFAULT_SEGMENT_SIZE, roughLimit) {
              @Override
              public long nanoTime() {
                return now;
              }
            };
          }

          @Override
          Timers newTimers() {
            return limits;
          }
        };
    core.start(null);
    pool = WorkerPoolBuilder.open(core);
    size = config.size;
    mostWorkers = size;
  }

  private Task<Integer> newest(Item joiner) {
    synchronized (handles) {
      for (int i = handles.size() - 1; i >= 0; i--) {
        if (handles.get(i) != joiner && !handles.get(i).timing.isScheduled()) {
          return handles.get(i).task;
        }
      }
      return null;
    }
  }

  // Commands.

  void submit(Kind wanted, boolean raw, Timing timing, int units) {
    boolean mayJoin = mostWorkers == 1 && timing == Timing.AT_ONCE;
    Kind kind = wanted == Kind.JOINER && !mayJoin ? Kind.GATE : wanted;
    Item item = new Item(items.size() + rejected, kind, raw && !timing.isScheduled());
    item.timing = timing;
    item.setTimes(units);
    if (timing.isScheduled() ? item.due == now && !queue.isEmpty() : !line.isEmpty()) {
      return;
    }
    Reason expected = timing.isScheduled() ? closed ? Reason.SHUTDOWN : null : refusal();
    if (expected != null) {
      RejectedTaskException refused =
          assertThrows(RejectedTaskException.class, () -> submitToPool(item));
      assertEquals(expected, refused.reason());
      rejected++;
    } else {
      acceptInModel(item);
      submitToPool(item);
      items.add(item);
      if (!item.raw) {
        handles.add(item);
      }
    }
    check();
  }

  @SuppressWarnings("unchecked") // What repeats has no result.
  private void submitToPool(Item item) {
    long nanos = item.due - now;
    switch (item.timing) {
      case DELAYED -> item.task = callLater(item, nanos).toCompletableFuture();
      case RATE ->
          item.task =
              (Task<Integer>)
                  pool.scheduleAtFixedRate(item, nanos, item.period, TimeUnit.NANOSECONDS)
                      .toCompletableFuture();
      case FIXED_DELAY ->
          item.task =
              (Task<Integer>)
                  pool.scheduleWithFixedDelay(item, nanos, item.period, TimeUnit.NANOSECONDS)
                      .toCompletableFuture();
      default -> submitNow(item);
    }
  }

  private ScheduledTask<Integer> callLater(Item item, long nanos) {
    return pool.schedule((Callable<Integer>) item::body, nanos, TimeUnit.NANOSECONDS);
  }

  private void submitNow(Item item) {
    if (item.timing != Timing.AT_ONCE) {
      TaskOptions options =
          item.timing == Timing.START_LIMIT
              ? TaskOptions.startingWithin(Duration.ofNanos(item.startBy - now))
              : TaskOptions.runningWithin(Duration.ofNanos(item.runLimit));
      if (item.raw) {
        pool.execute(item, options);
      } else {
        item.task = pool.submit(item::body, options);
      }
    } else if (item.raw) {
      pool.execute(item);
    } else {
      item.task = pool.submit(item::body);
    }
  }

  private boolean isFull() {
    return config.capacity > 0 && queue.size() == config.capacity && idleWorker() == null;
  }

  private Reason refusal() {
    if (closed) {
      return Reason.SHUTDOWN;
    }
    if (!isFull() || config.policy().letsCallerRun() || config.policy().discardsOldest()) {
      return null;
    }
    return config.policy().rejects() ? Reason.SATURATED : Reason.TIMEOUT;
  }

  private void acceptInModel(Item item) {
    if (item.timing.isScheduled()) {
      delayInModel(item);
    } else if (!isFull()) {
      queue.add(item);
      startWhatCan();
    } else if (config.policy().letsCallerRun()) {
      startedInModel.add(item.number);
      item.state = State.COMPLETED;
    } else {
      queue.removeFirst().state = State.ABORTED;
      queue.add(item);
    }
  }

  /** Opens the gate of a running body; one that waits in a join has none. */
  void release(int choice) {
    List<Item> atGates = new ArrayList<>();
    for (Deque<Item> stack : workers) {
      if (!stack.isEmpty() && stack.peekFirst().kind != Kind.JOINER) {
        atGates.add(stack.peekFirst());
      }
    }
    atGates.removeIf(this::fillsBoth);
    if (!atGates.isEmpty()) {
      Item item = atGates.get(choice % atGates.size());
      item.gate.release();
      endInModel(item, item.kind == Kind.THROWER ? State.FAILED : State.COMPLETED);
    }
    check();
  }

  void cancel(int choice, boolean interrupt) {
    Item item = choose(choice);
    if (item != null) {
      boolean runs = item.state == State.RUNNING;
      boolean expected = !item.isDecided() || isCancelled(item);
      removeInModel(item);
      item.decide(State.CANCELLED);
      if (runs && interrupt && isInnermost(item)) {
        endInModel(item, State.CANCELLED);
      }
      assertEquals(expected, item.task.cancel(interrupt));
    }
    check();
  }

  void complete(int choice, boolean exceptionally) {
    Item item = choose(choice);
    if (item != null) {
      boolean expected = !item.isDecided();
      removeInModel(item);
      item.byUser |= expected;
      item.decide(exceptionally ? State.FAILED : State.COMPLETED);
      assertEquals(
          expected,
          exceptionally
              ? item.task.completeExceptionally(new ArithmeticException("by the user"))
              : item.task.complete(-1));
    }
    check();
  }

  /** Runs a queued task on the driver's thread. */
  void runByHand(int choice) {
    Item item = choose(choice);
    if (item != null) {
      if (queue.remove(item) || line.remove(item)) {
        startedInModel.add(item.number);
        item.begin();
        item.end(State.COMPLETED);
      }
      item.task.run();
    }
    check();
  }

  /** Lets time pass until the next thing is due, or late, if that is one. */
  void pass() {
    long next = NEVER;
    List<Item> first = new ArrayList<>();
    for (Item item : items) {
      if (item.event() <= next) {
        first.removeIf(other -> item.event() < other.event());
        first.add(item);
        next = item.event();
      }
    }
    boolean falls = first.size() == 1 && first.get(0).state == State.DELAYED;
    if (next != NEVER && first.size() == 1 && !(falls && !queue.isEmpty())) {
      now = next;
      Item item = first.get(0);
      if (falls) {
        fallDueInModel(item);
      } else {
        boolean runs = item.state == State.RUNNING;
        removeInModel(item);
        item.decide(State.ABORTED);
        if (runs) {
          endInModel(item, State.ABORTED);
        }
      }
      timePasses();
    }
    check();
  }

  /** The machine stands still, if that is long for one that repeats, and for nothing else. */
  void standStill() {
    List<Item> open = new ArrayList<>(items);
    open.removeIf(item -> item.event() == NEVER);
    if (open.size() == 1 && delayed.contains(open.get(0)) && queue.isEmpty()) {
      now += 10 * UNIT + 7;
      fallDueInModel(open.get(0));
      timePasses();
    }
    check();
  }

  private void timePasses() {
    core.delays.handOver();
    limits.takeDue().forEach(Timers.Entry::run);
  }

  void join(int choice) {
    Item item = choose(choice);
    if (item != null && item.isDecided()) {
      assertOutcome(item);
    }
    check();
  }

  /**
   * Changes the number of workers; those that are too many end what they run. One more at a time,
   * since two that start at once start in either order.
   */
  void resize(int wanted) {
    int to = Math.min(wanted, size + 1);
    boolean joins = queue.stream().anyMatch(item -> item.kind == Kind.JOINER);
    if (!closed && !(joins && to > 1)) {
      size = to;
      mostWorkers = Math.max(mostWorkers, to);
      if (config.crew == Crew.ELASTIC) {
        pool.resize(0, to);
      } else {
        pool.resize(to);
      }
      startWhatCan();
      awaitLeaving();
    }
    check();
  }

  /** Who looks for a task at the moment may still take one that comes next. */
  private void awaitLeaving() {
    long deadline = System.nanoTime() + DEADLINE_NANOS;
    long busy = workers.stream().filter(stack -> !stack.isEmpty()).count();
    while (pool.stats().workers() > Math.max(size, busy) && System.nanoTime() < deadline) {
      Thread.yield();
    }
  }

  void shutdown() {
    closeInModel();
    pool.shutdown();
    check();
  }

  void drainForLong() {
    closeInModel();
    pool.shutdown(ShutdownPolicy.drainFor(Duration.ofDays(100_000)));
    check();
  }

  void shutdownNow(boolean byPolicy) {
    closed = true;
    List<Runnable> unstarted = new ArrayList<>();
    for (Item item : queue) {
      item.state = State.ABORTED;
      unstarted.add(item.raw ? item : item.task);
    }
    queue.clear();
    delayed.sort(Comparator.comparingLong(item -> item.due));
    line.addAll(delayed);
    delayed.clear();
    for (Item item : line) {
      item.state = State.ABORTED;
      unstarted.add(item.task);
    }
    line.clear();
    for (Deque<Item> stack : List.copyOf(workers)) {
      if (!stack.isEmpty()) {
        endInModel(stack.peekFirst(), State.FAILED);
      }
    }
    if (byPolicy) {
      pool.shutdown(ShutdownPolicy.abort());
    } else {
      assertEquals(unstarted, pool.shutdownNow());
    }
    check();
  }

  private Item choose(int choice) {
    return handles.isEmpty() ? null : handles.get(choice % handles.size());
  }

  private static boolean isCancelled(Item item) {
    return !item.byUser && (item.state == State.CANCELLED || item.state == State.ABORTED);
  }

  // The model's steps.

  /** The stack of a worker that has nothing to do, or could be there; null if there are enough. */
  private Deque<Item> idleWorker() {
    workers.removeIf(Deque::isEmpty);
    if (workers.size() >= size) {
      return null;
    }
    workers.add(new ArrayDeque<>());
    return workers.get(workers.size() - 1);
  }

  private boolean isInnermost(Item item) {
    return workers.stream().anyMatch(stack -> stack.peekFirst() == item);
  }

  private void startWhatCan() {
    Deque<Item> idle;
    while (!(queue.isEmpty() && line.isEmpty()) && (idle = idleWorker()) != null) {
      start(queue.isEmpty() ? line.removeFirst() : queue.removeFirst(), idle);
    }
  }

  private void delayInModel(Item item) {
    item.state = State.DELAYED;
    delayed.add(item);
    if (item.due <= now) {
      fallDueInModel(item);
    }
  }

  private void fallDueInModel(Item item) {
    delayed.remove(item);
    item.state = State.QUEUED;
    line.add(item);
    startWhatCan();
  }

  private void removeInModel(Item item) {
    queue.remove(item);
    line.remove(item);
    delayed.remove(item);
  }

  /** Whether the end of a beat would have the next one due while others are queued. */
  private boolean fillsBoth(Item item) {
    return item.timing.repeats() && item.nextDue() <= now && !queue.isEmpty();
  }

  /** What repeats and is not due ends at once. */
  private void closeInModel() {
    closed = true;
    for (Item item : List.copyOf(delayed)) {
      if (item.timing.repeats()) {
        delayed.remove(item);
        item.state = State.CANCELLED;
      }
    }
  }

  /** Starts a body on a worker's stack; a joiner may start another on top, or end at once. */
  private void start(Item item, Deque<Item> stack) {
    item.begin();
    startedInModel.add(item.number);
    stack.addFirst(item);
    if (item.kind == Kind.JOINER) {
      Task<Integer> task = newest(item);
      Item target =
          items.stream().filter(i -> i.task != null && i.task == task).findAny().orElse(null);
      if (target != null && target.state == State.QUEUED) {
        queue.remove(target);
        start(target, stack);
      } else {
        // On a pool of one worker, what has started and not ended stands on the joiner's own stack.
        boolean refused = target != null && target.state == State.RUNNING;
        endInModel(item, refused ? State.FAILED : State.COMPLETED);
      }
    }
  }

  /** Ends the innermost body of a worker, and the joiners that waited for it. */
  private void endInModel(Item item, State outcome) {
    for (Deque<Item> stack : List.copyOf(workers)) {
      if (stack.peekFirst() == item) {
        stack.removeFirst();
        item.end(outcome);
        if (!stack.isEmpty()) {
          endInModel(stack.peekFirst(), State.COMPLETED);
        }
      }
    }
    startWhatCan();
  }

  // Checks.

  /** Waits until the pool shows what the model says, then compares what became of every task. */
  private void check() {
    long deadline = System.nanoTime() + DEADLINE_NANOS;
    boolean agrees;
    // Once is enough: a worker that meets a dead entry counts as active for a moment.
    while (!(agrees = agrees()) && System.nanoTime() < deadline) {
      Thread.yield();
    }
    assertTrue(
        agrees, () -> "the pool says " + real() + ", the model says " + model() + " of " + config);
    for (Item item : handles) {
      assertEquals(item.isDecided(), item.task.isDone());
      if (item.isDecided()) {
        assertOutcome(item);
      }
    }
    assertEquals(closed, pool.isShutdown());
    boolean over =
        closed
            && queue.isEmpty()
            && line.isEmpty()
            && delayed.isEmpty()
            && workers.stream().allMatch(Deque::isEmpty);
    if (over) {
      assertTrue(awaitTermination());
      Pools.assertLaw(pool);
    } else {
      assertFalse(pool.isTerminated());
      assertTrue(pool.report().isEmpty());
    }
  }

  private boolean awaitTermination() {
    try {
      return pool.awaitTermination(Duration.ofNanos(DEADLINE_NANOS));
    } catch (InterruptedException e) {
      throw new AssertionError("a stray interrupt", e);
    }
  }

  private boolean agrees() {
    return model().equals(real())
        && handles.stream().allMatch(item -> item.isDecided() == item.task.isDone());
  }

  private List<?> real() {
    PoolStats s = pool.stats();
    synchronized (started) {
      return Arrays.asList(
          new ArrayList<>(started),
          s.queued(),
          (long) s.delayed(),
          (long) s.active(),
          s.accepted(),
          s.completed(),
          s.failed(),
          s.cancelled(),
          s.aborted(),
          s.rejected());
    }
  }

  private List<?> model() {
    return Arrays.asList(
        startedInModel,
        (long) (queue.size() + line.size()),
        (long) delayed.size(),
        active(),
        (long) items.size(),
        count(State.COMPLETED),
        count(State.FAILED),
        count(State.CANCELLED),
        count(State.ABORTED),
        (long) rejected);
  }

  /** How many threads run a body: of virtual ones, each its own. */
  private long active() {
    return config.crew == Crew.VIRTUAL
        ? workers.stream().mapToLong(Deque::size).sum()
        : workers.stream().filter(stack -> !stack.isEmpty()).count();
  }

  private long count(State state) {
    return items.stream().filter(item -> item.state == state).count();
  }

  private void assertOutcome(Item item) {
    Task<Integer> task = item.task;
    assertEquals(isCancelled(item), task.isCancelled());
    switch (item.state) {
      case COMPLETED -> assertEquals(item.byUser ? -1 : item.number, task.join());
      case FAILED -> {
        ExecutionException failed =
            assertThrows(ExecutionException.class, () -> task.get(0, TimeUnit.SECONDS));
        assertEquals(item.byUser, failed.getCause() instanceof ArithmeticException);
      }
      case CANCELLED -> {
        CancellationException e = assertThrows(CancellationException.class, task::join);
        assertFalse(e instanceof TaskAbortedException);
      }
      case ABORTED -> assertThrows(TaskAbortedException.class, task::join);
      default -> throw new AssertionError(item.state);
    }
  }

  /** Ends the pool, whatever the test has come to. */
  @Override
  public void close() {
    synchronized (handles) {
      items.forEach(item -> item.gate.release(1_000));
    }
    pool.shutdownNow();
    assertTrue(awaitTermination(), () -> "not terminated: " + pool);
    Pools.assertLaw(pool);
  }

  @Override
  public String toString() {
    return "ModelPool[" + config + ", " + model() + "]";
  }
}
