package io.threadpool.internal;

import java.lang.reflect.Method;
import java.security.AccessControlContext;
import java.security.AccessController;
import java.security.PrivilegedAction;
import java.security.ProtectionDomain;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Makes threads that inherit nothing from whoever happens to call: no thread-locals, priority or
 * access context (a JDK before 24 hands that, and the {@code Subject} in it, to each new thread).
 */
public final class Threads {

  /** Later JDKs have no access contexts, and may some day have lost the class. */
  private static final boolean HAVE_CONTEXTS = Runtime.version().feature() < 24;

  private static final StackTraceElement[] NO_STACK = {};

  private Threads() {}

  /**
   * Makes a thread as nobody in particular.
   *
   * @param group its group; null for that of whoever calls
   */
  public static Thread make(@Nullable ThreadGroup group, Runnable body, String name) {
    return HAVE_CONTEXTS
        ? new Nobody(group, body, name).call()
        : new Thread(group, body, name, 0, false);
  }

  /**
   * Makes a daemon of the outermost thread group.
   *
   * @param loader its context class loader; null for none
   */
  public static Thread daemon(String name, Runnable body, @Nullable ClassLoader loader) {
    Thread thread = make(outermostGroup(), body, name);
    thread.setDaemon(true);
    return prepared(thread, loader);
  }

  /** Whether there are virtual threads, as there are from Java 21 on. */
  public static boolean haveVirtual() {
    return Runtime.version().feature() >= 21;
  }

  /**
   * Makes virtual threads {@code name-0}, {@code name-1} and so on, which inherit nothing. By
   * reflection, once for each pool, since the library is for Java 17.
   */
  public static ThreadFactory virtualFactory(String name) {
    try {
      Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
      Class<?> type = Class.forName("java.lang.Thread$Builder");
      Method inherit = type.getMethod("inheritInheritableThreadLocals", boolean.class);
      builder = inherit.invoke(builder, false);
      builder = type.getMethod("name", String.class, long.class).invoke(builder, name + "-", 0L);
      return (ThreadFactory) type.getMethod("factory").invoke(builder);
    } catch (ReflectiveOperationException changed) {
      throw new IllegalStateException("virtual threads are not what they were in Java 21", changed);
    }
  }

  /** Gives a thread that was not started normal priority and a context class loader. */
  @SuppressWarnings("ThreadPriorityCheck") // Not the priority of whoever makes it.
  public static Thread prepared(Thread thread, @Nullable ClassLoader loader) {
    thread.setPriority(Thread.NORM_PRIORITY);
    thread.setContextClassLoader(loader);
    return thread;
  }

  /**
   * Has a thread look again that does so by itself in a while, too. To unpark a virtual thread may
   * throw, where its scheduler lacks memory or a thread; who decides something has that done all
   * the same.
   */
  public static void unpark(Thread waiter) {
    try {
      LockSupport.unpark(waiter);
    } catch (Throwable lacking) {
      // Then it looks itself.
    }
  }

  /** The stack of a thread; empty where its class, a user's, does not tell, or memory lacks. */
  public static StackTraceElement[] stackOf(Thread thread) {
    try {
      return thread.getStackTrace();
    } catch (Throwable refused) {
      return NO_STACK;
    }
  }

  /** Puts back what user code may have changed on the calling thread. */
  @SuppressWarnings("ThreadPriorityCheck") // What it was.
  public static void putBack(
      Thread own, @Nullable String name, @Nullable ClassLoader loader, int priority) {
    if (!own.getName().equals(name)) {
      own.setName(name);
    }
    if (own.getPriority() != priority) {
      own.setPriority(priority);
    }
    if (own.getContextClassLoader() != loader) { // Last, as it may be code of a user's class.
      own.setContextClassLoader(loader);
    }
  }

  static ThreadGroup outermostGroup() {
    ThreadGroup group = Thread.currentThread().getThreadGroup();
    for (ThreadGroup parent = group.getParent(); parent != null; parent = group.getParent()) {
      group = parent;
    }
    return group;
  }

  /** Loaded where there are access contexts. */
  @SuppressWarnings("removal") // There is nothing else that takes one off.
  private record Nobody(@Nullable ThreadGroup group, Runnable body, String name)
      implements PrivilegedAction<Thread> {
    private static final AccessControlContext CONTEXT =
        new AccessControlContext(new ProtectionDomain[0]);

    Thread call() {
      return AccessController.doPrivileged(this, CONTEXT);
    }

    @Override
    public Thread run() {
      return new Thread(group, body, name, 0, false);
    }
  }
}
