package io.threadpool.examples.checksum;

import io.threadpool.WorkerPool;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.function.BooleanSupplier;

/** Walks a tree, hands its files to a pool in batches, and writes the manifest. */
final class ChecksumRun implements TreeWalk.Sink {
  private final WorkerPool pool;
  private final Output output;
  private final Manifest manifest;
  private final Window window;
  private final BooleanSupplier stop;
  private Batch batch = new Batch();

  /**
   * A run.
   *
   * @param pool computes the digests; its queue has room for {@link Window#MOST_BATCHES}
   * @param output gets the manifest
   * @param problems gets what cannot be read
   * @param tally counts what is done
   * @param stop whether to end early
   */
  ChecksumRun(
      WorkerPool pool, Output output, Problems problems, Tally tally, BooleanSupplier stop) {
    this.pool = pool;
    this.output = output;
    this.manifest = new Manifest(output);
    this.window = new Window(pool, tally, manifest, problems, stop);
    this.stop = stop;
  }

  /**
   * Runs to the end, or until it is to stop: then the files that workers are reading are still
   * finished and written, unless the pool was aborted; those that nobody has begun are left out.
   *
   * @param root the folder
   * @param name its name as it was given
   */
  void run(Path root, byte[] name) throws IOException {
    try {
      TreeWalk.walk(root, name, this);
      if (!batch.isEmpty() && !stop.getAsBoolean()) {
        window.add(batch);
      }
      window.deliverAll();
    } catch (OutputException e) {
      pool.shutdownNow(); // Nobody will take what is in flight.
      throw e;
    } catch (LostException e) {
      if (!stop.getAsBoolean()) {
        throw new IllegalStateException("a task of the pool failed", e);
      }
      manifest.flush();
      window.deliverRemains();
    } finally {
      manifest.flush();
    }
  }

  @Override
  public boolean goesOn() throws IOException {
    window.deliverFinished();
    return !stop.getAsBoolean();
  }

  @Override
  public void file(byte[] name, Path path, BasicFileAttributes attributes) throws IOException {
    if (!output.isSame(path, attributes)) {
      add(new Item.Found(name, path, attributes));
    }
  }

  @Override
  public void unreadable(byte[] name, IOException failure) throws IOException {
    add(new Item.Unreadable(name, Problem.of(failure)));
  }

  private void add(Item item) throws IOException {
    if (!batch.fits(item)) {
      handOver();
    }
    batch.add(item);
    if (batch.isFull()) {
      handOver();
    }
  }

  private void handOver() throws IOException {
    window.add(batch);
    batch = new Batch();
  }
}
