package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import io.threadpool.ShutdownPolicy;
import io.threadpool.WorkerPool;
import io.threadpool.internal.Latches;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** {@code onJvmExit}, seen from outside a virtual machine that ends. */
class JvmExitTest {

  /** A virtual machine that runs one of the programs below. */
  private static final class Child implements AutoCloseable {
    final Process process;
    final BufferedReader output;

    Child(Class<?> program) throws IOException {
      process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:TieredStopAtLevel=1",
                  "-Xshare:auto",
                  "-cp",
                  System.getProperty("java.class.path"),
                  program.getName())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      output =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Sends SIGTERM; unlike {@code Process.destroy}, leaves the output open. */
    void terminate() {
      assertTrue(process.toHandle().destroy());
    }

    /** The lines it has yet to print, and its exit status. */
    List<String> end() throws InterruptedException {
      List<String> lines = output.lines().toList();
      assertTrue(process.waitFor(TestPools.LONG.toSeconds(), TimeUnit.SECONDS), "still alive");
      return lines;
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  private static WorkerPool pool(ShutdownPolicy atExit) {
    return pool(atExit, Duration.ofMinutes(1));
  }

  private static WorkerPool pool(ShutdownPolicy atExit, Duration grace) {
    return WorkerPool.builder().size(1).abortGrace(grace).onJvmExit(atExit).build();
  }

  /** Has no thread for its task at first. */
  static final class StartsLate {
    /** Were it forgotten, the library's own threads would run what is queued. */
    private static @Nullable WorkerPool kept;

    public static void main(String[] args) {
      AtomicInteger calls = new AtomicInteger();
      WorkerPool pool =
          WorkerPool.builder()
              .size(0, 2)
              .threadFactory(
                  worker -> {
                    if (calls.incrementAndGet() <= 4) {
                      throw new IllegalStateException("for the test");
                    }
                    return new Thread(worker);
                  })
              .keepAlive(Duration.ZERO)
              .build();
      kept = pool;
      pool.execute(() -> say("ran"));
    }
  }

  /** The main thread is long gone when the start is tried again. */
  @Test
  void aStartThatIsTriedAgainKeepsTheJvmAlive() throws Exception {
    try (Child child = new Child(StartsLate.class)) {
      assertEquals(List.of("ran"), child.end());
      assertEquals(0, child.process.exitValue());
    }
  }

  /** Exits from a task. */
  static final class ExitsFromATask {
    public static void main(String[] args) {
      Duration brief = Duration.ofMillis(100);
      WorkerPool pool = pool(ShutdownPolicy.drainFor(brief), brief);
      pool.execute(() -> System.exit(7));
    }
  }

  @Test
  void aTaskThatExitsTheJvmDoesNotHangIt() throws Exception {
    try (Child child = new Child(ExitsFromATask.class)) {
      child.end();
      assertEquals(7, child.process.exitValue());
    }
  }

  /** Waits for its end with tasks under way. */
  static final class Drains {
    public static void main(String[] args) {
      WorkerPool one = pool(ShutdownPolicy.drainFor(Duration.ofMinutes(1)));
      WorkerPool two = pool(ShutdownPolicy.drainFor(Duration.ofMinutes(1)));
      CountDownLatch submitted = new CountDownLatch(1);
      CountDownLatch bothShut = new CountDownLatch(2);
      for (WorkerPool pool : List.of(one, two)) {
        pool.execute(
            () -> {
              try {
                submitted.await();
                say("running");
                while (!pool.isShutdown()) {
                  Thread.onSpinWait();
                }
                // The other pool goes down beside this one, not after it.
                bothShut.countDown();
                bothShut.await();
              } catch (InterruptedException e) {
                say("interrupted");
              }
              say("ended");
            });
        pool.execute(() -> say("queued"));
      }
      submitted.countDown();
    }
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no SIGTERM")
  void sigtermDrainsAllPoolsSideBySide() throws Exception {
    try (Child child = new Child(Drains.class)) {
      assertEquals("running", child.output.readLine());
      assertEquals("running", child.output.readLine());
      child.terminate();
      assertEquals(
          List.of("ended", "ended", "queued", "queued"), child.end().stream().sorted().toList());
      assertEquals(128 + 15, child.process.exitValue());
    }
  }

  /** Waits for its end with a task that listens to its interrupt. */
  static final class Aborts {
    public static void main(String[] args) {
      WorkerPool pool = pool(ShutdownPolicy.abort());
      pool.execute(
          () -> {
            say("running");
            try {
              new CountDownLatch(1).await();
            } catch (InterruptedException e) {
              say("interrupted");
            }
          });
      pool.execute(() -> say("queued"));
    }
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no SIGTERM")
  void sigtermAborts() throws Exception {
    try (Child child = new Child(Aborts.class)) {
      assertEquals("running", child.output.readLine());
      child.terminate();
      assertEquals(List.of("interrupted"), child.end());
    }
  }

  /** Ends by itself, since its pools were closed. */
  static final class Closes {
    public static void main(String[] args) {
      WorkerPool pool = pool(ShutdownPolicy.abort());
      pool.execute(() -> say("task"));
      pool.close();
      Runtime.getRuntime().addShutdownHook(new Thread(() -> say("exit " + hooks())));
      WorkerPool again = pool(ShutdownPolicy.abort());
      say("again " + again.submit(() -> 1).join());
      again.close();
    }

    /** How many threads of ours run when the virtual machine ends. */
    private static long hooks() {
      return Thread.getAllStackTraces().keySet().stream()
          .filter(thread -> thread.getName().equals("threadpool-exit"))
          .count();
    }
  }

  @Test
  void theHookIsGoneWithTheLastPool() throws Exception {
    try (Child child = new Child(Closes.class)) {
      assertEquals(List.of("task", "again 1", "exit 0"), child.end());
      assertEquals(0, child.process.exitValue());
    }
  }

  /** Has a pool built when the others are on their way down already. */
  static final class BuildsAtTheExit {
    public static void main(String[] args) {
      LogCapture log = LogCapture.at(Level.WARN, event -> say(event.getMessage()));
      WorkerPool first = pool(ShutdownPolicy.drainFor(Duration.ofMinutes(1)));
      CountDownLatch built = new CountDownLatch(1);
      first.execute(() -> Latches.uninterruptibly(built)); // The exit waits for that.
      Thread late =
          new Thread(
              () -> {
                while (!first.isShutdown()) {
                  Thread.onSpinWait();
                }
                WorkerPool second = pool(ShutdownPolicy.drainFor(Duration.ofMinutes(1)));
                say("built, closed: " + second.isShutdown());
                built.countDown();
              });
      Runtime.getRuntime().addShutdownHook(late);
      System.exit(0);
    }
  }

  @Test
  void aPoolThatIsBuiltAmidTheExitIsToldThatNobodyWaitsForIt() throws Exception {
    try (Child child = new Child(BuildsAtTheExit.class)) {
      List<String> lines = child.end();
      assertEquals(2, lines.size(), lines::toString);
      assertTrue(lines.get(0).endsWith(" cannot close at the exit of the JVM"), lines::toString);
      assertEquals("built, closed: false", lines.get(1));
    }
  }

  /** Leaves a daemon pool behind. */
  static final class LeavesADaemon {
    public static void main(String[] args) {
      WorkerPool pool = WorkerPool.builder().size(2).daemon(true).build();
      say("done " + pool.submit(() -> 1).join());
    }
  }

  @Test
  void aDaemonPoolDoesNotKeepTheJvm() throws Exception {
    try (Child child = new Child(LeavesADaemon.class)) {
      assertEquals(List.of("done 1"), child.end());
      assertEquals(0, child.process.exitValue());
    }
  }

  /** Returns from its main method, with something delayed and no worker that is needed. */
  static final class LeavesADelayedTask {
    public static void main(String[] args) {
      WorkerPool pool = WorkerPool.builder().size(0, 1).keepAlive(Duration.ofMillis(1)).build();
      pool.schedule(
          () -> {
            say("ran");
            pool.shutdown();
          },
          Duration.ofMillis(300));
    }
  }

  @Test
  void whatIsDelayedKeepsTheVirtualMachineAlive() throws Exception {
    try (Child child = new Child(LeavesADelayedTask.class)) {
      assertEquals(List.of("ran"), child.end());
    }
  }
}
