package io.threadpool.examples.checksum;

import io.threadpool.WorkerPool;
import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayDeque;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;

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
  private final ArrayDeque<InFlight> batches = new ArrayDeque<>();

  Window(WorkerPool pool, Tally tally, Manifest manifest, Problems problems) {
    this.pool = pool;
    this.hasher = ThreadLocal.withInitial(() -> new FileHasher(tally));
    this.tally = tally;
    this.manifest = manifest;
    this.problems = problems;
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
    for (InFlight first = batches.peek(); first != null && first.future().isDone(); ) {
      deliverFirst();
      first = batches.peek();
    }
  }

  /** Waits for every batch and writes it. */
  void deliverAll() throws OutputException, LostException {
    while (!batches.isEmpty()) {
      deliverFirst();
    }
  }

  private void deliverFirst() throws OutputException, LostException {
    InFlight first = batches.remove();
    try {
      first.future().get();
    } catch (ExecutionException | CancellationException | InterruptedException e) {
      throw new LostException(e);
    }
    first.batch().deliver(manifest, problems);
  }

  private Void compute(Batch batch) throws ClosedByInterruptException {
    batch.compute(hasher.get(), tally);
    return null;
  }
}
