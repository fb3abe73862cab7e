package io.threadpool.examples.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toSet;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.hazelcast.client.HazelcastClient;
import com.hazelcast.client.config.ClientConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import io.threadpool.WorkerPools;
import io.threadpool.examples.Stranger;
import io.threadpool.examples.checksum.Run;
import io.threadpool.examples.checksum.Tally;
import io.threadpool.examples.checksum.Tree;
import io.threadpool.examples.checksum.UnavailableException;
import io.threadpool.examples.cluster.TestCluster.Result;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;

/**
 * {@code checksum --cluster} with members in this JVM that die, leave, come and fail in the middle.
 */
@Timeout(120)
class ClusterTest {
  /** A dozen batches and a few large files, each a batch of its own. */
  private static final int SMALL = 3_000;

  private static final int LARGE = 5;

  /** In the first folder. */
  private static final List<String> SOME =
      IntStream.range(0, 20).mapToObj(i -> "d0/fffff" + i).toList();

  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final Logger placement = (Logger) LoggerFactory.getLogger(Placement.class);
  private final TestCluster cluster = new TestCluster();

  /** The same for all tests. */
  @TempDir static Path tree;

  @BeforeAll
  static void grow() throws IOException {
    Tree.fill(tree, SMALL, 5);
    for (int i = 0; i < LARGE; i++) {
      Files.write(tree.resolve("large" + i), new byte[9 * 1024 * 1024]);
    }
  }

  @BeforeEach
  void listen() {
    log.list = new CopyOnWriteArrayList<>();
    log.start();
    placement.setLevel(Level.INFO);
    placement.addAppender(log);
  }

  @AfterEach
  void close() {
    cluster.close();
    placement.detachAppender(log);
    placement.setLevel(null);
  }

  private String local() {
    Result result = TestCluster.checksum(tree, TestCluster.PATIENT, "--workers", "2");
    assertEquals(0, result.status(), result.err());
    assertEquals(SMALL + LARGE, result.manifest().lines().count());
    return result.manifest();
  }

  private void assertComplete(Result result) {
    assertEquals(0, result.status(), result.err());
    assertEquals("", result.err());
    assertEquals(local(), result.manifest());
  }

  private static Map<Path, Integer> sum(Collection<Map<Path, Integer>> counts) {
    Map<Path, Integer> sum = new HashMap<>();
    counts.forEach(each -> each.forEach((path, count) -> sum.merge(path, count, Integer::sum)));
    return sum;
  }

  /** Each file once, and by whom is not asked. */
  private static void assertOnce(Reader... readers) {
    List<Map<Path, Integer>> counts = new ArrayList<>();
    for (Reader reader : readers) {
      counts.add(reader.begun);
    }
    Map<Path, Integer> sum = sum(counts);
    assertEquals(SMALL + LARGE, sum.size());
    sum.values().removeIf(count -> count == 1);
    assertEquals(0, sum.size(), () -> "begun more than once: " + sum.keySet().iterator().next());
  }

  /** Waits until each has a file for each of its workers. */
  private static void awaitBusy(Reader... readers) {
    for (Reader reader : readers) {
      await().atMost(Duration.ofMinutes(1)).until(() -> reader.begun.size() == TestCluster.WORKERS);
    }
  }

  private List<String> messages(String words) {
    return List.copyOf(log.list).stream()
        .map(ILoggingEvent::getFormattedMessage)
        .filter(line -> line.contains(words))
        .toList();
  }

  private List<String> losses() {
    return messages("was lost");
  }

  @Test
  void threeMembersWriteTheManifestOfOneProcessAndHashEachFileOnce() {
    CountDownLatch allHere = new CountDownLatch(1);
    Reader[] readers = {Reader.behind(allHere), Reader.behind(allHere), Reader.behind(allHere)};
    for (Reader reader : readers) {
      cluster.start(reader);
    }

    CompletableFuture<Result> run = cluster.begin(tree);
    awaitBusy(readers);
    allHere.countDown();

    assertComplete(run.join());
    assertOnce(readers);
    assertEquals(List.of(), losses());
  }

  @Test
  void whatTwoOfThreeMembersHadThatDieInTheMiddleIsHashedByTheThird() {
    CountDownLatch never = new CountDownLatch(1);
    Reader[] dying = {Reader.behind(never), Reader.behind(never)};
    CountDownLatch died = new CountDownLatch(1);
    Reader survivor = Reader.behind(died);
    List<ClusterMember> victims = new ArrayList<>();
    for (Reader reader : dying) {
      victims.add(cluster.start(reader));
    }
    String address = Addresses.text(cluster.start(survivor).address());

    CompletableFuture<Result> run = cluster.begin(tree);
    awaitBusy(dying);
    awaitBusy(survivor);
    int credits = 2 * TestCluster.WORKERS;
    await().until(() -> victims.stream().allMatch(victim -> victim.held() == credits));
    victims.forEach(cluster::terminate);
    died.countDown();

    assertComplete(run.join());
    assertEquals(SMALL + LARGE, survivor.hashed.size());
    losses().forEach(line -> assertTrue(line.matches(".* hashed again: .*Exception.*"), line));
    // The two had all their credits. The engine may drop the third, too, for a moment.
    List<String> ofSurvivor = losses().stream().filter(line -> line.contains(address)).toList();
    assertTrue(losses().size() - ofSurvivor.size() >= 2 * credits, losses().toString());
    if (ofSurvivor.isEmpty()) {
      assertOnce(survivor);
    }
  }

  @Test
  void aMemberThatComesLateIsUsed() {
    CountDownLatch joined = new CountDownLatch(1);
    Reader first = Reader.behind(joined);
    Reader late = Reader.free();
    cluster.start(first);

    CompletableFuture<Result> run = cluster.begin(tree);
    awaitBusy(first);
    cluster.start(late);
    await().until(() -> !late.hashed.isEmpty());
    joined.countDown();

    assertComplete(run.join());
    assertOnce(first, late);
    assertEquals(List.of(), losses());
  }

  @Test
  void aMemberThatLeavesCostsNothing() {
    CountDownLatch told = new CountDownLatch(1);
    Reader leaving = Reader.behind(told);
    CountDownLatch others = new CountDownLatch(1);
    Reader staying = Reader.behind(others);
    ClusterMember leaver = cluster.start(leaving);
    cluster.start(staying);

    CompletableFuture<Result> run = cluster.begin(tree);
    awaitBusy(leaving);
    CompletableFuture<Void> left =
        CompletableFuture.runAsync(
            () -> {
              try {
                cluster.leave(leaver);
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            });
    await().until(() -> messages("is DRAINING").size() == 1);
    others.countDown();
    await().until(() -> !staying.hashed.isEmpty());
    told.countDown();
    left.join();

    assertComplete(run.join());
    assertOnce(leaving, staying);
    assertTrue(leaving.hashed.size() >= TestCluster.WORKERS);
    assertEquals(List.of(), losses());
  }

  /** A file that ends the JVM of whoever reads it does not end all. */
  @Test
  void aFileThatThreeMembersDieOfIsAProblem() throws IOException {
    Path deadly = tree.resolve("deadly");
    Files.write(deadly, new byte[9 * 1024 * 1024]);
    int rest = SMALL + LARGE;
    List<Reader> readers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Reader reader = Reader.free();
      readers.add(reader);
      ClusterMember[] self = new ClusterMember[1];
      self[0] =
          cluster.start(
              (file, seen) -> {
                if (file.equals(deadly)) {
                  await()
                      .atMost(Duration.ofMinutes(1))
                      .until(
                          () -> sum(readers.stream().map(r -> r.hashed).toList()).size() == rest);
                  new Thread(() -> cluster.terminate(self[0])).start();
                  return Reader.behind(new CountDownLatch(1)).hash(file, seen);
                }
                return reader.hash(file, seen);
              });
    }

    Result result = cluster.checksum(tree);
    Files.delete(deadly);

    assertEquals(1, result.status(), result.err());
    assertEquals(rest, result.manifest().lines().count());
    List<String> err = result.err().lines().toList();
    assertTrue(
        err.get(0).startsWith(deadly + ": not hashed, its batch was lost 3 times; at last: "),
        result.err());
    assertEquals("checksum: could not be read: 1 entry", err.get(1));
    String batch = messages("is given up").get(0).split(" was lost", 2)[0];
    Pattern loss = Pattern.compile(batch + " was lost at member (\\S+) and .*");
    // The engine may drop a member for a moment that another loses: what that had is lost, too.
    Set<String> at =
        losses().stream()
            .map(loss::matcher)
            .filter(Matcher::matches)
            .map(line -> line.group(1))
            .collect(toSet());
    assertEquals(3, at.size(), losses()::toString);
  }

  @Test
  void withoutAnyMemberLeftTheManifestHasWholeLinesAndTheStatusIs2() {
    CountDownLatch never = new CountDownLatch(1);
    Reader reader = Reader.behind(never);
    ClusterMember only = cluster.start(reader);
    Result result = runToTheEndOf(only, reader);
    assertEquals(2, result.status());
    assertEquals("checksum: no member is left that could hash\n", result.err());
    assertTrue(local().startsWith(result.manifest()));
  }

  /** What a run leaves whose only member dies, after ten seconds without any. */
  private Result runToTheEndOf(ClusterMember only, Reader reader) {
    Patience patience = new Patience(Duration.ofMillis(50), 200);
    CompletableFuture<Result> run = cluster.begin(tree, patience);
    await().until(() -> run.isDone() || reader.begun.size() == TestCluster.WORKERS);
    if (reader.begun.isEmpty()) { // It took that long only to connect.
      return runToTheEndOf(only, reader);
    }
    cluster.terminate(only);
    return run.join();
  }

  @Test
  void aStoppedRunFinishesTheFilesInHandAndNoOther() throws Exception {
    CountDownLatch open = new CountDownLatch(1);
    Reader reader = Reader.behind(open);
    ClusterMember member = cluster.start(reader);
    Submission run = new Submission(cluster, tree);
    run.submit(tree, SOME);
    awaitBusy(reader);
    run.stop();
    await().until(() -> member.work.stoppedRuns() == 1);
    open.countDown();

    assertEquals(TestCluster.WORKERS, run.outcomes());
    assertEquals(TestCluster.WORKERS, reader.hashed.size());
    run.close();
  }

  @Test
  void anAbortReachesTheWorkersAsAnInterrupt() throws Exception {
    Reader reader = Reader.behind(new CountDownLatch(1));
    cluster.start(reader);
    Submission run = new Submission(cluster, tree);
    run.submit(tree, SOME);
    awaitBusy(reader);
    run.abort();
    assertThrows(CancellationException.class, run::outcomes);
    run.close();

    await().until(() -> reader.interrupted.get() == TestCluster.WORKERS);
    assertEquals(TestCluster.WORKERS, reader.begun.size());
  }

  @Test
  void aMemberOfAnotherVersionIsLeftOutWithAWarning() {
    Reader stranger = Reader.free();
    Reader reader = Reader.free();
    ClusterMember other = cluster.start(stranger, "0");
    cluster.start(reader);

    Result result = cluster.checksum(tree);
    assertEquals(0, result.status());
    assertEquals(local(), result.manifest());
    assertEquals(
        "checksum: member %s is left out: its version is 0, this one's 1\n"
            .formatted(Addresses.text(other.address())),
        result.err());
    assertEquals(Map.of(), stranger.begun);
  }

  @Test
  void aMemberThatIsNotInTheClusterOfTheOthersIsTold() {
    try (TestCluster alone = new TestCluster()) {
      cluster.start(Reader.free());
      alone.start(Reader.free());
      Result result =
          TestCluster.checksum(
              tree,
              TestCluster.PATIENT,
              "--cluster",
              cluster.text() + "," + alone.text(),
              "--cluster-name",
              cluster.name());

      assertEquals(0, result.status());
      assertEquals(
          "checksum: member " + alone.text() + " is not in the cluster of the others\n",
          result.err());
    }
  }

  @Test
  void aPeerThatIsSilentOrMissingIsOneLineAndStatus2() throws IOException {
    Patience impatient = new Patience(Duration.ofMillis(50), 20);
    String address;
    Result silent;
    try (ServerSocket peer = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      address = "127.0.0.1:" + peer.getLocalPort();
      silent =
          TestCluster.checksum(tree, impatient, "--cluster", address, "--cluster-name", "none");
    }
    Result missing =
        TestCluster.checksum(tree, impatient, "--cluster", address, "--cluster-name", "none");

    for (Result result : List.of(silent, missing)) {
      assertEquals(2, result.status());
      assertEquals("", result.manifest());
      assertEquals(
          "checksum: no member of cluster 'none' that could hash answers at "
              + address
              + " within 1 s each\n",
          result.err());
    }
  }

  @Test
  void aRunThatIsToStopBeforeAMemberAnswersIsNotBegun() throws IOException {
    try (ServerSocket peer = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String address = "127.0.0.1:" + peer.getLocalPort();
      Run run = new Run(tree, new byte[] {'x'}, new Tally(), () -> true, warning -> {});

      UnavailableException e =
          assertThrows(
              UnavailableException.class,
              () -> ClusterHashing.connect(address, "none", run, TestCluster.PATIENT));
      assertEquals(
          "interrupted before a member of cluster 'none' could hash; nothing was written",
          e.getMessage());
    }
  }

  @Test
  void aRunThatIsToStopWhenItsMembersAnswerIsNotBegunEither() {
    cluster.start(Reader.free());
    Run run = new Run(tree, new byte[] {'x'}, new Tally(), () -> true, warning -> {});

    assertThrows(
        UnavailableException.class,
        () -> ClusterHashing.connect(cluster.text(), cluster.name(), run, TestCluster.PATIENT));
  }

  @Test
  void aPortInUseIsOneLineAndStatus2() throws IOException {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String address = "127.0.0.1:" + taken.getLocalPort();
      MemberCommand command = new MemberCommand(System.out, new PrintStream(err, true, UTF_8));

      assertEquals(2, new CommandLine(command).execute("--listen", address));
      assertEquals(
          "member: cannot listen on " + address + ": Address already in use\n",
          err.toString(UTF_8));
    }
  }

  @Test
  void aMemberWhoseEngineEndsByItselfSaysSoAndEnds() {
    String name = "ends-" + UUID.randomUUID();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    MemberCommand command =
        new MemberCommand(new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8));
    CompletableFuture<Integer> status =
        CompletableFuture.supplyAsync(
            () ->
                new CommandLine(command)
                    .execute("--listen", "127.0.0.1:0", "--cluster-name", name));
    await().until(() -> out.toString(UTF_8).startsWith("Listening on "));
    Hazelcast.getAllHazelcastInstances().stream()
        .filter(engine -> engine.getConfig().getClusterName().equals(name))
        .forEach(engine -> engine.getLifecycleService().terminate());

    assertEquals(2, status.join());
    assertEquals("member: the engine has ended, and nobody told it to\n", err.toString(UTF_8));
    await().until(() -> WorkerPools.all().stream().noneMatch(pool -> pool.name().equals("member")));
  }

  @Test
  void nothingOfAStrangersClassIsMadeFromBytes() {
    ClusterMember member = cluster.start(Reader.free());
    ClientConfig config = new ClientConfig().setClusterName(cluster.name());
    config.getNetworkConfig().addAddress(Addresses.text(member.address()));
    config.setProperty("hazelcast.logging.type", "slf4j");
    HazelcastInstance client = HazelcastClient.newHazelcastClient(config);
    try {
      assertThrows(
          Exception.class,
          () -> client.getExecutorService(Engine.BATCHES).submit(new Stranger()).get());
      assertEquals(0, Stranger.MADE.get());
    } finally {
      client.shutdown();
    }
  }
}
