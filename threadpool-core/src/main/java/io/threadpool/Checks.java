package io.threadpool;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Argument checks whose messages name the argument and the value given. */
final class Checks {

  private Checks() {}

  static <T> T nonNull(@Nullable T value, String name) {
    return Objects.requireNonNull(value, name);
  }

  static int inRange(int value, int least, int most, String name) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          name + " must be from " + least + " to " + most + ", but was " + value);
    }
    return value;
  }

  /** Checks nanoseconds, or a count of some unit, of what was given. */
  static long positive(long value, Object given, String name) {
    if (value <= 0) {
      throw new IllegalArgumentException(name + " must be positive, but was " + given);
    }
    return value;
  }

  /** The nanoseconds of a duration that may be zero; a longer one than fits is the largest. */
  static long nonNegativeNanos(Duration value, String name) {
    if (nonNull(value, name).isNegative()) {
      throw new IllegalArgumentException(name + " must not be negative, but was " + value);
    }
    return saturatedNanos(value);
  }

  /** The nanoseconds of a duration above zero; a longer one than fits is the largest. */
  static long positiveNanos(Duration value, String name) {
    return positive(saturatedNanos(nonNull(value, name)), value, name);
  }

  static String nonBlank(String value, String name) {
    if (nonNull(value, name).isBlank()) {
      throw new IllegalArgumentException(name + " must not be blank, but was \"" + value + "\"");
    }
    return value;
  }

  /** Before a wait that may run a task, and would not tell of an interrupt then. */
  static void notInterrupted() throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
  }

  /** The nanoseconds of any duration, cut to what a {@code long} holds. */
  static long saturatedNanos(Duration value) {
    try {
      return value.toNanos();
    } catch (ArithmeticException tooLong) {
      return value.isNegative() ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
  }
}
