package io.threadpool.examples.trace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import jdk.jfr.Recording;

/**
 * Records what the pools of this process do from its beginning to its end, and then writes the
 * trace of it.
 */
public final class TracedRun implements AutoCloseable {
  /** How often the length of the queues is noted. */
  private static final Duration PERIOD = Duration.ofMillis(10);

  private final Path trace;
  private final Recording recording;

  private TracedRun(Path trace, Recording recording) {
    this.trace = trace;
    this.recording = recording;
  }

  /**
   * Begins to record.
   *
   * @param trace where the trace goes to in the end
   * @return what is recorded
   * @throws TraceException if there is no such place
   */
  public static TracedRun begin(Path trace) throws TraceException {
    Conversion.refuseFolder(trace);
    Path folder = trace.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw TraceException.of("write", trace, new NoSuchFileException(trace.toString()));
    }
    Recording recording = new Recording();
    recording.enable(Conversion.TASK).withoutThreshold();
    recording.enable(Conversion.POOL).withPeriod(PERIOD);
    recording.start();
    return new TracedRun(trace, recording);
  }

  /**
   * Writes the trace.
   *
   * @throws TraceException if it cannot be written
   */
  @Override
  public void close() throws TraceException {
    try (recording) {
      recording.stop();
      Path recorded = Files.createTempFile("threadpool-examples", ".jfr");
      try {
        recording.dump(recorded);
        Conversion.write(recorded, trace, true);
      } finally {
        Conversion.deleteQuietly(recorded);
      }
    } catch (TraceException e) {
      throw e;
    } catch (IOException e) {
      throw TraceException.of("write", trace, e);
    }
  }
}
