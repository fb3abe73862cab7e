package io.threadpool.examples.cluster;

import com.hazelcast.client.HazelcastClient;
import com.hazelcast.client.config.ClientConfig;
import com.hazelcast.cluster.InitialMembershipEvent;
import com.hazelcast.cluster.InitialMembershipListener;
import com.hazelcast.cluster.Member;
import com.hazelcast.cluster.MembershipEvent;
import com.hazelcast.core.ExecutionCallback;
import com.hazelcast.core.HazelcastInstance;
import io.threadpool.examples.checksum.UnavailableException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The submitter's end: a client of the engine, and the placement that it serves. */
final class ClusterClient implements AutoCloseable {
  /** Twice its workers: one batch in work, one on its way. */
  private static final int CREDITS_A_WORKER = 2;

  /** A stop, and a member that has just come, are noticed sooner than at the next tick. */
  private static final int PARTS = 10;

  private final Placement placement;
  private final Consumer<String> warnings;
  private final Folder folder;
  private final BooleanSupplier stop;
  private final HazelcastInstance engine;
  private final UUID run;
  private final ConcurrentMap<UUID, Seat> seats = new ConcurrentHashMap<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  private ClusterClient(
      ClientConfig config,
      Folder folder,
      int ticks,
      BooleanSupplier stop,
      Consumer<String> warnings) {
    this.folder = folder;
    this.stop = stop;
    this.warnings = warnings;
    this.placement = new Placement(ticks, warnings);
    this.engine = HazelcastClient.newHazelcastClient(config);
    this.run = engine.getLocalEndpoint().getUuid();
  }

  /**
   * Connects, and returns when there is a member that can work.
   *
   * @param addresses of members, one of which has to answer
   * @param clusterName the name of their cluster
   * @param folder what they have to see
   * @param patience how long to wait for each of them
   * @param stop asked at each tick whether to begin nothing more
   * @param warnings gets one line about each member that is left out
   * @throws UnavailableException if there is none, or it was to stop before there was one
   */
  static ClusterClient connect(
      List<InetSocketAddress> addresses,
      String clusterName,
      Folder folder,
      Patience patience,
      BooleanSupplier stop,
      Consumer<String> warnings)
      throws UnavailableException {
    ClientConfig config = Engine.client(addresses, clusterName, patience.silence());
    ClusterClient client = new ClusterClient(config, folder, patience.ticks(), stop, warnings);
    boolean begun = client.begin(patience, addresses.size());
    boolean stopped = stop.getAsBoolean();
    if (begun && !stopped) {
      client.warnOfStrangers(addresses);
      return client;
    }
    client.close();
    if (stopped) {
      throw new UnavailableException(
          "interrupted before a member of cluster '%s' could hash; nothing was written"
              .formatted(clusterName));
    }
    throw new UnavailableException(
        "no member of cluster '%s' that could hash answers at %s within %d s each"
            .formatted(
                clusterName,
                String.join(",", Addresses.text(addresses)),
                patience.silence().toSeconds()));
  }

  /** Whether there is a member that can work; not waited for where the run is to end anyway. */
  private boolean begin(Patience patience, int addresses) {
    engine.getCluster().addMembershipListener(new Members());
    Thread clock = new Thread(() -> tick(patience.tick()), "cluster-clock");
    clock.setDaemon(true);
    clock.start();
    for (int i = 0; i < patience.ticks() * addresses; i++) {
      try {
        placement.begun().get(patience.tick().toMillis(), TimeUnit.MILLISECONDS);
        return true;
      } catch (TimeoutException e) {
        if (stop.getAsBoolean()) {
          return false;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      } catch (ExecutionException e) {
        throw new IllegalStateException("the beginning cannot fail", e);
      }
    }
    return false;
  }

  /** Two members that were not told of each other are two clusters, of which one would idle. */
  private void warnOfStrangers(List<InetSocketAddress> addresses) {
    List<InetSocketAddress> members =
        engine.getCluster().getMembers().stream().map(Member::getSocketAddress).toList();
    for (InetSocketAddress address : addresses) {
      if (!members.contains(address)) {
        warnings.accept(
            "member " + Addresses.text(address) + " is not in the cluster of the others");
      }
    }
  }

  Placement placement() {
    return placement;
  }

  /** Leaves: the members stop to work on what is not settled. */
  @Override
  public void close() {
    closed.countDown();
    engine.shutdown();
  }

  private void join(Member member) {
    String name = Addresses.text(member.getSocketAddress());
    String version = member.getAttribute(Engine.VERSION);
    if (!Wire.VERSION.equals(version)) {
      warnings.accept(
          "member %s is left out: its version is %s, this one's %s"
              .formatted(name, version, Wire.VERSION));
      return;
    }
    int workers = Integer.parseInt(member.getAttribute(Engine.WORKERS));
    Seat seat = new Seat(name, workers * CREDITS_A_WORKER, new MemberLine(member));
    if (seats.putIfAbsent(member.getUuid(), seat) == null) {
      placement.joined(seat);
    }
  }

  private void tick(Duration pause) {
    try {
      long part = pause.dividedBy(PARTS).toMillis();
      for (int i = 1; !closed.await(part, TimeUnit.MILLISECONDS); i++) {
        if (stop.getAsBoolean()) {
          placement.stop();
        }
        if (i % PARTS == 0) {
          placement.tick();
        } else {
          placement.greet();
        }
      }
    } catch (InterruptedException nobodyInterruptsTheClock) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Members implements InitialMembershipListener {
    @Override
    public void init(InitialMembershipEvent event) {
      event.getMembers().forEach(ClusterClient.this::join);
    }

    @Override
    public void memberAdded(MembershipEvent event) {
      join(event.getMember());
    }

    @Override
    public void memberRemoved(MembershipEvent event) {
      Seat seat = seats.remove(event.getMember().getUuid());
      if (seat != null) {
        placement.left(seat);
      }
    }
  }

  /** The engine's way to a member. */
  private final class MemberLine implements Seat.Line {
    private final Member member;

    MemberLine(Member member) {
      this.member = member;
    }

    @Override
    public void send(Seat seat, Job job) {
      submit(
          Engine.BATCHES,
          new HashCall(run, job.files),
          answer -> placement.answered(seat, job, answer),
          cause -> placement.broke(seat, job, cause));
    }

    @Override
    public void ping(Seat seat, boolean stopped) {
      submit(
          Engine.PINGS,
          new PingCall(run, stopped, folder.path(), folder.entries()),
          answer -> placement.pinged(seat, answer),
          cause -> placement.pingBroke(seat, cause));
    }

    private void submit(
        String executor,
        Callable<Answer> call,
        Consumer<Answer> answered,
        Consumer<Throwable> broke) {
      try {
        engine
            .getExecutorService(executor)
            .submitToMember(
                call,
                member,
                new ExecutionCallback<Answer>() {
                  @Override
                  public void onResponse(@Nullable Answer answer) {
                    answered.accept(answer == null ? Answer.absent() : answer);
                  }

                  @Override
                  public void onFailure(Throwable cause) {
                    broke.accept(cause);
                  }
                });
      } catch (RuntimeException notSent) {
        broke.accept(notSent);
      }
    }
  }
}
