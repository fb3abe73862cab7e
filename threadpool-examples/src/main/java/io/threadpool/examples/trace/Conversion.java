package io.threadpool.examples.trace;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.UUID;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;

/** Makes a trace of a recording, event by event: it may be larger than the memory. */
final class Conversion {
  private static final String ALL = "io.threadpool.";

  /** A task that has ended. */
  static final String TASK = ALL + "Task";

  /** How a pool is, now and then. */
  static final String POOL = ALL + "Pool";

  private Conversion() {}

  /**
   * Writes the trace of a recording to a file. A regular one is replaced once all is written, and
   * nothing is changed before; a device or a pipe is written to as it is.
   *
   * @param recording the file with the recording
   * @param file where to
   * @param emptyIsFine whether there may be no task in it
   * @return how many tasks it has
   * @throws TraceException if it cannot be read or written, or has no task
   */
  static long write(Path recording, Path file, boolean emptyIsFine) throws TraceException {
    Instant begin = begin(recording, emptyIsFine);
    refuseFolder(file);
    try {
      if (Files.isRegularFile(file) || Files.notExists(file, LinkOption.NOFOLLOW_LINKS)) {
        return replace(recording, file, begin);
      }
      return convert(recording, file, begin, Files.newOutputStream(file));
    } catch (TraceException e) {
      throw e;
    } catch (IOException e) {
      throw TraceException.of("write", file, e);
    }
  }

  /** Says of a folder that no trace can be written to it. */
  static void refuseFolder(Path file) throws TraceException {
    if (Files.isDirectory(file)) {
      throw new TraceException("cannot write " + file + ": is a folder");
    }
  }

  /** Writes beside the file, or what it is a link to, and then puts it in its place. */
  private static long replace(Path recording, Path file, Instant begin) throws IOException {
    boolean exists = Files.exists(file);
    if (exists && Files.isSameFile(recording, file)) {
      throw new TraceException("cannot write " + file + ": is the recording");
    }
    Path place = exists ? file.toRealPath() : file;
    Path part = place.resolveSibling("trace-" + UUID.randomUUID() + ".part");
    try {
      OutputStream out = Files.newOutputStream(part, CREATE_NEW, WRITE);
      long tasks = convert(recording, file, begin, out);
      Files.move(part, place, StandardCopyOption.REPLACE_EXISTING);
      return tasks;
    } finally {
      deleteQuietly(part);
    }
  }

  static void deleteQuietly(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException stays) {
      // What was said before matters more.
    }
  }

  /** A picture, where the file's name says so. */
  private static Timeline timeline(Path file, OutputStream out, Instant begin) throws IOException {
    return file.toString().endsWith(".svg") ? new Picture(out, begin) : new TraceFile(out, begin);
  }

  /** Writes to a stream, and closes it; {@return how many tasks}. */
  private static long convert(Path recording, Path file, Instant begin, OutputStream to)
      throws IOException {
    long tasks = 0;
    try (OutputStream out = new BufferedOutputStream(to);
        Timeline shown = timeline(file, out, begin);
        RecordingFile events = open(recording)) {
      while (events.hasMoreEvents()) {
        RecordedEvent event = events.readEvent();
        if (isOfPool(event)) {
          add(event, shown);
          tasks += event.getEventType().getName().equals(TASK) ? 1 : 0;
        }
      }
    }
    return tasks;
  }

  private static void add(RecordedEvent event, Timeline trace) throws IOException {
    String pool = text(event, "pool");
    Instant at = event.getStartTime();
    switch (event.getEventType().getName()) {
      case TASK ->
          trace.task(
              pool,
              worker(event.getThread()),
              at,
              event.getDuration(),
              text(event, "name"),
              event.getDuration("waited"),
              text(event, "outcome"));
      case POOL -> {
        trace.counter(pool, "queued", at, event.getLong("queued"));
        trace.counter(pool, "running", at, event.getInt("running"));
      }
      default -> trace.happened(pool, event.getEventType().getLabel(), at);
    }
  }

  /** The recorder of JDK 17 may have lost it. */
  private static String text(RecordedEvent event, String field) {
    String text = event.getString(field);
    return text == null ? "(lost)" : text;
  }

  /** A virtual thread may have no name. */
  private static String worker(RecordedThread thread) {
    String name = thread.getJavaName();
    return name == null || name.isEmpty() ? "thread " + thread.getId() : name;
  }

  /**
   * When the first of what is shown began, or was queued, since events are in no order; MAX where
   * there is nothing to show.
   */
  private static Instant begin(Path recording, boolean emptyIsFine) throws TraceException {
    Instant first = Instant.MAX;
    boolean hasTask = false;
    try (RecordingFile events = open(recording)) {
      while (events.hasMoreEvents()) {
        RecordedEvent event = events.readEvent();
        if (isOfPool(event)) {
          boolean isTask = event.getEventType().getName().equals(TASK);
          Instant at = event.getStartTime();
          Instant queued = isTask ? at.minus(event.getDuration("waited")) : at;
          hasTask |= isTask;
          first = queued.isBefore(first) ? queued : first;
        }
      }
    } catch (TraceException e) {
      throw e;
    } catch (IOException e) {
      throw TraceException.of("read", recording, e);
    }
    if (!hasTask && !emptyIsFine) {
      throw new TraceException(
          recording
              + " has no task of a pool: was "
              + TASK
              + " recorded, with a threshold that they exceed?");
    }
    return first;
  }

  private static RecordingFile open(Path recording) throws TraceException {
    try {
      return new RecordingFile(recording);
    } catch (IOException e) {
      throw TraceException.of("read", recording, e);
    }
  }

  private static boolean isOfPool(RecordedEvent event) {
    return event.getEventType().getName().startsWith(ALL) && event.hasField("pool");
  }
}
