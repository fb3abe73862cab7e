package io.threadpool.examples.serve;

import java.util.Collection;
import java.util.Collections;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;

/**
 * Makes workers named {@code serve-0}, {@code serve-1}, and knows which are alive. Thread-safe.
 *
 * <p>They are numbered as they start: a pool may make a thread that it keeps for other things and
 * never starts, as JBoss does for its scheduler.
 */
class NumberedThreads implements ThreadFactory {
  private static final String PREFIX = "serve-";

  private final AtomicInteger started = new AtomicInteger();
  private final Set<Thread> alive = ConcurrentHashMap.newKeySet();
  private final Logger log;

  NumberedThreads(Logger log) {
    this.log = log;
  }

  @Override
  public Thread newThread(Runnable worker) {
    Thread thread = new Thread(() -> live(worker));
    thread.setUncaughtExceptionHandler(
        (failing, thrown) -> log.error("A connection on {} threw", failing.getName(), thrown));
    return thread;
  }

  private void live(Runnable worker) {
    Thread current = Thread.currentThread();
    current.setName(PREFIX + started.getAndIncrement());
    alive.add(current);
    try {
      worker.run();
    } finally {
      alive.remove(current);
      log.debug("Worker {} disconnected; shutting down.", number(current));
    }
  }

  Collection<Thread> alive() {
    return Collections.unmodifiableSet(alive);
  }

  static String number(Thread worker) {
    return worker.getName().substring(PREFIX.length());
  }
}
