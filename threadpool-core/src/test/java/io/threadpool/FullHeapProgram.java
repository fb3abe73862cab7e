package io.threadpool;

import io.threadpool.internal.Errands;
import io.threadpool.internal.Threads;
import io.threadpool.internal.Timers;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.helpers.NOPLogger;

/** Does a thing where the heap has no room for anything; prints what is thrown. */
final class FullHeapProgram {

  private static final long HOUR_NANOS = 3_600_000_000_000L;

  private static Object filling;

  private FullHeapProgram() {}

  public static void main(String[] args) throws InterruptedException {
    switch (args[0]) {
      case "shutdown" -> System.out.println("escaped " + shutdowns());
      case "post" -> System.out.println("escaped " + posts());
      case "late" -> System.out.println("escaped " + latecomers());
      case "interrupt" -> System.out.println("escaped " + interrupts());
      default -> things(args[0]);
    }
  }

  private static void things(String name) {
    Runnable thing = name.equals("tell") ? troubles() : end();
    Throwable escaped = thrownBy(thing); // Loads what is needed.
    for (int i = 0; i < 3; i++) {
      fill();
      Throwable thrown = thrownBy(thing);
      filling = null; // Room again.
      escaped = escaped == null ? thrown : escaped;
    }
    System.out.println("escaped " + escaped);
  }

  private static Runnable troubles() {
    Events events = new Events(NOPLogger.NOP_LOGGER, "full", null, Events.SIGHT);
    Throwable cause = new IllegalStateException("for the test");
    return () -> {
      events.stagesLost(cause);
      events.noExitHook(cause);
      events.cancelFailed(cause);
    };
  }

  private static Runnable end() {
    Abort abort = new PoolCore(WorkerPool.builder().size(20).config()).abort;
    return () -> {
      if (!abort.isOver()) {
        throw new IllegalStateException("there is nothing to tell");
      }
    };
  }

  private static volatile boolean go;

  /** A shutdown that lacks memory has begun all the same; returns what is wrong, or null. */
  private static String shutdowns() throws InterruptedException {
    for (int round = 0; round < 3; round++) {
      WorkerPool pool = WorkerPool.fixed(1);
      CountDownLatch begun = new CountDownLatch(1);
      pool.submit(
          () -> {
            begun.countDown();
            new CountDownLatch(1).await();
            return null;
          });
      begun.await();
      for (int i = 0; i < 3; i++) {
        pool.submit(() -> null);
      }
      doInFullHeap(pool::shutdownNow);
      if (!pool.isShutdown() || !pool.awaitTermination(Duration.ofSeconds(20))) {
        return pool.toString();
      }
    }
    return null;
  }

  /** The first interrupt of a JVM by an abort is over afterwards, so the thread may pass on. */
  private static Object interrupts() throws InterruptedException {
    PoolCore core = new PoolCore(WorkerPool.builder().size(1).config());
    Rehearsal.once();
    Frame frame = new Frame(core.signal, core.events, false, false);
    doInFullHeap(frame::interruptForAbort);
    Thread.interrupted(); // It was the frame's thread that was interrupted.
    Thread owner = new Thread(frame::disown);
    owner.start();
    owner.join(20_000);
    return owner.isAlive() ? "it waits for ever" : null;
  }

  /** Does a thing on a thread that has no thread-locals yet; it goes on when there is room. */
  private static void doInFullHeap(Runnable thing) {
    go = false;
    Thread doer =
        new Thread(
            () -> {
              while (!go) {
                Thread.onSpinWait();
              }
              try {
                thing.run();
              } catch (OutOfMemoryError full) {
                // It is done again, or by others.
              }
            });
    doer.start();
    fill();
    go = true;
    while (doer.isAlive()) {
      Thread.onSpinWait();
    }
    filling = null; // Room again.
  }

  private static Throwable thrownBy(Runnable thing) {
    try {
      thing.run();
      return null;
    } catch (Throwable escaped) {
      return escaped;
    }
  }

  /** An errand that is posted, and entries of the timer, run when they can; null if they do. */
  private static Object posts() {
    for (int round = 0; round < 4; round++) { // In the first, classes are loaded.
      Timers timers = new Timers();
      Errands errands = new Errands(timers, run -> Threads.daemon("errand", run, null));
      AtomicInteger posted = new AtomicInteger();
      AtomicInteger ran = new AtomicInteger();
      Errands.Errand errand =
          new Errands.Errand() {
            @Override
            public boolean next() {
              posted.incrementAndGet();
              return false;
            }
          };
      Timers.Entry[] entries = new Timers.Entry[100];
      for (int i = 0; i < entries.length; i++) {
        entries[i] =
            new Timers.Entry() {
              @Override
              public void run() {
                ran.incrementAndGet();
              }
            };
      }
      timers.schedule(entries[0], HOUR_NANOS); // The thread has come.
      if (round > 0) {
        fill();
      }
      try {
        errands.post(errand);
        for (Timers.Entry entry : entries) {
          timers.schedule(entry, 0);
        }
      } catch (OutOfMemoryError lacking) {
        filling = null;
        return lacking;
      }
      filling = null;
      if (!LackingEndRow.comes(() -> posted.get() > 0 && ran.get() == entries.length)) {
        return posted.get() + " of 1 and " + ran.get() + " of " + entries.length + " have run";
      }
    }
    return null;
  }

  /** Commands that a worker finds too late; nobody else looks after them. */
  private static Object latecomers() throws InterruptedException {
    Throwable[] told = new Throwable[100];
    AtomicInteger tellings = new AtomicInteger();
    PoolCore core =
        new PoolCore(
            WorkerPool.builder()
                .size(1)
                .uncaughtHandler((thread, thrown) -> told[tellings.getAndIncrement()] = thrown)
                .config(),
            NOPLogger.NOP_LOGGER) {
          @Override
          Timers newTimers() {
            return new Rehearsal.NoTimers();
          }
        };
    Rehearsal.once();
    core.start(null);
    WorkerPool pool = WorkerPoolBuilder.open(core);
    int late = 0;
    for (int round = 0; round < 3; round++) {
      CountDownLatch begun = new CountDownLatch(1);
      go = false;
      pool.execute(
          () -> {
            begun.countDown();
            while (!go) {
              Thread.onSpinWait();
            }
          });
      begun.await();
      for (int i = 0; i < 10; i++) {
        pool.execute(() -> {}, TaskOptions.startingWithin(Duration.ofNanos(1)));
        late++;
      }
      fill();
      go = true;
      while (core.queue.hasWork()) {
        Thread.onSpinWait(); // Until the worker has come to the last.
      }
      filling = null;
    }
    pool.close(); // Which has an errand thread made, should the heap have been too full for one.
    int all = late;
    if (!LackingEndRow.comes(() -> tellings.get() == all)) {
      return tellings.get() + " of " + all + " were told";
    }
    return pool.stats().aborted() == late ? null : pool;
  }

  private static void fill() {
    fill(1 << 16);
    fill(1 << 8);
    fill(1);
  }

  private static void fill(int size) {
    try {
      for (; ; ) {
        Object[] next = new Object[size];
        next[0] = filling;
        filling = next;
      }
    } catch (OutOfMemoryError full) {
      // That is what is wanted.
    }
  }
}
