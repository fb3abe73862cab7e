package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.internal.Histogram;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Percentiles from counts in buckets, beside exact ones. */
class LatenciesTest {

  private static Latencies of(long... nanos) {
    Histogram histogram = new Histogram();
    Arrays.stream(nanos).forEach(n -> histogram.count(n, 1));
    return Latencies.of(histogram);
  }

  /** Within the error that the javadoc tells. */
  private static void assertAbout(long exact, Duration told) {
    long error = Math.abs(told.toNanos() - exact);
    assertTrue(error <= exact / 32, () -> told + " for " + exact + " ns");
  }

  @Property
  void eachFigureIsThatOfADurationWithinA32nd(
      @ForAll @Size(min = 1, max = 2_000) List<@LongRange(max = Long.MAX_VALUE) Long> nanos) {
    long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
    Latencies latencies = of(sorted);
    assertEquals(sorted.length, latencies.count());
    assertAbout(ranked(sorted, 500), latencies.p50());
    assertAbout(ranked(sorted, 900), latencies.p90());
    assertAbout(ranked(sorted, 990), latencies.p99());
    assertAbout(ranked(sorted, 999), latencies.p999());
    assertAbout(sorted[sorted.length - 1], latencies.max());
  }

  /** The shortest that so many in a thousand do not exceed. */
  static long ranked(long[] sorted, int perMille) {
    return sorted[(int) (((long) sorted.length * perMille + 999) / 1_000) - 1];
  }

  @Test
  void shortDurationsAreExact() {
    for (long nanos = 0; nanos < 32; nanos++) {
      assertEquals(Duration.ofNanos(nanos), of(nanos).max());
    }
  }

  @Test
  void nothingIsZero() {
    Latencies none = of();
    assertEquals(0, none.count());
    assertEquals(Duration.ZERO, none.mean());
    assertEquals(Duration.ZERO, none.p50());
    assertEquals(Duration.ZERO, none.max());
    assertEquals(0, none.minus(of(7)).count());
  }

  @Test
  void theMeanIsThatOfAll() {
    long[] nanos = LongStream.rangeClosed(1, 10_000).map(n -> n * 1_000).toArray();
    assertAbout(5_000_500, of(nanos).mean());
  }

  @Test
  void whatIsNegativeCountsAsZero() {
    assertEquals(Duration.ZERO, of(-1).max());
  }

  @Test
  void aDifferenceHasWhatCameAfterwards() {
    Histogram histogram = new Histogram();
    IntStream.range(0, 10).forEach(n -> histogram.count(1_000_000_000, 1));
    histogram.count(5, 1);
    Latencies earlier = Latencies.of(histogram);
    histogram.count(1_000, 100);
    Latencies later = Latencies.of(histogram);

    Latencies between = later.minus(earlier);
    assertEquals(111, later.count());
    assertEquals(100, between.count());
    assertAbout(1_000, between.p50());
    assertAbout(1_000, between.max());
    assertEquals(0, earlier.minus(later).count());
    assertEquals(11, earlier.minus(of()).count());
    assertThrows(NullPointerException.class, () -> later.minus(null));
  }

  /** Else who takes differences of it sees what was never undone. */
  @Test
  void theTotalNeverFalls() {
    Histogram histogram = new Histogram();
    Duration before = Duration.ZERO;
    for (int i = 0; i < 10_000; i++) {
      histogram.count(i % 1_000 == 0 ? 1 : 100 + i, 1_000_000);
      Duration total = Latencies.of(histogram).total();
      assertTrue(total.compareTo(before) >= 0, () -> "at last " + total);
      before = total;
    }
  }

  @Test
  void theTextTellsAll() {
    assertEquals(
        "Latencies[count=2, mean=PT0.000000015S, p50=PT0.00000001S, p90=PT0.00000002S, "
            + "p99=PT0.00000002S, p999=PT0.00000002S, max=PT0.00000002S]",
        of(10, 20).toString());
  }
}
