package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.RejectedTaskException;
import io.threadpool.Task;
import io.threadpool.TaskOptions;
import io.threadpool.WorkerPool;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Recording;
import jdk.jfr.RecordingState;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import jdk.jfr.consumer.RecordingStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What a flight recording has of a pool. */
class FlightRecorderTest {

  private static final int TASKS = 3_000;

  @RegisterExtension final TestPools pools = new TestPools();

  @TempDir Path directory;

  private Recording recording() {
    Recording recording = new Recording();
    recording.enable("io.threadpool.Task").withoutThreshold();
    recording.enable("io.threadpool.Pool").withPeriod(Duration.ofMillis(50));
    return recording;
  }

  private List<RecordedEvent> end(Recording recording, String event, String pool)
      throws IOException {
    if (recording.getState() == RecordingState.RUNNING) {
      recording.stop();
    }
    return recorded(recording, event, pool);
  }

  private List<RecordedEvent> recorded(Recording recording, String event, String pool)
      throws IOException {
    Path file = directory.resolve(event + ".jfr");
    recording.dump(file);
    return RecordingFile.readAllEvents(file).stream()
        .filter(e -> e.getEventType().getName().equals("io.threadpool." + event))
        .filter(e -> e.getString("pool").equals(pool))
        .toList();
  }

  /** Waits for what a thread records that the test does not wait for. */
  private RecordedEvent awaitRecorded(Recording recording, String event, String pool) {
    return TestPools.eventually()
        .pollInterval(Duration.ofMillis(100))
        .until(() -> recorded(recording, event, pool), found -> !found.isEmpty())
        .get(0);
  }

  /**
   * However fast they come: those that were queued before it began may be missing, and no others.
   */
  @Test
  void eachTaskIsRecordedWithItsWaitItsRunTimeAndItsOutcome() throws Exception {
    try (Recording recording = recording()) {
      recording.start();
      WorkerPool pool = pools.add(WorkerPool.builder().size(1).name("recorded").build());
      Task<?> first = pool.submit(() -> null);
      first.get();
      CountDownLatch go = new CountDownLatch(1);
      pool.execute(() -> awaitUninterruptibly(go));
      for (int i = 0; i < TASKS; i++) {
        pool.execute(new Counted());
      }
      Task<?> failing =
          pool.submit(
              () -> {
                throw new IllegalStateException();
              });
      go.countDown();
      assertThrows(Exception.class, failing::get);
      pool.close();

      List<RecordedEvent> events = end(recording, "Task", "recorded");
      assertEquals(TASKS + 3, events.size());
      if (Runtime.version().feature() >= 21) { // That of 17 loses what is longer than 16.
        assertEquals(
            TASKS,
            events.stream()
                .filter(e -> e.getString("name").equals(Counted.class.getName()))
                .count());
      }
      List<RecordedEvent> completed =
          events.stream().filter(e -> "COMPLETED".equals(e.getString("outcome"))).toList();
      assertEquals(TASKS + 2, completed.size());
      assertTrue(completed.stream().allMatch(e -> e.getDuration("waited").toNanos() > 0));
      assertTrue(
          completed.stream().allMatch(e -> e.getThread().getJavaName().equals("recorded-0")));
      assertEquals(1, events.stream().filter(e -> "FAILED".equals(e.getString("outcome"))).count());
    }
  }

  /** The first body that is shown has all shown that are submitted from there on. */
  @Test
  void whatTheFirstBodySubmitsIsRecorded() throws Exception {
    try (Recording recording = recording()) {
      recording.start();
      WorkerPool pool = pools.add(WorkerPool.builder().size(1).name("within").build());
      pool.submit(
              () -> {
                for (int i = 0; i < TASKS; i++) {
                  pool.execute(new Counted());
                }
              })
          .get();
      pool.close();

      assertEquals(TASKS + 1, end(recording, "Task", "within").size());
    }
  }

  /** By the name that it was given, which is short enough for any recorder; each run of it. */
  @Test
  void whatIsScheduledIsRecordedFromWhenItWasDue() throws Exception {
    try (Recording recording = recording()) {
      recording.start();
      TaskOptions beat = TaskOptions.named("beat");
      WorkerPool pool =
          pools.add(WorkerPool.builder().size(1).name("beating").taskOptions(beat).build());
      pool.schedule(() -> null, Duration.ofMillis(1)).get();
      CountDownLatch beats = new CountDownLatch(3);
      pool.scheduleAtFixedRate(beats::countDown, Duration.ZERO, Duration.ofMillis(1));
      beats.await();
      pool.close();

      List<RecordedEvent> events = end(recording, "Task", "beating");
      assertTrue(events.size() >= 4, events::toString);
      assertTrue(events.stream().allMatch(e -> e.getString("name").equals("beat")));
      assertTrue(events.stream().allMatch(e -> !e.getDuration("waited").isNegative()));
      assertEquals(
          1, events.stream().filter(e -> e.getString("outcome").equals("COMPLETED")).count());
      assertTrue(
          events.stream().filter(e -> e.getString("outcome").equals("DELAYED")).count() >= 2);
    }
  }

  private static final class Counted implements Runnable {
    @Override
    public void run() {}
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Until it ends; then a rush has one in 256 of its tasks timed again. */
  @Test
  void aPoolThatRunsIsNoticed() throws Exception {
    WorkerPool pool = pools.add(WorkerPool.builder().size(1).name("running").build());
    rush(pool);
    try (Recording recording = recording()) {
      recording.start();
      rush(pool);
      long before = pool.stats().completed();
      for (int i = 0; i < TASKS; i++) {
        pool.execute(new Counted());
      }
      pool.awaitIdle(TestPools.LONG);
      assertEquals(TASKS, pool.stats().completed() - before);
      long counted = end(recording, "Task", "running").stream().count();
      assertTrue(counted >= TASKS, () -> counted + " recorded");
    }
  }

  /** More than a segment of the queue holds. */
  private static void rush(WorkerPool pool) throws InterruptedException {
    for (int i = 0; i < 5_000; i++) {
      pool.execute(() -> {});
    }
    pool.awaitIdle(TestPools.LONG);
  }

  @Test
  void theNumbersOfEachPoolAreRecordedPeriodically() throws Exception {
    try (Recording recording = recording()) {
      recording.start();
      WorkerPool pool = pools.add(WorkerPool.builder().size(2).name("periodic").build());
      pool.submit(() -> null).get();
      var unused = pool.schedule(() -> null, Duration.ofDays(1));
      pool.awaitIdle(TestPools.LONG);
      CountDownLatch told = new CountDownLatch(1);
      try (RecordingStream stream = new RecordingStream()) {
        stream.enable("io.threadpool.Pool").withPeriod(Duration.ofMillis(50));
        stream.onEvent(
            "io.threadpool.Pool",
            e -> {
              if (e.getString("pool").equals("periodic") && e.getLong("delayed") == 1) {
                told.countDown(); // What is told before the pool is idle shows less.
              }
            });
        stream.startAsync();
        assertTrue(told.await(20, TimeUnit.SECONDS));
      }
      List<RecordedEvent> events = end(recording, "Pool", "periodic");
      RecordedEvent event = events.get(events.size() - 1);
      assertEquals(2, event.getInt("size"));
      assertEquals(1, event.getLong("completed"));
      assertEquals(0, event.getLong("queued"));
      assertEquals(1, event.getLong("delayed"));
      assertEquals(0, event.getInt("running"));
    }
  }

  @Test
  void rejectionsAndTheShutdownAreRecorded() throws Exception {
    try (Recording recording = recording()) {
      recording.start();
      WorkerPool pool = pools.add(WorkerPool.builder().size(1).name("refusing").build());
      pool.close();
      assertThrows(RejectedTaskException.class, () -> pool.execute(() -> {}));
      RecordedEvent refused = end(recording, "Rejection", "refusing").get(0);
      assertEquals("SHUTDOWN", refused.getString("reason"));
      assertEquals(1, end(recording, "Shutdown", "refusing").size());
    }
  }

  @Test
  void growthIsRecorded() throws Exception {
    try (Recording recording = recording()) {
      recording.start();
      WorkerPool pool = pools.add(WorkerPool.builder().size(0, 3).name("growing").build());
      pool.submit(() -> null).get();
      int workers = awaitRecorded(recording, "Growth", "growing").getInt("workers");
      pool.close();
      assertTrue(workers >= 1 && workers <= 3, () -> workers + " workers");
    }
  }

  @Test
  void whatIsStuckIsRecorded() throws Exception {
    try (Recording recording = recording()) {
      recording.start();
      WorkerPool pool =
          pools.add(
              WorkerPool.builder().size(1).name("sticking").abortGrace(Duration.ZERO).build());
      CountDownLatch begun = new CountDownLatch(1);
      CountDownLatch go = new CountDownLatch(1);
      pool.execute(
          () -> {
            begun.countDown();
            while (go.getCount() > 0) {
              Thread.onSpinWait();
            }
          });
      try {
        begun.await();
        pool.shutdownNow();
        pool.close();
        RecordedEvent stuck = awaitRecorded(recording, "Stuck", "sticking");
        assertEquals("sticking-0", stuck.getString("worker"));
      } finally {
        go.countDown();
      }
    }
  }

  /** A pool that is older than the recorder, which is made only then. */
  static final class RecordedLate {
    public static void main(String[] args) throws Exception {
      WorkerPool pool = WorkerPool.builder().size(1).name("late").build();
      pool.submit(() -> null).get();
      ChildJvm.say("ran");
      try (Recording recording = new Recording()) {
        recording.enable("io.threadpool.Task").withoutThreshold();
        recording.start();
        pool.submit(() -> null).get();
        pool.close();
        Path file = Path.of(args[0]);
        recording.dump(file);
        long tasks =
            RecordingFile.readAllEvents(file).stream()
                .filter(e -> e.getEventType().getName().equals("io.threadpool.Task"))
                .count();
        ChildJvm.say("recorded " + tasks);
      }
    }
  }

  /** To load the recorder takes several times as long as all else of a first pool. */
  @Test
  void noRecorderIsMadeForAPoolButOneIsNoticed() throws Exception {
    String file = directory.resolve("late.jfr").toString();
    ChildJvm child = ChildJvm.run(RecordedLate.class, List.of("-Xlog:class+load"), file);
    assertEquals(0, child.status(), child::toString);
    List<String> before = child.out().subList(0, child.out().indexOf("ran"));
    assertTrue(before.stream().anyMatch(line -> line.contains("jdk.jfr.FlightRecorder ")));
    assertEquals(
        List.of(), before.stream().filter(line -> line.contains("jdk.jfr.internal.")).toList());
    assertEquals("1", child.line("recorded "));
  }

  /** The same, of one that takes no task meanwhile: that is when somebody looks. */
  static final class RecordedAmidABody {
    public static void main(String[] args) throws Exception {
      WorkerPool pool = WorkerPool.builder().size(1).name("busy").queueCapacity(1).build();
      CountDownLatch begun = new CountDownLatch(1);
      pool.execute(
          () -> {
            begun.countDown();
            awaitUninterruptibly(new CountDownLatch(1));
          });
      begun.await();
      pool.execute(() -> {});
      try (Recording recording = new Recording()) {
        recording.start();
        assertThrows(RejectedTaskException.class, () -> pool.execute(() -> {}));
        pool.shutdownNow();
        pool.close();
        Path file = Path.of(args[0]);
        recording.dump(file);
        for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
          if (event.getEventType().getName().matches("io.threadpool.(Rejection|Shutdown)")) {
            ChildJvm.say("recorded " + event.getEventType().getName());
          }
        }
      }
    }
  }

  @Test
  void aRecorderIsNoticedByWhatHappensWhileNothingIsTaken() throws Exception {
    String file = directory.resolve("busy.jfr").toString();
    ChildJvm child = ChildJvm.run(RecordedAmidABody.class, List.of(), file);
    assertEquals(0, child.status(), child::toString);
    for (String event : List.of("Rejection", "Shutdown")) {
      assertTrue(child.out().contains("recorded io.threadpool." + event), child::toString);
    }
  }
}
