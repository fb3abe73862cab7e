package io.threadpool;

import io.threadpool.internal.Errands;
import io.threadpool.internal.Latches;
import io.threadpool.internal.Timers;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.slf4j.Logger;

/**
 * Engines whose parts a test replaces, and their end after it. Their books are not checked: in some
 * tests a pool cannot end.
 */
abstract class EndRig {

  static final Duration LONG = BlockedEnd.LONG;

  /** What blocks in a test, blocks until this is open at the most. */
  final CountDownLatch end = new CountDownLatch(1);

  final List<PoolCore> opened = new CopyOnWriteArrayList<>();

  /** Lets each worker's thread end, though its pool may be broken. */
  @AfterEach
  void release() throws InterruptedException {
    end.countDown();
    for (PoolCore core : opened) {
      core.shutdown(ShutdownPolicy.abort());
      Crews.threads(core.crew).forEach(Thread::interrupt);
    }
  }

  static void uninterruptibly(CountDownLatch latch) {
    Latches.uninterruptibly(latch);
  }

  WorkerPool fixed(int size) {
    return open(new PoolCore(WorkerPool.builder().size(size).config()));
  }

  /** One worker; says what was counted, after that and before the handle is told. */
  static PoolCore counted(Consumer<Outcome> then) {
    return new PoolCore(WorkerPool.builder().size(1).config()) {
      @Override
      Ledger newLedger() {
        return new Ledger(1, queue) {
          @Override
          void count(Outcome outcome, Tally tally) {
            super.count(outcome, tally);
            then.accept(outcome);
          }
        };
      }
    };
  }

  /** Starts the workers; the pool ends after the test. */
  WorkerPool open(PoolCore core) {
    return open(core, Crews.daemons(core.name()));
  }

  WorkerPool open(PoolCore core, ThreadFactory factory) {
    opened.add(core);
    core.start(factory);
    return WorkerPoolBuilder.open(core);
  }

  /** Has a body on one of its threads that blocks until the end; returns when that has begun. */
  void occupy(WorkerPool pool) {
    CountDownLatch begun = new CountDownLatch(1);
    pool.execute(
        () -> {
          begun.countDown();
          uninterruptibly(end);
        });
    uninterruptibly(begun);
  }

  static Thread daemon(Runnable run) {
    Thread thread = new Thread(run);
    thread.setDaemon(true);
    return thread;
  }

  static Thread started(Runnable run) {
    Thread thread = daemon(run);
    thread.start();
    return thread;
  }

  /** Errands whose threads are had from a function. */
  static PoolCore core(WorkerPoolBuilder builder, Timers ownTimers, ThreadFactory threads) {
    return new PoolCore(builder.config()) {
      @Override
      Timers newTimers() {
        return ownTimers;
      }

      @Override
      Errands newErrands() {
        return new Errands(ownTimers, threads);
      }
    };
  }

  static Thread none(Runnable run) {
    throw new OutOfMemoryError("unable to create native thread (for the test)");
  }

  /** Timers that keep nothing. */
  static final class Dead extends Timers {
    @Override
    public boolean schedule(Entry entry, long nanos) {
      return false;
    }
  }

  /** A log that wants all, and blocks who writes a line with a text. */
  Logger blockingOn(String text, AtomicReference<Thread> blocked) {
    return log(
        call -> {
          if (call.contains(text)) {
            blocked.set(Thread.currentThread());
            uninterruptibly(end);
          }
          return true;
        });
  }

  /**
   * A log that does, or answers, what a function does, which is given what is called, and with what
   * text.
   */
  static Logger log(Predicate<String> called) {
    return (Logger)
        Proxy.newProxyInstance(
            EndRig.class.getClassLoader(),
            new Class<?>[] {Logger.class},
            (proxy, method, arguments) -> {
              String text = arguments == null ? "" : " " + arguments[0];
              boolean answer = called.test(method.getName() + text);
              return method.getReturnType() == boolean.class ? (Object) answer : null;
            });
  }
}
