package io.threadpool.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class DurationConverterTest {
  private final DurationConverter converter = new DurationConverter();

  @ParameterizedTest
  @CsvSource({
    "500ms, PT0.5S",
    "30s, PT30S",
    "2m, PT2M",
    "1h, PT1H",
    "2M, PT2M",
    "PT30S, PT30S",
    "pt1m30s, PT1M30S",
    "P1D, PT24H",
  })
  void reads(String value, Duration expected) {
    assertEquals(expected, converter.convert(value));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "30",
        "s",
        "1.5s",
        "1 s",
        "30 seconds",
        "0s",
        "0ms",
        "-1s",
        "PT0S",
        "PT-5S",
        "999999999999999999h",
        "99999999999999999999s",
        "PT9223372036854775807S",
        "1d",
      })
  void refusesNamingTheValue(String value) {
    var failure = assertThrows(TypeConversionException.class, () -> converter.convert(value));

    assertTrue(failure.getMessage().contains("'" + value + "'"), failure.getMessage());
  }
}
