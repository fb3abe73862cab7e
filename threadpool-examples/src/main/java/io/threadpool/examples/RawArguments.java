package io.threadpool.examples;

import io.threadpool.examples.checksum.FileNames;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Command-line arguments with every byte that the shell passed.
 *
 * <p>The JVM decodes its arguments with the charset of the locale and puts U+FFFD where a byte does
 * not fit: in the locale POSIX that is every byte above 127, so that a folder named {@code é} could
 * not be found. Linux has the bytes themselves in {@code /proc/self/cmdline}; what was lost is put
 * back as escapes that {@link FileNames} understands.
 */
final class RawArguments {
  private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");

  private RawArguments() {}

  /**
   * Puts back what the JVM could not decode.
   *
   * @param args the arguments of {@code main}
   * @return the same, with lost bytes as escapes where the system tells them
   */
  static String[] recover(String[] args) {
    for (String arg : args) {
      if (arg.indexOf('\uFFFD') >= 0) {
        try {
          return recover(args, Files.readAllBytes(COMMAND_LINE));
        } catch (IOException noSuchSystemFile) {
          return args;
        }
      }
    }
    return args;
  }

  /** The last words of {@code commandLine} are ours; the first are the JVM's own. */
  static String[] recover(String[] args, byte[] commandLine) {
    List<byte[]> words = split(commandLine);
    int first = words.size() - args.length;
    if (first < 0) {
      return args;
    }
    String[] recovered = args.clone();
    for (int i = 0; i < args.length; i++) {
      if (args[i].indexOf('\uFFFD') >= 0) {
        recovered[i] = FileNames.decode(words.get(first + i));
      }
    }
    return recovered;
  }

  /** Splits at the zero byte that ends each word. */
  private static List<byte[]> split(byte[] commandLine) {
    List<byte[]> words = new ArrayList<>();
    ByteArrayOutputStream word = new ByteArrayOutputStream();
    for (byte b : commandLine) {
      if (b == 0) {
        words.add(word.toByteArray());
        word.reset();
      } else {
        word.write(b);
      }
    }
    return words;
  }
}
