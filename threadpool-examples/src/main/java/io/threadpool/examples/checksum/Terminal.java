package io.threadpool.examples.checksum;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.Console;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Tells what a person watches, and how wide the screen is. */
final class Terminal {
  private static final Path STANDARD_OUTPUT = Path.of("/proc/self/fd/1");
  private static final Path STANDARD_ERROR = Path.of("/proc/self/fd/2");

  private static final int USUAL_WIDTH = 80;

  private Terminal() {}

  /**
   * Whether standard error is a terminal that can redraw a line.
   *
   * <p>Linux tells of each stream. Elsewhere Java only knows whether there is a console, and since
   * JDK 22 says yes also when it is redirected, unless asked more closely.
   */
  static boolean isStandardError() {
    if ("dumb".equals(System.getenv("TERM"))) {
      return false;
    }
    return isTerminal(STANDARD_ERROR);
  }

  /** Whether standard output is a terminal. */
  static boolean isStandardOutput() {
    return isTerminal(STANDARD_OUTPUT);
  }

  @SuppressWarnings("SystemConsoleNull") // asked more closely below
  private static boolean isTerminal(Path stream) {
    try {
      return isTerminal(Files.readSymbolicLink(stream).toString());
    } catch (IOException | UnsupportedOperationException notLinux) {
      Console console = System.console();
      return console != null && isTerminal(console);
    }
  }

  /** The number of columns, as {@code stty} tells it, or what is usual. */
  static int width() {
    try {
      Process stty =
          new ProcessBuilder("stty", "size")
              .redirectInput(new File("/dev/tty"))
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String rowsAndColumns = new String(stty.getInputStream().readAllBytes(), US_ASCII).strip();
      return columns(rowsAndColumns);
    } catch (IOException noStty) {
      return USUAL_WIDTH;
    }
  }

  static int columns(String rowsAndColumns) {
    Matcher columns = Pattern.compile("\\d+ (\\d{2,4})").matcher(rowsAndColumns);
    return columns.matches() ? Integer.parseInt(columns.group(1)) : USUAL_WIDTH;
  }

  static boolean isTerminal(String device) {
    return device.startsWith("/dev/pts/")
        || device.startsWith("/dev/tty")
        || device.equals("/dev/console");
  }

  private static boolean isTerminal(Console console) {
    try {
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (NoSuchMethodException beforeJdk22) {
      return true;
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }
}
