package io.threadpool;

import io.threadpool.internal.Errands;
import io.threadpool.internal.Timers;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Keeps all limits of a task that was submitted with one of its own, also those that it has from
 * the pool; those of other tasks are {@link TaskWatch}'s. It is an entry of the timer, and, since
 * it has to know when the body begins and ends, what is run in the body's place.
 *
 * <pre>
 *   queued --arm--> the start is due --begin--> the end is due --end--> over
 *                      |                           |
 *                      +---------run: late---------+--> aborted, and told by an errand
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

  /** Whether the body runs. Guarded by the monitor, as is the next. */
  private boolean runs;

  /** Since when; nanoTime. */
  private long begunAt;

  /** That of a task to be made, {@link #task}. */
  Limit(Terms terms, Object body, boolean callable) {
    this.terms = terms;
    this.body = body;
    this.callable = callable;
    terms.limit = this;
    terms.hasLimit = true;
    task = new Task<>(terms, this, true);
  }

  /** The task was accepted, and may have run. */
  synchronized void arm() {
    if (task.endIfLate()) {
      return; // It waited for room.
    }
    if (terms.options().startNanos != 0 && task.isQueued()) {
      terms.host().timers().schedule(this, terms.untilLate());
      if (!task.isQueued()) {
        terms.host().timers().cancel(this); // Who decided may have come before; so who claimed.
      }
    }
  }

  @Override
  public @Nullable Object call() throws Exception {
    begin();
    try {
      return DecoratedBody.callOrRun(body, callable);
    } finally {
      end();
    }
  }

  private synchronized void begin() {
    runs = true;
    begunAt = terms.host().nanoTime();
    if (terms.options().runNanos == 0) {
      terms.host().timers().cancel(this);
    } else {
      terms.host().timers().schedule(this, terms.options().runNanos);
    }
  }

  private synchronized void end() {
    runs = false;
    terms.decided();
  }

  /** What the user gave. */
  Object body() {
    return DecoratedBody.given(body);
  }

  /** Aborts the task if it is late. Where it throws, for want of memory, it is called again. */
  @Override
  public void run() {
    task.endIfLate();
    Errands.Errand told = isOver() ? task.endRun(null) : null;
    if (told != null) {
      terms.host().errands().post(told);
    }
  }

  private synchronized boolean isOver() {
    long limit = terms.options().runNanos;
    return runs && limit != 0 && terms.host().nanoTime() - begunAt >= limit;
  }
}
