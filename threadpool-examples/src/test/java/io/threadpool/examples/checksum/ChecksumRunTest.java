package io.threadpool.examples.checksum;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.threadpool.WorkerPool;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ChecksumRunTest {
  /** A file that is read for as long as a test wants. */
  private final class Held implements Item {
    private final String name;
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch held = new CountDownLatch(1);
    private volatile boolean read;

    Held(String name) {
      this.name = name;
    }

    @Override
    public void compute(FileHasher hasher, Tally tally) throws ClosedByInterruptException {
      begun.countDown();
      try {
        held.await();
      } catch (InterruptedException e) {
        throw new ClosedByInterruptException();
      }
      read = true;
    }

    @Override
    public void deliver(Manifest manifest, Problems problems) throws OutputException {
      if (read) {
        manifest.add(new byte[32], name());
      }
    }

    @Override
    public long size() {
      return 1;
    }

    @Override
    public byte[] name() {
      return name.getBytes(UTF_8);
    }
  }

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final Tally tally = new Tally();
  private final WorkerPool pool = WorkerPool.builder().size(2).queueCapacity(100).build();
  private volatile boolean stop;
  private final ChecksumRun run =
      new ChecksumRun(
          new PoolHashing(pool, tally, () -> stop),
          Output.toStandardOutput(out),
          new Problems(new PrintStream(out, true), 100),
          () -> stop);
  private final List<Held> files = new ArrayList<>();

  @AfterEach
  void close() {
    files.forEach(file -> file.held.countDown());
    pool.close();
  }

  /** Two files a portion: the first two portions find a worker, the rest wait. */
  private CompletableFuture<Void> write(int portions) {
    List<Portion> found = new ArrayList<>();
    for (int i = 0; i < portions; i++) {
      Portion portion = new Portion();
      for (String half : new String[] {"a", "b"}) {
        Held file = new Held(i + half);
        files.add(file);
        portion.add(file);
      }
      found.add(portion);
    }
    return CompletableFuture.runAsync(
        () -> {
          try {
            run.write(found.iterator());
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
  }

  private Held file(String name) {
    return files.stream().filter(file -> file.name.equals(name)).findFirst().orElseThrow();
  }

  private List<String> written() {
    return out.toString(UTF_8).lines().map(line -> line.substring(66)).toList();
  }

  @Test
  void whenStoppedEachWorkerFinishesWhatItIsReadingAndNothingElse() throws Exception {
    CompletableFuture<Void> all = write(20);
    file("0a").begun.await();
    file("1a").begun.await();
    await().until(() -> pool.stats().accepted() == 20);
    stop = true;
    assertEquals(2, tally.inHand().size());
    file("0a").held.countDown();
    file("1a").held.countDown();
    all.get();

    assertEquals(List.of("0a", "1a"), written());
    assertEquals(List.of(), tally.inHand());
  }

  @Test
  void whatIsDoneIsWrittenWhileTheNextIsStillRead() throws Exception {
    CompletableFuture<Void> all = write(2);
    file("0a").held.countDown();
    file("0b").held.countDown();
    await().until(() -> written().equals(List.of("0a", "0b")));

    file("1a").held.countDown();
    file("1b").held.countDown();
    all.get();
    assertEquals(List.of("0a", "0b", "1a", "1b"), written());
  }

  @Test
  void whenAbortedWhatIsFinishedBehindWhatIsDroppedIsWritten() throws Exception {
    CompletableFuture<Void> all = write(2);
    file("0a").begun.await();
    file("1a").held.countDown();
    file("1b").held.countDown();
    await().until(() -> pool.stats().completed() == 1);
    stop = true;
    pool.shutdownNow();
    all.get();

    assertEquals(List.of("1a", "1b"), written());
  }

  @Test
  void whatIsDroppedThoughNobodyAskedForItIsADefect() throws Exception {
    CompletableFuture<Void> all = write(1);
    file("0a").begun.await();
    pool.shutdownNow();

    ExecutionException failed = assertThrows(ExecutionException.class, all::get);
    assertInstanceOf(IllegalStateException.class, failed.getCause());
  }
}
