package io.threadpool.contract;

import ch.qos.logback.classic.Level;
import io.threadpool.Task;
import io.threadpool.WorkerPool;
import io.threadpool.WorkerPoolBuilder;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.slf4j.LoggerFactory;

/** Code of a user's that a pool calls on the way to its end, and that does not come back. */
enum Place {
  /** A stage of a task that is aborted blocks. */
  STAGE {
    @Override
    void queue(Scene scene) {
      scene.queueBlockingStage();
    }
  },
  /** So do stages of more tasks than a few threads can be blocked in. */
  MANY_STAGES {
    @Override
    void queue(Scene scene) {
      for (int i = 0; i < 9; i++) {
        scene.queueBlockingStage();
      }
    }
  },
  /** A stage throws what blocks when it is printed, as the JDK does amid its stages. */
  FAILURE_OF_A_STAGE {
    @Override
    void queue(Scene scene) {
      Task<Integer> task = scene.pool.submit(() -> 1);
      task.handle(
          (x, e) -> {
            throw new Hostile(scene.stay);
          });
      scene.queued.add(task);
    }
  },
  /** The {@code cancel} of a raw command that is a future blocks. */
  CANCEL_OF_A_FUTURE {
    @Override
    void queue(Scene scene) {
      scene.pool.execute(
          new FutureTask<Integer>(() -> 1) {
            @Override
            public boolean cancel(boolean mayInterruptIfRunning) {
              scene.stay.run();
              return super.cancel(mayInterruptIfRunning);
            }
          });
    }
  },
  /** What such a future does when it is cancelled blocks. */
  DONE_OF_A_FUTURE {
    @Override
    void queue(Scene scene) {
      scene.pool.execute(
          new FutureTask<Integer>(() -> 1) {
            @Override
            protected void done() {
              scene.stay.run();
            }
          });
    }
  },
  /** The {@code cancel} of such a future throws what blocks when it is printed. */
  FAILURE_OF_A_CANCEL {
    @Override
    void queue(Scene scene) {
      scene.log = BlockedLog.unlocked(Level.WARN, event -> {});
      scene.pool.execute(
          new FutureTask<Integer>(() -> 1) {
            @Override
            public boolean cancel(boolean mayInterruptIfRunning) {
              throw new Hostile(scene.stay);
            }
          });
    }
  },
  /** The interrupt closes the channel that a body is blocked in, which blocks. */
  CLOSE_OF_A_CHANNEL {
    @Override
    int run(Scene scene) throws InterruptedException {
      SlowToClose channel = new SlowToClose(scene.stay);
      scene.pool.submit(channel::read);
      Held.await(channel.reading, "reading");
      return 1;
    }
  },
  /** The interrupt of one of the factory's threads blocks. */
  INTERRUPT {
    @Override
    void configure(Scene scene, WorkerPoolBuilder builder) {
      AtomicBoolean first = new AtomicBoolean(true);
      builder.threadFactory(
          body -> daemon(new Own(body, first.getAndSet(false) ? scene.stay : () -> {})));
    }

    @Override
    boolean isInterruptible(Thread thread) {
      return !(((Own) thread).onInterrupt instanceof Held);
    }
  },
  /** The interrupt of each of the factory's threads blocks. */
  EACH_INTERRUPT {
    @Override
    void configure(Scene scene, WorkerPoolBuilder builder) {
      builder.threadFactory(body -> daemon(new Own(body, scene.stay)));
    }

    @Override
    boolean isInterruptible(Thread thread) {
      return false;
    }
  },
  /** The interrupt of each of the factory's threads throws, when it has been delivered. */
  INTERRUPT_THAT_THROWS {
    @Override
    void configure(Scene scene, WorkerPoolBuilder builder) {
      builder.threadFactory(
          body ->
              daemon(
                  new Thread(body) {
                    @Override
                    public void interrupt() {
                      super.interrupt();
                      throw new LinkageError("interrupt");
                    }
                  }));
    }
  },
  /** The interrupt of each of the factory's threads throws what blocks when it is printed. */
  FAILURE_OF_AN_INTERRUPT {
    @Override
    void configure(Scene scene, WorkerPoolBuilder builder) {
      scene.log = BlockedLog.unlocked(Level.WARN, event -> {});
      builder.threadFactory(
          body ->
              daemon(
                  new Thread(body) {
                    @Override
                    public void interrupt() {
                      super.interrupt();
                      throw new Hostile(scene.stay);
                    }
                  }));
    }
  },
  /** The interrupt of a thread that is no worker and runs a task of the pool blocks. */
  INTERRUPT_OF_A_GUEST {
    @Override
    void queue(Scene scene) throws InterruptedException {
      Held held = scene.pools.held();
      Task<?> task = scene.pool.submit(held);
      daemon(new Own(task, scene.stay)).start();
      held.awaitStarted();
    }
  },
  /** The handler of what raw commands throw blocks. */
  HANDLER {
    @Override
    void configure(Scene scene, WorkerPoolBuilder builder) {
      builder.daemon(true).uncaughtHandler((thread, thrown) -> scene.stay.run());
    }

    @Override
    int run(Scene scene) throws InterruptedException {
      scene.pool.execute(
          () -> {
            throw new IllegalStateException("raw");
          });
      scene.stay.awaitStarted();
      return 1;
    }
  },
  /** A body throws what blocks when it is printed. */
  FAILURE_OF_A_BODY {
    @Override
    int run(Scene scene) {
      Task<?> task =
          scene.pool.submit(
              () -> {
                throw new Hostile(scene.stay);
              });
      TestPools.eventually().until(() -> scene.stay.hasStarted() || task.isDone());
      return scene.stay.hasStarted() ? 1 : 0;
    }
  },
  /** The log does not take the warning about a stuck task. */
  LOG_OF_WHAT_IS_STUCK {
    @Override
    int run(Scene scene) throws InterruptedException {
      scene.log = BlockedLog.locked(Level.WARN, event -> scene.stay.run());
      return scene.runDeaf();
    }
  },
  /** The log does not take the lines about the shutdown. */
  LOG_OF_THE_SHUTDOWN {
    @Override
    int run(Scene scene) {
      scene.log =
          BlockedLog.unlocked(
              Level.DEBUG,
              event -> {
                if (event.getMessage().startsWith("Shutting down")) {
                  scene.stay.run();
                }
              });
      return 0;
    }
  },
  /** A body is inside the log, which takes nothing more. */
  LOG_AROUND_A_BODY {
    @Override
    int run(Scene scene) throws InterruptedException {
      scene.log = BlockedLog.locked(Level.WARN, event -> scene.stay.run());
      scene.pool.execute(
          () -> LoggerFactory.getLogger("io.threadpool.WorkerPool").warn("a line of its own"));
      scene.stay.awaitStarted();
      return 1;
    }
  },
  /** The log throws. */
  LOG_THAT_THROWS {
    @Override
    int run(Scene scene) throws InterruptedException {
      scene.log =
          BlockedLog.locked(
              Level.WARN,
              event -> {
                throw new LinkageError("log");
              });
      return scene.runDeaf();
    }
  };

  /** The workers of the scene's pool. */
  static final int SIZE = 3;

  static final Duration GRACE = Duration.ofMillis(50);

  /** Configures the pool; its threads are to be daemons. */
  void configure(Scene scene, WorkerPoolBuilder builder) {
    builder.daemon(true);
  }

  /** Submits what has to run, before the workers are busy; returns how many workers it holds. */
  int run(Scene scene) throws InterruptedException {
    return 0;
  }

  /** Submits what has to be queued, before anything else is. */
  void queue(Scene scene) throws InterruptedException {}

  /** Whether an interrupt of this worker comes back. */
  boolean isInterruptible(Thread thread) {
    return true;
  }

  private static Thread daemon(Thread thread) {
    thread.setDaemon(true);
    return thread;
  }

  /** A thread that does something before it is interrupted. */
  static final class Own extends Thread {
    final Runnable onInterrupt;

    Own(Runnable body, Runnable onInterrupt) {
      super(body, "own");
      this.onInterrupt = onInterrupt;
    }

    @Override
    public void interrupt() {
      onInterrupt.run();
      super.interrupt();
    }
  }

  /** An exception that does not come back from being printed. */
  static final class Hostile extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Held stay;

    Hostile(Held stay) {
      this.stay = stay;
    }

    @Override
    public String toString() {
      stay.run();
      return "hostile";
    }

    @Override
    public String getMessage() {
      stay.run();
      return "hostile";
    }
  }

  /** A channel whose close, which an interrupt calls, waits for its peer. */
  private static final class SlowToClose extends AbstractInterruptibleChannel {
    final CountDownLatch reading = new CountDownLatch(1);
    private final Held peer;

    SlowToClose(Held peer) {
      this.peer = peer;
    }

    Object read() throws Exception {
      boolean completed = false;
      begin();
      try {
        reading.countDown();
        while (!Thread.currentThread().isInterrupted()) {
          Thread.onSpinWait();
        }
        completed = true;
      } finally {
        end(completed);
      }
      return null;
    }

    @Override
    protected void implCloseChannel() {
      peer.run();
    }
  }

  /**
   * A pool on whose way to its end such code stands, with bodies and tasks that it is not to hurt.
   */
  static final class Scene {
    final TestPools pools;
    final Place place;

    /** Where the code stays until it is released, whoever interrupts it. */
    final Held stay;

    /** What runs on the other workers and ends when it is interrupted. */
    final List<Held> others = new ArrayList<>();

    /** Handles that an abort settles. */
    final List<Task<?>> queued = new ArrayList<>();

    WorkerPool pool;
    Held deaf;
    BlockedLog log;

    private Scene(TestPools pools, Place place) {
      this.pools = pools;
      this.place = place;
      stay = pools.deaf();
    }

    static Scene of(TestPools pools, Place place, UnaryOperator<WorkerPoolBuilder> settings)
        throws InterruptedException {
      Scene scene = new Scene(pools, place);
      WorkerPoolBuilder builder = settings.apply(WorkerPool.builder().size(SIZE).abortGrace(GRACE));
      place.configure(scene, builder);
      scene.pool = pools.build(builder);
      for (int busy = place.run(scene); busy < SIZE; busy++) {
        Held held = pools.held();
        if (busy == 1) {
          scene.pool.execute(held);
        } else {
          scene.pool.submit(held);
        }
        scene.others.add(held.awaitStarted());
      }
      place.queue(scene);
      for (int i = 0; i < 3; i++) {
        scene.queued.add(scene.pool.submit(() -> 1));
        scene.pool.execute(() -> {});
      }
      return scene;
    }

    private void queueBlockingStage() {
      Task<Integer> task = pool.submit(() -> 1);
      task.whenComplete((x, e) -> stay.run());
      queued.add(task);
    }

    private int runDeaf() throws InterruptedException {
      deaf = pools.deaf();
      pool.execute(deaf);
      deaf.awaitStarted();
      return 1;
    }

    /** Lets all come back. */
    void end() {
      pools.releaseAll();
      if (log != null) {
        log.close();
      }
    }
  }
}
