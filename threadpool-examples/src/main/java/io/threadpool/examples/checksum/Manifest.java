package io.threadpool.examples.checksum;

import java.io.ByteArrayOutputStream;

/**
 * The manifest, gathered into pieces of whole lines.
 *
 * <p>A piece has at most 4,096 bytes (a longer line is a piece of its own), which is what Linux
 * writes to a pipe either whole or not at all. So a reader sees no half line even if this process
 * is ended while it waits for that reader.
 */
final class Manifest {
  private static final int PIECE_BYTES = 4096;

  private final Output output;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream(PIECE_BYTES);
  private final ByteArrayOutputStream piece = new ByteArrayOutputStream(PIECE_BYTES);

  Manifest(Output output) {
    this.output = output;
  }

  void add(byte[] digest, byte[] name) throws OutputException {
    line.reset();
    ManifestFormat.appendLine(line, digest, name);
    if (piece.size() + line.size() > PIECE_BYTES) {
      flush();
    }
    piece.writeBytes(line.toByteArray());
  }

  /** Writes what is gathered, so that a kill does not lose what is done. */
  void flush() throws OutputException {
    if (piece.size() > 0) {
      byte[] bytes = piece.toByteArray();
      piece.reset();
      output.write(bytes, bytes.length);
    }
  }
}
