package io.threadpool;

import io.threadpool.internal.Errands;
import org.jspecify.annotations.Nullable;

/**
 * The list of tasks that were dropped before they began and are yet to be told of, the oldest
 * first: to the handle, which runs its stages, and, of a command, whose handle nobody has, to the
 * pool's handler.
 *
 * <p>Implementation note. The tasks are linked by themselves, so that to drop one takes no memory.
 * A handle is passed when it was told, and the handler called after that: see {@link Errands}.
 */
final class Untold {

  /** As many are told before other errands have their turn. */
  private static final int A_TURN = 64;

  private final TaskHost host;

  /** One of them is in the line, the other follows it. */
  private final Turn one = new Turn();

  private final Turn other = new Turn();

  /** Guarded by the monitor, as is the next. */
  private @Nullable Task<?> first;

  private @Nullable Task<?> last;

  Untold(TaskHost host) {
    this.host = host;
  }

  /** Has a task told that was decided and that nobody had claimed. */
  void add(Task<?> task) {
    synchronized (this) {
      if (last == null) {
        first = task;
      } else {
        last.link(task);
      }
      last = task;
    }
    host.errands().post(one);
  }

  private final class Turn extends Errands.Errand {
    private int told;

    @Override
    public boolean next() {
      Task<?> task = first();
      if (task == null) {
        return false;
      }
      if (++told > A_TURN) {
        told = 0;
        host.errands().post(this == one ? other : one); // Behind all others.
        return false;
      }
      beginPiece();
      task.publishDropped();
      Throwable end = task.untold();
      if (pass(task) && end != null) {
        host.commandFailed(task.given(), end, null);
      }
      return true;
    }
  }

  private synchronized @Nullable Task<?> first() {
    return first;
  }

  /** False where another thread has, since this one was held up by a stage. */
  private synchronized boolean pass(Task<?> told) {
    if (first != told) {
      return false;
    }
    first = told.linked();
    if (first == null) {
      last = null;
    }
    told.link(null);
    return true;
  }
}
