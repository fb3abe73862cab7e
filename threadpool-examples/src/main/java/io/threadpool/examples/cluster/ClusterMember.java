package io.threadpool.examples.cluster;

import com.hazelcast.client.Client;
import com.hazelcast.client.ClientListener;
import com.hazelcast.config.Config;
import com.hazelcast.config.ListenerConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastException;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.LifecycleEvent;
import com.hazelcast.core.LifecycleEvent.LifecycleState;
import com.hazelcast.executor.LocalExecutorStats;
import io.threadpool.ShutdownPolicy;
import io.threadpool.WorkerPool;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A member: a pool, and the engine that brings batches to it. */
final class ClusterMember {
  /**
   * A submitter that does not listen is not waited for longer than this. One that does has all
   * within milliseconds, unless its machine is too busy, and what it has not got is hashed twice.
   */
  private static final Duration FAREWELL = Duration.ofSeconds(30);

  private static final long POLL_MILLIS = 10;

  private final HazelcastInstance engine;
  final MemberWork work;
  private final CountDownLatch ended = new CountDownLatch(1);

  private ClusterMember(HazelcastInstance engine, MemberWork work) {
    this.engine = engine;
    this.work = work;
    engine.getLifecycleService().addLifecycleListener(this::changed);
  }

  /**
   * Starts a member, and returns when it can be given batches.
   *
   * @throws HazelcastException if it cannot listen
   */
  static ClusterMember start(MemberOptions options) {
    return start(options, MemberWork.ofFiles());
  }

  static ClusterMember start(MemberOptions options, MemberWork.Digests digests) {
    WorkerPool pool = WorkerPool.builder().size(options.workers()).name("member").build();
    MemberWork work = new MemberWork(pool, digests);
    Config config = Engine.member(options, work);
    config.addListenerConfig(new ListenerConfig(new Submitters(work)));
    try {
      return new ClusterMember(Hazelcast.newHazelcastInstance(config), work);
    } catch (RuntimeException e) {
      pool.close();
      throw e;
    }
  }

  InetSocketAddress address() {
    return engine.getCluster().getLocalMember().getSocketAddress();
  }

  /** The members that this one sees, with itself. */
  int members() {
    return engine.getCluster().getMembers().size();
  }

  /**
   * Leaves without costing anybody anything: takes no more batches, ends those it has, waits until
   * each submitter knows that it leaves, and then until their outcomes have arrived there.
   *
   * @param policy what to do with the batches it has
   */
  void leave(ShutdownPolicy policy) throws InterruptedException {
    work.drain(policy);
    long start = System.nanoTime();
    waitFor(() -> work.isKnownToDrain() && held() == 0, start);
    work.sayItAgain(); // Behind the outcomes: who has heard that has those, too.
    waitFor(work::isKnownToDrain, start);
    engine.shutdown();
  }

  /** Leaves as a process does that is killed. */
  void terminate() {
    engine.getLifecycleService().terminate();
    work.drain(ShutdownPolicy.abort());
  }

  private void changed(LifecycleEvent event) {
    if (event.getState() == LifecycleState.SHUTDOWN) {
      ended.countDown();
    }
  }

  /** How many batches it has been sent and has not answered. */
  long held() {
    LocalExecutorStats stats = engine.getExecutorService(Engine.BATCHES).getLocalExecutorStats();
    return stats.getPendingTaskCount()
        + stats.getStartedTaskCount()
        - stats.getCompletedTaskCount();
  }

  /** Waits for that, no longer than a farewell takes that began then. */
  private static void waitFor(BooleanSupplier condition, long start) throws InterruptedException {
    while (!condition.getAsBoolean() && System.nanoTime() - start < FAREWELL.toNanos()) {
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
  }

  /** Waits until the engine has ended. */
  void awaitEnd() throws InterruptedException {
    ended.await();
  }

  /** What was done, in one line. */
  String report() {
    return work.toString();
  }

  /** Ends the runs of submitters that leave, or are lost. */
  private record Submitters(MemberWork work) implements ClientListener {
    @Override
    public void clientConnected(Client client) {
      work.open(client.getUuid());
    }

    @Override
    public void clientDisconnected(Client client) {
      work.close(client.getUuid());
    }
  }
}
