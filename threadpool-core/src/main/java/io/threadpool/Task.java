package io.threadpool;

import static io.threadpool.TaskState.AGAIN;
import static io.threadpool.TaskState.AWAITED;
import static io.threadpool.TaskState.BESIDE;
import static io.threadpool.TaskState.CALLABLE;
import static io.threadpool.TaskState.DELAYED;
import static io.threadpool.TaskState.EXCHANGING;
import static io.threadpool.TaskState.GIVEN;
import static io.threadpool.TaskState.INTERRUPTED;
import static io.threadpool.TaskState.INTERRUPTING;
import static io.threadpool.TaskState.INTERRUPT_DUE;
import static io.threadpool.TaskState.LEFT;
import static io.threadpool.TaskState.OBTRUDED;
import static io.threadpool.TaskState.REMOVED;
import static io.threadpool.TaskState.REPEATS;
import static io.threadpool.TaskState.STARTED;
import static io.threadpool.TaskState.START_BY;
import static io.threadpool.TaskState.SUSPENDED;
import static java.util.regex.Matcher.quoteReplacement;

import io.threadpool.internal.Errands;
import io.threadpool.internal.Gate;
import io.threadpool.internal.Handles;
import io.threadpool.internal.HeldSlot;
import io.threadpool.internal.StackProbe;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RunnableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A task submitted to a {@link WorkerPool}, and the handle to it: a {@link CompletableFuture} whose
 * {@link #cancel cancel(true)} interrupts the running body.
 *
 * <p><b>Outcome.</b> A task ends in one outcome. It has <em>completed</em> when its body returned,
 * <em>failed</em> when the body threw, was <em>cancelled</em> by {@link #cancel}, or was
 * <em>aborted</em> by its pool, with a {@link TaskAbortedException} that says why. The inherited
 * methods that complete a future count too, as completed or failed (with a {@link
 * CancellationException} as cancelled): a body that has not started then does not start, and the
 * later result of a running one is ignored. They do not interrupt it, and {@code cancel} cannot any
 * more: so let {@code orTimeout} complete a {@link #copy()}, and cancel the task. A body that
 * itself throws a {@link CancellationException} has failed; the handle is not cancelled.
 *
 * <p><b>Stages.</b> {@code ...Async} stages made without an executor, and stages of stages, run on
 * the task's pool; so does {@link #completeAsync(Supplier)}. Other stages run on the thread that
 * settles the task, usually its worker, or on the caller's if it is settled already; those of what
 * an abort settles, on a daemon thread of the pool's. They run after the task has been counted,
 * and, of a cancelled or aborted task, after {@link #isDone}, {@link #get} and {@link #join}
 * answer: a stage that blocks keeps no other thread from the outcome. A stage on this handle sees
 * what the body threw, not a {@code CompletionException} around it, unless that was one itself or a
 * {@code CancellationException}, which would pass for a cancellation; one on a stage sees it
 * wrapped. An {@code ...Async} step is a submission of its own, made when its turn comes: a pool
 * that is closed by then refuses it, and its stage ends with a {@link RejectedTaskException}. To
 * have it run, join the stage before closing the pool. A step that is aborted or discarded while it
 * is queued leaves its stage open, since nobody outside {@code CompletableFuture} can settle it:
 * wait for such a stage with a time limit.
 *
 * <p><b>Waiting.</b> {@link #get()} and {@link #join()}, called by a body of the same pool for a
 * task that has not started, run that task on the calling thread, and no other one, so that nested
 * waits end even on a pool of one worker; where workers are {@linkplain
 * WorkerPoolBuilder#virtualThreads() virtual threads}, a thread more runs it, and the caller waits.
 * Waiting for a task whose body is on the stack of the calling thread, or waits so for the body
 * that is, could not end: it is refused with an {@link IllegalStateException}. A bounded pool whose
 * tasks submit tasks wants {@link SaturationPolicy#callerRuns()}, since a body may not wait for
 * room. Not covered, so able to deadlock a pool whose workers all wait:
 *
 * <ul>
 *   <li>the timed {@link #get(long, TimeUnit)} and {@link #awaitStopped}, which never run a task;
 *   <li>joining a derived stage, or {@code allOf};
 *   <li>a latch, and whatever else is not a task of the pool, the {@code close()} of another pool
 *       included;
 *   <li>two started tasks that wait for each other;
 *   <li>a task that joins one of another pool, which joins one of the first.
 * </ul>
 *
 * <p>Stages of a {@link #minimalCompletionStage()} do not know the pool: their {@code ...Async}
 * steps run elsewhere unless they name an executor.
 *
 * <p><b>Thread safety.</b> All methods may be called by any thread.
 *
 * <p><b>Memory effects.</b> What a thread did before submitting happens before the body; what the
 * body did happens before a return from {@code get} or {@code join}, a stage, and {@link
 * #awaitStopped}.
 *
 * <p><b>Interruption.</b> {@code get} and {@link #awaitStopped} are interruptible, {@code join} is
 * not; where a body's {@code get} runs what it waits for, or has it run in its place, an interrupt
 * shows when that has ended. An interrupt by {@code cancel(true)} or by an abort reaches a body
 * only while it owns its thread: not the next task of the worker, and not a task that runs inline
 * on top of it, which delays the interrupt until it has ended.
 *
 * <p>The idea of one object that is handle, queue entry and runnable is {@code FutureTask}'s, and
 * so is the step in which the body waits out its canceller.
 *
 * <pre>{@code
 * Task<String> page = pool.submit(() -> fetch(address));
 * page.thenApplyAsync(String::length).thenAccept(System.out::println);
 * if (tired) {
 *   page.cancel(true);
 * }
 * }</pre>
 *
 * @param <T> the type of the result
 */
public final class Task<T> extends CompletableFuture<T> implements RunnableFuture<T> {

  private static final VarHandle STATE = Handles.field(MethodHandles.lookup(), "state", int.class);
  private static final VarHandle PAYLOAD =
      Handles.field(MethodHandles.lookup(), "payload", Object.class);

  /** How often publishing is tried beyond the number of stages that could each break it once. */
  private static final int MORE_ATTEMPTS = 100;

  /** What a cancelled handle without stages gets: a trace costs more than all the rest. */
  private static final class Cancelled extends CancellationException {
    private static final long serialVersionUID = 1;

    @Override
    @SuppressWarnings("UnsynchronizedOverridesSynchronized") // It does nothing.
    public Throwable fillInStackTrace() {
      return this;
    }

    @Override
    @SuppressWarnings("OverrideThrowableToString") // The JDK's name, and no message.
    public String toString() {
      return CancellationException.class.getName();
    }
  }

  private final PoolHandle pool;

  /** The bits of {@link TaskState}; written by CAS alone. */
  private volatile int state;

  /**
   * The body until it is run; while it runs the frame whose stack it is on; then null. One field
   * for both keeps a task at 32 bytes. Written by the submitter before the fill, then by whoever
   * claims the body or settles it unclaimed, and by the runner when it leaves, or before it delays
   * the task again (then it is the body once more); those writes need no order of their own, and
   * who claims the body reads it plain, since the fill came before. Cancellers read it, opaque,
   * until a frame appears there, whose thread is final: the CAS of {@link #finish}, which waits for
   * them, orders the rest. In {@link #isOnThisStack} opaque is enough since the runner alone can
   * find itself there, and sees its own write.
   */
  private @Nullable Object payload;

  Task(PoolHandle pool, Object body, boolean callable) {
    this.pool = pool;
    payload = body;
    if (callable) {
      STATE.set(this, CALLABLE); // Plain: the fill publishes it.
    }
  }

  /**
   * One that is scheduled: accepted beside the queue, and not due yet.
   *
   * @param body what the pool knows of the delay, a {@code Callable} of the task's result
   */
  static <T> Task<T> delayed(PoolHandle pool, Callable<?> body, boolean repeats) {
    Task<T> task = new Task<>(pool, body, true);
    STATE.set(task, CALLABLE | BESIDE | DELAYED | (repeats ? REPEATS : 0)); // Plain, as above.
    return task;
  }

  /** One with terms of its own. */
  Task(Terms terms, Object body, boolean callable) {
    pool = terms;
    payload = body;
    int limited = terms.options().startNanos == 0 ? 0 : START_BY;
    STATE.set(this, limited | (callable ? CALLABLE : 0)); // Plain, as above.
  }

  // What the pool does with a task.

  /** The command that it was made for, which has no handle; null for none. */
  private @Nullable Runnable command() {
    return pool instanceof Terms terms ? terms.command : null;
  }

  /** The same; else the handle. */
  Runnable given() {
    Runnable command = command();
    return command == null ? this : command;
  }

  /** The name that it was submitted with; null for none. */
  @Nullable String name() {
    return pool.options().name;
  }

  /**
   * Claims the body for the calling thread; false where it was claimed or settled before.
   *
   * @param removed whether the caller has taken the entry out of the queue
   */
  boolean claim(boolean removed) {
    for (; ; ) {
      int s = state;
      if (!TaskState.isQueuedWithoutLimit(s) && (!TaskState.isQueued(s) || endIfLate())) {
        return false;
      }
      if (casState(s, s | STARTED | (removed ? REMOVED : 0))) {
        return true;
      }
    }
  }

  /** Whether a task that has to have started in time has not; then it is aborted, if it can be. */
  boolean endIfLate() {
    if (!isLate()) {
      return false;
    }
    endLate();
    return true;
  }

  /** Whether it had to have started by now. */
  boolean isLate() {
    return hasStartLimit() && ((Terms) pool).untilLate() <= 0;
  }

  /** Decides that a task that has not started is too late; needs no memory. */
  void endLate() {
    TaskHost host = pool.host(); // It may end as soon as the outcome is counted.
    if (settle(TaskState.aborted(TaskAbortedException.Reason.START_TIMEOUT))) {
      host.tell(this);
    }
  }

  /** Whether the limits are kept by what knows it alone. */
  boolean hasOwnLimit() {
    return pool instanceof Terms terms && terms.hasLimit;
  }

  boolean hasStartLimit() {
    return (state & START_BY) != 0;
  }

  /** Claims a task that is run by its submitter, at once: nobody else has its handle. */
  void claimUnqueued() {
    STATE.getAndBitwiseOr(this, STARTED | REMOVED);
  }

  /**
   * Decides that the task has run for too long.
   *
   * @param frame the one that shows it, where that is known
   * @return what is to be told by an errand, made before; null where it is decided otherwise
   */
  Errands.@Nullable Errand endRun(@Nullable HeldSlot frame) {
    Errands.Errand told = isDecided() ? null : new EndTold(frame);
    return settle(TaskState.aborted(TaskAbortedException.Reason.RUN_TIMEOUT)) ? told : null;
  }

  /** Claims the body of a task that stands in the queue; false as for {@link #claim}. */
  boolean claimInQueue() {
    boolean ours = claim(false);
    if (ours && (state & BESIDE) != 0) {
      pool.host().delays().claimed(Checks.nonNull(payload, "payload"));
    } else if (ours) {
      pool.host().claimedInQueue();
    }
    return ours;
  }

  /** Notes that the task is due, and may be claimed; false where it is settled. */
  boolean fallDue() {
    for (int s = state; TaskState.isDelayed(s); s = state) {
      if (casState(s, s & ~DELAYED)) {
        return true;
      }
    }
    return false;
  }

  /** Delays the task again after a beat, by its runner; false where it is settled. */
  boolean delayAgain() {
    for (int s = state; !TaskState.isDecided(s); s = state) {
      if (casState(s, (s | DELAYED) & ~STARTED)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Runs the body, which the calling thread has claimed, and settles the task by what it did.
   *
   * @param frame the one that shows it, on the calling thread
   */
  void runClaimed(HeldSlot frame, Ledger.@Nullable Tally tally) {
    Object body = Checks.nonNull(payload, "payload");
    PAYLOAD.setOpaque(this, frame);
    Object result;
    try {
      result = DecoratedBody.callOrRun(body, (state & CALLABLE) != 0);
    } catch (Throwable thrown) {
      TaskHost host = pool.host();
      if (finish(Outcome.FAILED, thrown, tally)) {
        tellHandler(host, thrown, frame);
      }
      return;
    }
    if (result == AGAIN) {
      afterBeat(body, frame);
    } else {
      finish(Outcome.COMPLETED, result, tally);
    }
  }

  /**
   * Tells what has ended the task: nobody holds its handle, or need look at it while it repeats.
   */
  private void tellHandler(TaskHost host, Throwable end, @Nullable HeldSlot frame) {
    Runnable command = command();
    if (command != null) {
      host.commandFailed(command, end, frame);
    } else if ((state & REPEATS) != 0) {
      host.delays().failed(end, frame);
    }
  }

  /** Delays the task until its next beat; where its pool has closed meanwhile, that is its end. */
  private void afterBeat(Object body, HeldSlot frame) {
    TaskHost host = pool.host();
    PAYLOAD.setOpaque(this, body); // Before it may be claimed again.
    if (host.delays().delayAgain(body)) {
      return;
    }
    PAYLOAD.setOpaque(this, frame); // A canceller may be waiting for it.
    boolean aborted = host.isAborting();
    boolean ours =
        settle(
            aborted
                ? TaskState.aborted(TaskAbortedException.Reason.SHUTDOWN)
                : TaskState.bits(Outcome.CANCELLED));
    finish(Outcome.COMPLETED, null, null);
    if (ours) {
      tellDropped(false);
    }
  }

  /** The body, while nobody has claimed or settled it; else null. */
  @Nullable Object whileQueued() {
    Object body = payload; // Before the state, from which on it may be something else.
    return TaskState.isQueued(state) ? body : null;
  }

  /** What the user gave, for who has claimed it and not run it yet. */
  Object body() {
    return DecoratedBody.given(Checks.nonNull(payload, "payload"));
  }

  /** What has become of it, once it has run; null where it is delayed again. */
  @Nullable Outcome outcome() {
    int s = state;
    return TaskState.isDecided(s) ? TaskState.outcome(s) : null;
  }

  /** Takes the body off the stack, and settles the task; false where somebody else has. */
  private boolean finish(Outcome outcome, @Nullable Object result, Ledger.@Nullable Tally tally) {
    for (int turn = 0; ; turn++) {
      int s = state;
      if ((s & INTERRUPTING) != 0) {
        Gate.pause(turn);
        continue;
      }
      boolean ours = !TaskState.isDecided(s);
      if (casState(s, s | LEFT | (ours ? TaskState.bits(outcome) : 0))) {
        payload = null;
        if (ours) {
          pool.host().decided(outcome, tally);
        }
        afterDecision(s, ours, pool.host());
        if (ours) {
          publish(outcome, result);
        }
        return ours;
      }
    }
  }

  /**
   * Settles a task whose worker's loop broke after the claim, if the loop has not, as failed. On
   * the worker's thread.
   */
  void finishBroken(Throwable cause, HeldSlot frame, Ledger.@Nullable Tally tally) {
    Object shown = PAYLOAD.getOpaque(this);
    boolean others = shown != frame && shown instanceof HeldSlot; // It runs another beat.
    if (TaskState.isRunning(state) && !others) {
      PAYLOAD.setOpaque(this, frame); // A canceller may be waiting for it.
      finish(Outcome.FAILED, cause, tally);
    }
  }

  /**
   * Decides that the pool aborts a task that it has taken out of the queue, unless its body has
   * started, on a joiner's thread, say; {@link #publishDropped} follows.
   */
  boolean abortUnstarted(TaskAbortedException.Reason reason) {
    return settle(TaskState.aborted(reason) | REMOVED);
  }

  /**
   * Decides that the pool gives up a task that a thread runs, or has taken and not begun; {@link
   * #publishDropped} follows. Not for one still queued, which a joiner's frame may show.
   */
  boolean abortStuck() {
    return settle(TaskState.aborted(TaskAbortedException.Reason.STUCK));
  }

  /** Decides that the pool drops a delayed task; {@link #publishDropped} follows. */
  boolean cancelDelayed() {
    return settle(TaskState.bits(Outcome.CANCELLED));
  }

  /**
   * Tells who waits for the handle that it was aborted, or cancelled by the pool, and its stages;
   * called again, those that stand behind one that has not come back.
   */
  void publishDropped() {
    Outcome outcome = TaskState.outcome(state);
    if (!isTold()) {
      try {
        publishOnce(outcome, null);
        return;
      } catch (Throwable broken) {
        if (!isTold()) {
          throw broken; // There is no memory: the caller comes back.
        }
      }
    }
    if (getNumberOfDependents() > 0) {
      publish(outcome, null);
    }
  }

  /** What the handler is to hear of a command that was dropped; null where there is a handle. */
  @Nullable Throwable untold() {
    return command() == null ? null : ending(TaskState.reason(state));
  }

  /** Links one that was dropped before it began to the next of those that are to be told. */
  void link(@Nullable Task<?> next) {
    payload = next;
  }

  @Nullable Task<?> linked() {
    return (Task<?>) payload;
  }

  /** Whether the future has its result; stages may be yet to run. */
  boolean isTold() {
    return super.isDone();
  }

  /** Notes that the entry is out of the queue; false where it was already. */
  boolean markRemoved() {
    return ((int) STATE.getAndBitwiseOr(this, REMOVED) & REMOVED) == 0;
  }

  /** True for an entry that stands in the queue and will do nothing when taken. */
  boolean isDeadEntry() {
    int s = state;
    return !TaskState.isQueued(s) && (s & REMOVED) == 0;
  }

  /** Notes that another body now owns the thread; waits out a canceller. */
  void suspend() {
    for (int turn = 0; ; turn++) {
      int s = state;
      if ((s & INTERRUPTING) != 0) {
        Gate.pause(turn);
      } else if (casState(s, s | SUSPENDED)) {
        return;
      }
    }
  }

  /**
   * Notes that this body owns its thread again, and delivers the interrupt that waited for that.
   */
  void resume() {
    int before = change(SUSPENDED | INTERRUPT_DUE, 0);
    if ((before & INTERRUPT_DUE) != 0) {
      STATE.getAndBitwiseOr(this, INTERRUPTED);
      pool.host().events.interrupt(Thread.currentThread());
    }
  }

  /** True where the body's thread was interrupted for this task. */
  boolean wasInterrupted() {
    return (state & INTERRUPTED) != 0;
  }

  /** True while the body is on the stack of the calling thread, or waits for one that is. */
  boolean isOnThisStack() {
    return TaskState.isRunning(state)
        && PAYLOAD.getOpaque(this) instanceof HeldSlot frame
        && (frame.thread == Thread.currentThread() || pool.host().isAwaitedOn(frame.thread));
  }

  boolean isRunning() {
    return TaskState.isRunning(state);
  }

  boolean isDecided() {
    return TaskState.isDecided(state);
  }

  /** Whether it was accepted beside the queue. */
  boolean isBeside() {
    return (state & BESIDE) != 0;
  }

  /** Neither claimed nor settled. */
  boolean isQueued() {
    return TaskState.isQueued(state);
  }

  /** Whether a thread has claimed the body, at some time. */
  boolean hasStarted() {
    return (state & STARTED) != 0;
  }

  boolean isAborted() {
    return TaskState.is(state, Outcome.ABORTED);
  }

  // Deciding and publishing.

  private boolean casState(int expected, int replacement) {
    return STATE.compareAndSet(this, expected, replacement);
  }

  /**
   * Takes bits away and sets others; returns what was there. By the access that every task has used
   * before: to link another would take memory, where others wait for this.
   */
  private int change(int clears, int sets) {
    int s = state;
    while (!casState(s, (s & ~clears) | sets)) {
      s = state;
    }
    return s;
  }

  /**
   * Decides the outcome, for anybody but the body, and counts it.
   *
   * @return whether this call decided
   */
  private boolean settle(int decision) {
    TaskHost host = pool.host(); // It may end as soon as this is counted; who waits stands there.
    for (; ; ) {
      int s = state;
      if (TaskState.isDecided(s)) {
        return false;
      }
      boolean unstarted = (s & STARTED) == 0;
      if (!unstarted && TaskState.isForUnstarted(decision)) {
        return false; // The one that is taken out of the queue to be aborted has left it already.
      }
      if (!casState(s, s | decision)) {
        continue;
      }
      Outcome outcome = TaskState.outcome(decision);
      if (!unstarted) {
        host.decided(outcome, null);
        afterDecision(s & ~AWAITED, true, host);
        return true;
      }
      Object body = Checks.nonNull(payload, "payload");
      payload = null;
      if ((s & BESIDE) != 0) {
        host.delays().decided(body, outcome, (s & DELAYED) != 0);
      } else {
        host.decidedUnclaimed(outcome, (decision & REMOVED) != 0);
      }
      if (pool instanceof Terms terms) {
        terms.decided();
      }
      afterDecision(s, true, host);
      return true;
    }
  }

  /**
   * Interrupts the body of a task that the caller has cancelled, unless it has left its thread;
   * INTERRUPTING keeps it there meanwhile, but where it is the caller, who might come to wait for
   * that. Where another body owns the thread, the interrupt is due when that has ended. May run
   * user code.
   */
  private void interruptRunner() {
    boolean own = isOnStackOf(Thread.currentThread());
    int interrupting = own ? INTERRUPTED : INTERRUPTING;
    for (int s = state; TaskState.isRunning(s); s = state) {
      boolean due = (s & SUSPENDED) != 0;
      if (casState(s, s | (due ? INTERRUPT_DUE : interrupting))) {
        if (!due) {
          try {
            pool.host().events.interrupt(runner());
          } finally {
            change(INTERRUPTING, INTERRUPTED);
          }
        }
        return;
      }
    }
  }

  private boolean isOnStackOf(Thread thread) {
    return PAYLOAD.getOpaque(this) instanceof HeldSlot frame && frame.thread == thread;
  }

  private Thread runner() {
    for (; ; ) {
      if (PAYLOAD.getOpaque(this) instanceof HeldSlot frame) {
        return frame.thread;
      }
      Gate.pause(); // The claim was a moment ago.
    }
  }

  /**
   * Tells who waits for the body to have left, if it has, and the pool of one beside its queue.
   *
   * @param decided whether the caller has decided the task, and counted that
   */
  private static void afterDecision(int s, boolean decided, TaskHost host) {
    if ((s & (AWAITED | BESIDE)) == 0) {
      return;
    }
    if (decided && (s & BESIDE) != 0) {
      host.delays().left();
    }
    if ((s & AWAITED) != 0) {
      host.stopped.signalAll();
    }
  }

  /**
   * Gives the future its result, which runs the dependent stages. Where one of them breaks the
   * JDK's way through them, or memory is short, it goes on with the others: each call fires what is
   * left.
   */
  private void publish(Outcome outcome, @Nullable Object result) {
    for (int attempts = 0; ; attempts++) {
      try {
        publishOnce(outcome, result);
        return;
      } catch (Throwable broken) {
        if (super.isDone() && attempts > MORE_ATTEMPTS + getNumberOfDependents()) {
          pool.host().events.stagesLost(broken);
          return;
        }
        Gate.pause(attempts);
      }
    }
  }

  /** A new exception for what was aborted, without a trace. */
  TaskAbortedException ending(TaskAbortedException.Reason reason) {
    return new TaskAbortedException(reason, pool.host().name(), pool.options());
  }

  /** What the future is to fail with: as a body's failure, unless a user has given it. */
  private Throwable failure(Outcome outcome, @Nullable Object result) {
    if (outcome == Outcome.CANCELLED) {
      return getNumberOfDependents() == 0 ? new Cancelled() : new CancellationException();
    }
    if (outcome == Outcome.ABORTED) {
      TaskAbortedException.Reason reason = TaskState.reason(state);
      return getNumberOfDependents() == 0 && !reason.isTimeout()
          ? pool.host().aborted(reason)
          : ending(reason);
    }
    Throwable thrown = (Throwable) Checks.nonNull(result, "result");
    return (state & GIVEN) == 0 ? Failures.asFailure(thrown) : Failures.given(thrown);
  }

  @SuppressWarnings("unchecked")
  private void publishOnce(Outcome outcome, @Nullable Object result) {
    if (outcome == Outcome.COMPLETED) {
      super.complete((T) result);
    } else {
      super.completeExceptionally(failure(outcome, result));
    }
  }

  // The handle.

  /**
   * Runs the task on the calling thread, if it has not started, is due, where it was scheduled, and
   * its pool does not abort; for a queued task, its worker then has nothing to do. Does nothing
   * otherwise. Submitting already arranges for the task to run, so this is seldom wanted.
   */
  @Override
  public void run() {
    if (TaskState.isQueued(state)) {
      pool.host().runHere(this);
    }
  }

  /**
   * Cancels the task, unless its outcome is decided. A queued task will not run and makes room in
   * the queue at once. A running one is interrupted if {@code mayInterruptIfRunning}; it goes on
   * until its body ends, and its result is ignored. To wait for that, see {@link #awaitStopped}.
   * Only the call that decides the outcome interrupts: after {@code cancel(false)}, or after the
   * handle was completed, a {@code cancel(true)} does not.
   *
   * @param mayInterruptIfRunning whether to interrupt a running body; if false it never is
   * @return true if the task is cancelled or aborted, by this call or before
   */
  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    if (!TaskState.isDecided(state)) {
      StackProbe.ensure();
      if (settle(TaskState.bits(Outcome.CANCELLED))) {
        tellDropped(mayInterruptIfRunning && TaskState.isRunning(state));
        return true;
      }
    }
    int s = state;
    if (TaskState.isDropped(s) && !super.isDone()) {
      publish(TaskState.outcome(s), null); // Who decided that has not come to it yet.
    }
    return TaskState.isDropped(s) || isCancelled();
  }

  /**
   * Interrupts the body, if it is to be, and tells the handle, after the task was cancelled or
   * aborted. Where user code may hold this up, an errand thread goes on after a while.
   */
  void tellDropped(boolean interrupt) {
    int dependents = getNumberOfDependents();
    if (dependents > 1 || (dependents == 1 && interrupt)) {
      try {
        pool.host().errands().here(new Telling(interrupt));
        return;
      } catch (OutOfMemoryError | InternalError full) {
        // Then without: each step does no harm twice.
      }
    }
    publish(TaskState.outcome(state), null); // Nobody stands behind a single stage.
    if (interrupt) {
      interruptRunner();
    }
  }

  /** Interrupts the body, once, then tells the handle; so does whoever takes over. */
  private class Telling extends Errands.Errand {
    private final boolean interrupt;

    Telling(boolean interrupt) {
      this.interrupt = interrupt;
    }

    /** Does what is done once. */
    void begin() {
      if (interrupt) {
        interruptRunner();
      }
    }

    @Override
    public boolean next() {
      if (beginOnce()) {
        begin();
      }
      if (!isTold() || getNumberOfDependents() > 0) {
        beginPiece();
        publish(TaskState.outcome(state), null);
      }
      return false;
    }
  }

  /** The same after a run that was too long, and tells the handler if nobody else would hear. */
  private final class EndTold extends Telling {
    private final TaskHost host = pool.host(); // It may end as soon as the outcome is counted.
    private final Throwable end = ending(TaskAbortedException.Reason.RUN_TIMEOUT);
    private final @Nullable HeldSlot frame;

    EndTold(@Nullable HeldSlot seen) {
      super(true);
      frame = PAYLOAD.getOpaque(Task.this) instanceof HeldSlot held ? held : seen;
    }

    @Override
    void begin() {
      super.begin();
      beginPiece();
      tellHandler(host, end, frame);
    }
  }

  /**
   * Waits until the body is off its thread's stack, or will never be on it; after a {@code
   * cancel(true)}, this tells when the task has really ended. The handle is done by then, or a
   * moment later, when the result has been set: {@link #get} and {@link #join} wait for that.
   *
   * @param timeout how long to wait at the most; zero or less asks without waiting
   * @return true if the body has stopped, false if the time ran out
   * @throws InterruptedException if the calling thread is interrupted while it waits
   * @throws IllegalStateException if the body is on the stack of the calling thread
   * @throws NullPointerException if {@code timeout} is null
   */
  public boolean awaitStopped(Duration timeout) throws InterruptedException {
    long nanos = Checks.saturatedNanos(Checks.nonNull(timeout, "timeout"));
    refuseSelfWait();
    if (TaskState.hasStopped(state) || nanos <= 0) {
      return TaskState.hasStopped(state);
    }
    STATE.getAndBitwiseOr(this, AWAITED);
    TaskHost host = pool.host(); // Once it has ended no body is left, and another answers.
    boolean stopped = false;
    long start = System.nanoTime();
    for (long left = nanos; left > 0 && !stopped; left = nanos - (System.nanoTime() - start)) {
      host.beforeWaiting();
      long turn = Math.min(left, host.timers().helpNanos());
      stopped = host.stopped.await(() -> TaskState.hasStopped(state), turn);
    }
    return stopped;
  }

  private void refuseSelfWait() {
    if (isOnThisStack()) {
      throw new IllegalStateException(
          "A task may not wait for itself, nor for a task that waits for it on the same thread (pool "
              + pool.host().name()
              + ")");
    }
  }

  /**
   * Lets a body, or a stage that an aborter runs, wait until it is decided what becomes of a task
   * that its pool is about to abort: nothing holds that up, and the decision is the answer.
   *
   * @return how much is left of the time
   */
  private long awaitDecision(long nanos) {
    if (!pool.host().isAborting() || !pool.host().isOnThisStack()) {
      return nanos;
    }
    long start = System.nanoTime();
    for (int turn = 0; TaskState.isQueued(state & ~DELAYED); turn++) {
      if (System.nanoTime() - start >= nanos) {
        return 0;
      }
      Gate.pause(turn);
    }
    return nanos - (System.nanoTime() - start);
  }

  /**
   * Sleeps until a task that is delayed is due, or is settled, and keeps the time itself where
   * nobody else does.
   *
   * @return how much is left of the time
   */
  private long awaitDue(long nanos) throws InterruptedException {
    long start = System.nanoTime();
    long left = nanos;
    while (left > 0 && TaskState.isDelayed(state) && (state & REPEATS) == 0) {
      long due = pool.host().delays().untilDue(payload);
      if (due > 0 && Waiter.await(this, Math.min(left, due))) {
        return left;
      }
      left = nanos == Long.MAX_VALUE ? nanos : nanos - (System.nanoTime() - start);
    }
    return left;
  }

  /** A body may not wait for what repeats: that ends when it is cancelled, or the pool closed. */
  private void refuseToJoinRepeated() {
    if ((state & REPEATS) != 0 && pool.host().isOnThisStack()) {
      throw new IllegalStateException(
          "A task may not wait for one of its pool that repeats (pool " + pool.host().name() + ")");
    }
  }

  /**
   * Before an untimed wait: runs the task here where the rules say so, refuses to wait, or answers
   * from the decision.
   */
  private void beforeUntimedWait() {
    if (!isDone()) {
      refuseSelfWait();
      refuseToJoinRepeated();
      TaskHost host = pool.host();
      host.beforeWaiting();
      if (TaskState.isQueued(state) && host.isOnThisStack()) {
        host.help(this);
      }
      awaitDecision(Long.MAX_VALUE);
      host.letRun(this);
    }
    answerDropped();
  }

  /**
   * Waits until the handle is told, or dropped and perhaps not told; false where the time ran out.
   * Meanwhile does for a task that the timer or a starter may be needed for what they would, should
   * they have no thread.
   */
  private boolean awaitTold(long nanos) throws InterruptedException {
    TaskHost host = pool.host();
    boolean looks = pool.options().haveLimit() || (state & REPEATS) != 0 || host.mayGrow();
    if (!looks) {
      return Waiter.await(this, nanos);
    }
    long start = System.nanoTime();
    for (long left = nanos; left > 0; left = nanos - (System.nanoTime() - start)) {
      boolean told = Waiter.await(this, Math.min(left, host.timers().helpNanos()));
      if (told || super.isDone() || TaskState.isDropped(state)) {
        return true;
      }
      host.beforeWaiting();
    }
    return false;
  }

  /**
   * Waits without end; keeps an interrupt for later.
   *
   * @param due until the task is due, not until its handle is told
   */
  private void awaitUninterruptibly(boolean due) {
    boolean interrupted = false;
    for (boolean over = false; !over; ) {
      try {
        over = due ? awaitDue(Long.MAX_VALUE) > 0 : awaitTold(Long.MAX_VALUE);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Throws what the outcome is where that is decided, though the handle is not told yet. */
  private void answerDropped() {
    int s = state;
    if (TaskState.isDropped(s) && !super.isDone()) {
      throw TaskState.is(s, Outcome.ABORTED) ? abortedFor(s) : new CancellationException();
    }
  }

  private TaskAbortedException abortedFor(int s) {
    return TaskAbortedException.forCaller(TaskState.reason(s), pool.host().name(), pool.options());
  }

  /**
   * What to throw for a handle that was cancelled: what it was given (later JDKs throw one around
   * it), or, where it was given none, the caller's own.
   */
  private CancellationException cancellation(CancellationException reported) {
    if (reported instanceof Cancelled || reported.getCause() instanceof Cancelled) {
      return new CancellationException();
    }
    boolean pools =
        reported instanceof TaskAbortedException
            || reported.getCause() instanceof TaskAbortedException;
    if (pools && isAborted()) {
      return abortedFor(state);
    }
    return stored() instanceof CancellationException given ? given : reported;
  }

  /**
   * Waits for the outcome; called by a body of the same pool, runs a task that has not started.
   *
   * @return the result
   * @throws ExecutionException if the task failed
   * @throws CancellationException if the task was cancelled or, a {@link TaskAbortedException},
   *     aborted
   * @throws InterruptedException if the calling thread is interrupted while it waits
   * @throws IllegalStateException if the body is on the stack of the calling thread and the task is
   *     not settled
   */
  @Override
  public T get() throws InterruptedException, ExecutionException {
    if (TaskState.isDelayed(state)) {
      var unused = awaitDue(Long.MAX_VALUE);
    }
    beforeUntimedWait();
    if (!super.isDone()) {
      var unused = awaitTold(Long.MAX_VALUE);
      answerDropped();
    }
    try {
      return super.get();
    } catch (CancellationException e) {
      throw cancellation(e);
    }
  }

  /**
   * Waits for the outcome for a limited time. Never runs the task itself.
   *
   * @return the result
   * @throws TimeoutException if the time ran out first
   * @throws ExecutionException if the task failed
   * @throws CancellationException if the task was cancelled or, a {@link TaskAbortedException},
   *     aborted
   * @throws InterruptedException if the calling thread is interrupted while it waits
   * @throws IllegalStateException if the body is on the stack of the calling thread and the task is
   *     not settled
   */
  @Override
  public T get(long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    long nanos = Math.max(0, Checks.nonNull(unit, "unit").toNanos(timeout));
    if (!isDone()) {
      refuseSelfWait();
      pool.host().beforeWaiting();
      nanos = awaitDecision(awaitDue(nanos));
    }
    boolean told = nanos <= 0 || isDone() || awaitTold(nanos);
    answerDropped();
    if (!told && !super.isDone()) {
      throw new TimeoutException(); // Else a stage held up who would have woken this thread.
    }
    try {
      return super.get(nanos, TimeUnit.NANOSECONDS);
    } catch (CancellationException e) {
      throw cancellation(e);
    }
  }

  /**
   * Waits for the outcome without being interruptible; called by a body of the same pool, runs a
   * task that has not started.
   *
   * @return the result
   * @throws CompletionException if the task failed
   * @throws CancellationException if the task was cancelled or, a {@link TaskAbortedException},
   *     aborted
   * @throws IllegalStateException if the body is on the stack of the calling thread and the task is
   *     not settled
   */
  @Override
  public T join() {
    if (TaskState.isDelayed(state)) {
      awaitUninterruptibly(true);
    }
    beforeUntimedWait();
    if (!super.isDone()) {
      awaitUninterruptibly(false);
      answerDropped();
    }
    try {
      return super.join();
    } catch (CancellationException e) {
      throw cancellation(e);
    }
  }

  /**
   * Returns the result if the task has completed. Never waits.
   *
   * @return the result, or {@code valueIfAbsent} if the task is not settled
   * @throws CompletionException if the task failed
   * @throws CancellationException if the task was cancelled or, a {@link TaskAbortedException},
   *     aborted
   */
  @Override
  public T getNow(T valueIfAbsent) {
    answerDropped();
    try {
      return super.getNow(valueIfAbsent);
    } catch (CancellationException e) {
      throw cancellation(e);
    }
  }

  /**
   * Returns whether the outcome is decided. That of a cancelled or aborted task is from the
   * decision on, though its stages may not have run yet; {@link #copy}, {@code allOf}, {@code
   * anyOf} and, from JDK 19 on, {@code state()} follow when the handle is told, which nothing but
   * the stages holds up.
   *
   * @return whether {@link #get} and {@link #join} would answer at once
   */
  @Override
  public boolean isDone() {
    return super.isDone() || TaskState.isDropped(state);
  }

  /**
   * Returns whether the task was cancelled or aborted.
   *
   * @return whether {@link #join} throws a {@link CancellationException}
   */
  @Override
  public boolean isCancelled() {
    return super.isDone() ? super.isCancelled() : TaskState.isDropped(state);
  }

  /**
   * Returns whether the task failed, or was cancelled or aborted.
   *
   * @return whether {@link #join} throws an exception
   */
  @Override
  public boolean isCompletedExceptionally() {
    return super.isDone() ? super.isCompletedExceptionally() : TaskState.isDropped(state);
  }

  /**
   * Returns the result of a task that has completed; as {@code Future.resultNow} of JDK 19.
   *
   * @return the result
   * @throws IllegalStateException if the task has not completed
   */
  @SuppressWarnings("MissingOverride") // It overrides from JDK 19 on.
  public T resultNow() {
    if (!isDone() || isCompletedExceptionally()) {
      throw new IllegalStateException("The task has not completed: " + this);
    }
    return join();
  }

  /**
   * Returns what a failed task threw; as {@code Future.exceptionNow} of JDK 19.
   *
   * @return the exception
   * @throws IllegalStateException if the task has not failed, or was cancelled or aborted
   */
  @SuppressWarnings("MissingOverride") // It overrides from JDK 19 on.
  public Throwable exceptionNow() {
    if (super.isDone() && super.isCompletedExceptionally() && !super.isCancelled()) {
      Throwable failure = super.handle((result, thrown) -> thrown).join();
      Throwable cause = failure instanceof CompletionException ? failure.getCause() : null;
      return cause == null ? failure : cause;
    }
    throw new IllegalStateException("The task has not failed: " + this);
  }

  /**
   * Returns the handle's identity and, in brackets, the name that it was submitted with, if it was
   * with one, and that it is queued, for how long it has been running, or its outcome.
   */
  @Override
  public String toString() {
    String progress = progress(state);
    String text =
        progress == null
            ? super.toString()
            : getClass().getName() + "@" + Integer.toHexString(hashCode()) + "[" + progress + "]";
    String name = name();
    return name == null ? text : text.replaceFirst("\\[", "[" + quoteReplacement(name + ": "));
  }

  /** What the state word tells and the future does not; null where that knows. */
  private @Nullable String progress(int s) {
    if (super.isDone() && ((s & OBTRUDED) != 0 || !TaskState.isDropped(s))) {
      return null;
    }
    if (TaskState.is(s, Outcome.ABORTED)) {
      return "Aborted: " + TaskState.reason(s);
    }
    if (TaskState.is(s, Outcome.CANCELLED)) {
      return "Cancelled";
    }
    if (TaskState.isDecided(s)) {
      return TaskState.is(s, Outcome.COMPLETED) ? "Completed normally" : "Completed exceptionally";
    }
    if (TaskState.isDelayed(s)) {
      return "Delayed";
    }
    long start = PAYLOAD.getOpaque(this) instanceof HeldSlot frame ? frame.startedAt : 0;
    String running =
        start == 0 ? "Running" : "Running for " + Duration.ofNanos(System.nanoTime() - start);
    return TaskState.isQueued(s) ? "Queued" : running;
  }

  /**
   * Settles the task as completed, if nothing has been decided. Its body does not start any more,
   * or goes on without an interrupt. Where another thread has just decided, this may return false a
   * moment before {@link #isDone()} is true; {@link #join()} waits for that.
   *
   * @return whether this call settled it
   */
  @Override
  public boolean complete(T value) {
    if (!settleAs(TaskState.bits(Outcome.COMPLETED))) {
      return false;
    }
    publish(Outcome.COMPLETED, value);
    return true;
  }

  /**
   * Settles the task as failed, with a {@code CancellationException} as cancelled, if nothing has
   * been decided. Its body does not start any more, or goes on without an interrupt.
   *
   * @return whether this call settled it
   * @throws NullPointerException if {@code ex} is null
   */
  @Override
  public boolean completeExceptionally(Throwable ex) {
    if (!settleAs(decisionOf(Checks.nonNull(ex, "ex")))) {
      return false;
    }
    publish(Outcome.FAILED, ex);
    return true;
  }

  private static int decisionOf(Throwable ex) {
    boolean cancels = ex instanceof CancellationException;
    return TaskState.bits(cancels ? Outcome.CANCELLED : Outcome.FAILED) | GIVEN;
  }

  private boolean settleAs(int decision) {
    if (TaskState.isDecided(state)) {
      return false;
    }
    StackProbe.ensure();
    return settle(decision);
  }

  /**
   * Has an executor call a supplier, with whose result, or failure, the task is then settled as by
   * {@link #complete} or {@link #completeExceptionally}; a failure is wrapped in a {@link
   * CompletionException}, as by any {@code CompletableFuture}, unless it is one.
   *
   * @return this task
   * @throws RejectedTaskException if the executor is the task's pool, and that is closed or full
   * @throws NullPointerException if an argument is null
   */
  @Override
  public CompletableFuture<T> completeAsync(Supplier<? extends T> supplier, Executor executor) {
    Checks.nonNull(supplier, "supplier");
    Checks.nonNull(executor, "executor").execute(new AsyncCompletion<>(this, supplier));
    return this;
  }

  /**
   * Settles the task as {@link #complete} does, and sets the result even if another was decided;
   * the counts keep what was.
   */
  @Override
  public void obtrudeValue(T value) {
    settleAs(TaskState.bits(Outcome.COMPLETED));
    beforeObtruding();
    super.obtrudeValue(value);
  }

  /**
   * Settles the task as {@link #completeExceptionally} does, and sets the failure even if another
   * outcome was decided; the counts keep what was.
   */
  @Override
  public void obtrudeException(Throwable ex) {
    settleAs(decisionOf(Checks.nonNull(ex, "ex")));
    beforeObtruding();
    super.obtrudeException(ex);
  }

  /** From here on the result is the user's, and no exchange of the pool's replaces it. */
  private void beforeObtruding() {
    STATE.getAndBitwiseOr(this, OBTRUDED);
    while ((state & EXCHANGING) != 0 && sharesException(TaskState.reason(state))) {
      Gate.pause(); // Once it has its own, nothing is replaced any more; this may be a stage of it.
    }
  }

  /** Returns a stage whose {@code ...Async} steps run on the pool. */
  @Override
  public <U> CompletableFuture<U> newIncompleteFuture() {
    if (isAborted() && isTold() && !TaskState.reason(state).isTimeout()) {
      ownException(); // Who was too late has one of its own anyway.
    }
    return new Stage<>(handle());
  }

  /**
   * Gives an aborted handle that gets a stage an exception of its own in the place of one that it
   * shares, since the JDK adds to it what a stage throws. Waits out another thread that is amid
   * that, but not the stages that this fires, which may come here: they find it done.
   */
  private void ownException() {
    TaskAbortedException.Reason reason = TaskState.reason(state);
    for (int turn = 0; sharesException(reason); turn++) {
      int s = state;
      if ((s & OBTRUDED) != 0) {
        return; // The user gives it another.
      }
      if ((s & EXCHANGING) != 0) {
        Gate.pause(turn);
      } else if (casState(s, s | EXCHANGING)) {
        try {
          if (sharesException(reason)) {
            super.obtrudeException(ending(reason));
          }
        } finally {
          change(EXCHANGING, 0);
        }
        return;
      }
    }
  }

  /** Asked without a stage, which would ask the same. */
  private boolean sharesException(TaskAbortedException.Reason reason) {
    TaskAbortedException shared = pool.host().aborted(reason);
    try {
      var unused = super.getNow(null);
      return false;
    } catch (CancellationException | CompletionException reported) {
      return reported == shared || reported.getCause() == shared; // Later JDKs throw one around it.
    }
  }

  /** What the future has failed with; null where it has not. It has its result. */
  private @Nullable Throwable stored() {
    return super.handle((result, thrown) -> thrown).join();
  }

  /**
   * Returns the task's pool, as an executor.
   *
   * @return what runs {@code ...Async} stages that name no executor
   */
  @Override
  public Executor defaultExecutor() {
    return handle();
  }

  private PoolHandle handle() {
    return pool instanceof Terms terms ? terms.pool : pool;
  }

  /** What {@link #completeAsync} hands to its executor. */
  private static final class AsyncCompletion<T> implements Runnable, AsynchronousCompletionTask {
    private final Task<T> task;
    private final Supplier<? extends T> supplier;

    AsyncCompletion(Task<T> task, Supplier<? extends T> supplier) {
      this.task = task;
      this.supplier = supplier;
    }

    @Override
    public void run() {
      if (!task.isDone()) {
        try {
          task.complete(supplier.get());
        } catch (Throwable thrown) {
          task.completeExceptionally(Failures.asCompletion(thrown));
        }
      }
    }
  }
}
