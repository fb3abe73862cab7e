package io.threadpool;

import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.helpers.NOPLogger;
import org.slf4j.helpers.SubstituteLogger;

/**
 * What a pool tells the world: its life cycle and its troubles to the log, what raw commands throw
 * to their handler. Bodies are interrupted here, too, as a thread of a user's class may throw then.
 * What a recorder is shown is in {@link FlightEvents}. Nothing that a logger or a handler throws
 * leaves this class.
 *
 * <p>Implementation note. Loggers and handlers are user code, which may block: on the way to the
 * end of a pool these methods are called by errand threads, or last. They use what SLF4J had in
 * version 1.7, too. The text of a line may be what a full heap has no room for; a worker, which
 * lives on, is spared that error.
 */
final class Events {

  static final Logger LOG = logger();

  /** None where the provider of SLF4J is out of order: as where there is none. */
  private static Logger logger() {
    try {
      Logger found = LoggerFactory.getLogger("io.threadpool.WorkerPool");
      return found == null ? NOPLogger.NOP_LOGGER : found;
    } catch (Throwable broken) {
      return NOPLogger.NOP_LOGGER;
    }
  }

  /** The flight recorder, where there is one. */
  static final Sight SIGHT = sight();

  private static Sight sight() {
    try {
      boolean recordable = ModuleLayer.boot().findModule("jdk.jfr").isPresent();
      Sight found = recordable ? new FlightEvents() : new Sight();
      found.look();
      return found;
    } catch (Throwable unusable) {
      return new Sight();
    }
  }

  private final Logger log;

  /** Where else is told what the pool does. */
  final Sight sight;

  /** The pool's name. */
  final String pool;

  private final Thread.@Nullable UncaughtExceptionHandler handler;

  /** Written by who builds the pool, and by workers now and then. */
  private volatile boolean debug;

  Events(Logger log, String pool, Thread.@Nullable UncaughtExceptionHandler handler, Sight sight) {
    this.log = log;
    this.sight = sight;
    this.pool = pool;
    this.handler = handler;
    var unused = look();
  }

  /** Those of a terminated pool, for which no handler is kept. Asks the log nothing. */
  Events(Events ended) {
    log = ended.log;
    sight = ended.sight;
    pool = ended.pool;
    handler = null;
  }

  // The life cycle: a task at TRACE, a worker and the pool at DEBUG.

  /** Asks the log, and the recorder, what is wanted; returns whether that is the life of tasks. */
  boolean look() {
    try {
      debug = log.isDebugEnabled();
      sight.look();
      return log.isTraceEnabled();
    } catch (Throwable broken) {
      return false;
    }
  }

  /** Whether the log wanted the life of workers when it was asked last: it may not come back. */
  boolean isDebug() {
    return debug;
  }

  void gotJob(int worker) {
    try {
      log.trace("Worker " + worker + " got a job; executing. [" + pool + "]");
    } catch (Throwable broken) {
      // There is nothing to tell it with.
    }
  }

  void workerLeft(int worker, boolean ended) {
    if (debug) {
      String why = ended ? " disconnected; shutting down. [" : " is not needed. [";
      debug("Worker " + worker + why + pool + "]");
    }
  }

  void shuttingDown(int worker) {
    debug("Shutting down worker " + worker + " [" + pool + "]");
  }

  void terminated() {
    debug("Pool " + pool + " terminated");
  }

  private void debug(String text) {
    try {
      log.debug(text);
    } catch (Throwable broken) {
      // There is nothing to tell it with.
    }
  }

  // Troubles.

  void workerNotStarted(int worker, Throwable cause) {
    warn(cause, "goes on without worker " + worker + ", which could not start");
  }

  void runNotStarted(Throwable cause) {
    warn(cause, "could not start another worker, and tries again");
  }

  void runBroken(Throwable cause) {
    try {
      warn(cause, "has a virtual worker whose run broke off");
    } catch (Throwable full) {
      // There is no memory for the text.
    }
  }

  void foreignThread(int worker) {
    warn(null, "lets worker " + worker + " run on its own thread alone");
  }

  void workerDied(int worker) {
    warn(null, "has lost worker " + worker + ": its thread ended without running it");
  }

  void noWorkerLeft() {
    warn(null, "has no worker left whose thread is alive, and aborts what is queued");
  }

  void loopBroken(int worker, Throwable cause) {
    try {
      warn(cause, "lets worker " + worker + " enter its loop again, which broke");
    } catch (Throwable full) {
      // There is no memory for the text; the worker lives on.
    }
  }

  void stuck(StuckTask stuck) {
    String task = stuck.name().isEmpty() ? "" : stuck.name() + " ";
    String runs = stuck.worker() + ", running " + task + "for " + stuck.age();
    warn(
        null,
        "gives up on a task that ignores its interrupt: worker " + runs + text(stuck.stack()));
    sight.stuck(pool, stuck.worker(), stuck.age());
  }

  void slow(String task) {
    warn(null, "has a slow task: " + task);
  }

  /** Of a pool that stands still. */
  void standstill(long queued, long nanos, String running) {
    String waits = queued + (queued == 1 ? " task waits" : " tasks wait");
    String since = ", and none was taken for " + Duration.ofNanos(nanos) + ", nor has one ended:";
    warn(null, "stands still: " + waits + since + running);
  }

  void dropped(@Nullable StackTraceElement builtAt) {
    Object place = builtAt == null ? "an unknown place" : builtAt;
    warn(null, "built at " + place + ", became unreachable without having been closed; it drains");
  }

  /** Interrupts the thread of a task; what its class throws, which may be a user's, is told. */
  void interrupt(Thread thread) {
    try {
      thread.interrupt();
    } catch (Throwable refused) {
      warn(refused, "could not interrupt the thread of a task");
    }
  }

  void notPutBack(Throwable refused) {
    warn(refused, "could not put back what a task has changed on its thread");
  }

  void stagesLost(Throwable cause) {
    var unused = write(true, cause, "could not complete stages of a task");
  }

  void cancelFailed(Throwable cause) {
    var unused = write(true, cause, "cancelled a command that it had aborted, which threw");
  }

  void noExitHook(Throwable cause) {
    warn(cause, "cannot close at the exit of the JVM");
  }

  private void warn(@Nullable Throwable cause, String text) {
    var unused = write(false, cause, text); // It was not thrown where anybody has to hear of it.
  }

  /**
   * Returns whether it was logged; what cannot be printed is told by its class. Throws nothing, so
   * needs memory nowhere but where it tries.
   */
  private boolean write(boolean error, @Nullable Throwable cause, String text) {
    return tries(error, cause, text, true) || tries(error, cause, text, false);
  }

  private boolean tries(boolean error, @Nullable Throwable cause, String text, boolean whole) {
    try {
      String told = "Pool " + pool + " " + text + (whole ? "" : unprintable(cause));
      Throwable thrown = whole ? cause : null;
      if (error) {
        log.error(told, thrown);
      } else {
        log.warn(told, thrown);
      }
      return true;
    } catch (Throwable broken) {
      return false; // Once more, without what may have been the reason; or the log is out of order.
    }
  }

  private static String unprintable(@Nullable Throwable cause) {
    return " (thrown: "
        + (cause == null ? "nothing" : cause.getClass().getName())
        + "; could not be printed)";
  }

  static String text(List<StackTraceElement> stack) {
    return stack.stream().map(line -> "\n\tat " + line).collect(Collectors.joining());
  }

  // What raw commands throw.

  /**
   * Reports what a raw command threw, on the thread that ran it, to one handler, once.
   *
   * @param makers the handler that the thread's maker put on it, if any
   * @param limit whether it has not thrown, but a limit has ended it, told on whatever thread
   */
  void uncaught(Throwable thrown, Thread.@Nullable UncaughtExceptionHandler makers, boolean limit) {
    try {
      tell(thrown, handler == null ? makers : handler, limit);
    } catch (Throwable full) {
      // There is no memory to tell it with.
    }
  }

  private void tell(
      Throwable thrown, Thread.@Nullable UncaughtExceptionHandler given, boolean limit) {
    Thread thread = Thread.currentThread();
    if (given == null) {
      String what = limit ? "a limit has ended" : "threw on " + thread.getName();
      logOrPrint(thrown, "had a task that " + what);
      return;
    }
    try {
      given.uncaughtException(thread, thrown);
    } catch (Throwable broken) {
      logOrPrint(broken, "has a handler that threw on " + thread.getName());
      logOrPrint(thrown, "had given it what a task threw");
    }
  }

  /** Logs it at ERROR; where there is no log, or it fails, does as for a thread that ends so. */
  private void logOrPrint(Throwable thrown, String text) {
    if (hasLog() && write(true, thrown, text)) {
      return;
    }
    Thread thread = Thread.currentThread();
    try {
      thread.getThreadGroup().uncaughtException(thread, thrown);
    } catch (Throwable broken) {
      print("Pool " + pool + " " + text, thrown);
    }
  }

  /** Where the JVM's default handler throws as well. */
  private static void print(String line, Throwable thrown) {
    try {
      System.err.println(line);
      thrown.printStackTrace();
    } catch (Throwable broken) {
      System.err.println(line + unprintable(thrown));
    }
  }

  /** Whether there is a provider of SLF4J, and it is ready. */
  private boolean hasLog() {
    try {
      boolean none =
          log instanceof NOPLogger
              || (log instanceof SubstituteLogger early
                  && (early.isDelegateNull() || early.isDelegateNOP()));
      return !none;
    } catch (LinkageError old) {
      return true; // Then it tells by failing.
    }
  }

  /** The handler that the thread's maker put on it, or null. */
  static Thread.@Nullable UncaughtExceptionHandler handlerOn(Thread thread) {
    try {
      Thread.UncaughtExceptionHandler found = thread.getUncaughtExceptionHandler();
      return found instanceof ThreadGroup ? null : found;
    } catch (Throwable broken) {
      return null; // The thread's class is a user's.
    }
  }
}
