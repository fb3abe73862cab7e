package io.threadpool.examples.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.threadpool.ShutdownPolicy;
import io.threadpool.WorkerPool;
import io.threadpool.examples.checksum.Problem;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A member without the engine. */
@Timeout(60)
class MemberWorkTest {
  private static final byte[][] NO_ENTRIES = {};

  @TempDir Path folder;
  private final UUID run = UUID.randomUUID();
  private final CountDownLatch gate = new CountDownLatch(1);
  private final Reader reader = Reader.behind(gate);
  private final WorkerPool pool = WorkerPool.fixed(1);
  private final MemberWork work = new MemberWork(pool, reader);

  @BeforeEach
  void open() throws IOException {
    Files.writeString(folder.resolve("a"), "a");
    Files.writeString(folder.resolve("b"), "b");
    work.open(run);
  }

  @AfterEach
  void close() {
    gate.countDown();
    pool.close();
  }

  private byte[] path() throws IOException {
    return Folder.of(folder).path();
  }

  private FileBatch batch(String... names) throws IOException {
    byte[][] bytes = new byte[names.length][];
    long[] sizes = new long[names.length];
    long[] modified = new long[names.length];
    for (int i = 0; i < names.length; i++) {
      Path file = folder.resolve(names[i]);
      bytes[i] = names[i].getBytes(UTF_8);
      if (Files.exists(file)) {
        BasicFileAttributes seen = Files.readAttributes(file, BasicFileAttributes.class);
        sizes[i] = seen.size();
        modified[i] = seen.lastModifiedTime().to(TimeUnit.NANOSECONDS);
      }
    }
    return new FileBatch(path(), bytes, sizes, modified);
  }

  private CompletableFuture<Answer> hash(FileBatch batch) {
    return CompletableFuture.supplyAsync(
        () -> work.hash(run, batch), command -> new Thread(command).start());
  }

  @Test
  void eachFileHasItsOutcome() throws Exception {
    gate.countDown();
    FileBatch batch = batch("a", "gone", "b");
    Files.writeString(folder.resolve("b"), "longer");
    List<Outcome> outcomes = hash(batch).get().outcomes();

    assertArrayEquals(
        java.security.MessageDigest.getInstance("SHA-256").digest(new byte[] {'a'}),
        outcomes.get(0).digest());
    assertEquals(Problem.Kind.VANISHED, outcomes.get(1).kind());
    assertEquals(Problem.Kind.CHANGED, outcomes.get(2).kind());
  }

  @Test
  void aStoppedRunFinishesTheFileInHand() throws Exception {
    CompletableFuture<Answer> answer = hash(batch("a", "b"));
    await().until(() -> reader.begun.size() == 1);
    assertEquals(Answer.Kind.HERE, work.ping(run, true, path(), NO_ENTRIES).kind());
    gate.countDown();

    assertEquals(Answer.Kind.DONE, answer.get().kind());
    assertEquals(1, answer.get().outcomes().size());
  }

  @Test
  void whenTheSubmitterLeavesItsBatchesAreInterrupted() throws Exception {
    CompletableFuture<Answer> answer = hash(batch("a"));
    await().until(() -> reader.begun.size() == 1);
    work.close(run);

    assertEquals(Answer.Kind.ABSENT, answer.get().kind());
    await().until(() -> reader.interrupted.get() == 1);
    assertEquals(Answer.Kind.ABSENT, work.hash(run, batch("a")).kind());
    assertEquals(Answer.Kind.ABSENT, work.ping(run, false, path(), NO_ENTRIES).kind());
  }

  @Test
  void anInterruptOfTheEnginesThreadReachesTheWorker() throws Exception {
    FileBatch batch = batch("a");
    Thread engine = new Thread(() -> work.hash(run, batch));
    engine.start();
    await().until(() -> reader.begun.size() == 1);
    engine.interrupt();
    engine.join();

    await().until(() -> reader.interrupted.get() == 1);
  }

  @Test
  void aDrainEndsWhatItHasAndGivesTheRestBack() throws Exception {
    CompletableFuture<Answer> answer = hash(batch("a", "b"));
    await().until(() -> reader.begun.size() == 1);
    CompletableFuture<Void> drained =
        CompletableFuture.runAsync(() -> work.drain(ShutdownPolicy.drain()));
    await().until(() -> work.ping(run, false, path(), NO_ENTRIES).kind() == Answer.Kind.DRAINING);
    await().until(pool::isShutdown); // It says that it drains a moment before.
    assertEquals(Answer.Kind.DRAINING, work.hash(run, batch("b")).kind());
    gate.countDown();

    assertEquals(2, answer.get().outcomes().size());
    drained.get();
    work.ping(run, false, path(), NO_ENTRIES);
    assertTrue(work.isKnownToDrain());
    work.sayItAgain();
    work.ping(run, false, path(), NO_ENTRIES);
    assertFalse(work.isKnownToDrain(), "it may be that the submitter has not heard it again");
    work.ping(run, false, path(), NO_ENTRIES);
    assertTrue(work.isKnownToDrain());
  }

  @Test
  void whatADrainCutsShortIsGivenBack() throws Exception {
    CompletableFuture<Answer> answer = hash(batch("a"));
    await().until(() -> reader.begun.size() == 1);
    work.drain(ShutdownPolicy.drainFor(Duration.ofMillis(1)));

    assertEquals(Answer.Kind.DRAINING, answer.get().kind());
  }

  @Test
  void aFolderThatIsNotThereOrAnotherOneIsNoPlaceToWork() throws Exception {
    byte[] missing = (folder + "/missing").getBytes(UTF_8);
    Answer none = work.ping(run, false, missing, NO_ENTRIES);
    assertEquals("it does not see the folder " + folder + "/missing", none.message());

    Answer other = work.ping(run, false, path(), new byte[][] {{'x'}, {'y'}});
    assertEquals("its folder " + folder + " is another one", other.message());
    Answer same = work.ping(run, false, path(), new byte[][] {{'x'}, {'a'}});
    assertEquals(Answer.Kind.HERE, same.kind());
  }

  /** The submitter has named some entries once, and others may be hashed for hours. */
  @Test
  void whereTheFolderWasTheRightOneItsEntriesMayVanish() throws Exception {
    byte[][] entries = {{'a'}};
    assertEquals(Answer.Kind.HERE, work.ping(run, false, path(), entries).kind());
    Files.delete(folder.resolve("a"));
    assertEquals(Answer.Kind.HERE, work.ping(run, false, path(), entries).kind());

    UUID later = UUID.randomUUID();
    work.open(later);
    assertEquals(Answer.Kind.UNFIT, work.ping(later, false, path(), entries).kind());
    byte[] missing = (folder + "/missing").getBytes(UTF_8);
    assertEquals(Answer.Kind.UNFIT, work.ping(run, false, missing, entries).kind());
  }

  @Test
  void theRootIsAFolderToo() throws Exception {
    assumeTrue(File.separatorChar == '/');
    gate.countDown();
    Folder root = Folder.of(Path.of("/"));
    assertEquals(Answer.Kind.HERE, work.ping(run, false, root.path(), root.entries()).kind());

    FileBatch below = batch("a");
    byte[] name = folder.resolve("a").toString().substring(1).getBytes(UTF_8);
    FileBatch batch =
        new FileBatch(root.path(), new byte[][] {name}, below.sizes(), below.modified());
    assertNotNull(hash(batch).get().outcomes().get(0).digest());
    assertEquals(Set.of(folder.resolve("a")), reader.hashed.keySet());
  }

  /** A defect of ours, or a heap that is full, is told and not thrown. */
  @Test
  void whatTheHasherThrowsIsAFailureOfTheBatch() throws Exception {
    MemberWork broken =
        new MemberWork(
            pool,
            (file, seen) -> {
              throw new OutOfMemoryError("full");
            });
    broken.open(run);

    Answer answer = broken.hash(run, batch("a"));
    assertEquals(Answer.Kind.FAILED, answer.kind());
    assertEquals("java.lang.OutOfMemoryError: full", answer.message());
  }
}
