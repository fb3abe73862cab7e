package io.threadpool.examples.checksum;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The batches in flight, in the order of the walk. One thread adds to it and, when it is full,
 * waits for the oldest: so the walk never runs ahead of the workers by more than a window, and the
 * manifest gets the order of the walk.
 */
final class Window {
  private record InFlight(Batch batch, Future<?> future) {}

  private final Hashing hashing;
  private final Manifest manifest;
  private final Problems problems;
  private final ArrayDeque<InFlight> batches = new ArrayDeque<>();

  Window(Hashing hashing, Manifest manifest, Problems problems) {
    this.hashing = hashing;
    this.manifest = manifest;
    this.problems = problems;
  }

  /**
   * Hands a batch over, and writes what has finished.
   *
   * @throws LostException if it was aborted
   */
  void add(Batch batch) throws IOException {
    if (batches.size() >= hashing.window()) {
      deliverFirst();
    }
    try {
      batches.add(new InFlight(batch, hashing.submit(batch)));
    } catch (RejectedExecutionException e) {
      throw new LostException(e);
    }
    deliverFinished();
  }

  /** Writes what has finished, without waiting; to be called now and then. */
  void deliverFinished() throws IOException {
    for (InFlight first = batches.peek(); first != null && first.future().isDone(); ) {
      deliverFirst();
      first = batches.peek();
    }
    manifest.flushIfDue();
  }

  /** Waits for every batch and writes it. */
  void deliverAll() throws IOException {
    while (!batches.isEmpty()) {
      deliverFirst();
    }
  }

  /** Writes what was finished before an abort, wherever it stands. */
  void deliverRemains() throws IOException {
    while (!batches.isEmpty()) {
      try {
        deliverFirst();
      } catch (LostException dropped) {
        // The next may have been finished.
      }
    }
  }

  private void deliverFirst() throws IOException {
    InFlight first = batches.remove();
    try {
      while (!hasEnded(first.future())) {
        manifest.flush();
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof UnavailableException nobody ? nobody : new LostException(e);
    } catch (CancellationException | InterruptedException e) {
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
}
