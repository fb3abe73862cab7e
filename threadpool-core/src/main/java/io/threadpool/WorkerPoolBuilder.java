package io.threadpool;

import io.threadpool.internal.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Builds {@link WorkerPool}s.
 *
 * <p>Only a size is required: {@link #size(int)} or {@link #size(int, int)}. Each setter checks its
 * own argument at once; {@link #build()} reports what does not go together, all of it. A builder
 * may be used again; it is not thread-safe.
 *
 * <pre>{@code
 * WorkerPool pool =
 *     WorkerPool.builder()
 *         .size(8)
 *         .name("mail")
 *         .queueCapacity(10_000)
 *         .saturationPolicy(SaturationPolicy.callerRuns())
 *         .shutdownPolicy(ShutdownPolicy.drainFor(Duration.ofSeconds(20)))
 *         .build();
 * }</pre>
 */
public final class WorkerPoolBuilder {

  /** About how many tasks may be queued where nothing is said. */
  private static final int SAFETY_LIMIT = 1_048_576;

  private static final Duration KEEP_ALIVE = Duration.ofMinutes(1);

  private static final long STILL_NANOS = 10_000_000_000L;

  private static final AtomicLong POOLS = new AtomicLong();

  /** The least number of workers; -1 where only the largest was given. */
  private int min = -1;

  /** The largest number of workers; 0 where none was given. */
  private int max;

  private @Nullable Duration keepAlive;
  private boolean virtualThreads;
  private @Nullable String name;
  private @Nullable Boolean daemon;
  private @Nullable ThreadFactory threadFactory;
  private ShutdownPolicy shutdownPolicy = ShutdownPolicy.drain();
  private Duration abortGrace = Duration.ofSeconds(5);
  private Thread.@Nullable UncaughtExceptionHandler uncaughtHandler;
  private int queueCapacity;
  private boolean unboundedQueue;
  private SaturationPolicy saturationPolicy = SaturationPolicy.reject();
  private @Nullable UnaryOperator<Runnable> taskDecorator;
  private @Nullable ShutdownPolicy exitPolicy;
  private TaskOptions taskOptions = TaskOptions.NONE;
  private long slowNanos;
  private long stillNanos = STILL_NANOS;
  private boolean jmx;

  WorkerPoolBuilder() {}

  /**
   * Sets how many workers the pool has. Required.
   *
   * <p>Where tasks compute, as many as there are {@linkplain Runtime#availableProcessors
   * processors}: more of them only take turns. Where tasks wait, more by as much as they wait: with
   * 4 processors and tasks that wait nine times as long as they compute, some 40, and no more than
   * what they wait for can bear, as a database its connections. Tasks of both kinds want two pools.
   *
   * <p>With {@link #virtualThreads()} it is how many tasks run at once, at the most; up to
   * 1,048,575.
   *
   * @param size the number of workers, from 1 to 32,767, which {@link #build()} checks where it is
   *     more than that: virtual threads may be more
   * @return this builder
   * @throws IllegalArgumentException if {@code size} is out of range
   */
  public WorkerPoolBuilder size(int size) {
    max = Checks.inRange(size, 1, PoolConfig.MAX_VIRTUAL, "size");
    min = -1;
    return this;
  }

  /**
   * Sets how many workers stay, and how many there may be: the pool grows when it has more to do
   * than those that are there get done, and shrinks when workers have nothing to do for the {@link
   * #keepAlive(Duration)}. Workers that wait are no longer there for other tasks, so where all that
   * are alive do, the pool grows at once; where they compute, as many as there are processors are
   * enough, and it grows only when no task has been taken for some 5 milliseconds. One that reads
   * from a socket, or is in other native code, passes for one that computes: the virtual machine
   * does not tell. Does not go with {@link #virtualThreads()}.
   *
   * <p>A start that fails is tried again, by the library's timer. Where {@code min} is 0, nobody
   * else works, and its thread cannot be had at that moment either, the next call of the pool
   * tries, be that a submission or a wait; it is the same on virtual threads.
   *
   * @param min how many workers are there from the first and stay, from 0
   * @param max how many there may be, from {@code min}, at least 1, to 32,767
   * @return this builder
   * @throws IllegalArgumentException if {@code min} or {@code max} is out of range
   */
  public WorkerPoolBuilder size(int min, int max) {
    Checks.inRange(max, 1, PoolConfig.MAX_THREADS, "max");
    this.min = Checks.inRange(min, 0, max, "min");
    this.max = max;
    return this;
  }

  /**
   * Sets how long a worker sleeps before it leaves, where more are alive than are to stay; 1 minute
   * by default. They leave one after the other: of n that are too many, the next one leaves about
   * an n-th of this time after the last one that left, and more where it has to look again; so ten
   * are gone after some five times as long, a thousand after some thirteen. It matters for {@link
   * #size(int, int)}, and once a pool is {@linkplain WorkerPool#resize(int, int) resized}. Does not
   * go with {@link #virtualThreads()}.
   *
   * @param keepAlive the time; zero lets them leave at once; a length that nanoseconds cannot count
   *     in a {@code long} (about 292 years) is taken as that limit
   * @return this builder
   * @throws NullPointerException if {@code keepAlive} is null
   * @throws IllegalArgumentException if {@code keepAlive} is negative
   */
  public WorkerPoolBuilder keepAlive(Duration keepAlive) {
    Checks.nonNegativeNanos(keepAlive, "keepAlive");
    this.keepAlive = keepAlive;
    return this;
  }

  /**
   * Lets each task run on a virtual thread of its own, in the order of acceptance, and at most
   * {@link #size(int)} of them at once; the others wait in the queue. Whatever a task leaves on its
   * thread, its thread-locals, say, ends with it. The threads are named as other workers' are,
   * numbered in the order in which they start, inherit nothing from submitters, and do not keep the
   * virtual machine alive. A body that joins a task of the pool that has not started does not run
   * it inline: another virtual thread does, in the place of the joiner, which goes on, or notices
   * an interrupt, when that body has left. Bodies that callers run themselves do not count among
   * those that run at once, nor does what these have run in their place. Needs Java 21 or later;
   * before 24 a body that joins while it holds a monitor keeps its processor from the others, and
   * for ever where as many do so as the JDK has threads for virtual ones. Does not go with {@link
   * #size(int, int)}, {@link #keepAlive(Duration)}, {@link #daemon(boolean)} and {@link
   * #threadFactory(ThreadFactory)}.
   *
   * @return this builder
   */
  public WorkerPoolBuilder virtualThreads() {
    virtualThreads = true;
    return this;
  }

  /**
   * Sets the pool's name; its workers are named {@code name-0}, {@code name-1} and so on. Without a
   * name the pool is {@code pool-K}. Does not go with {@link #threadFactory(ThreadFactory)}.
   *
   * @param name the name, not blank
   * @return this builder
   * @throws NullPointerException if {@code name} is null
   * @throws IllegalArgumentException if {@code name} is blank
   */
  public WorkerPoolBuilder name(String name) {
    this.name = Checks.nonBlank(name, "name");
    return this;
  }

  /**
   * Sets whether the workers are daemon threads, which do not keep the virtual machine alive; they
   * are not, by default. Does not go with {@link #threadFactory(ThreadFactory)}.
   *
   * @param daemon whether the workers are daemon threads
   * @return this builder
   */
  public WorkerPoolBuilder daemon(boolean daemon) {
    this.daemon = daemon;
    return this;
  }

  /**
   * Sets what makes the workers' threads: those that are there from the first in {@link #build()},
   * on its thread, the others on a thread that exists for that alone, is no daemon, and has the
   * group and the context class loader of the thread that built the pool. So what the factory does
   * holds up neither submitters nor timers. A thread that could not be made or started (the factory
   * throws, returns null or a started thread) is done without, with a warning, as long as there is
   * one; a pool that may grow, or was ever resized, tries again, with pauses of up to a second.
   * Where none is left, such a pool gives up once it is closed and the tries of one to three
   * seconds were in vain. One call is made at a time: while it has not come back, the pool does not
   * grow. The thread must run what the factory was given: one that ends without that is noticed
   * within some two seconds once tasks wait for it, each that follows as late, and told; where no
   * other is left, nor can follow, the pool aborts what is queued ({@link
   * TaskAbortedException.Reason#NO_WORKER}). The pool keeps the factory while it is itself kept,
   * until it has terminated; one that refers to who owns the pool does not keep a forgotten pool.
   *
   * @param threadFactory the factory
   * @return this builder
   * @throws NullPointerException if {@code threadFactory} is null
   */
  public WorkerPoolBuilder threadFactory(ThreadFactory threadFactory) {
    this.threadFactory = Checks.nonNull(threadFactory, "threadFactory");
    return this;
  }

  /**
   * Sets what {@link WorkerPool#shutdown()} and {@link WorkerPool#close()} do; {@link
   * ShutdownPolicy#drain()} by default.
   *
   * @param shutdownPolicy the policy
   * @return this builder
   * @throws NullPointerException if {@code shutdownPolicy} is null
   */
  public WorkerPoolBuilder shutdownPolicy(ShutdownPolicy shutdownPolicy) {
    this.shutdownPolicy = Checks.nonNull(shutdownPolicy, "shutdownPolicy");
    return this;
  }

  /**
   * Sets how long running tasks have, from an abort, to end before they are reported as stuck; 5
   * seconds by default.
   *
   * @param abortGrace the time; zero gives none; a length that nanoseconds cannot count in a {@code
   *     long} (about 292 years) is taken as that limit
   * @return this builder
   * @throws NullPointerException if {@code abortGrace} is null
   * @throws IllegalArgumentException if {@code abortGrace} is negative
   */
  public WorkerPoolBuilder abortGrace(Duration abortGrace) {
    Checks.nonNegativeNanos(abortGrace, "abortGrace");
    this.abortGrace = abortGrace;
    return this;
  }

  /**
   * Sets what hears of what raw commands throw, on the thread that ran them. Without it, the
   * handler that the thread factory put on the worker does, else the log; where there is no SLF4J
   * provider, or the log fails, the thread's group, as for any thread. What the handler throws is
   * told in the same way, and so is what it was given. The pool keeps the handler until it has
   * terminated: one that refers to who owns the pool keeps a forgotten pool from being noticed.
   *
   * @param uncaughtHandler the handler
   * @return this builder
   * @throws NullPointerException if {@code uncaughtHandler} is null
   */
  public WorkerPoolBuilder uncaughtHandler(Thread.UncaughtExceptionHandler uncaughtHandler) {
    this.uncaughtHandler = Checks.nonNull(uncaughtHandler, "uncaughtHandler");
    return this;
  }

  /**
   * Sets how many accepted tasks may wait, exactly ({@link SaturationPolicy#discardOldest()} tells
   * of an exception); running ones do not count. A task waits until a worker has taken it: so a
   * burst that comes faster than idle workers wake may find the queue full before they run. Without
   * a capacity there is a safety limit of about 1,048,576. Does not go with {@link
   * #unboundedQueue()}.
   *
   * @param queueCapacity the capacity, at least 1
   * @return this builder
   * @throws IllegalArgumentException if {@code queueCapacity} is less than 1
   */
  public WorkerPoolBuilder queueCapacity(int queueCapacity) {
    this.queueCapacity = Checks.inRange(queueCapacity, 1, Integer.MAX_VALUE, "queueCapacity");
    return this;
  }

  /**
   * Lets any number of tasks wait, as far as the heap holds them. Does not go with {@link
   * #queueCapacity(int)}.
   *
   * @return this builder
   */
  public WorkerPoolBuilder unboundedQueue() {
    unboundedQueue = true;
    return this;
  }

  /**
   * Sets what is done with a submission that finds the queue full; {@link
   * SaturationPolicy#reject()} by default.
   *
   * @param saturationPolicy the policy
   * @return this builder
   * @throws NullPointerException if {@code saturationPolicy} is null
   */
  public WorkerPoolBuilder saturationPolicy(SaturationPolicy saturationPolicy) {
    this.saturationPolicy = Checks.nonNull(saturationPolicy, "saturationPolicy");
    return this;
  }

  /**
   * Sets what wraps each task: it is applied on the submitting thread, before the task is accepted,
   * so that it can capture what that thread has, and what it returns is run in the task's place. It
   * must run what it was given, once, on the same thread. If it throws or returns null, the
   * submission throws, and nothing was submitted. The pool keeps the decorator until it has
   * terminated, as it does the handler.
   *
   * @param taskDecorator the decorator
   * @return this builder
   * @throws NullPointerException if {@code taskDecorator} is null
   */
  public WorkerPoolBuilder taskDecorator(UnaryOperator<Runnable> taskDecorator) {
    this.taskDecorator = Checks.nonNull(taskDecorator, "taskDecorator");
    return this;
  }

  /**
   * Sets what all tasks of the pool are submitted with, where their submission says nothing else: a
   * name, and limits. With options a command given to {@link WorkerPool#execute} becomes a task
   * that nobody holds; that a limit has ended it reaches the handler. The limits do not cost a
   * timer for each task: they are looked after together, each second, or ten times within the
   * shortest of them. An {@code ...Async} step of a stage has no limit for its start: it could not
   * be settled.
   *
   * @param taskOptions the options
   * @return this builder
   * @throws NullPointerException if {@code taskOptions} is null
   */
  public WorkerPoolBuilder taskOptions(TaskOptions taskOptions) {
    this.taskOptions = Checks.nonNull(taskOptions, "taskOptions");
    return this;
  }

  /**
   * Has a warning logged of each task whose body runs for longer than a time, once, with its
   * worker, its age, its name and its stack; at most a fifth of the time late, or two seconds.
   * There is none, by default.
   *
   * @param slowTaskWarning the time; a length that nanoseconds cannot count in a {@code long}
   *     (about 292 years) is taken as that limit
   * @return this builder
   * @throws NullPointerException if {@code slowTaskWarning} is null
   * @throws IllegalArgumentException if {@code slowTaskWarning} is not positive
   */
  public WorkerPoolBuilder slowTaskWarning(Duration slowTaskWarning) {
    slowNanos = Checks.positiveNanos(slowTaskWarning, "slowTaskWarning");
    return this;
  }

  /**
   * Sets for how long the pool may stand still before a warning is logged, once for each
   * standstill, with the stacks of what runs, of the first 100: while tasks wait and every worker
   * is in one, none has been taken, and none has ended. So do tasks that wait for what waits behind
   * them, whatever they wait with, and tasks that take long. 10 seconds by default.
   *
   * @param standstillWarning the time; zero switches the warning off; a length that nanoseconds
   *     cannot count in a {@code long} (about 292 years) is taken as that limit
   * @return this builder
   * @throws NullPointerException if {@code standstillWarning} is null
   * @throws IllegalArgumentException if {@code standstillWarning} is negative
   */
  public WorkerPoolBuilder standstillWarning(Duration standstillWarning) {
    stillNanos = Checks.nonNegativeNanos(standstillWarning, "standstillWarning");
    return this;
  }

  /**
   * Shuts the pool down when the virtual machine exits, with a policy of its own, and lets the
   * virtual machine wait for that. All such pools go down side by side. Threads that are not
   * daemons keep the virtual machine from exiting by itself: see {@link #daemon}. A task that calls
   * {@code System.exit} cannot end before the exit does: it uses the deadline and the abort grace
   * up, and is reported as stuck. To learn what was left undone, add a shutdown hook that calls
   * {@link WorkerPool#close} and reads the {@link WorkerPool#report}.
   *
   * @param exitPolicy the policy, which must have a deadline: {@link ShutdownPolicy#abort()} or
   *     {@link ShutdownPolicy#drainFor(Duration)}
   * @return this builder
   * @throws NullPointerException if {@code exitPolicy} is null
   * @throws IllegalArgumentException if {@code exitPolicy} has no deadline
   */
  public WorkerPoolBuilder onJvmExit(ShutdownPolicy exitPolicy) {
    if (!Checks.nonNull(exitPolicy, "exitPolicy").hasDeadline) {
      throw new IllegalArgumentException(
          "exitPolicy must have a deadline, so that the JVM ends, but was " + exitPolicy);
    }
    this.exitPolicy = exitPolicy;
    return this;
  }

  /**
   * Sets whether JMX shows the pool, as a {@link WorkerPoolMXBean}, until it has terminated; it
   * does not, by default. That does not keep a pool alive that nobody refers to. Needs the module
   * {@code java.management}.
   *
   * @param jmx whether the pool is registered with the platform's MBean server
   * @return this builder
   */
  public WorkerPoolBuilder jmx(boolean jmx) {
    this.jmx = jmx;
    return this;
  }

  /**
   * Builds the pool and starts the workers that are to be there from the first.
   *
   * @return a running pool
   * @throws IllegalStateException if settings are missing or do not go together, with all of them
   *     in the message, or if this Java has no virtual threads and they are asked for; or if no
   *     worker thread could be started, or JMX does not take the pool, with the cause
   */
  public WorkerPool build() {
    PoolConfig config = config();
    Rehearsal.once();
    boolean cautious = config.places() == 0 || config.patience().options().startNanos != 0;
    PoolCore core = cautious ? new CautiousCore(config) : new PoolCore(config);
    core.start(threadFactory);
    try {
      return open(core, threadFactory);
    } catch (Throwable failed) {
      core.shutdown(ShutdownPolicy.abort());
      throw failed;
    }
  }

  /** The settings, checked. */
  PoolConfig config() {
    List<String> conflicts = conflicts();
    if (!conflicts.isEmpty()) {
      throw new IllegalStateException("A pool cannot be built so: " + String.join("; ", conflicts));
    }
    String poolName = name == null ? "pool-" + POOLS.incrementAndGet() : name;
    boolean waits = !saturationPolicy.rejects();
    boolean exactLimit = queueCapacity == 0 && !unboundedQueue && waits;
    boolean roughLimit = queueCapacity == 0 && !unboundedQueue && !waits;
    return new PoolConfig(
        poolName,
        min < 0 ? max : min,
        max,
        keepAlive == null ? KEEP_ALIVE : keepAlive,
        virtualThreads,
        Boolean.TRUE.equals(daemon),
        shutdownPolicy,
        abortGrace,
        uncaughtHandler,
        exactLimit ? SAFETY_LIMIT : queueCapacity,
        roughLimit ? SAFETY_LIMIT : Long.MAX_VALUE,
        saturationPolicy,
        taskDecorator,
        exitPolicy,
        new Patience(taskOptions, slowNanos, stillNanos),
        jmx,
        builtAt());
  }

  private List<String> conflicts() {
    List<String> conflicts = new ArrayList<>();
    if (max == 0) {
      conflicts.add("size is required");
    }
    if (virtualThreads) {
      addConflictsOfVirtual(conflicts);
    } else if (max > PoolConfig.MAX_THREADS) {
      conflicts.add(
          "size (" + max + ") is more than " + PoolConfig.MAX_THREADS + ", without virtualThreads");
    }
    if (threadFactory != null && name != null) {
      conflicts.add("name (" + name + ") does not go with threadFactory, which names the threads");
    }
    if (threadFactory != null && daemon != null) {
      conflicts.add("daemon (" + daemon + ") does not go with threadFactory, which decides that");
    }
    if (jmx && ModuleLayer.boot().findModule("java.management").isEmpty()) {
      conflicts.add("jmx needs the module java.management, which this Java does not have");
    }
    if (unboundedQueue && queueCapacity != 0) {
      conflicts.add("queueCapacity (" + queueCapacity + ") does not go with unboundedQueue");
    }
    return conflicts;
  }

  private void addConflictsOfVirtual(List<String> conflicts) {
    if (!Threads.haveVirtual()) {
      conflicts.add(
          "virtualThreads needs Java 21 or later, and this is " + Runtime.version().feature());
    }
    if (min >= 0) {
      conflicts.add(
          "size (" + min + ", " + max + ") does not go with virtualThreads: use size(max)");
    }
    if (keepAlive != null) {
      conflicts.add("keepAlive (" + keepAlive + ") does not go with virtualThreads");
    }
    if (daemon != null) {
      conflicts.add("daemon (" + daemon + ") does not go with virtualThreads, which all are");
    }
    if (threadFactory != null) {
      conflicts.add("threadFactory does not go with virtualThreads");
    }
  }

  /** Puts the facade around a core whose workers run. */
  static WorkerPool open(PoolCore core) {
    return open(core, null);
  }

  /** The same, and has it keep the factory. */
  private static WorkerPool open(PoolCore core, @Nullable ThreadFactory factory) {
    DefaultWorkerPool pool = DefaultWorkerPool.of(core, factory);
    if (core.config().exitPolicy() != null) {
      try {
        ExitHook.add(core);
      } catch (IllegalStateException exiting) {
        core.events.noExitHook(exiting);
      }
    }
    return pool;
  }

  /** The user's line that builds the pool. */
  private static @Nullable StackTraceElement builtAt() {
    for (StackTraceElement line : new Throwable().getStackTrace()) {
      if (isUsers(line.getClassName())) {
        return line;
      }
    }
    return null;
  }

  /** Neither of the library nor of a call by reflection. */
  private static boolean isUsers(String type) {
    return !type.equals(WorkerPoolBuilder.class.getName())
        && !type.equals(WorkerPool.class.getName())
        && !type.startsWith("java.lang.reflect.")
        && !type.startsWith("jdk.internal.reflect.");
  }
}
