package io.threadpool.examples.checksum;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * File names as the bytes that they are.
 *
 * <p>On Unix a file name is any bytes without zero and slash, while a {@code String} holds only
 * what the charset of the locale can decode: in a UTF-8 locale not a Latin-1 name, and in the
 * locale POSIX (containers, cron) not even {@code é}. A {@link Path} that came from a directory
 * still has the bytes, so such a file can be opened; {@link Path#toUri} is the one public way to
 * see them, since it escapes byte by byte. Each result is checked by turning it back into a path.
 *
 * <p>Strings that hold a name from outside have each byte that could not be decoded as one
 * character U+DC80 to U+DCFF, half a surrogate pair that no decoder makes (the convention of
 * Python).
 */
public final class FileNames {
  private static final int ESCAPE = 0xDC00;

  /** There a name is characters, and UTF-8 is how tools write them. */
  private static final boolean WINDOWS = File.separatorChar == '\\';

  private static final Charset LOCALE = localeCharset();

  private FileNames() {}

  /**
   * The bytes of the last element of a path.
   *
   * @param path the path
   * @return the bytes
   * @throws IOException if the platform does not tell them
   */
  public static byte[] lastName(Path path) throws IOException {
    Path name = path.getFileName();
    if (name == null) {
      return new byte[0];
    }
    byte[] ascii = asciiOrNull(name.toString());
    if (ascii != null) {
      return ascii;
    }
    return WINDOWS ? name.toString().getBytes(StandardCharsets.UTF_8) : fromUri(name);
  }

  /**
   * The bytes of an absolute path.
   *
   * @param path the path
   * @return what {@link #path(byte[])} understands
   * @throws IOException if the platform does not tell them
   */
  public static byte[] absolute(Path path) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (Path element : path.toAbsolutePath()) {
      bytes.write('/');
      bytes.writeBytes(lastName(element));
    }
    if (bytes.size() == 0) {
      bytes.write('/'); // The root has no elements.
    }
    return bytes.toByteArray();
  }

  private static byte @Nullable [] asciiOrNull(String name) {
    for (int i = 0; i < name.length(); i++) {
      if (name.charAt(i) >= 0x80) {
        return null;
      }
    }
    return name.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] fromUri(Path name) throws IOException {
    String uri = name.toUri().getRawPath();
    if (uri.endsWith("/")) {
      uri = uri.substring(0, uri.length() - 1);
    }
    byte[] bytes = unescape(uri.substring(uri.lastIndexOf('/') + 1));
    if (!name.equals(path(bytes).getFileName())) {
      throw new IOException("its name has bytes that this platform does not tell");
    }
    return bytes;
  }

  private static byte[] unescape(String uri) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(uri.length());
    for (int i = 0; i < uri.length(); i++) {
      char c = uri.charAt(i);
      if (c == '%') {
        bytes.write(Integer.parseInt(uri.substring(i + 1, i + 3), 16));
        i += 2;
      } else {
        bytes.write(c);
      }
    }
    return bytes.toByteArray();
  }

  /**
   * A path of exactly these bytes, relative if they do not start with a slash.
   *
   * @param name the bytes
   * @return the path
   */
  public static Path path(byte[] name) {
    StringBuilder uri = new StringBuilder("file:///");
    for (byte b : name) {
      if (b == '/') {
        uri.append('/');
      } else {
        uri.append('%').append(Hex.high(b)).append(Hex.low(b));
      }
    }
    Path absolute = Path.of(URI.create(uri.toString()));
    boolean relative = name.length == 0 || name[0] != '/';
    return relative ? absolute.subpath(0, absolute.getNameCount()) : absolute;
  }

  /**
   * The string for a name from outside; what the charset of the locale cannot decode is escaped.
   *
   * @param name the bytes
   * @return a string that {@link #path} and {@link #bytes} understand
   */
  public static String decode(byte[] name) {
    CharsetDecoder decoder = LOCALE.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(name);
    CharBuffer out = CharBuffer.allocate(name.length + 1);
    CoderResult result = decoder.decode(in, out, true);
    while (result.isError()) {
      for (int i = 0; i < result.length(); i++) {
        out.put((char) (ESCAPE | (in.get() & 0xFF)));
      }
      decoder.reset();
      result = decoder.decode(in, out, true);
    }
    return out.flip().toString();
  }

  /** The bytes of a name from outside. */
  static byte[] bytes(String name) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(name.length());
    int plain = 0;
    for (int i = 0; i < name.length(); i++) {
      if (isEscape(name, i)) {
        bytes.writeBytes(name.substring(plain, i).getBytes(LOCALE));
        bytes.write(name.charAt(i) - ESCAPE);
        plain = i + 1;
      }
    }
    bytes.writeBytes(name.substring(plain).getBytes(LOCALE));
    return bytes.toByteArray();
  }

  /**
   * The path of a name from outside.
   *
   * @param name a string as {@link #decode} makes them
   * @return the path
   * @throws java.nio.file.InvalidPathException if no file can have that name
   */
  public static Path path(String name) {
    for (int i = 0; i < name.length(); i++) {
      if (isEscape(name, i)) {
        return path(bytes(name));
      }
    }
    return Path.of(name);
  }

  /** An escape stands alone; the same character behind a high half is part of a pair. */
  private static boolean isEscape(String name, int i) {
    char c = name.charAt(i);
    boolean paired = i > 0 && Character.isHighSurrogate(name.charAt(i - 1));
    return c >= ESCAPE + 0x80 && c <= ESCAPE + 0xFF && !paired;
  }

  private static Charset localeCharset() {
    String name = System.getProperty("sun.jnu.encoding", "UTF-8");
    return !WINDOWS && Charset.isSupported(name) ? Charset.forName(name) : StandardCharsets.UTF_8;
  }
}
