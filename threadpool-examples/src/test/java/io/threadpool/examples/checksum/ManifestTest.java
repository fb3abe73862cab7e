package io.threadpool.examples.checksum;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ManifestTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final AtomicLong now = new AtomicLong(-5);
  private final Manifest manifest = new Manifest(Output.toStandardOutput(out), now::get);

  private void add(String name) throws OutputException {
    manifest.add(new byte[32], name.getBytes(UTF_8));
  }

  private long lines() {
    return out.toString(UTF_8).lines().count();
  }

  @Test
  void aLineWaitsForASecond() throws OutputException {
    manifest.flushIfDue();
    now.addAndGet(10 * SECOND);
    add("first");
    now.addAndGet(SECOND - 1);
    add("second");
    manifest.flushIfDue();
    assertEquals(0, lines());
    assertEquals(1, manifest.nanosUntilDue());

    now.incrementAndGet();
    manifest.flushIfDue();
    assertEquals(2, lines());
    assertEquals(SECOND, manifest.nanosUntilDue());
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
