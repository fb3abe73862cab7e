package io.threadpool.examples.serve;

import io.threadpool.examples.UsageException;
import io.threadpool.examples.VirtualThreads;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** What {@code --pool} names. */
enum PoolChoice {
  WORKER_POOL,
  JDK,
  JBOSS,
  VIRTUAL;

  /**
   * Starts the workers.
   *
   * @throws OutOfMemoryError if the system has not so many threads; none is left then
   */
  ServerPool open(int workers, int waiting) {
    return switch (this) {
      case WORKER_POOL -> new OwnServerPool(workers, waiting);
      case JDK -> new JdkServerPool(workers, waiting);
      case JBOSS -> new JbossServerPool(workers, waiting);
      case VIRTUAL -> new VirtualServerPool(workers);
    };
  }

  /**
   * Refuses what this Java has not.
   *
   * @throws UsageException if there is no such pool here
   */
  void checkAvailable() {
    if (this == VIRTUAL && !VirtualThreads.available()) {
      throw new UsageException(
          "--pool virtual needs Java 21 or later, this is " + Runtime.version().feature());
    }
  }

  /** As on the command line, {@code worker-pool}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Reads a name on the command line. */
  static final class Converter implements ITypeConverter<PoolChoice> {
    @Override
    public PoolChoice convert(String value) {
      for (PoolChoice choice : values()) {
        if (choice.toString().equals(value)) {
          return choice;
        }
      }
      String known =
          Arrays.stream(values()).map(PoolChoice::toString).collect(Collectors.joining(", "));
      throw new TypeConversionException("'" + value + "' is not one of " + known);
    }
  }
}
