package io.threadpool.examples.cluster;

import static org.awaitility.Awaitility.await;

import io.threadpool.ShutdownPolicy;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

/** Members in this JVM, on free ports of 127.0.0.1 and under a name of their own. */
final class TestCluster implements AutoCloseable {
  /** Nobody is silent only because a thread is kept off its processor. */
  static final Patience PATIENT = new Patience(Duration.ofMillis(50), 1200);

  final String name = "test-" + UUID.randomUUID();
  final List<ClusterMember> members = new ArrayList<>();
  final List<String> warnings = new CopyOnWriteArrayList<>();

  ClusterMember start() {
    return start(Wire.VERSION);
  }

  ClusterMember start(String version) {
    InetSocketAddress any = new InetSocketAddress("127.0.0.1", 0);
    ClusterMember member =
        ClusterMember.start(new MemberOptions(any, addresses(), 2, name, version));
    members.add(member);
    await().atMost(Duration.ofMinutes(1)).until(() -> member.members() == members.size());
    return member;
  }

  List<InetSocketAddress> addresses() {
    return members.stream().map(ClusterMember::address).toList();
  }

  ClusterClient connect(Folder folder) throws NoMembersException, InterruptedException {
    return connect(folder, PATIENT);
  }

  ClusterClient connect(Folder folder, Patience patience)
      throws NoMembersException, InterruptedException {
    return ClusterClient.connect(addresses(), name, folder, patience, warnings::add);
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
