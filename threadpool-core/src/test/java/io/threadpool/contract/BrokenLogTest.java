package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LogbackServiceProvider;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import io.threadpool.ShutdownPolicy;
import io.threadpool.WorkerPool;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/**
 * Nothing is swallowed, also where the log is old, missing, not there yet, or broken: what a
 * command threw reaches the log, or else standard error.
 */
class BrokenLogTest {

  /** What a command threw, and what its handler did. */
  private static final String OF_COMMAND = "the payment was not booked";

  private static final String OF_HANDLER = "the crash reporter is down";

  private static final List<String> OPTIONS =
      List.of(
          "-XX:TieredStopAtLevel=1",
          "-Xshare:auto",
          "-Dorg.slf4j.simpleLogger.showThreadName=true");

  private static void fail() {
    throw new IllegalArgumentException(OF_COMMAND);
  }

  private static WorkerPool pool(boolean brokenHandler) {
    var builder = WorkerPool.builder().size(1).abortGrace(Duration.ofMillis(50));
    return brokenHandler
        ? builder
            .uncaughtHandler(
                (thread, thrown) -> {
                  throw new IllegalStateException(OF_HANDLER);
                })
            .build()
        : builder.build();
  }

  // Other class paths.

  private static boolean isNamed(Path place, String... names) {
    for (String name : names) {
      if (place.getFileName().toString().startsWith(name)) {
        return true;
      }
    }
    return false;
  }

  private static String withoutProvider() {
    return ChildJvm.classPath(place -> isNamed(place, "logback-"));
  }

  /** The class path of an application whose dependencies hold SLF4J at 1.7. */
  private static String withSlf4j17(boolean provider) {
    Predicate<Path> without = place -> isNamed(place, "logback-", "slf4j-api-");
    Path api = jar("slf4j-api-1.7.36.jar");
    return provider
        ? ChildJvm.classPath(without, api, jar("slf4j-simple-1.7.36.jar"))
        : ChildJvm.classPath(without, api);
  }

  private static Path jar(String name) {
    Path jar =
        Path.of(System.getProperty("project.root"), "threadpool-core", "target", "slf4j-1.7", name);
    assertTrue(Files.exists(jar), () -> "the build has not copied " + jar);
    return jar.normalize();
  }

  // What the child does.

  /** Standard error, and what it has heard. */
  private static final class Heard extends OutputStream {
    private final PrintStream err = System.err;
    private final StringBuffer text = new StringBuffer();

    @Override
    public void write(int b) {
      err.write(b);
      text.append((char) b);
    }

    /** What is logged of a pool's end may come after it; this does not wait for ever. */
    void await(String what) {
      long start = System.nanoTime();
      while (text.indexOf(what) < 0 && System.nanoTime() - start < TestPools.LONG.toNanos()) {
        LockSupport.parkNanos(1_000_000);
      }
    }
  }

  /** Runs a command that throws, and lets another get stuck; says how that went. */
  static final class Throws {
    public static void main(String[] args) throws Exception {
      Heard heard = new Heard();
      System.setErr(new PrintStream(heard, true));
      WorkerPool pool = pool(args[0].equals("brokenHandler"));
      pool.execute(BrokenLogTest::fail);
      pool.awaitIdle(Duration.ofMinutes(1));
      ChildJvm.say("failed " + pool.stats().failed());
      ChildJvm.say("goes on " + pool.submit(() -> 1).get());
      CountDownLatch running = new CountDownLatch(1);
      Semaphore end = new Semaphore(0);
      pool.execute(
          () -> {
            running.countDown();
            end.acquireUninterruptibly();
          });
      running.await();
      pool.shutdown(ShutdownPolicy.abort());
      pool.close();
      ChildJvm.say("stuck " + pool.report().orElseThrow().stuck().size());
      if (args.length > 1) {
        heard.await(args[1]);
      }
      end.release();
      pool.awaitTermination(Duration.ofMinutes(1));
    }
  }

  private static ChildJvm assertRuns(String classPath, Class<?> program, String... how)
      throws Exception {
    ChildJvm child = ChildJvm.run(classPath, program, OPTIONS, how);
    assertEquals("1", child.line("failed "), child::toString);
    assertEquals("1", child.line("goes on "), child::toString);
    assertEquals("1", child.line("stuck "), child::toString);
    assertEquals(0, child.status(), child::toString);
    return child;
  }

  private static void assertTold(ChildJvm child, String what) {
    assertTrue(child.err().contains(what), () -> "\"" + what + "\" is not in " + child.err());
  }

  @Test
  void withSlf4j17WhatACommandThrowsIsLogged() throws Exception {
    String ofWhatIsStuck = "WARN io.threadpool.WorkerPool";
    ChildJvm child = assertRuns(withSlf4j17(true), Throws.class, "noHandler", ofWhatIsStuck);
    assertTold(child, OF_COMMAND);
    assertTold(child, "ERROR io.threadpool.WorkerPool");
    assertTold(child, ofWhatIsStuck);
  }

  @Test
  void withSlf4j17ABrokenHandlerIsLoggedToo() throws Exception {
    ChildJvm child = assertRuns(withSlf4j17(true), Throws.class, "brokenHandler");
    assertTold(child, OF_COMMAND);
    assertTold(child, OF_HANDLER);
  }

  @Test
  void withSlf4j17AndNoProviderStandardErrorHears() throws Exception {
    ChildJvm child = assertRuns(withSlf4j17(false), Throws.class, "noHandler");
    assertTold(child, OF_COMMAND);
  }

  @Test
  void withSlf4j17AndNoProviderStandardErrorHearsOfABrokenHandlerToo() throws Exception {
    ChildJvm child = assertRuns(withSlf4j17(false), Throws.class, "brokenHandler");
    assertTold(child, OF_COMMAND);
    assertTold(child, OF_HANDLER);
  }

  @Test
  void withoutAProviderStandardErrorHears() throws Exception {
    assertTold(assertRuns(withoutProvider(), Throws.class, "noHandler"), OF_COMMAND);
  }

  @Test
  void withoutAProviderStandardErrorHearsOfABrokenHandlerToo() throws Exception {
    ChildJvm child = assertRuns(withoutProvider(), Throws.class, "brokenHandler");
    assertTold(child, OF_COMMAND);
    assertTold(child, OF_HANDLER);
  }

  // A log that throws.

  /** What the log of the child throws. */
  enum Thrown {
    ERROR {
      @Override
      void now() {
        throw new LinkageError("the log is down");
      }
    },
    EXCEPTION {
      @Override
      void now() {
        throw new IllegalStateException("the log is down");
      }
    },
    OUT_OF_MEMORY {
      @Override
      void now() {
        throw new OutOfMemoryError("the log is down");
      }
    };

    abstract void now();
  }

  /** A filter that breaks a log before any appender. */
  private static final class Breaking extends TurboFilter {
    private final Thrown thrown;

    Breaking(Thrown thrown) {
      this.thrown = thrown;
      start();
    }

    @Override
    public FilterReply decide(
        Marker marker, Logger logger, Level level, String format, Object[] params, Throwable t) {
      if (logger.getName().startsWith("io.threadpool")) {
        thrown.now();
      }
      return FilterReply.NEUTRAL;
    }
  }

  /** The same with a log that throws whatever it is asked. */
  static final class ThrowsIntoABrokenLog {
    public static void main(String[] args) throws Exception {
      String[] how = args[0].split(" ");
      ((LoggerContext) LoggerFactory.getILoggerFactory())
          .addTurboFilter(new Breaking(Thrown.valueOf(how[0])));
      Throws.main(new String[] {how[1]});
    }
  }

  @ParameterizedTest
  @EnumSource
  void ifTheLogThrowsStandardErrorHears(Thrown thrown) throws Exception {
    String path = ChildJvm.classPath();
    ChildJvm child = assertRuns(path, ThrowsIntoABrokenLog.class, thrown + " noHandler");
    assertTold(child, OF_COMMAND);
  }

  @ParameterizedTest
  @EnumSource
  void soItDoesOfABrokenHandler(Thrown thrown) throws Exception {
    String path = ChildJvm.classPath();
    ChildJvm child = assertRuns(path, ThrowsIntoABrokenLog.class, thrown + " brokenHandler");
    assertTold(child, OF_COMMAND);
    assertTold(child, OF_HANDLER);
  }

  // A log that is not there yet.

  /** The start of SLF4J, which takes until it is told to go on. */
  static final class Start {
    private static final CountDownLatch ENTERED = new CountDownLatch(1);
    private static final CountDownLatch GO_ON = new CountDownLatch(1);

    static void pause() {
      ENTERED.countDown();
      while (GO_ON.getCount() > 0) {
        LockSupport.parkNanos(1_000_000);
      }
    }
  }

  /** Logback's provider, which is slow. */
  public static final class SlowProvider extends LogbackServiceProvider {
    /** For the service loader. */
    public SlowProvider() {}

    @Override
    public void initialize() {
      super.initialize();
      ((LoggerContext) getLoggerFactory())
          .getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)
          .setLevel(Level.WARN);
      Start.pause();
    }
  }

  /** A provider that is slow and cannot be made, so that there is none in the end. */
  public static final class NoProvider implements SLF4JServiceProvider {
    /** For the service loader. */
    public NoProvider() {
      Start.pause();
      throw new IllegalStateException("no provider");
    }

    @Override
    public ILoggerFactory getLoggerFactory() {
      return null;
    }

    @Override
    public IMarkerFactory getMarkerFactory() {
      return null;
    }

    @Override
    public MDCAdapter getMDCAdapter() {
      return null;
    }

    @Override
    public String getRequestedApiVersion() {
      return "2.0";
    }

    @Override
    public void initialize() {}
  }

  /** Where {@code slf4j-simple} looks for its settings. */
  private static final class SlowLoader extends ClassLoader {
    SlowLoader() {
      super(BrokenLogTest.class.getClassLoader());
    }

    @Override
    public InputStream getResourceAsStream(String name) {
      if (name.equals("simplelogger.properties")) {
        Start.pause();
      }
      return super.getResourceAsStream(name);
    }
  }

  /**
   * A pool is built, and its command throws, while another thread is amid the start of SLF4J, which
   * gives out substitutes meanwhile; another command throws when the start is over.
   */
  static final class ThrowsDuringTheStart {
    public static void main(String[] args) throws Exception {
      Thread starter = new Thread(() -> LoggerFactory.getLogger("application"), "starter");
      starter.setContextClassLoader(new SlowLoader());
      starter.start();
      Start.ENTERED.await();
      WorkerPool pool = pool(args[0].equals("brokenHandler"));
      pool.execute(BrokenLogTest::fail);
      pool.awaitIdle(Duration.ofMinutes(1));
      ChildJvm.say("failed " + pool.stats().failed());
      ChildJvm.say("goes on " + pool.submit(() -> 1).get());
      Start.GO_ON.countDown();
      starter.join();
      LoggerFactory.getLogger("application").error("the start is over");
      pool.execute(
          () -> {
            throw new IllegalArgumentException("nor was the second one");
          });
      pool.close();
    }
  }

  private static void assertNothingIsLostAmidTheStart(
      String classPath, String handler, String... options) throws Exception {
    ChildJvm child = ChildJvm.run(classPath, ThrowsDuringTheStart.class, List.of(options), handler);
    assertEquals("1", child.line("failed "), child::toString);
    assertEquals("1", child.line("goes on "), child::toString);
    assertEquals(0, child.status(), child::toString);
    assertTold(child, OF_COMMAND);
    assertTold(child, "nor was the second one");
    if (handler.equals("brokenHandler")) {
      assertTold(child, OF_HANDLER);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"noHandler", "brokenHandler"})
  void amidTheStartOfTheLogNothingIsLost(String handler) throws Exception {
    assertNothingIsLostAmidTheStart(
        ChildJvm.classPath(), handler, "-Dslf4j.provider=" + SlowProvider.class.getName());
  }

  @ParameterizedTest
  @ValueSource(strings = {"noHandler", "brokenHandler"})
  void norIsItWhereTheStartFindsNoProvider(String handler, @TempDir Path services)
      throws Exception {
    Path file = services.resolve("META-INF/services/" + SLF4JServiceProvider.class.getName());
    Files.createDirectories(file.getParent());
    Files.writeString(file, NoProvider.class.getName());
    assertNothingIsLostAmidTheStart(
        ChildJvm.classPath(place -> isNamed(place, "logback-"), services), handler);
  }

  @ParameterizedTest
  @ValueSource(strings = {"noHandler", "brokenHandler"})
  void norAmidTheStartOfSlf4j17(String handler) throws Exception {
    assertNothingIsLostAmidTheStart(withSlf4j17(true), handler);
  }
}
