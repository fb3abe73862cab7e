package io.threadpool.examples.checksum;

import io.threadpool.WorkerPool;
import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayDeque;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/**
 * The batches in flight, in the order of the walk. One thread adds to it and, when it is full,
 * waits for the oldest: so the walk never runs ahead of the workers by more than {@link
 * #MOST_BATCHES}, and the manifest gets the order of the walk.
 */
final class Window {
  /**
   * A batch takes some 50 KiB at most. Many, since a large file at the front holds the rest up: the
   * other workers have at least this many megabytes of work ahead of them meanwhile.
   */
  static final int MOST_BATCHES = 256;

  private record InFlight(Batch batch, Future<?> future) {}

  private final WorkerPool pool;
  private final ThreadLocal<FileHasher> hasher;
  private final Tally tally;
  private final Manifest manifest;
  private final Problems problems;
  private final BooleanSupplier stop;
  private final ArrayDeque<InFlight> batches = new ArrayDeque<>();

  /**
   * An empty window.
   *
   * @param stop asked before each file whether to leave it unread
   */
  Window(WorkerPool pool, Tally tally, Manifest manifest, Problems problems, BooleanSupplier stop) {
    this.pool = pool;
    this.hasher = ThreadLocal.withInitial(() -> new FileHasher(tally));
    this.tally = tally;
    this.manifest = manifest;
    this.problems = problems;
    this.stop = stop;
  }

  /**
   * Hands a batch to the pool, and writes what has finished.
   *
   * @throws LostException if the pool was aborted
   */
  void add(Batch batch) throws OutputException, LostException {
    if (batches.size() == MOST_BATCHES) {
      deliverFirst();
    }
    try {
      batches.add(new InFlight(batch, pool.submit(() -> compute(batch))));
    } catch (RejectedExecutionException e) {
      throw new LostException(e);
    }
    deliverFinished();
  }

  /** Writes what has finished, without waiting; to be called now and then. */
  void deliverFinished() throws OutputException, LostException {
    for (InFlight first = batches.peek(); first != null && first.future().isDone(); ) {
      deliverFirst();
      first = batches.peek();
    }
    manifest.flushIfDue();
  }

  /** Waits for every batch and writes it. */
  void deliverAll() throws OutputException, LostException {
    while (!batches.isEmpty()) {
      deliverFirst();
    }
  }

  /** Writes what an aborted pool has finished, wherever it stands. */
  void deliverRemains() throws OutputException {
    while (!batches.isEmpty()) {
      try {
        deliverFirst();
      } catch (LostException dropped) {
        // The next may have been finished.
      }
    }
  }

  private void deliverFirst() throws OutputException, LostException {
    InFlight first = batches.remove();
    try {
      while (!hasEnded(first.future())) {
        manifest.flush();
      }
    } catch (ExecutionException | CancellationException | InterruptedException e) {
      throw new LostException(e);
    }
    first.batch().deliver(manifest, problems);
  }

  /** Waits for as long as the manifest may wait. */
  private boolean hasEnded(Future<?> future) throws ExecutionException, InterruptedException {
    try {
      future.get(manifest.nanosUntilDue(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    }
  }

  private Void compute(Batch batch) throws ClosedByInterruptException {
    batch.compute(hasher.get(), tally, stop);
    return null;
  }
}
