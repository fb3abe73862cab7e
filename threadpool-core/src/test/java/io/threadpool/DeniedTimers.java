package io.threadpool;

import io.threadpool.internal.Timers;
import java.util.concurrent.atomic.AtomicInteger;

/** A timer that cannot have its thread, at first or ever; who waits runs what is due. */
final class DeniedTimers extends Timers {

  private final AtomicInteger denials;

  DeniedTimers(int denials) {
    this.denials = new AtomicInteger(denials);
  }

  /** One that never has a thread. */
  DeniedTimers() {
    this(Integer.MAX_VALUE);
  }

  @Override
  protected Thread newThread(Runnable body) {
    return denials.getAndDecrement() > 0 ? EndRig.none(body) : super.newThread(body);
  }
}
