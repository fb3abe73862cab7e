package io.threadpool.examples.compare;

import io.threadpool.examples.VirtualThreads;
import io.threadpool.examples.compare.Plan.StartFault;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Makes the threads of a pool in a trial: daemons, by name to be known again, and failing to start
 * where the plan says so. Thread-safe.
 */
final class Threads implements ThreadFactory, ForkJoinPool.ForkJoinWorkerThreadFactory {
  private static final String PREFIX = "compared-";

  private final Plan plan;
  private final AtomicInteger named = new AtomicInteger();
  private final AtomicInteger starts = new AtomicInteger();
  private final List<Thread> made = new CopyOnWriteArrayList<>();

  Threads(Plan plan) {
    this.plan = plan;
  }

  /** Those that the plan wants; virtual ones where there are so many. */
  static ThreadFactory of(Plan plan, Trial trial) {
    if (!plan.crowd || !VirtualThreads.available()) {
      return new Threads(plan);
    }
    trial.note("10,000 threads of a factory of virtual threads, from Java 21 on");
    return VirtualThreads.factory(PREFIX);
  }

  /** Whether the current thread is one of those. */
  static boolean onOne() {
    return Thread.currentThread().getName().startsWith(PREFIX);
  }

  static String prefix() {
    return PREFIX;
  }

  long alive() {
    return made.stream().filter(Thread::isAlive).count();
  }

  @Override
  @SuppressWarnings("NullAway") // null is what the fault is about
  public Thread newThread(Runnable worker) {
    if (plan.fault == StartFault.NO_THREADS) {
      return null;
    }
    Thread thread =
        new Thread(worker) {
          @Override
          public synchronized void start() {
            failIfPlanned();
            super.start();
          }
        };
    return prepare(thread);
  }

  @Override
  public @Nullable ForkJoinWorkerThread newThread(ForkJoinPool pool) {
    if (plan.fault == StartFault.NO_THREADS) {
      return null;
    }
    ForkJoinWorkerThread thread =
        new ForkJoinWorkerThread(pool) {
          @Override
          public synchronized void start() {
            failIfPlanned();
            super.start();
          }
        };
    return prepare(thread);
  }

  private void failIfPlanned() {
    if (plan.fault == StartFault.SECOND_FAILS && starts.incrementAndGet() == 2) {
      throw new OutOfMemoryError("unable to create native thread (planned)");
    }
  }

  private <T extends Thread> T prepare(T thread) {
    thread.setName(PREFIX + named.getAndIncrement());
    thread.setDaemon(true);
    if (plan.handler != null) {
      thread.setUncaughtExceptionHandler(plan.handler);
    }
    made.add(thread);
    return thread;
  }
}
