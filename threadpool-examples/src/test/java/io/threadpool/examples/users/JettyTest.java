package io.threadpool.examples.users;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.WorkerPool;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.ThreadPool;
import org.eclipse.jetty.util.thread.ThreadPoolBudget;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Jetty, whose acceptors and selectors are tasks of its thread pool that run from its start to its
 * end. Its own {@code ExecutorThreadPool} takes the JDK's {@code ThreadPoolExecutor} and nothing
 * else, so a pool goes in through an adapter.
 */
@Timeout(120)
class JettyTest {

  @RegisterExtension final UserPools pools = new UserPools();
  private final Held held = new Held();
  private Server server;
  private Browser browser;

  /**
   * A pool as Jetty wants it. With a size and a <em>budget</em> Jetty counts beforehand whether its
   * lasting tasks leave a worker for the requests, and refuses to start where they do not.
   */
  private static final class JettyPool implements ThreadPool.SizedThreadPool {
    private final WorkerPool pool;
    private final ThreadPoolBudget budget;

    JettyPool(WorkerPool pool) {
      this.pool = pool;
      this.budget = new ThreadPoolBudget(this);
    }

    @Override
    public ThreadPoolBudget getThreadPoolBudget() {
      return budget;
    }

    @Override
    public void execute(Runnable command) {
      pool.execute(command);
    }

    @Override
    public int getThreads() {
      return pool.stats().size();
    }

    @Override
    public int getIdleThreads() {
      return Math.max(0, getThreads() - pool.stats().active());
    }

    @Override
    public boolean isLowOnThreads() {
      return pool.stats().queued() > getIdleThreads();
    }

    @Override
    public int getMinThreads() {
      return getThreads();
    }

    @Override
    public int getMaxThreads() {
      return getThreads();
    }

    @Override
    public void setMinThreads(int threads) {
      throw new UnsupportedOperationException("the size is fixed");
    }

    @Override
    public void setMaxThreads(int threads) {
      throw new UnsupportedOperationException("the size is fixed");
    }

    @Override
    public void join() throws InterruptedException {
      while (!pool.awaitTermination(Duration.ofDays(1))) {
        // Until it has ended.
      }
    }
  }

  private final class Page extends Handler.Abstract {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      if (Request.getPathInContext(request).equals("/held")) {
        held.run();
      }
      String page = Thread.currentThread().getName().replaceAll("-\\d+$", "");
      Content.Sink.write(response, true, page, callback);
      return true;
    }
  }

  private void listenOn(WorkerPool pool) {
    server = new Server(new JettyPool(pool));
    server.addConnector(new ServerConnector(server, 1, 1));
    server.setHandler(new GracefulHandler(new Page()));
    server.setStopTimeout(UserPools.LONG.toMillis());
  }

  private void serveOn(WorkerPool pool) throws Exception {
    listenOn(pool);
    server.start();
    browser = new Browser(((ServerConnector) server.getConnectors()[0]).getLocalPort());
  }

  @AfterEach
  void stop() throws Exception {
    held.release();
    server.stop();
  }

  @Test
  void answersEachRequestOnAWorkerAndKeepsTwoForItself() throws Exception {
    WorkerPool pool = pools.build(WorkerPool.builder().size(4).name("web"));
    serveOn(pool);

    assertEquals(Collections.nCopies(50, "200 web"), browser.getAll(50, "/"));
    UserPools.eventually().until(() -> pool.stats().active() == 2);

    server.stop();
    assertFalse(pool.isShutdown());
    assertTrue(pool.awaitIdle(UserPools.LONG), "the acceptor and the selector have ended");
    pool.close();
  }

  @Test
  void stoppingAnswersWhatIsInFlight() throws Exception {
    WorkerPool pool = pools.build(WorkerPool.builder().size(5).name("web"));
    serveOn(pool);
    List<FutureTask<String>> answers = browser.start(3, "/held");
    held.awaitStarted(3);

    Thread stopper = new Thread(this::stopServer, "stopper");
    stopper.start();
    ServerConnector connector = (ServerConnector) server.getConnectors()[0];
    UserPools.eventually().until(() -> !connector.isOpen());
    held.release();
    stopper.join();
    pool.close();

    assertEquals(Collections.nCopies(3, "200 web"), Browser.all(answers));
  }

  private void stopServer() {
    try {
      server.stop();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** Jetty renames its acceptor's thread, lowers its priority, and interrupts it to stop it. */
  @Test
  void itsInterruptsAndNamesDoNotReachTheNextTask() throws Exception {
    WorkerPool pool = pools.build(WorkerPool.builder().size(3).name("web"));
    serveOn(pool);
    assertEquals("200 web", browser.get("/"));
    UserPools.eventually().until(() -> pool.stats().active() == 2);
    server.stop();

    Held all = new Held();
    for (int i = 0; i < 3; i++) {
      pool.submit(
          () -> {
            Thread self = Thread.currentThread();
            assertFalse(self.isInterrupted());
            assertTrue(self.getName().matches("web-\\d"), self::getName);
            assertEquals(Thread.NORM_PRIORITY, self.getPriority(), self::getName);
            all.run();
          });
    }
    all.awaitStarted(3);
    all.release();
    pool.close();
    assertEquals(0, pool.report().orElseThrow().failed());
  }

  @Test
  void refusesToStartOnAPoolThatLeavesNoWorkerForRequests() throws Exception {
    WorkerPool pool = pools.fixed(2);
    listenOn(pool);

    Exception refused = assertThrows(IllegalStateException.class, server::start);
    assertTrue(
        refused.getMessage().startsWith("Insufficient configured threads"), refused::toString);

    server.stop();
    pool.close();
  }
}
