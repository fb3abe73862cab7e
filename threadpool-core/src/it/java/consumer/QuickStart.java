package consumer;

import io.threadpool.Task;
import io.threadpool.WorkerPool;
import java.util.concurrent.CompletableFuture;

/** The README's first sample. */
final class QuickStart {

  private QuickStart() {}

  static void run() {
    try (WorkerPool pool = WorkerPool.fixed(4)) {
      pool.execute(() -> System.out.println("no handle: what this throws reaches a handler"));
      Task<Integer> answer = pool.submit(() -> 6 * 7);
      CompletableFuture<Integer> next = answer.thenApplyAsync(n -> n + 1); // on the same pool
      System.out.println(answer.join());
      System.out.println(next.join());
    } // closed, drained, every worker has left
  }
}
