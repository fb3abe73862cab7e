package io.threadpool.examples;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads a positive duration: {@code 500ms}, {@code 30s}, {@code 2m}, {@code 1h} or {@code PT30S}.
 */
public final class DurationConverter implements ITypeConverter<Duration> {
  private static final Pattern SIMPLE = Pattern.compile("([+-]?\\d{1,18})(ms|s|m|h)");

  /** The waits of a pool are counted in nanoseconds, in a long. */
  private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);

  /** Made by picocli. */
  public DurationConverter() {}

  @Override
  public Duration convert(String value) {
    Duration duration = parse(value);
    if (duration.isNegative() || duration.isZero()) {
      throw new TypeConversionException("'" + value + "' is not more than zero");
    }
    if (duration.compareTo(LONGEST) > 0) {
      throw new TypeConversionException("'" + value + "' is more than 292 years");
    }
    return duration;
  }

  private static Duration parse(String value) {
    Matcher simple = SIMPLE.matcher(value.toLowerCase(Locale.ROOT));
    try {
      if (!simple.matches()) {
        return Duration.parse(value);
      }
      long amount = Long.parseLong(simple.group(1));
      return switch (simple.group(2)) {
        case "ms" -> Duration.ofMillis(amount);
        case "s" -> Duration.ofSeconds(amount);
        case "m" -> Duration.ofMinutes(amount);
        default -> Duration.ofHours(amount);
      };
    } catch (DateTimeParseException | ArithmeticException e) {
      throw new TypeConversionException(
          "'" + value + "' is not a duration such as 500ms, 30s, 2m, 1h or PT30S");
    }
  }
}
