package io.threadpool.examples.users;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.threadpool.WorkerPool;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.LifecycleState;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.core.StandardContext;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.AbstractProtocol;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Tomcat, whose poller hands each socket that has something to read to the executor. */
@Timeout(120)
class TomcatTest {

  @RegisterExtension final UserPools pools = new UserPools();
  @RegisterExtension final JulLog log = new JulLog("org.apache");
  @TempDir Path base;
  private final Held held = new Held();
  private final Tomcat tomcat = new Tomcat();
  private Connector connector;
  private Browser browser;

  private final class Page extends HttpServlet {
    private static final long serialVersionUID = 1;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      if (request.getRequestURI().equals("/held")) {
        held.run();
      }
      String page = Thread.currentThread().getName().replaceAll("-\\d+$", "");
      response.setContentLength(page.length());
      response.getWriter().write(page);
    }
  }

  private void serveOn(WorkerPool pool) throws LifecycleException {
    connector = new Connector();
    connector.setPort(0);
    connector.setProperty("bindOnInit", "false"); // A graceful close is for those bound on start.
    ((AbstractProtocol<?>) connector.getProtocolHandler()).setExecutor(pool);
    tomcat.setBaseDir(base.toString());
    tomcat.setConnector(connector);
    StandardContext context = (StandardContext) tomcat.addContext("", null);
    context.setClearReferencesRmiTargets(false); // This and the next would read the JDK's fields.
    context.setClearReferencesThreadLocals(false);
    Tomcat.addServlet(context, "page", new Page());
    context.addServletMapping("/*", "page");
    tomcat.start();
    browser = new Browser(connector.getLocalPort());
  }

  @AfterEach
  void stop() throws LifecycleException {
    held.release();
    if (tomcat.getServer().getState() != LifecycleState.DESTROYED) {
      tomcat.stop();
      tomcat.destroy();
    }
  }

  @Test
  void answersEachRequestOnAWorkerAndLeavesThePoolToItsOwner() throws Exception {
    WorkerPool pool = pools.build(WorkerPool.builder().size(4).name("web"));
    serveOn(pool);

    assertEquals(Collections.nCopies(50, "200 web"), browser.getAll(50, "/"));

    stop();
    assertFalse(pool.isShutdown());
    pool.close();
    assertEquals(0, pool.report().orElseThrow().failed());
    assertEquals(List.of(), log.messages(), "among them leaks of threads and of class loaders");
  }

  /**
   * The listener, the pool, then the rest: {@code stop} waits for what runs on an executor of
   * Tomcat's own, and not for what runs on one that it was given; and a connector that is paused
   * drops the requests that wait for a worker.
   */
  @Test
  void closingTheListenerAndThenThePoolAnswersWhatIsInFlight() throws Exception {
    WorkerPool pool = pools.build(WorkerPool.builder().size(2).name("web"));
    serveOn(pool);
    List<FutureTask<String>> answers = browser.start(5, "/held");
    held.awaitStarted(2);
    UserPools.eventually().until(() -> pool.stats().queued() == 3);

    connector.getProtocolHandler().closeServerSocketGraceful();
    assertEquals(Browser.NO_ANSWER, browser.get("/"));
    pool.shutdown();
    held.release();
    pool.close();
    stop();

    assertEquals(Collections.nCopies(5, "200 web"), Browser.all(answers));
    assertEquals(5, pool.report().orElseThrow().completed());
  }

  @Test
  void aRequestThatThePoolRefusesLosesItsConnectionAndIsLogged() throws Exception {
    WorkerPool pool = pools.build(WorkerPool.builder().size(1).name("web").queueCapacity(1));
    serveOn(pool);
    List<FutureTask<String>> running = browser.start(1, "/held");
    held.awaitStarted(1);
    List<FutureTask<String>> queued = browser.start(1, "/");
    UserPools.eventually().until(() -> pool.stats().queued() == 1);

    assertEquals(Browser.NO_ANSWER, browser.get("/"));
    assertEquals(1, pool.stats().rejected());
    assertEquals(1, log.messages().size(), () -> log.messages().toString());

    held.release();
    assertEquals(List.of("200 web"), Browser.all(running));
    assertEquals(List.of("200 web"), Browser.all(queued));
    assertEquals("200 web", browser.get("/"));
    stop();
    pool.close();
  }
}
