package io.threadpool.examples.page;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.RejectedTaskException;
import io.threadpool.ShutdownPolicy;
import io.threadpool.TerminationReport;
import io.threadpool.WorkerPool;
import java.io.IOException;
import java.net.BindException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.logging.Level;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.WindowType;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;

/**
 * The page in a real browser, one for all tests. Leaves pictures of each state below {@code
 * target/page}.
 */
@Timeout(300)
class PageIT {
  private static final Path PICTURES =
      Path.of(System.getProperty("project.root"), "threadpool-examples", "target", "page");

  private static ChromeDriver browser;

  private Page page;

  @BeforeAll
  static void start() {
    browser = Chromium.start();
  }

  @AfterAll
  static void quit() {
    if (browser != null) {
      browser.quit();
    }
  }

  @BeforeEach
  void open() throws IOException {
    page = Page.open("a test", 0);
    browser.get(page.address());
    Chromium.emulate(browser, 1280, "light");
    eventually().until(() -> text("connection"), "live"::equals);
  }

  @AfterEach
  void close() {
    page.close();
    // What a script threw, and what the content security policy has forbidden.
    List<LogEntry> entries =
        browser.manage().logs().get(LogType.BROWSER).getAll().stream()
            .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
            .filter(entry -> !entry.getMessage().contains("/events - Failed to load resource"))
            .toList();
    assertEquals(List.of(), entries);
  }

  private static ConditionFactory eventually() {
    return await().ignoreExceptions().atMost(Duration.ofMinutes(1));
  }

  private static String text(String id) {
    return browser.findElement(By.id(id)).getText();
  }

  /** The section of the pool of that name. */
  private static WebElement section(String pool) {
    return browser.findElements(By.cssSelector("section.pool")).stream()
        .filter(section -> part(section, "title").equals(pool))
        .findFirst()
        .orElseThrow();
  }

  private static String part(WebElement section, String part) {
    return section.findElement(By.cssSelector("[data-part=" + part + "]")).getText();
  }

  private static void awaitBadge(String pool, String badge) {
    eventually().until(() -> part(section(pool), "badge"), badge::equals);
  }

  /** In light and dark, on a desk and in a hand; nothing is wider than the screen. */
  private static void pictures(String state) throws IOException {
    for (String scheme : List.of("light", "dark")) {
      for (int width : List.of(1280, 360)) {
        Chromium.emulate(browser, width, scheme);
        eventually()
            .until(
                () ->
                    browser.executeScript(
                        "const plot = document.querySelector('.plot');"
                            + "return !plot || plot.clientWidth === plot.querySelector('.uplot').clientWidth"),
                Boolean.TRUE::equals);
        assertEquals(
            true,
            browser.executeScript("return document.scrollingElement.scrollWidth <= innerWidth"),
            state + " at " + width);
        Chromium.picture(browser, PICTURES.resolve(state + "-" + scheme + "-" + width + ".png"));
      }
    }
    Chromium.emulate(browser, 1280, "light");
  }

  private static void assertBalanced(WorkerPool pool) {
    TerminationReport report = pool.report().orElseThrow();
    assertEquals(
        report.accepted(),
        report.completed() + report.failed() + report.cancelled() + report.aborted(),
        report.toString());
  }

  @Test
  void aPoolFromItsBeginningToItsEnd() throws Exception {
    Semaphore turns = new Semaphore(0);
    WorkerPool pool = WorkerPool.builder().size(3).name("mail").queueCapacity(20).build();
    try (pool;
        AutoCloseable free = () -> turns.release(1000)) {
      assertNotNull(free);
      awaitBadge("mail", "idle");
      assertFalse(browser.findElement(By.id("none")).isDisplayed());
      assertTrue(part(section("mail"), "nothing").contains("Nothing runs"));
      pictures("idle");

      pool.execute(turns::acquireUninterruptibly);
      awaitBadge("mail", "busy");
      eventually().until(() -> part(section("mail"), "running").contains("mail-"));
      pictures("busy");

      for (int i = 0; i < 10; i++) {
        pool.execute(turns::acquireUninterruptibly);
      }
      awaitBadge("mail", "tasks wait");
      eventually().until(() -> part(section("mail"), "queued"), "8"::equals);

      int refused = 0;
      for (int i = 0; i < 40; i++) {
        try {
          pool.execute(turns::acquireUninterruptibly);
        } catch (RejectedTaskException full) {
          refused++;
        }
      }
      assertEquals(28, refused);
      awaitBadge("mail", "refusing");
      eventually().until(() -> part(section("mail"), "rejected"), "28"::equals);
      pictures("overloaded");
    }
    awaitBadge("mail", "ended");
    assertBalanced(pool);
    assertEquals("All 23 accepted tasks completed.", part(section("mail"), "verdict"));
    assertTrue(part(section("mail"), "facts").contains("28 submissions refused."));
    pictures("ended");
  }

  @Test
  void whatIsStuckIsShownWithItsStack() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    WorkerPool pool =
        WorkerPool.builder()
            .size(1)
            .name("sticks")
            .daemon(true)
            .abortGrace(Duration.ofMillis(50))
            .build();
    try {
      pool.execute(
          () -> {
            while (end.getCount() > 0) {
              Thread.interrupted();
              Thread.onSpinWait();
            }
          });
      pool.execute(() -> {});
      eventually().until(() -> part(section("sticks"), "running").contains("sticks-0"));
      pool.shutdown(ShutdownPolicy.abort());
      awaitBadge("sticks", "stuck");
      assertEquals(
          "Of 2 accepted tasks 0 completed; 2 aborted.", part(section("sticks"), "verdict"));
      section("sticks").findElement(By.cssSelector("[data-part=stuck] summary")).click();
      String stack =
          section("sticks").findElement(By.cssSelector("[data-part=stuck] pre")).getText();
      assertTrue(stack.contains("PageIT"), stack);
      pictures("stuck");
    } finally {
      end.countDown();
      pool.close();
    }
    awaitBadge("sticks", "ended");
    assertBalanced(pool);
  }

  @Test
  void aClickShowsTheStackOfATask() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    try (WorkerPool pool = WorkerPool.builder().size(1).name("a b&c").build();
        AutoCloseable free = end::countDown) {
      assertNotNull(free);
      pool.execute(() -> await().forever().until(() -> end.getCount() == 0));
      By button = By.cssSelector("[data-part=running] button");
      eventually().until(() -> section("a b&c").findElement(button).isDisplayed());
      assertEquals(
          "Stack of a b&c-0", section("a b&c").findElement(button).getDomAttribute("aria-label"));
      section("a b&c").findElement(button).sendKeys(Keys.ENTER);
      eventually().until(() -> text("stack-text").contains("org.awaitility"));
      assertEquals("a b&c-0", text("stack-title"));
      pictures("stack");

      end.countDown();
      eventually().until(() -> pool.stats().active() == 0);
      browser.findElement(By.id("stack-again")).click();
      eventually().until(() -> text("stack-text"), "It runs nothing now."::equals);
      new org.openqa.selenium.interactions.Actions(browser).sendKeys(Keys.ESCAPE).perform();
      eventually().until(() -> !browser.findElement(By.id("stack")).isDisplayed());
    }
  }

  /** The answers come in the wrong order: the title is that of the second, and so is the text. */
  @Test
  void ofTwoClicksTheLastOneIsAnswered() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    try (WorkerPool pool = WorkerPool.builder().size(1).name("asked").build();
        AutoCloseable free = gate::countDown) {
      assertNotNull(free);
      pool.execute(() -> await().forever().until(() -> gate.getCount() == 0));
      By button = By.cssSelector("[data-part=running] button");
      eventually().until(() -> section("asked").findElement(button).isDisplayed());
      Object told =
          browser.executeAsyncScript(
              """
              const [button, done] = arguments;
              const real = window.fetch;
              const answers = [];
              window.fetch = () => new Promise((resolve) => answers.push(resolve));
              button.click();
              button.click();
              window.fetch = real;
              const body = (task) => ({ok: true, json: async () => [{task, age: 1, stack: []}]});
              answers[1](body('the second'));
              setTimeout(() => {
                answers[0](body('the first'));
                setTimeout(() => done(document.getElementById('stack-text').textContent));
              });
              """,
              section("asked").findElement(button));
      assertTrue(told.toString().startsWith("the second"), told::toString);
    }
  }

  /** Of charts that are shown no more neither the size nor the colours are watched. */
  @Test
  void aPoolThatIsShownNoMoreLeavesNothing() {
    browser.executeScript(
        """
        document.querySelectorAll('.plot').forEach((plot) => plot.dataset.before = 'yes');
        window.sizes = new Set();
        window.schemes = new Set();
        const {observe, disconnect} = ResizeObserver.prototype;
        ResizeObserver.prototype.observe = function(of) { sizes.add(this); observe.call(this, of); };
        ResizeObserver.prototype.disconnect = function() { sizes.delete(this); disconnect.call(this); };
        const {addEventListener, removeEventListener} = EventTarget.prototype;
        MediaQueryList.prototype.addEventListener = function(type, listener) {
          schemes.add(listener);
          addEventListener.call(this, type, listener);
        };
        MediaQueryList.prototype.removeEventListener = function(type, listener) {
          schemes.delete(listener);
          removeEventListener.call(this, type, listener);
        };
        """);
    List<WorkerPool> pools = new ArrayList<>();
    try {
      for (int i = 0; i <= Sampler.MOST_ENDED; i++) {
        pools.add(WorkerPool.builder().size(0, 1).name("goes-" + i).build());
      }
      eventually().until(() -> section("goes-" + Sampler.MOST_ENDED).isDisplayed());
      assertTrue(section("goes-0").isDisplayed());
    } finally {
      pools.forEach(WorkerPool::close);
    }
    eventually()
        .until(
            () ->
                browser.findElements(By.cssSelector("section.pool [data-part=title]")).stream()
                    .noneMatch(title -> title.getText().equals("goes-0")));
    assertEquals(
        List.of(0L, 0L),
        browser.executeScript(
            "const shown = document.querySelectorAll('.plot:not([data-before])').length;"
                + "return [sizes.size - shown, schemes.size - shown]"));
  }

  @Test
  void namesAreTextAndNoMarkup() throws Exception {
    String name = "<img src=x onerror=\"document.title='taken'\"><b>bold</b>";
    CountDownLatch end = new CountDownLatch(1);
    try (WorkerPool pool = WorkerPool.builder().size(1).name(name).build();
        AutoCloseable free = end::countDown) {
      assertNotNull(free);
      pool.execute(() -> await().forever().until(() -> end.getCount() == 0));
      eventually().until(() -> part(section(name), "running").contains(name + "-0"));
      section(name).findElement(By.cssSelector("[data-part=running] button")).click();
      eventually().until(() -> text("stack-title"), (name + "-0")::equals);
      section(name)
          .findElement(By.cssSelector("[data-part=figures]")); // Its caption has the name, too.
      browser.executeScript("document.querySelector('[data-part=figures]').open = true");
      assertEquals(
          0L,
          browser.executeScript(
              "return document.querySelectorAll('main img, main b > b, td b').length"));
      assertEquals("Worker pools of a test", browser.getTitle());
    }
  }

  @Test
  void aSecondTabHasTheSameHistory() {
    try (WorkerPool pool = WorkerPool.builder().size(2).name("two").build()) {
      pool.submit(() -> {}).join();
      awaitBadge("two", "idle");
      String first = browser.getWindowHandle();
      browser.switchTo().newWindow(WindowType.TAB);
      browser.get(page.address());
      awaitBadge("two", "idle");
      eventually().until(() -> part(section("two"), "outcomes").contains("completed 1"));
      browser.close();
      browser.switchTo().window(first);
      pool.submit(() -> {}).join();
      eventually().until(() -> part(section("two"), "outcomes").contains("completed 2"));
    }
  }

  @Test
  void aProgramThatGoesAndComesBackIsShownAnew() throws Exception {
    int port = Integer.parseInt(page.address().replaceAll(".*:|/", ""));
    try (WorkerPool pool = WorkerPool.builder().size(1).name("stays").build()) {
      awaitBadge("stays", "idle");
      page.close();
      eventually().until(() -> text("connection"), "the program has ended"::equals);
      assertEquals("stays", part(section("stays"), "title"), "what was there last stays");
      eventually()
          .ignoreExceptionsInstanceOf(BindException.class) // Another process may have it a while.
          .until(
              () -> {
                page = Page.open("another", port);
                return true;
              });
      eventually().until(() -> text("connection"), "live"::equals);
      assertTrue(text("program").startsWith("another, process "), pool::toString);
      eventually().until(() -> section("stays").isDisplayed());
      assertEquals(
          1,
          browser.findElements(By.cssSelector("section.pool")).stream()
              .filter(section -> part(section, "title").equals("stays"))
              .count());
    }
  }

  @Test
  void whoDoesNotSeeItIsTold() {
    try (WorkerPool pool = WorkerPool.builder().size(2).name("heard").build()) {
      eventually().until(() -> pool.stats().workers() == 2);
      awaitBadge("heard", "idle");
      pool.submit(() -> {}).join();
      WebElement section = section("heard");
      assertEquals("heard", section.getAccessibleName());
      assertEquals("region", section.getAriaRole());
      assertEquals("main", browser.findElement(By.tagName("main")).getAriaRole());
      assertEquals("en", browser.findElement(By.tagName("html")).getDomAttribute("lang"));
      assertEquals(1, browser.findElements(By.tagName("h1")).size());
      List<WebElement> live =
          browser.findElements(By.cssSelector("[aria-live], [role=status], [role=alert]"));
      assertEquals(List.of("connection"), live.stream().map(e -> e.getDomAttribute("id")).toList());
      List<WebElement> charts = section.findElements(By.cssSelector(".plot"));
      assertEquals(4, charts.size());
      for (WebElement chart : charts) {
        assertEquals("image", chart.getAriaRole().replace("img", "image"));
        String words = chart.getAccessibleName();
        assertTrue(words.contains("the last five minutes. "), words);
      }
      String workers = charts.get(2).getAccessibleName();
      assertTrue(workers.endsWith("there: now 2, lowest 2, highest 2."), workers);
      for (WebElement table : section.findElements(By.tagName("table"))) {
        for (WebElement head : table.findElements(By.tagName("th"))) {
          assertTrue(List.of("col", "row").contains(head.getDomAttribute("scope")));
        }
      }
      section.findElement(By.cssSelector("[data-part=figures] summary")).click();
      WebElement table = section.findElement(By.cssSelector("[data-part=figures] table"));
      assertTrue(table.getText().contains("Longest wait of 99 %"), table::getText);
      assertFalse(table.findElements(By.cssSelector("tbody tr")).isEmpty());
    }
  }

  @Test
  void theKeyboardReachesAll() {
    browser.findElement(By.tagName("body")).sendKeys(Keys.TAB);
    WebElement skip = browser.switchTo().activeElement();
    assertEquals("Skip to the pools", skip.getText());
    skip.sendKeys(Keys.ENTER);
    assertEquals("pools", browser.switchTo().activeElement().getDomAttribute("id"));
  }

  @Test
  void nothingComesFromElsewhere() {
    List<?> names =
        (List<?>)
            browser.executeScript(
                "return performance.getEntriesByType('resource').map(entry => entry.name)");
    assertTrue(names.size() >= 7, names::toString);
    for (Object name : names) {
      assertTrue(name.toString().startsWith(page.address()), name::toString);
    }
    Object millis =
        browser.executeScript("return performance.getEntriesByType('navigation')[0].loadEventEnd");
    assertNotEquals(0, millis);
    System.out.println("The page was there after " + millis + " ms.");
  }
}
