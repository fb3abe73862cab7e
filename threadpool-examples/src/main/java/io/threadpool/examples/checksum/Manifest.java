package io.threadpool.examples.checksum;

import java.io.ByteArrayOutputStream;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The manifest, gathered into pieces of whole lines.
 *
 * <p>A piece has at most 4,096 bytes (a longer line is a piece of its own), which is what Linux
 * writes to a pipe either whole or not at all. So a reader sees no half line even if this process
 * is ended while it waits for that reader.
 *
 * <p>A line waits for its piece to fill for a second at most, so that a kill does not lose what has
 * long been done, as long as {@link #flushIfDue} is called now and then.
 */
final class Manifest {
  private static final int PIECE_BYTES = 4096;
  private static final long LONGEST_WAIT = TimeUnit.SECONDS.toNanos(1);

  private final Output output;
  private final LongSupplier nanoTime;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream(PIECE_BYTES);
  private final ByteArrayOutputStream piece = new ByteArrayOutputStream(PIECE_BYTES);

  /** When the first line of the piece came. */
  private long begun;

  Manifest(Output output) {
    this(output, System::nanoTime);
  }

  Manifest(Output output, LongSupplier nanoTime) {
    this.output = output;
    this.nanoTime = nanoTime;
  }

  void add(byte[] digest, byte[] name) throws OutputException {
    line.reset();
    ManifestFormat.appendLine(line, digest, name);
    if (piece.size() + line.size() > PIECE_BYTES) {
      flush();
    }
    if (piece.size() == 0) {
      begun = nanoTime.getAsLong();
    }
    piece.writeBytes(line.toByteArray());
  }

  /** How long what is gathered may still wait, in nanoseconds; a second when nothing is. */
  long nanosUntilDue() {
    return piece.size() == 0 ? LONGEST_WAIT : begun + LONGEST_WAIT - nanoTime.getAsLong();
  }

  /** Writes what has waited for a second. */
  void flushIfDue() throws OutputException {
    if (nanosUntilDue() <= 0) {
      flush();
    }
  }

  void flush() throws OutputException {
    if (piece.size() > 0) {
      byte[] bytes = piece.toByteArray();
      piece.reset();
      output.write(bytes, bytes.length);
    }
  }
}
