package io.threadpool;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Row 19: pools built and closed, built and dropped, and given tasks of a class loader that is
 * dropped afterwards: no thread, no pool and no class loader stays.
 */
final class ChurnRow {

  private static final Duration LONG = Duration.ofSeconds(20);
  private static final int MOST_LEFT = 200;

  private ChurnRow() {}

  /** The row: so many pools closed, a tenth as many dropped. */
  static void pools(FaultContender who, FaultFigures figures, int count) throws Exception {
    closed(who, figures, count);
    int dropped = who.isOurs() ? count / 10 : Math.min(MOST_LEFT, count / 10);
    dropped(who, figures, dropped);
    classLoaders(who, figures);
    figures.note(String.format("%,d closed, %,d dropped, 2 class loaders", count, dropped));
  }

  /** Each of them closed. */
  static void closed(FaultContender who, FaultFigures figures, int count) throws Exception {
    WeakReference<?> one = null;
    for (int i = 0; i < count; i++) {
      ExecutorService pool = who.configured(i, 1 + i % 3);
      give(pool, figures, i);
      close(pool, figures);
      one = i == count / 2 ? new WeakReference<>(pool) : one;
    }
    if (who.isOurs()) {
      figures.require(
          PoolsExtension.workerThreads().isEmpty(), "close() returned before the threads ended");
    }
    requireGone(figures, one, "a closed pool stays");
  }

  private static void close(ExecutorService pool, FaultFigures figures)
      throws InterruptedException {
    if (pool instanceof WorkerPool ours) {
      ours.close();
    } else {
      pool.shutdown();
    }
    figures.require(pool.awaitTermination(20, TimeUnit.SECONDS), "never terminates: " + pool);
  }

  /** Up to three tasks, which are waited for. */
  private static void give(ExecutorService pool, FaultFigures figures, int round)
      throws InterruptedException {
    FaultBooks books = new FaultBooks(pool, figures);
    for (int n = 0; n < round % 4; n++) {
      books.submit(n % 2 == 0, () -> {});
    }
    books.balance();
  }

  /** Each of them left to the garbage collector with what it has still to do. */
  static void dropped(FaultContender who, FaultFigures figures, int count) throws Exception {
    FaultBooks books = new FaultBooks(figures);
    int before = FaultMain.threadsOfPools().size();
    for (int i = 0; i < count; i++) {
      drop(who, books, i);
    }
    books.balance();
    long deadline = System.nanoTime() + (who.isOurs() ? LONG : Duration.ofSeconds(3)).toNanos();
    int left = FaultMain.threadsOfPools().size() - before;
    while (left > 0 && System.nanoTime() < deadline) {
      System.gc();
      LockSupport.parkNanos(10_000_000);
      left = FaultMain.threadsOfPools().size() - before;
    }
    figures.require(left <= 0, left + " threads left of " + count + " dropped pools");
  }

  /** The handles are dropped, too: they would hold the pool. */
  private static void drop(FaultContender who, FaultBooks books, int round) {
    ExecutorService pool = who.configured(round, 1 + round % 2);
    for (int n = 0; n < round % 4; n++) {
      FaultTask task = books.enter(() -> {});
      if (round % 2 == 0) {
        pool.execute(task);
      } else {
        pool.submit((Runnable) task);
      }
    }
  }

  /** A pool that is open does not hold the loader of a task that ended; nor does one closed. */
  static void classLoaders(FaultContender who, FaultFigures figures) throws Exception {
    ExecutorService open = who.fixed(1);
    try {
      requireGone(figures, useLoader(open, false), "an open pool holds the class loader of a task");
      requireGone(figures, useLoader(who.fixed(1), true), "a closed pool holds a class loader");
    } finally {
      open.shutdownNow();
    }
  }

  private static void requireGone(FaultFigures figures, WeakReference<?> reference, String what) {
    long deadline = System.nanoTime() + LONG.toNanos();
    while (!reference.refersTo(null) && System.nanoTime() < deadline) {
      System.gc();
      LockSupport.parkNanos(10_000_000);
    }
    figures.require(reference.refersTo(null), what);
  }

  /** A task of a loader's own making, which the loader is to survive as little as the pool. */
  public static final class Guest implements Callable<Object> {
    /** For the loader. */
    public Guest() {}

    @Override
    public Object call() {
      return this;
    }
  }

  private static final class Loader extends ClassLoader {
    Loader() {
      super(ChurnRow.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.equals(Guest.class.getName())) {
        return super.loadClass(name, resolve);
      }
      Class<?> loaded = findLoadedClass(name);
      return loaded == null ? define(name) : loaded;
    }

    private Class<?> define(String name) throws ClassNotFoundException {
      try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
        byte[] bytes = in.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }

  private static WeakReference<ClassLoader> useLoader(ExecutorService pool, boolean closes)
      throws Exception {
    Loader loader = new Loader();
    Object guest = loader.loadClass(Guest.class.getName()).getDeclaredConstructor().newInstance();
    Callable<?> task = (Callable<?>) guest;
    if (pool.submit(task).get().getClass().getClassLoader() != loader) {
      throw new AssertionError("not of that loader");
    }
    pool.submit(
            () -> {
              Thread.currentThread().setContextClassLoader(loader);
              return null;
            })
        .get();
    Future<?> failing =
        pool.submit(
            () -> {
              throw new IllegalStateException(task.toString());
            });
    failing.cancel(true);
    if (closes) {
      pool.shutdown();
      pool.awaitTermination(20, TimeUnit.SECONDS);
    }
    return new WeakReference<>(loader);
  }
}
