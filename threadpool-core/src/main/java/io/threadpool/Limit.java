package io.threadpool;

import io.threadpool.TaskAbortedException.Reason;
import io.threadpool.internal.Errands;
import io.threadpool.internal.Timers;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the limits that one task was submitted with: an entry of the timer, and, since it has to
 * know when the body begins and ends, what is run in the body's place.
 *
 * <pre>
 *   queued --arm--> the start is due --begin--> the end is due --end--> over
 *                      |                           |
 *                      +---------run: late---------+--> aborted by endFor, told by an errand
 * </pre>
 *
 * <p>Implementation note. The timer is one of those that may decide the task; the state word admits
 * one. It looks at the clock when it runs, so a call too many does no harm. The monitor orders what
 * is due: the start must not become due after the end has. Where the timer has no thread, {@link
 * Timers#help} is called by who waits.
 */
final class Limit extends Timers.Entry implements Callable<@Nullable Object> {

  final Task<?> task;

  private final Terms terms;
  private final Object body;
  private final boolean callable;

  /** Guarded by the monitor, as are the next two. */
  private boolean begun;

  private long begunAt;
  private boolean ended;

  /** What is to be told of a task that was aborted for this. Written by who decided. */
  private volatile Errands.@Nullable Errand telling;

  /** That of a task to be made, {@link #task}. */
  Limit(Terms terms, Object body, boolean callable) {
    this.terms = terms;
    this.body = body;
    this.callable = callable;
    terms.limit = this;
    task = new Task<>(terms, this, true);
  }

  /** The task was accepted, and may have run. */
  synchronized void arm() {
    if (!begun && terms.options().startNanos != 0 && task.isQueued()) {
      terms.host().timers().schedule(this, terms.untilLate());
      if (!task.isQueued()) {
        terms.decided(); // Who decided may have come before; who claimed makes it due again.
      }
    }
  }

  @Override
  public @Nullable Object call() throws Exception {
    begin();
    try {
      if (callable) {
        return ((Callable<?>) body).call();
      }
      ((Runnable) body).run();
      return null;
    } finally {
      end();
    }
  }

  private synchronized void begin() {
    begun = true;
    begunAt = System.nanoTime();
    if (terms.options().runNanos == 0) {
      terms.decided();
    } else {
      terms.host().timers().schedule(this, terms.options().runNanos);
    }
  }

  private synchronized void end() {
    ended = true;
    terms.decided();
    if (telling != null) {
      terms.host().timers().schedule(this, 0); // It may have been taken back untold.
    }
  }

  /** What the user gave. */
  Object body() {
    return DecoratedBody.given(body);
  }

  /** Aborts the task if it is late. Where it throws, for want of memory, it is called again. */
  @Override
  public void run() {
    Errands.Errand told = telling;
    if (told == null) {
      Reason reason = passed();
      told = reason == null ? null : task.endFor(reason);
    }
    if (told != null) {
      telling = told;
      terms.host().errands().post(told);
    }
  }

  /** Which limit has passed; null for none. */
  private synchronized @Nullable Reason passed() {
    if (!begun) {
      return terms.options().startNanos != 0 && terms.untilLate() <= 0
          ? Reason.START_TIMEOUT
          : null;
    }
    long limit = terms.options().runNanos;
    return !ended && limit != 0 && System.nanoTime() - begunAt >= limit ? Reason.RUN_TIMEOUT : null;
  }
}
