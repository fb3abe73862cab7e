package io.threadpool.examples.serve;

import io.threadpool.examples.VirtualThreads;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's threads: a virtual one for each connection. A semaphore sees to it that no more than
 * {@code workers} are answered at once; nothing else here knows a limit.
 */
final class VirtualServerPool implements ServerPool {
  private static final Logger LOG = LoggerFactory.getLogger(VirtualServerPool.class);
  private static final String PREFIX = "serve-";

  private final ExecutorService executor = VirtualThreads.executor(VirtualThreads.factory(PREFIX));
  private final Set<Thread> busy = ConcurrentHashMap.newKeySet();
  private final Semaphore turns;

  VirtualServerPool(int workers) {
    turns = new Semaphore(workers, true);
  }

  @Override
  public void execute(Runnable connection) {
    executor.execute(
        () -> {
          Thread current = Thread.currentThread();
          try {
            turns.acquire();
          } catch (InterruptedException dropped) {
            return;
          }
          busy.add(current);
          try {
            LOG.debug("Worker {} got a job; executing.", number(current));
            connection.run();
          } catch (RuntimeException | Error thrown) {
            LOG.error("A connection on {} threw", current.getName(), thrown);
          } finally {
            busy.remove(current);
            turns.release();
            LOG.debug("Worker {} disconnected; shutting down.", number(current));
          }
        });
  }

  private static String number(Thread thread) {
    return thread.getName().substring(PREFIX.length());
  }

  @Override
  public void close(@Nullable Duration drain) {
    GracefulShutdown.close(executor, drain, busy, LOG);
  }
}
