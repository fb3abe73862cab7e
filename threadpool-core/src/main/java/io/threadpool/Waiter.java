package io.threadpool;

import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.WeakHashMap;
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

  /** The calling thread's, by handle; a handle that is forgotten, or told, leaves it. */
  private static final ThreadLocal<Map<Object, WeakReference<Waiter>>> OWN =
      ThreadLocal.withInitial(WeakHashMap::new);

  /** Who waits now; written by that thread, so that one that has given up is not kept. */
  private volatile @Nullable Thread thread;

  private volatile boolean told;

  private Waiter() {}

  /** The calling thread's for a handle. */
  @SuppressWarnings("CollectionUndefinedEquality") // Two handles are equal if they are one.
  static Waiter of(CompletableFuture<?> handle) {
    WeakReference<Waiter> known = OWN.get().get(handle);
    Waiter waiter = known == null ? null : known.get();
    if (waiter == null) {
      waiter = new Waiter();
      var unused = handle.whenComplete(waiter);
      OWN.get().put(handle, new WeakReference<>(waiter));
    }
    return waiter;
  }

  /** Notes that the calling thread has what it waited for. */
  @SuppressWarnings("CollectionUndefinedEquality") // As above.
  static void forget(CompletableFuture<?> handle) {
    Map<Object, WeakReference<Waiter>> own = OWN.get();
    own.remove(handle);
    if (own.isEmpty()) {
      OWN.remove();
    }
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
      thread = Thread.currentThread();
      while (!isReleasable()) {
        if (nanos == Long.MAX_VALUE) {
          LockSupport.park(this);
        } else {
          LockSupport.parkNanos(this, left());
        }
      }
      thread = null;
      return true;
    }
  }
}
