package io.threadpool;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** Does what comes before the first pool; or has one, and all that most pools do, to the end. */
final class LinkedProgram {

  private LinkedProgram() {}

  public static void main(String[] args) throws Exception {
    if (args.length == 0) {
      Rehearsal.once();
      return;
    }
    WorkerPool pool = WorkerPool.fixed(2);
    System.out.println("built");
    CountDownLatch begun = new CountDownLatch(2);
    Task<?> first = pool.submit(() -> await(begun));
    Task<?> second = pool.submit(() -> await(begun));
    begun.await();
    pool.submit(() -> {}).cancel(false);
    first.cancel(true);
    pool.submit(() -> "result").get();
    pool.schedule(() -> {}, Duration.ofMillis(1)).toCompletableFuture().get();
    pool.shutdownNow();
    pool.awaitTermination(Duration.ofSeconds(20));
    System.out.println(second.isDone() ? "ended" : "hangs");
  }

  private static Object await(CountDownLatch begun) throws InterruptedException {
    begun.countDown();
    new CountDownLatch(1).await();
    return begun;
  }
}
