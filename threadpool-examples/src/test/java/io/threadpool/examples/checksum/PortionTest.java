package io.threadpool.examples.checksum;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PortionTest {
  private record Sized(long size, byte[] name) implements Item {
    @Override
    public void compute(FileHasher hasher, Tally tally) {}

    @Override
    public void deliver(Manifest manifest, Problems problems) {}
  }

  /** By number, by content, by names. */
  @ParameterizedTest
  @CsvSource({"0, 1, 64", "1048576, 1, 1", "524288, 1, 2", "0, 16384, 1", "0, 4096, 4"})
  void isFullAfter(long size, int nameLength, int items) {
    Portion portion = new Portion();
    assertTrue(portion.isEmpty());
    int added = 0;
    while (!portion.isFull()) {
      portion.add(new Sized(size, new byte[nameLength]));
      added++;
    }
    assertEquals(items, added);
  }

  @ParameterizedTest
  @CsvSource({"1048575, true", "1048576, false", "9223372036854775806, false"})
  void aSmallFileDoesNotWaitForALargeOne(long size, boolean fits) {
    Portion portion = new Portion();
    Item item = new Sized(size, new byte[1]);
    assertTrue(portion.fits(item));
    portion.add(new Sized(1, new byte[1]));
    assertEquals(fits, portion.fits(item));
  }
}
