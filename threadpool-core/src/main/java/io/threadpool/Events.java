package io.threadpool;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.helpers.NOPLogger;

/**
 * What a pool tells the world: its life cycle and its troubles to the log, what raw commands throw
 * to their handler. Nothing that a logger or a handler throws leaves this class.
 *
 * <p>Implementation note. The arguments of a line may be what a full heap has no room for. So what
 * is told at DEBUG is not put together unless it is logged, and a worker, which lives on, is spared
 * that error.
 */
final class Events {

  static final Logger LOG = LoggerFactory.getLogger("io.threadpool.WorkerPool");

  private final Logger log;

  private final String pool;
  private final Thread.@Nullable UncaughtExceptionHandler handler;

  Events(Logger log, String pool, Thread.@Nullable UncaughtExceptionHandler handler) {
    this.log = log;
    this.pool = pool;
    this.handler = handler;
  }

  boolean isDebug() {
    try {
      return log.isDebugEnabled();
    } catch (Throwable broken) {
      return false;
    }
  }

  void gotJob(int worker) {
    log(Level.DEBUG, null, "Worker {} got a job; executing.", worker);
  }

  void workerLeft(int worker) {
    if (isDebug()) {
      log(Level.DEBUG, null, "Worker {} disconnected; shutting down.", worker);
    }
  }

  void shuttingDown(int worker) {
    if (isDebug()) {
      log(Level.DEBUG, null, "Shutting down worker {}", worker);
    }
  }

  void terminated() {
    if (isDebug()) {
      log(Level.DEBUG, null, "Pool {} terminated", pool);
    }
  }

  void workerNotStarted(int worker, Throwable cause) {
    log(
        Level.WARN,
        cause,
        "Pool {} goes on without worker {}, which could not start",
        pool,
        worker);
  }

  void foreignThread(int worker) {
    log(Level.WARN, null, "Worker {} of pool {} runs on its own thread alone", worker, pool);
  }

  void workerDied(int worker) {
    log(Level.WARN, null, "The thread of worker {} of pool {} ended without it", worker, pool);
  }

  void loopBroken(int worker, Throwable cause) {
    try {
      log(
          Level.WARN,
          cause,
          "Worker {} of pool {} enters its loop again, which broke",
          worker,
          pool);
    } catch (Throwable full) {
      // There is no memory for the arguments; the worker lives on.
    }
  }

  void noKeeper(Throwable cause) {
    try {
      log(
          Level.WARN,
          cause,
          "Pool {} has no thread for its deadline; who waits for it keeps it",
          pool);
    } catch (Throwable full) {
      // There is no memory for the arguments; it is kept all the same.
    }
  }

  void stuck(StuckTask stuck) {
    log(
        Level.WARN,
        null,
        "Pool {} gives up on a task that ignores its interrupt: worker {}, running for {}{}",
        pool,
        stuck.worker(),
        stuck.age(),
        text(stuck.stack()));
  }

  void allWorkersBlocked(List<Thread> workers) {
    String stacks =
        workers.stream()
            .map(thread -> "\n" + thread.getName() + text(Arrays.asList(thread.getStackTrace())))
            .collect(Collectors.joining());
    log(
        Level.WARN,
        null,
        "All {} workers of pool {} have long been waiting for tasks of that pool: {}",
        workers.size(),
        pool,
        stacks);
  }

  void dropped(@Nullable StackTraceElement builtAt) {
    log(
        Level.WARN,
        null,
        "Pool {}, built at {}, became unreachable without having been closed; it drains",
        pool,
        builtAt == null ? "an unknown place" : builtAt);
  }

  void interruptFailed(Throwable cause) {
    log(Level.WARN, cause, "Pool {} could not interrupt the thread of a task", pool);
  }

  void stagesLost(Throwable cause) {
    log(Level.ERROR, cause, "Stages of a task of pool {} could not be completed", pool);
  }

  void cancelFailed(Throwable cause) {
    log(Level.ERROR, cause, "Cancelling a command that pool {} aborted threw", pool);
  }

  void noExitHook(Throwable cause) {
    log(Level.WARN, cause, "Pool {} cannot close at the exit of the JVM", pool);
  }

  /**
   * Reports what a raw command threw, on the thread that ran it, to one handler, once.
   *
   * @param makers the handler that the thread's maker put on it, if any
   */
  void uncaught(Throwable thrown, Thread.@Nullable UncaughtExceptionHandler makers) {
    try {
      tell(thrown, handler == null ? makers : handler);
    } catch (Throwable full) {
      // There is no memory to tell it with.
    }
  }

  private void tell(Throwable thrown, Thread.@Nullable UncaughtExceptionHandler given) {
    Thread thread = Thread.currentThread();
    Thread.UncaughtExceptionHandler chosen = given;
    if (chosen == null && log instanceof NOPLogger) {
      chosen = thread.getThreadGroup(); // There is no log: as for a thread that ends so.
    }
    if (chosen == null) {
      log(Level.ERROR, thrown, "A task of pool {} on {} threw", pool, thread.getName());
      return;
    }
    try {
      chosen.uncaughtException(thread, thrown);
    } catch (Throwable broken) {
      log(Level.ERROR, broken, "The handler of pool {} threw on {}", pool, thread.getName());
      log(Level.ERROR, thrown, "It had been given what a task threw", pool);
    }
  }

  /** The handler that the thread's maker put on it, or null. */
  static Thread.@Nullable UncaughtExceptionHandler handlerOn(Thread thread) {
    Thread.UncaughtExceptionHandler found = thread.getUncaughtExceptionHandler();
    return found instanceof ThreadGroup ? null : found;
  }

  private static String text(List<StackTraceElement> stack) {
    return stack.stream().map(line -> "\n\tat " + line).collect(Collectors.joining());
  }

  /** Logs; what cannot be printed, say an exception whose toString throws, is told by its class. */
  private void log(Level level, @Nullable Throwable cause, String message, Object... arguments) {
    try {
      log.atLevel(level).setCause(cause).log(message, arguments);
    } catch (Throwable broken) {
      try {
        String name = cause == null ? "nothing" : cause.getClass().getName();
        log.atLevel(level).log("{} {} (thrown: {}; could not be printed)", pool, message, name);
      } catch (Throwable again) {
        // The log is out of order, and there is nobody else to tell.
      }
    }
  }
}
