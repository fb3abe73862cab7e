package consumer;

import io.threadpool.SaturationPolicy;
import io.threadpool.ShutdownPolicy;
import io.threadpool.Task;
import io.threadpool.WorkerPool;
import java.time.Duration;

/** The README's second sample. */
final class Configured {

  private Configured() {}

  static void run() throws InterruptedException {
    WorkerPool pool =
        WorkerPool.builder()
            .size(8)
            .name("mail") // workers are mail-0 ... mail-7
            .queueCapacity(10_000)
            .saturationPolicy(SaturationPolicy.block(Duration.ofSeconds(1)))
            .shutdownPolicy(ShutdownPolicy.drainFor(Duration.ofSeconds(20)))
            .onJvmExit(ShutdownPolicy.drainFor(Duration.ofSeconds(10)))
            .build();
    Task<String> task = pool.submit(() -> "sent");
    if (task.cancel(true)) { // a queued task never runs; a running one is interrupted
      task.awaitStopped(Duration.ofSeconds(1)); // its body has left the worker
    }
    pool.close();
    System.out.println(pool.report().orElseThrow());
  }
}
