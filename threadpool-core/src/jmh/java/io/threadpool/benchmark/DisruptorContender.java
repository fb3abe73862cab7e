package io.threadpool.benchmark;

import com.lmax.disruptor.IgnoreExceptionHandler;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.WaitStrategy;
import com.lmax.disruptor.WorkHandler;
import com.lmax.disruptor.WorkerPool;
import com.lmax.disruptor.dsl.ProducerType;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/** The Disruptor's worker pool, with a ring that holds the whole row, so that nothing waits. */
final class DisruptorContender implements Contender {

  /** A place in the ring; written by the publisher, read and emptied by the worker. */
  private static final class Slot {
    Runnable task;
  }

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final RingBuffer<Slot> ring;
  private final WorkerPool<Slot> pool;

  DisruptorContender(int workers, ProducerType producers, int capacity, WaitStrategy wait) {
    int size = Math.max(1_024, Integer.highestOneBit(capacity - 1) << 1);
    ring = RingBuffer.create(producers, Slot::new, size, wait);
    WorkHandler<Slot> handler =
        slot -> {
          Runnable task = slot.task;
          slot.task = null;
          task.run();
        };
    @SuppressWarnings({"unchecked", "rawtypes"})
    WorkHandler<Slot>[] handlers = new WorkHandler[workers];
    Arrays.fill(handlers, handler);
    pool = new WorkerPool<>(ring, ring.newBarrier(), new IgnoreExceptionHandler(), handlers);
    ring.addGatingSequences(pool.getWorkerSequences());
    pool.start(threads);
  }

  @Override
  public void execute(Runnable task) {
    long sequence = ring.next();
    try {
      ring.get(sequence).task = task;
    } finally {
      ring.publish(sequence);
    }
  }

  @Override
  public <T> Future<T> submit(Callable<T> task) {
    FutureTask<T> future = new FutureTask<>(task);
    execute(future);
    return future;
  }

  @Override
  public void close() {
    pool.drainAndHalt();
    threads.shutdown();
    ExecutorContender.awaitTermination(threads);
  }
}
