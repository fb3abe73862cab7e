package io.threadpool.examples.checksum;

import java.io.ByteArrayOutputStream;

/** The line format of GNU {@code sha256sum}. */
final class ManifestFormat {
  private ManifestFormat() {}

  /** Appends the line of one file, with its line feed. */
  static void appendLine(ByteArrayOutputStream to, byte[] digest, byte[] name) {
    if (needsEscapes(name)) {
      to.write('\\');
    }
    for (byte b : digest) {
      to.write(Hex.high(b));
      to.write(Hex.low(b));
    }
    to.write(' ');
    to.write(' ');
    appendName(to, name);
    to.write('\n');
  }

  /** Appends a name so that it stays on one line. */
  static void appendName(ByteArrayOutputStream to, byte[] name) {
    if (!needsEscapes(name)) {
      to.writeBytes(name);
      return;
    }
    for (byte b : name) {
      switch (b) {
        case '\\' -> appendEscape(to, '\\');
        case '\n' -> appendEscape(to, 'n');
        case '\r' -> appendEscape(to, 'r');
        default -> to.write(b);
      }
    }
  }

  /** Appends a name for a person: on one line, and with nothing that a terminal would obey. */
  static void appendShown(ByteArrayOutputStream to, byte[] name) {
    ByteArrayOutputStream onOneLine = new ByteArrayOutputStream(name.length);
    appendName(onOneLine, name);
    for (byte b : onOneLine.toByteArray()) {
      if ((b >= 0 && b < ' ') || b == 0x7F) {
        appendEscape(to, 'x');
        to.write(Hex.high(b));
        to.write(Hex.low(b));
      } else {
        to.write(b);
      }
    }
  }

  private static void appendEscape(ByteArrayOutputStream to, char letter) {
    to.write('\\');
    to.write(letter);
  }

  private static boolean needsEscapes(byte[] name) {
    for (byte b : name) {
      if (b == '\\' || b == '\n' || b == '\r') {
        return true;
      }
    }
    return false;
  }
}
