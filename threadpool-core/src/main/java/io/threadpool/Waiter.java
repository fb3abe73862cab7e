package io.threadpool;

import java.lang.ref.WeakReference;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A thread that waits for a handle which has stages. The wait that {@link CompletableFuture}
 * inherits runs those that stand below it when it is woken, and might not come back from one; this
 * one is a stage itself, and does nothing but wake.
 *
 * <p>A stage cannot be taken back, so a thread that gives up and waits again for the same handle
 * uses the one that it has there.
 */
final class Waiter implements BiConsumer<@Nullable Object, @Nullable Throwable> {

  private static final ThreadLocal<WeakReference<Waiter>> LAST = new ThreadLocal<>();

  private final CompletableFuture<?> handle;
  private final Thread thread = Thread.currentThread();
  private volatile boolean told;

  private Waiter(CompletableFuture<?> handle) {
    this.handle = handle;
  }

  /** The calling thread's for a handle. */
  static Waiter of(CompletableFuture<?> handle) {
    WeakReference<Waiter> last = LAST.get();
    Waiter waiter = last == null ? null : last.get();
    if (waiter == null || waiter.handle != handle) {
      waiter = new Waiter(handle);
      LAST.set(new WeakReference<>(waiter));
      var unused = handle.whenComplete(waiter);
    }
    return waiter;
  }

  @Override
  public void accept(@Nullable Object result, @Nullable Throwable failure) {
    told = true;
    LockSupport.unpark(thread);
  }

  /**
   * Waits until the handle is told.
   *
   * @param nanos how long; {@code Long.MAX_VALUE}: without end
   * @return false where the time ran out
   */
  boolean await(long nanos) throws InterruptedException {
    Wait wait = new Wait(nanos, true);
    ForkJoinPool.managedBlock(wait);
    if (!told && Thread.interrupted()) {
      throw new InterruptedException();
    }
    return told;
  }

  /** Waits until the handle is told; keeps an interrupt for later. */
  void awaitUninterruptibly() {
    Wait wait = new Wait(Long.MAX_VALUE, false);
    try {
      ForkJoinPool.managedBlock(wait);
    } catch (InterruptedException impossible) {
      throw new AssertionError(impossible);
    }
    if (wait.interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** So that a fork-join pool, whose thread this may be, can make up for it. */
  private final class Wait implements ForkJoinPool.ManagedBlocker {
    private final long start = System.nanoTime();
    private final long nanos;
    private final boolean interruptible;
    private boolean interrupted;

    Wait(long nanos, boolean interruptible) {
      this.nanos = nanos;
      this.interruptible = interruptible;
    }

    private long left() {
      return nanos == Long.MAX_VALUE ? nanos : nanos - (System.nanoTime() - start);
    }

    @Override
    public boolean isReleasable() {
      if (!interruptible && Thread.interrupted()) {
        interrupted = true;
      }
      boolean hurried = interruptible && Thread.currentThread().isInterrupted();
      return told || hurried || left() <= 0;
    }

    @Override
    public boolean block() {
      while (!isReleasable()) {
        LockSupport.parkNanos(this, left());
      }
      return true;
    }
  }
}
