package io.threadpool.examples.checksum;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Walks a tree, has its files hashed in portions, and writes the manifest. */
final class ChecksumRun implements TreeWalk.Sink {
  /** A walk that finds nothing for so long does not hold up what is hashed already. */
  private static final long LONGEST_WALK = TimeUnit.SECONDS.toNanos(1);

  /** Nor for longer than this, for as long after that as it took. */
  private static final long SHORT_WALK = TimeUnit.MILLISECONDS.toNanos(1);

  private final Hashing hashing;
  private final Output output;
  private final Manifest manifest;
  private final Problems problems;
  private final BooleanSupplier stop;

  /** What the walk has found, and nobody has taken yet. */
  private final Queue<Portion> full = new ArrayDeque<>();

  private Portion portion;

  /** When a walk last took longest; nanoTime. */
  private long tookLongest = System.nanoTime() - LONGEST_WALK;

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
    this.problems = problems;
    this.portion = hashing.newPortion();
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
    try (TreeWalk walk = new TreeWalk(root, name, this)) {
      write(portions(walk));
    }
  }

  /** Has the portions hashed, and writes each as soon as it and those before it are done. */
  void write(Iterator<Portion> found) throws IOException {
    try {
      Iterator<Portion> hashed = hashing.hash(found);
      while (hashed.hasNext()) {
        writeNext(hashed);
      }
    } catch (OutputException | UnavailableException e) {
      hashing.abort(); // Nobody will take what is in flight.
      throw e;
    }
  }

  private void writeNext(Iterator<Portion> hashed) throws IOException {
    try {
      hashed.next().deliver(manifest, problems);
      manifest.flush();
    } catch (CancellationException | CompletionException | RejectedExecutionException lost) {
      if (lost.getCause() instanceof UnavailableException nobody) {
        throw nobody;
      }
      if (lost.getCause() instanceof InterruptedException) {
        throw lost; // It is in the results still, and so would be the next time.
      }
      if (!stop.getAsBoolean()) {
        throw new IllegalStateException("a task of the pool failed", lost);
      }
      // It was dropped; the next may have been finished.
    }
  }

  /** What the walk finds, as far as it is asked for. */
  private Iterator<Portion> portions(TreeWalk walk) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        long begun = System.nanoTime();
        boolean brief = begun - tookLongest < LONGEST_WALK;
        boolean more = true;
        while (full.isEmpty() && more && !stop.getAsBoolean()) {
          more = walk.advance();
          if (more && System.nanoTime() - begun > (brief ? SHORT_WALK : LONGEST_WALK)) {
            tookLongest = brief ? tookLongest : System.nanoTime();
            handOver();
          } else if (!more && !portion.isEmpty()) {
            handOver();
          }
        }
        return !full.isEmpty();
      }

      @Override
      public Portion next() {
        return full.remove();
      }
    };
  }

  @Override
  public void file(byte[] name, Path path, BasicFileAttributes attributes) {
    if (!output.isSame(path, attributes)) {
      add(new Item.Found(name, path, attributes));
    }
  }

  @Override
  public void unreadable(byte[] name, IOException failure) {
    add(new Item.Unreadable(name, Problem.of(failure)));
  }

  private void add(Item item) {
    if (!portion.fits(item)) {
      handOver();
    }
    portion.add(item);
    if (portion.isFull()) {
      handOver();
    }
  }

  private void handOver() {
    full.add(portion);
    portion = hashing.newPortion();
  }
}
