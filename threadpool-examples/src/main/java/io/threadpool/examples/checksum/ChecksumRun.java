package io.threadpool.examples.checksum;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.function.BooleanSupplier;

/** Walks a tree, hands its files over in batches, and writes the manifest. */
final class ChecksumRun implements TreeWalk.Sink {
  private final Hashing hashing;
  private final Output output;
  private final Manifest manifest;
  private final Window window;
  private final BooleanSupplier stop;
  private Batch batch;

  /**
   * A run.
   *
   * @param hashing computes the digests
   * @param output gets the manifest
   * @param problems gets what cannot be read
   * @param stop whether to end early
   */
  ChecksumRun(Hashing hashing, Output output, Problems problems, BooleanSupplier stop) {
    this.hashing = hashing;
    this.output = output;
    this.manifest = new Manifest(output);
    this.window = new Window(hashing, manifest, problems);
    this.batch = hashing.newBatch();
    this.stop = stop;
  }

  /**
   * Runs to the end, or until it is to stop: then the files that workers are reading are still
   * finished and written, unless they were dropped; those that nobody has begun are left out.
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
    } catch (OutputException | UnavailableException e) {
      hashing.abort(); // Nobody will take what is in flight.
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
    batch = hashing.newBatch();
  }
}
