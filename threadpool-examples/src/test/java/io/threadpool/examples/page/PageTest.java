package io.threadpool.examples.page;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.PoolStats;
import io.threadpool.PoolView;
import io.threadpool.ShutdownPolicy;
import io.threadpool.Task;
import io.threadpool.TerminationReport;
import io.threadpool.WorkerPool;
import io.threadpool.WorkerPools;
import io.threadpool.examples.users.JulLog;
import java.io.IOException;
import java.net.BindException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the page answers, without a browser. */
@Timeout(120)
class PageTest {
  @RegisterExtension final JulLog log = new JulLog("com.sun.net.httpserver");

  private final CountDownLatch blocked = new CountDownLatch(1);
  private final CountDownLatch begun = new CountDownLatch(1);
  private Page page;
  private String address;

  @BeforeEach
  void open() throws IOException {
    page = Page.open("test", 0);
    address = page.address();
  }

  @AfterEach
  void close() {
    blocked.countDown();
    page.close();
    await()
        .until(() -> WorkerPools.all().stream().noneMatch(view -> view.name().equals(Page.POOL)));
  }

  /** Blocks its worker until the test ends. */
  private void hang() {
    begun.countDown();
    boolean interrupted = false;
    while (blocked.getCount() > 0) {
      try {
        blocked.await();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static void assertBalanced(WorkerPool pool) {
    TerminationReport report = pool.report().orElseThrow();
    assertEquals(
        report.accepted(),
        report.completed() + report.failed() + report.cancelled() + report.aborted(),
        report.toString());
  }

  @Test
  void whatThePageNamesIsThere() throws IOException {
    String html = Wire.body(Wire.get(address, "/"));
    List<String> names = new ArrayList<>();
    Matcher named = Pattern.compile("(?:href|src)=\"([^\"#]+)\"").matcher(html);
    while (named.find()) {
      names.add(named.group(1));
    }
    assertTrue(names.containsAll(List.of("page.js", "uplot.js", "uplot.css")), names::toString);
    for (String name : names) {
      assertTrue(name.matches("[a-z]+(\\.[a-z]+)?"), name + " may be elsewhere");
      assertEquals(200, Wire.status(Wire.get(address, "/" + name)), name);
    }
  }

  @Test
  void whatIsNotThereIsNamed() throws IOException {
    String answer = Wire.get(address, "/page.html");
    assertEquals(404, Wire.status(answer));
    assertEquals("There is no /page.html.\n", Wire.body(answer));
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.0.0.1:8081", "localhost:9", "LocalHost", "[::1]:80"})
  void thisMachinesNamesAreGood(String host) throws IOException {
    assertEquals(200, Wire.status(Wire.ask(address, "GET / HTTP/1.1", "Host: " + host)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "example.org",
        "example.org:8081",
        "127.0.0.1.example.org",
        "localhost.example.org:80",
        "127.0.0.1:80.example.org",
        "127.0.0.1:80:80",
        "0.0.0.0",
        "",
        "127.0.0.2"
      })
  void anothersNameThatLeadsHereIsRefused(String host) throws IOException {
    for (String path : List.of("/", "/events", "/stack?pool=1&worker=x", "/page.js")) {
      String answer = Wire.ask(address, "GET " + path + " HTTP/1.1", "Host: " + host);
      assertEquals(403, Wire.status(answer), answer);
    }
  }

  @Test
  void noNameIsRefused() throws IOException {
    assertEquals(403, Wire.status(Wire.ask(address, "GET / HTTP/1.0")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
  void thereIsNothingButGet(String method) throws IOException {
    String answer = Wire.ask(address, method + " / HTTP/1.1", "Host: localhost");
    assertEquals(405, Wire.status(answer));
    assertTrue(answer.contains("Allow: GET\r\n"), answer);
  }

  /** A head alone, and nothing in the log of the JDK's server, which may be standard error. */
  @ParameterizedTest
  @CsvSource({"localhost, 405", "example.org, 403"})
  void whoAsksForTheHeadAloneGetsNoMore(String host, int status) throws IOException {
    String answer = Wire.ask(address, "HEAD / HTTP/1.1", "Host: " + host);
    assertEquals(status, Wire.status(answer), answer);
    assertEquals("", Wire.body(answer));
    assertTrue(answer.toLowerCase(Locale.ROOT).contains("content-type: text/plain"), answer);
    assertEquals(List.of(), log.messages());
  }

  @ParameterizedTest
  @CsvSource({
    "/events,    cross-site,  403",
    "/events,    same-site,   403",
    "/stack,     cross-site,  403",
    "/page.js,   cross-site,  403",
    "/,          cross-site,  200",
    "/page.js,   same-origin, 200",
    "/page.js,   none,        200",
  })
  void anotherSiteMayLinkToItAndNoMore(String path, String site, int status) throws IOException {
    String answer =
        Wire.ask(
            address,
            "GET " + path + " HTTP/1.1",
            "Host: localhost",
            "Origin: http://example.org",
            "Sec-Fetch-Site: " + site);
    assertEquals(status, Wire.status(answer));
    assertFalse(answer.toLowerCase(Locale.ROOT).contains("access-control"), answer);
    assertTrue(answer.contains("default-src 'none'"), answer);
    assertTrue(answer.toLowerCase(Locale.ROOT).contains("nosniff"), answer);
  }

  @Test
  void aPoolAppearsWorksAndEndsWithItsReport() throws Exception {
    try (Wire events = Wire.events(address)) {
      assertNull(Wire.pool(events.next("history"), "appears"));
      WorkerPool pool = WorkerPool.builder().size(2).name("appears").build();
      try (pool) {
        pool.execute(this::hang);
        Map<String, Object> seen = Wire.pool(events.next("tick"), "appears");
        while (seen == null || !seen.get("running").toString().contains("PageTest")) {
          seen = Wire.pool(events.next("tick"), "appears");
        }
        assertEquals("open", seen.get("phase"));
        assertEquals(2, seen.get("size"));
        seen = Wire.pool(events.next("tick"), "appears"); // One that began after the task.
        assertEquals(1, seen.get("accepted"));
        Map<?, ?> running = (Map<?, ?>) ((List<?>) seen.get("running")).get(0);
        assertTrue(running.get("worker").toString().matches("appears-[01]"), running::toString);
        assertTrue(running.get("task").toString().contains("PageTest"), running::toString);
        blocked.countDown();
      }
      Map<String, Object> seen = Wire.pool(events.next("tick"), "appears");
      while (!seen.get("phase").equals("ended")) {
        seen = Wire.pool(events.next("tick"), "appears");
      }
      assertEquals(1, ((Map<?, ?>) seen.get("outcomes")).get("completed"));
      assertEquals(1, ((Map<?, ?>) seen.get("report")).get("accepted"));
      assertBalanced(pool);
      // It is told once, and to who comes later.
      assertNull(Wire.pool(events.next("tick"), "appears"));
      try (Wire later = Wire.events(address)) {
        Map<String, Object> history = later.next("history");
        assertEquals("ended", Wire.pool(history, "appears").get("phase"));
        Object rows = ((Map<?, ?>) history.get("samples")).get(seen.get("id").toString());
        assertTrue(((List<?>) rows).size() >= 2, String.valueOf(rows));
        assertEquals(9, ((List<?>) ((List<?>) rows).get(0)).size());
      }
    }
  }

  @Test
  void whoComesSeesWhatIsThereAtOnce() throws Exception {
    WorkerPool pool = WorkerPool.builder().size(1).name("there").build();
    try (pool;
        Wire events = Wire.events(address)) {
      assertEquals("open", Wire.pool(events.next("history"), "there").get("phase"));
    }
    assertBalanced(pool);
  }

  @Test
  void whatIsStuckIsInTheReport() throws Exception {
    WorkerPool pool =
        WorkerPool.builder()
            .size(1)
            .name("sticks")
            .daemon(true)
            .abortGrace(Duration.ofMillis(50))
            .build();
    Task<?> task = pool.submit(this::hang);
    begun.await();
    pool.shutdown(ShutdownPolicy.abort());
    await().until(() -> pool.report().isPresent());
    try (Wire events = Wire.events(address)) {
      Map<String, Object> seen = Wire.pool(events.next("history"), "sticks");
      while (seen == null || !seen.containsKey("report")) {
        seen = Wire.pool(events.next("tick"), "sticks");
      }
      Map<?, ?> stuck =
          (Map<?, ?>) ((List<?>) ((Map<?, ?>) seen.get("report")).get("stuck")).get(0);
      assertEquals("sticks-0", stuck.get("worker"));
      assertTrue(stuck.get("stack").toString().contains("PageTest.hang"), stuck::toString);
    }
    assertTrue(task.isCompletedExceptionally());
    blocked.countDown();
    pool.close();
    assertBalanced(pool);
  }

  @Test
  void namesAreData() throws Exception {
    String name = "\"quoted\"\n\ndata: {}\u2028<b>\\";
    try (WorkerPool pool = WorkerPool.builder().size(1).name(name).build();
        Wire events = Wire.events(address)) {
      Map<String, Object> seen = Wire.pool(events.next("history"), name);
      while (seen == null) {
        seen = Wire.pool(events.next("tick"), name);
      }
      assertEquals(name, seen.get("name"));
      assertEquals(name, pool.name());
    }
  }

  @Test
  void theStackOfAWorkerIsAskedFor() throws Exception {
    WorkerPool pool = WorkerPool.builder().size(1).name("a b&c=d").build();
    try (pool) {
      pool.execute(this::hang);
      long id =
          WorkerPools.all().stream()
              .filter(view -> view.name().equals(pool.name()))
              .mapToLong(PoolView::id)
              .findFirst()
              .orElseThrow();
      String path = "/stack?pool=" + id + "&worker=a%20b%26c%3Dd-0";
      await().until(() -> Wire.get(address, path).contains("PageTest.hang"));
      assertTrue(Wire.get(address, path).contains("application/json"));
      assertEquals("[]", Wire.body(Wire.get(address, "/stack?pool=" + id + "&worker=nobody")));
      blocked.countDown();
    }
    assertEquals(404, Wire.status(Wire.get(address, "/stack?pool=999999&worker=x")));
    assertEquals(400, Wire.status(Wire.get(address, "/stack?pool=-1&worker=x")));
    assertEquals(400, Wire.status(Wire.get(address, "/stack?pool=1")));
    assertEquals(400, Wire.status(Wire.get(address, "/stack")));
  }

  @Test
  void prometheusGetsTheNumbersOfThePoolsThatLive() throws Exception {
    WorkerPool pool = WorkerPool.builder().size(3).name("a \"pool\"").build();
    try (pool) {
      pool.submit(() -> {}).join();
      await().until(() -> pool.stats().completed() == 1 && pool.stats().active() == 0);
      await().until(() -> pool.stats().workers() == 3);
      String answer = Wire.get(address, "/metrics");
      assertTrue(answer.toLowerCase(Locale.ROOT).contains("content-type: text/plain; version="));
      List<String> lines =
          Wire.body(answer).lines().filter(line -> line.contains("a \\\"pool\\\"")).toList();
      for (String expected :
          List.of(
              "executor_pool_size\\{.*} 3\\.0",
              "executor_pool_max\\{.*} 3\\.0",
              "executor_active\\{.*} 0\\.0",
              "executor_queued\\{.*} 0\\.0",
              "executor_completed_total\\{.*outcome=\"completed\"} 1\\.0",
              "executor_completed_total\\{.*outcome=\"failed\"} 0\\.0",
              "executor_rejected_total\\{.*} 0\\.0",
              "executor_idle_percentile_seconds\\{.*phi=\"0\\.99\"} [0-9.E-]+",
              "executor_percentile_seconds\\{.*phi=\"0\\.5\"} [0-9.E-]+",
              "executor_queue_oldest_seconds\\{.*} 0\\.0")) {
        assertEquals(1, lines.stream().filter(line -> line.matches(expected)).count(), expected);
      }
    }
    assertFalse(Wire.get(address, "/metrics").contains("a \\\"pool"), "it has ended");
  }

  @Test
  void oneBrowserTooManyIsRefusedUntilOneHasGone() throws Exception {
    List<Wire> browsers = new ArrayList<>();
    try {
      for (int i = 0; i < Streams.MOST; i++) {
        browsers.add(Wire.events(address));
        browsers.get(i).next("history");
      }
      String refused = Wire.get(address, "/events");
      assertEquals(503, Wire.status(refused));
      assertEquals("Too many look already, at most 16.\n", Wire.body(refused));
      assertEquals(200, Wire.status(Wire.get(address, "/"))); // They hold up nobody else.

      browsers.remove(0).close();
      await()
          .ignoreExceptions()
          .until(
              () -> {
                try (Wire next = Wire.events(address)) {
                  return next.line().contains("200");
                }
              });
    } finally {
      for (Wire browser : browsers) {
        browser.close();
      }
    }
  }

  @Test
  void theEndIsToldWithALastLook() throws Exception {
    try (Wire events = Wire.events(address);
        WorkerPool pool = WorkerPool.builder().size(1).name("lives on").build()) {
      events.next("history");
      page.close();
      Map<String, Object> last = events.next("tick");
      while (Wire.pool(last, pool.name()) == null) { // The pool may be younger than that tick.
        last = events.next("tick");
      }
      events.next("end");
    }
    await()
        .ignoreExceptionsInstanceOf(BindException.class) // Another process may have it for a while.
        .until(() -> reopens(Integer.parseInt(address.replaceAll(".*:|/", ""))));
  }

  private boolean reopens(int port) throws IOException {
    try (Page again = Page.open("test", port)) {
      return again.address().equals(address);
    }
  }

  @Test
  void aPortInUseIsNamed() {
    int port = Integer.parseInt(address.replaceAll(".*:|/", ""));
    assertThrows(BindException.class, () -> Page.open("test", port));
    assertEquals(1, WorkerPools.all().stream().filter(v -> v.name().equals(Page.POOL)).count());
  }

  @Test
  void ofVeryManyPoolsItListsSome() throws Exception {
    List<WorkerPool> pools = new ArrayList<>();
    for (int i = 0; i < Sampler.MOST_POOLS + 3; i++) {
      pools.add(WorkerPool.builder().size(0, 1).name("many-" + i).build());
    }
    try (Wire events = Wire.events(address)) {
      Map<Object, Map<?, ?>> known = new HashMap<>();
      Map<String, Object> seen = learn(known, events.next("history"));
      while ((int) seen.get("unlisted") < 3) {
        seen = learn(known, events.next("tick"));
      }
      assertEquals(Sampler.MOST_POOLS, Wire.alive(seen));
      pools.forEach(WorkerPool::close);
      while (known.values().stream().anyMatch(PageTest::isOneOfManyAndLives)
          || known.values().stream().filter(PageTest::hasEnded).count() > Sampler.MOST_ENDED) {
        seen = learn(known, events.next("tick"));
      }
      assertEquals(0, seen.get("unlisted"));
    } finally {
      pools.forEach(WorkerPool::close);
    }
  }

  /** Takes from an event what it tells of pools, by their numbers, as the page does. */
  private static Map<String, Object> learn(
      Map<Object, Map<?, ?>> known, Map<String, Object> event) {
    for (Object told : (List<?>) event.get("pools")) {
      Map<?, ?> pool = (Map<?, ?>) told;
      known.put(pool.get("id"), pool);
    }
    known.keySet().retainAll((List<?>) event.get("kept"));
    return event;
  }

  private static boolean hasEnded(Map<?, ?> pool) {
    return "ended".equals(pool.get("phase"));
  }

  private static boolean isOneOfManyAndLives(Map<?, ?> pool) {
    return pool.get("name").toString().startsWith("many-") && !hasEnded(pool);
  }

  @Test
  void aPoolThatHasEndedTakesNobodysPlace() throws Exception {
    WorkerPool ended = WorkerPool.builder().size(0, 1).name("ended").build();
    List<WorkerPool> pools = new ArrayList<>();
    try (ended;
        Wire events = Wire.events(address)) {
      Map<String, Object> seen = events.next("history");
      while (Wire.pool(seen, "ended") == null) {
        seen = events.next("tick");
      }
      ended.close();
      for (int i = 0; i < Sampler.MOST_POOLS; i++) {
        pools.add(WorkerPool.builder().size(0, 1).name("many-" + i).build());
      }
      while (Wire.alive(seen) < Sampler.MOST_POOLS) {
        seen = events.next("tick");
      }
      assertTrue(((List<?>) seen.get("kept")).size() > Sampler.MOST_POOLS, "it is kept");
    } finally {
      pools.forEach(WorkerPool::close);
    }
  }

  @Test
  void aPoolIsWatchedForFiveMinutes() {
    WorkerPool pool = WorkerPool.builder().size(1).name("watched").build();
    WatchedPool watched;
    try (pool) {
      PoolView view =
          WorkerPools.all().stream().filter(v -> v.name().equals("watched")).findFirst().get();
      watched = new WatchedPool(view, 0);
      for (int second = 1; second <= WatchedPool.KEPT + 5; second++) {
        watched.look(1000L * second, true);
      }
      assertEquals(WatchedPool.KEPT, watched.history().size());
      assertEquals(6000L, watched.history().get(0).get(0));
      assertFalse(watched.hasEnded());
    }
    watched.look(1_000_000, false);
    assertTrue(watched.hasEnded());
    assertBalanced(pool);
  }

  /** A rate of three thousand in a thousandth of a second would be more than any. */
  @Test
  void aClockThatIsSetBackMakesNoRate() {
    try (WorkerPool pool = WorkerPool.builder().size(1).name("set back").build()) {
      PoolView view =
          WorkerPools.all().stream()
              .filter(each -> each.name().equals(pool.name()))
              .findFirst()
              .orElseThrow();
      WatchedPool watched = new WatchedPool(view, 10_000);
      long start = System.nanoTime();
      for (int i = 0; i < 3000; i++) {
        pool.submit(() -> {});
      }
      await().until(() -> pool.stats().completed() == 3000);
      await().until(() -> System.nanoTime() - start > Duration.ofMillis(10).toNanos());
      watched.look(5_000, true);
      Number rate = watched.history().get(1).get(4);
      assertTrue(rate.doubleValue() > 0 && rate.doubleValue() < 300_000, rate::toString);
    }
  }

  @Test
  void aSampleHasRatesAndWaits() {
    try (WorkerPool pool = WorkerPool.builder().size(1).name("sampled").build()) {
      PoolStats before = pool.stats();
      for (int i = 0; i < 3000; i++) {
        pool.submit(() -> {});
      }
      await().until(() -> pool.stats().completed() == 3000);
      PoolStats after = pool.stats();
      Sample sample = Sample.of(5000, after, 2_000_000_000, before, before);
      assertEquals(1500, sample.perSecond());
      assertEquals(0, sample.refusedPerSecond());
      assertNotNull(sample.half());
      assertTrue(sample.most() >= sample.half(), sample::toString);
      assertNull(sample.oldest());
      assertNull(Sample.of(6000, after, 1_000_000_000, after, after).half());
    }
  }
}
