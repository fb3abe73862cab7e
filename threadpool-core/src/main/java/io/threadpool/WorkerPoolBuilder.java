package io.threadpool;

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
 * <p>Only {@link #size(int)} is required. Each setter checks its own argument at once; {@link
 * #build()} reports what does not go together, all of it. A builder may be used again; it is not
 * thread-safe.
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

  private static final int MAX_SIZE = 32_767;

  /** About how many tasks may be queued where nothing is said. */
  private static final int SAFETY_LIMIT = 1_048_576;

  private static final AtomicLong POOLS = new AtomicLong();

  private int size;
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

  WorkerPoolBuilder() {}

  /**
   * Sets how many workers the pool has. Required.
   *
   * <p>Where tasks compute, as many as there are {@linkplain Runtime#availableProcessors
   * processors}: more of them only take turns. Where tasks wait, more by as much as they wait: with
   * 4 processors and tasks that wait nine times as long as they compute, some 40, and no more than
   * what they wait for can bear, as a database its connections. Tasks of both kinds want two pools.
   *
   * @param size the number of workers, from 1 to 32,767
   * @return this builder
   * @throws IllegalArgumentException if {@code size} is out of range
   */
  public WorkerPoolBuilder size(int size) {
    this.size = Checks.inRange(size, 1, MAX_SIZE, "size");
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
    if (Checks.nonNull(name, "name").isBlank()) {
      throw new IllegalArgumentException("name must not be blank, but was \"" + name + "\"");
    }
    this.name = name;
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
   * Sets what makes the workers' threads, all of them in {@link #build()}, on its thread. A thread
   * that could not be made or started (the factory throws, returns null or a started thread) is
   * done without, with a warning, as long as there is one. The thread must run what the factory was
   * given: one that ends without that is noticed within some two seconds once tasks wait for it,
   * and told; where no other is left, the pool aborts what is queued ({@link
   * TaskAbortedException.Reason#NO_WORKER}). The pool does not keep the factory.
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
   * of an exception); running ones do not count. Without a capacity there is a safety limit of
   * about 1,048,576. Does not go with {@link #unboundedQueue()}.
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
    if (!Checks.nonNull(exitPolicy, "exitPolicy").hasDeadline()) {
      throw new IllegalArgumentException(
          "exitPolicy must have a deadline, so that the JVM ends, but was " + exitPolicy);
    }
    this.exitPolicy = exitPolicy;
    return this;
  }

  /**
   * Builds the pool and starts all its workers.
   *
   * @return a running pool
   * @throws IllegalStateException if settings are missing or do not go together, with all of them
   *     in the message; or if no worker thread could be started, with the cause
   */
  public WorkerPool build() {
    PoolConfig config = config();
    Rehearsal.once();
    PoolCore core = new PoolCore(config);
    core.start(factory(config.name()));
    try {
      return open(core);
    } catch (Throwable failed) {
      core.shutdown(ShutdownPolicy.abort());
      throw failed;
    }
  }

  /** What makes the threads of a pool of that name. */
  ThreadFactory factory(String poolName) {
    return threadFactory == null
        ? new WorkerThreads(poolName, Boolean.TRUE.equals(daemon))
        : threadFactory;
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
        size,
        shutdownPolicy,
        abortGrace,
        uncaughtHandler,
        exactLimit ? SAFETY_LIMIT : queueCapacity,
        roughLimit ? SAFETY_LIMIT : Long.MAX_VALUE,
        saturationPolicy,
        taskDecorator,
        exitPolicy,
        builtAt());
  }

  private List<String> conflicts() {
    List<String> conflicts = new ArrayList<>();
    if (size == 0) {
      conflicts.add("size is required");
    }
    if (threadFactory != null && name != null) {
      conflicts.add("name (" + name + ") does not go with threadFactory, which names the threads");
    }
    if (threadFactory != null && daemon != null) {
      conflicts.add("daemon (" + daemon + ") does not go with threadFactory, which decides that");
    }
    if (unboundedQueue && queueCapacity != 0) {
      conflicts.add("queueCapacity (" + queueCapacity + ") does not go with unboundedQueue");
    }
    return conflicts;
  }

  /** Puts the facade around a core whose workers run. */
  static WorkerPool open(PoolCore core) {
    DefaultWorkerPool pool = new DefaultWorkerPool(core);
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
