package io.threadpool.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.MeterRegistry;
import io.threadpool.Batch;
import io.threadpool.PoolStats;
import io.threadpool.ScheduledTask;
import io.threadpool.Task;
import io.threadpool.TerminationReport;
import io.threadpool.WorkerPool;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import javax.management.Attribute;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.scheduling.annotation.Async;

/** Compiles and runs the README's recipes. */
@Timeout(180)
class RecipesTest {

  private static final int MOST_LINES = 20;

  @TempDir Path classes;
  private URLClassLoader loader;

  @BeforeEach
  void open() throws IOException {
    loader = new URLClassLoader(new URL[] {classes.toUri().toURL()}, getClass().getClassLoader());
  }

  @AfterEach
  void close() throws IOException {
    MDC.clear();
    loader.close();
  }

  /** Runs a recipe that is a part of a method, and returns variables of that method by name. */
  private Map<?, ?> run(Recipe recipe, String before, String... variables) throws Exception {
    StringBuilder entries = new StringBuilder();
    for (String variable : variables) {
      entries.append(entries.isEmpty() ? "" : ", ").append('"' + variable + "\", " + variable);
    }
    recipe.compile(
        classes,
        "Sample",
        "public class Sample { " + before + " public static Object run() throws Exception {",
        "return Map.of(" + entries + "); } }");
    return (Map<?, ?>) loader.loadClass("Sample").getMethod("run").invoke(null);
  }

  /** Starts a recipe that was compiled as a program. */
  private Program start(String type, String... args) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-cp");
    command.add(classes + File.pathSeparator + System.getProperty("java.class.path"));
    command.add(type);
    command.addAll(List.of(args));
    return Program.run(Map.of(), command);
  }

  private static String get(int port, String path) throws IOException {
    URI uri = URI.create("http://127.0.0.1:" + port + path);
    try (InputStream page = uri.toURL().openStream()) {
      return new String(page.readAllBytes(), UTF_8);
    }
  }

  @Test
  void eachIsKnownToATestAndShort() throws IOException {
    Map<String, Recipe> recipes = Recipe.all();
    Set<String> known =
        Set.of(
            "Which size",
            "Ten thousand blocking calls",
            "Resize it by hand",
            "A web server",
            "Graceful shutdown under a container's SIGTERM",
            "A batch with backpressure",
            "Fan out, the first success wins",
            "A million items, and how far it is",
            "A time limit for each request",
            "A pool that stands still",
            "A job every minute",
            "MDC",
            "In Spring",
            "See what it does",
            "With Micrometer");
    assertEquals(known, recipes.keySet());
    recipes.forEach(
        (name, recipe) -> assertTrue(recipe.code().lines().count() <= MOST_LINES, name));
  }

  @Test
  void theSizesAreThoseThatItSays() throws Exception {
    Recipe recipe = Recipe.named("Which size");
    if (!VirtualThreads.available()) {
      recipe = recipe.with("virtual(10_000)", "fixed(1)");
    }
    Map<?, ?> made = run(recipe, "", "computes", "waits", "onlyWaits");
    try (WorkerPool computes = (WorkerPool) made.get("computes");
        WorkerPool waits = (WorkerPool) made.get("waits");
        WorkerPool onlyWaits = (WorkerPool) made.get("onlyWaits")) {
      int processors = Runtime.getRuntime().availableProcessors();
      await().until(() -> computes.stats().workers() == processors);
      await().until(() -> waits.stats().workers() == 2);
      assertTrue(waits.stats().size() > 2, waits.toString());
      assertEquals(VirtualThreads.available() ? 10_000 : 1, onlyWaits.stats().size());
    }
  }

  /** Each call waits until all of them have been made, and the last one for that, too. */
  @Test
  void tenThousandCallsWaitAtOnce() throws Exception {
    String before =
        """
        static final List<String> addresses = Collections.nCopies(10_000, "somewhere");
        static final CountDownLatch called = new CountDownLatch(10_000);
        static String fetch(String from) throws InterruptedException {
          called.countDown();
          called.await();
          return "a page";
        }
        """;
    Recipe recipe = Recipe.named("Ten thousand blocking calls");
    if (!VirtualThreads.available()) {
      Exception refused =
          assertThrows(InvocationTargetException.class, () -> run(recipe, before, "pool"));
      assertTrue(String.valueOf(refused.getCause()).contains("needs Java 21 or later"));
      return;
    }
    Map<?, ?> made = run(recipe, before, "pool", "pages");
    for (Object page : (List<?>) made.get("pages")) {
      assertEquals("a page", ((Task<?>) page).join());
    }
    TerminationReport report = ((WorkerPool) made.get("pool")).report().orElseThrow();
    assertEquals(10_000, report.completed());
    assertEquals(10_000, report.size());
  }

  @Test
  void anOperatorResizesThePool() throws Exception {
    Recipe.named("Resize it by hand").compile(classes, "Sizing", "", "");
    MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    ObjectName name = new ObjectName("app:pool=mail");
    try (WorkerPool pool = WorkerPool.fixed(1)) {
      Constructor<?> constructor =
          loader.loadClass("PoolSizing").getDeclaredConstructor(WorkerPool.class);
      constructor.setAccessible(true);
      server.registerMBean(constructor.newInstance(pool), name);
      server.setAttribute(name, new Attribute("Size", 3));
      CyclicBarrier barrier = new CyclicBarrier(3);
      pool.invokeAll(Collections.nCopies(3, barrier::await));
      assertEquals(3, server.getAttribute(name, "Size"));
      server.setAttribute(name, new Attribute("Size", 2));
      await().until(() -> pool.stats().workers() == 2);
      server.unregisterMBean(name);
    }
  }

  @Test
  void theWebServerServes() throws Exception {
    Recipe recipe = Recipe.named("A web server").with("8080", "0");
    Map<?, ?> made = run(recipe, "", "pool", "server");
    HttpServer server = (HttpServer) made.get("server");
    WorkerPool pool = (WorkerPool) made.get("pool");
    try (pool) {
      assertEquals("Hello!\n", get(server.getAddress().getPort(), "/"));
    }
    server.stop(0);
    assertEquals(1, pool.report().orElseThrow().completed());
  }

  /** The body sleeps until it is interrupted, and the caller goes on with the fallback. */
  @Test
  void whatTakesTooLongIsStopped() throws Exception {
    Recipe recipe = Recipe.named("A time limit for each request");
    String before =
        """
        static final WorkerPool pool = WorkerPool.fixed(1);
        static final String address = "";
        static String fetch(String from) throws InterruptedException {
          new java.util.concurrent.CountDownLatch(1).await();
          return from;
        }
        """;
    Map<?, ?> made = run(recipe, before, "task", "page", "pool");
    WorkerPool pool = (WorkerPool) made.get("pool");
    try (pool) {
      assertEquals("no answer", ((CompletableFuture<?>) made.get("page")).join());
      Task<?> task = (Task<?>) made.get("task");
      assertTrue(task.awaitStopped(Duration.ofMinutes(1)));
      assertTrue(task.isCancelled());
    }
  }

  /** Each run fails; the job goes on, and is over when the pool is closed. */
  @Test
  void theJobSurvivesItsFailuresAndSaysWhenItIsOver() throws Exception {
    Recipe recipe = Recipe.named("A job every minute").with("ofMinutes", "ofMillis");
    String before =
        """
        static final CountDownLatch runs = new CountDownLatch(3);
        static final CountDownLatch failures = new CountDownLatch(3);
        static final WorkerPool pool =
            WorkerPool.builder().size(1).uncaughtHandler((t, e) -> failures.countDown()).build();
        static final Path directory = Path.of("none");
        static void clean(Path where) {
          runs.countDown();
          throw new IllegalStateException(where + " is not there");
        }
        """;
    Map<?, ?> made = run(recipe, before, "cleaning", "pool", "runs", "failures");
    ScheduledTask<?> cleaning = (ScheduledTask<?>) made.get("cleaning");
    WorkerPool pool = (WorkerPool) made.get("pool");
    try (pool) {
      assertTrue(((CountDownLatch) made.get("runs")).await(60, SECONDS));
      assertTrue(((CountDownLatch) made.get("failures")).await(60, SECONDS));
      assertFalse(cleaning.isDone());
    }
    assertTrue(cleaning.isCancelled());
    assertEquals(1, pool.stats().accepted());
  }

  @Test
  void aPoolThatStandsStillSaysSo() throws Exception {
    Logger log = (Logger) LoggerFactory.getLogger("io.threadpool.WorkerPool");
    ListAppender<ILoggingEvent> told = new ListAppender<>();
    told.list = new CopyOnWriteArrayList<>();
    told.start();
    log.addAppender(told);
    try {
      WorkerPool pool =
          (WorkerPool) run(Recipe.named("A pool that stands still"), "", "pool").get("pool");
      List<String> still = new CopyOnWriteArrayList<>();
      await()
          .until(
              () ->
                  told.list.stream()
                      .map(ILoggingEvent::getFormattedMessage)
                      .filter(text -> text.contains("stands still"))
                      .anyMatch(still::add));
      pool.shutdownNow();
      String text = still.get(0);
      assertTrue(text.contains("stands still: 1 task waits, and "), text);
      assertTrue(text.contains(" with outer\n\tat "), text);
    } finally {
      log.detachAppender(told);
    }
  }

  /**
   * In a JVM of its own, with the web server's recipe, and with a page that waits for the signal.
   */
  @Test
  void sigtermAnswersWhatIsInFlight() throws Exception {
    String server = Recipe.named("A web server").with("8080", "0").code();
    Recipe.named("Graceful shutdown under a container's SIGTERM")
        .compile(
            classes,
            "Container",
            "public class Container { public static void main(String[] a) throws Exception {"
                + server,
            """
            server.createContext(
                "/slow",
                exchange -> {
                  System.out.println("asked");
                  while (!pool.isShutdown()) {
                    Thread.onSpinWait();
                  }
                  exchange.sendResponseHeaders(200, 4);
                  exchange.getResponseBody().write("slow".getBytes(UTF_8));
                  exchange.close();
                });
            System.out.println(server.getAddress().getPort());
            } }
            """);
    try (Program container = start("Container")) {
      int port = Integer.parseInt(container.line());
      FutureTask<String> slow = new FutureTask<>(() -> get(port, "/slow"));
      new Thread(slow, "client").start();
      assertEquals("asked", container.line());
      container.terminate();
      assertEquals("slow", slow.get());
      String report = container.line();
      assertTrue(report.startsWith("TerminationReport["), report);
      assertTrue(report.contains("accepted=1, completed=1,"), report);
      assertNull(container.line());
      assertEquals(143, container.exitStatus());
      assertEquals("", container.err());
    }
  }

  /**
   * In a JVM of its own, which prints what the recipe prints and nothing else. No file is done
   * before the walk is held back by the full queue; one that is done while nothing holds it back
   * fails.
   */
  @Test
  void theBatchIndexesEachFileAndIsHeldBackMeanwhile() throws Exception {
    Path tree = Files.createDirectory(classes.resolve("tree"));
    for (int i = 0; i < 300; i++) {
      Files.writeString(tree.resolve("file" + i), "");
    }
    Files.writeString(tree.resolve("bad"), "");
    Recipe.named("A batch with backpressure")
        .compile(
            classes,
            "Batch",
            """
            public class Batch {
              static final Thread main = Thread.currentThread();
              static volatile boolean heldBack;
              static Path directory;

              static void index(Path file) {
                while (!heldBack) {
                  if (main.getState().name().endsWith("WAITING")) {
                    String at = Arrays.toString(main.getStackTrace());
                    if (at.contains("forEach")) {
                      heldBack = true;
                    } else if (at.contains("WorkerPool.close") && !heldBack) {
                      throw new IllegalStateException("nothing holds the walk back");
                    }
                  }
                  Thread.yield();
                }
                if (file.endsWith("bad")) {
                  throw new IllegalStateException("bad file");
                }
              }

              public static void main(String[] args) throws Exception {
                directory = Path.of(args[0]);
            """,
            "} }");
    try (Program batch = start("Batch", tree.toString())) {
      assertEquals("300 indexed, 1 failed", batch.line());
      assertNull(batch.line());
      assertEquals(0, batch.exitStatus());
      assertTrue(batch.err().contains("bad file"), batch.err());
    }
  }

  /** One mirror fails, one never answers, and one is what is printed. */
  @Test
  void theFirstSuccessWins() throws Exception {
    Recipe recipe = Recipe.named("Fan out, the first success wins");
    String before =
        """
        static final WorkerPool pool = WorkerPool.fixed(2);
        static final List<String> mirrors = List.of("silent", "gone", "good", "late");
        static final CountDownLatch silent = new CountDownLatch(1);
        static volatile boolean stopped;
        static String fetch(String mirror) throws Exception {
          if (mirror.equals("gone")) {
            throw new java.io.IOException(mirror);
          } else if (mirror.equals("good")) {
            silent.await(); // Or the first might never have begun.
          } else {
            try {
              silent.countDown();
              new CountDownLatch(1).await();
            } finally {
              if (mirror.equals("silent")) {
                stopped = true;
              }
            }
          }
          return mirror;
        }
        """;
    Map<?, ?> made = run(recipe, before, "page", "pool", "stopped");
    ((WorkerPool) made.get("pool")).close();
    assertEquals("good", made.get("page").toString());
    assertEquals(true, made.get("stopped"));
  }

  @Test
  void theMillionItemsAreMeasuredInOrder() throws Exception {
    Recipe recipe = Recipe.named("A million items, and how far it is");
    String before =
        """
        static final WorkerPool pool = WorkerPool.fixed(2);
        static final Stream<String> lines = IntStream.range(0, 1_000_000).mapToObj(n -> "" + n);
        static int measure(String line) {
          return line.length();
        }
        """;
    Map<?, ?> made = quietly(() -> run(recipe, before, "sum", "batch", "pool"));
    try (WorkerPool pool = (WorkerPool) made.get("pool")) {
      assertEquals(5_888_890L, made.get("sum"));
      Batch batch = (Batch) made.get("batch");
      assertEquals(new Batch.Progress(1_000_000, 1_000_000, 0), batch.progress());
      assertEquals(1_000_000, pool.stats().accepted());
    }
  }

  /** Without a line of the log for each task. */
  private static <T> T quietly(Callable<T> call) throws Exception {
    Logger log = (Logger) LoggerFactory.getLogger("io.threadpool.WorkerPool");
    Level before = log.getLevel();
    log.setLevel(Level.WARN);
    try {
      return call.call();
    } finally {
      log.setLevel(before);
    }
  }

  @Test
  void theMdcTravelsAndDoesNotLeak() throws Exception {
    WorkerPool pool = (WorkerPool) run(Recipe.named("MDC"), "", "pool").get("pool");
    try (pool) {
      MDC.put("user", "ann");
      Task<String> anns = pool.submit(() -> MDC.get("user"));
      pool.submit(() -> MDC.put("user", "eve")).join();
      MDC.clear();
      assertEquals("ann", anns.join());
      for (int i = 0; i < 8; i++) {
        assertNull(pool.submit(() -> MDC.get("user")).join());
      }
    }
  }

  /** What Spring runs on the pool of the recipe. */
  public static class Mailer {
    /** Tells its thread. */
    @Async
    public CompletableFuture<String> send() {
      return CompletableFuture.completedFuture(Thread.currentThread().getName());
    }
  }

  @Test
  void springFindsThePoolAndClosesIt() throws Exception {
    Recipe.named("In Spring").compile(classes, "Pools", "", "");
    WorkerPool pool;
    try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
      context.setClassLoader(loader);
      context.register(loader.loadClass("Pools"), Mailer.class);
      context.refresh();
      pool = context.getBean(WorkerPool.class);
      String thread = context.getBean(Mailer.class).send().get();
      assertTrue(thread.startsWith("async-"), thread);
    }
    assertTrue(pool.isTerminated());
    assertEquals(1, pool.report().orElseThrow().completed());
  }

  @Test
  void theStatsTellOfTheLastMinute() throws Exception {
    Recipe.named("See what it does").compile(classes, "Sight", "public class Sight {", "}");
    Method lastMinute =
        loader
            .loadClass("Sight")
            .getDeclaredMethod("lastMinute", WorkerPool.class, PoolStats.class);
    lastMinute.setAccessible(true);
    try (WorkerPool pool = WorkerPool.fixed(1)) {
      PoolStats before = pool.stats();
      pool.submit(() -> 1).join();
      assertTrue(pool.awaitIdle(Duration.ofSeconds(20)));
      String told = (String) lastMinute.invoke(null, pool, before);
      assertTrue(told.startsWith("1 done, 0 queued, the oldest 0 ms ago; waits "), told);
    }
  }

  @Test
  void micrometerShowsWhatThePoolDoes() throws Exception {
    Recipe.named("With Micrometer").compile(classes, "Metered", "public class Metered {", "}");
    Method metered = loader.loadClass("Metered").getDeclaredMethod("metered", WorkerPool.class);
    metered.setAccessible(true);
    WorkerPool pool = WorkerPool.builder().size(2).name("mail").build();
    MeterRegistry registry = (MeterRegistry) metered.invoke(null, pool);
    try (pool) {
      pool.submit(() -> 1).join();
      pool.submit(() -> Integer.parseInt("x")).handle((result, thrown) -> null).join();
    }
    assertEquals(1, completed(registry, "completed"));
    assertEquals(1, completed(registry, "failed"));
    assertEquals(0, registry.get("executor.rejected").functionCounter().count());
    assertEquals(0, registry.get("executor.queued").gauge().value());
    assertEquals(2, registry.get("executor").functionTimer().count());
    assertNotNull(pool.report().orElseThrow());
    registry.close();
  }

  private static double completed(MeterRegistry registry, String outcome) {
    return registry
        .get("executor.completed")
        .tags("name", "mail", "outcome", outcome)
        .functionCounter()
        .count();
  }
}
