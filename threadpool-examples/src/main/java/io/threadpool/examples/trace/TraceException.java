package io.threadpool.examples.trace;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** There is no trace to be had; the message is one line for the user. */
public final class TraceException extends IOException {
  private static final long serialVersionUID = 1;

  TraceException(String message) {
    super(message);
  }

  /** What cannot be done with which file, and why. */
  static TraceException of(String what, Path file, IOException cause) {
    TraceException told =
        new TraceException("cannot " + what + " " + file + ": " + why(file, cause));
    told.initCause(cause);
    return told;
  }

  /** The commonest of the system's exceptions say nothing but the name of the file. */
  private static String why(Path file, IOException cause) {
    boolean missing = cause instanceof FileNotFoundException && Files.notExists(file);
    if (missing || cause instanceof NoSuchFileException) {
      return "no such file or folder";
    }
    if (cause instanceof AccessDeniedException) {
      return "permission denied";
    }
    String told =
        cause instanceof FileSystemException system ? system.getReason() : cause.getMessage();
    return told == null ? cause.getClass().getSimpleName() : told;
  }
}
