package io.threadpool.examples.checksum;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import org.junit.jupiter.api.Test;

class ManifestTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final Manifest manifest = new Manifest(Output.toStandardOutput(out));

  private void add(String name) throws OutputException {
    manifest.add(new byte[32], name.getBytes(UTF_8));
  }

  private long lines() {
    return out.toString(UTF_8).lines().count();
  }

  @Test
  void aPieceIsWrittenWhenItIsFull() throws OutputException {
    for (int i = 0; i < 60; i++) {
      add("name"); // 71 bytes a line, so 57 are a piece.
    }
    assertEquals(57, lines());
    manifest.flush();
    assertEquals(60, lines());
  }
}
