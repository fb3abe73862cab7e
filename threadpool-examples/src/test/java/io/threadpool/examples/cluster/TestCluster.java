package io.threadpool.examples.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import io.threadpool.ShutdownPolicy;
import io.threadpool.examples.checksum.ChecksumCommand;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine;

/** Members in this JVM, on free ports of 127.0.0.1 and under a name of their own. */
final class TestCluster implements AutoCloseable {
  /** Nobody is silent only because a thread is kept off its processor. */
  static final Patience PATIENT = new Patience(Duration.ofMillis(50), 1200);

  static final int WORKERS = 2;

  private final String name = "test-" + UUID.randomUUID();
  private final List<ClusterMember> members = new ArrayList<>();

  /** What a run of {@code checksum} left. */
  record Result(int status, String manifest, String err) {}

  ClusterMember start(MemberWork.Digests digests) {
    return start(digests, Wire.VERSION);
  }

  ClusterMember start(MemberWork.Digests digests, String version) {
    InetSocketAddress any = new InetSocketAddress("127.0.0.1", 0);
    MemberOptions options = new MemberOptions(any, addresses(), WORKERS, name, version);
    ClusterMember member = ClusterMember.start(options, digests);
    members.add(member);
    awaitMembers();
    return member;
  }

  /** Waits until each sees all. */
  private void awaitMembers() {
    await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> members.stream().allMatch(each -> each.members() == members.size()));
  }

  private List<InetSocketAddress> addresses() {
    return members.stream().map(ClusterMember::address).toList();
  }

  String text() {
    return String.join(",", Addresses.text(addresses()));
  }

  String name() {
    return name;
  }

  /** Runs {@code checksum --cluster} with all members that are there. */
  Result checksum(Path tree) {
    return checksum(tree, PATIENT, "--cluster", text(), "--cluster-name", name);
  }

  CompletableFuture<Result> begin(Path tree) {
    return begin(tree, PATIENT);
  }

  CompletableFuture<Result> begin(Path tree, Patience patience) {
    String addresses = text();
    return CompletableFuture.supplyAsync(
        () -> checksum(tree, patience, "--cluster", addresses, "--cluster-name", name),
        command -> new Thread(command, "checksum").start());
  }

  static Result checksum(Path tree, Patience patience, String... options) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    ChecksumCommand command =
        new ChecksumCommand(
            out,
            new PrintStream(err, true, UTF_8),
            (addresses, cluster, run) -> ClusterHashing.connect(addresses, cluster, run, patience));
    List<String> words = new ArrayList<>(List.of(options));
    words.add(tree.toString());
    int status = new CommandLine(command).execute(words.toArray(String[]::new));
    return new Result(status, out.toString(UTF_8), err.toString(UTF_8));
  }

  void terminate(ClusterMember member) {
    members.remove(member);
    member.terminate();
  }

  void leave(ClusterMember member) throws InterruptedException {
    members.remove(member);
    member.leave(ShutdownPolicy.drain());
  }

  @Override
  public void close() {
    List.copyOf(members).forEach(this::terminate);
  }
}
