package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.FaultTask.Fate;
import io.threadpool.internal.Latches;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The fault table itself: it sees what is lost, and fails where a row of ours does. */
class FaultTableTest {

  private final FaultFigures figures = new FaultFigures();
  private final FaultTable table = new FaultTable(new PrintStream(OutputStream.nullOutputStream()));

  /** The books find what the JDK's pool strands, so they would find what ours did. */
  @Test
  void strandedTasksAreCounted() throws Exception {
    FaultContender theirs = FaultContender.THREAD_POOL_EXECUTOR;
    assertEquals(50, StartRows.brokenLoop(theirs, figures, FaultKinds.UNCHECKED, 1));
    assertFalse(figures.holds());
    assertEquals(50, figures.count(Fate.LOST));
    assertEquals(52, figures.submitted());
  }

  /** Returned by shutdownNow and run all the same; and a handle that is never done. */
  @Test
  void contradictionsAreCounted() throws Exception {
    ExecutorService pool = FaultContender.THREAD_POOL_EXECUTOR.fixed(1);
    FaultBooks books = new FaultBooks(pool, figures);
    CountDownLatch gate = new CountDownLatch(1);
    CountDownLatch busy = new CountDownLatch(1);
    books.submit(
        true,
        () -> {
          busy.countDown();
          Latches.uninterruptibly(gate);
        });
    busy.await();
    FaultTask back = books.submit(true, () -> {});
    books.submit(false, () -> {});
    books.returned(pool.shutdownNow());
    gate.countDown();
    back.run();
    books.balance();
    assertEquals("1 lost; 1 in two classes; run, and returned by shutdownNow", figures.broken());
  }

  @Test
  void aPoolThatCountsOtherwiseIsFound() throws Exception {
    ExecutorService pool = FaultContender.WORKER_POOL.fixed(1);
    FaultBooks books = new FaultBooks(pool, figures);
    pool.execute(() -> {}); // Not entered.
    books.submit(true, () -> {});
    books.balance();
    assertTrue(figures.broken().contains("the books {COMPLETED=1}"), figures::broken);
    books.end();
  }

  @Test
  void figuresSurviveTheirLine() {
    figures.add(Fate.COMPLETED, 3);
    figures.add(Fate.LOST, 1);
    figures.contradict("run 2 times");
    figures.note("a note");
    FaultFigures read = FaultFigures.parse(figures.toLine()).orElseThrow();
    assertEquals(figures.toLine(), read.toLine());
    assertEquals(figures.broken(), read.broken());
    assertTrue(FaultFigures.parse("queued").isEmpty());
  }

  @Test
  void onlyARowOfOursFailsTheTable() {
    figures.add(Fate.LOST, 50);
    table.title(FaultRow.BROKEN_LOOPS);
    table.add(FaultContender.THREAD_POOL_EXECUTOR, figures, Duration.ZERO);
    assertTrue(table.holds());
    assertTrue(table.toString().contains("BROKEN: 50 lost"), table::toString);
    table.add(FaultContender.WORKER_POOL, figures, Duration.ZERO);
    assertFalse(table.holds());
  }

  @Test
  void rowsAreNumberedAndChosen() {
    List<Integer> numbers = Arrays.stream(FaultRow.values()).map(FaultRow::number).toList();
    assertEquals(IntStream.rangeClosed(1, 28).boxed().toList(), numbers);
    assertEquals(Set.of(3, 7, 11, 12, 13), FaultTable.rows("3,7,11-13"));
  }

  @Test
  void theCommandPlaysEachRow() throws IOException {
    String all = "<rows>1-" + FaultRow.values().length + "</rows>";
    assertTrue(Files.readString(Path.of("pom.xml")).contains(all), all);
  }
}
