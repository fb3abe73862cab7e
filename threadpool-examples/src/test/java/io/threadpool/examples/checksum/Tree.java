package io.threadpool.examples.checksum;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Trees to checksum, and a manifest reader that shares nothing with the program. */
public final class Tree {
  private Tree() {}

  public static Path file(Path folder, String name, String content) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, content);
  }

  /** Fills a folder with {@code count} files, a hundred to a folder. */
  public static void fill(Path folder, int count, int nameLength) throws IOException {
    for (int i = 0; i < count; i++) {
      Path parent = folder.resolve("d" + i / 100);
      if (i % 100 == 0) {
        Files.createDirectories(parent);
      }
      Files.writeString(parent.resolve("f".repeat(nameLength) + i), "content " + i);
    }
  }

  /** The regular files in the order of the walk, by the name that {@code find} would print. */
  static List<String> walk(String dir) throws IOException {
    Path root = Path.of(dir);
    String prefix = dir.endsWith("/") ? dir : dir + "/";
    try (Stream<Path> walk = Files.walk(root)) {
      return walk.filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))
          .map(path -> prefix + root.relativize(path).toString().replace(File.separatorChar, '/'))
          .toList();
    }
  }

  static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** Reads a manifest as {@code sha256sum -c} does: names by digest, in the order of the lines. */
  public static Map<String, String> parse(byte[] manifest) {
    Map<String, String> digests = new LinkedHashMap<>();
    String text = new String(manifest, ISO_8859_1);
    assertTrue(text.isEmpty() || text.endsWith("\n"), "the last line is cut short: " + text);
    for (String line : text.split("\n")) {
      if (!line.isEmpty()) {
        boolean escaped = line.startsWith("\\");
        String rest = escaped ? line.substring(1) : line;
        assertTrue(rest.matches("(?s)[0-9a-f]{64}  .+"), "no line of a manifest: " + line);
        String name = rest.substring(66);
        byte[] bytes = (escaped ? unescape(name) : name).getBytes(ISO_8859_1);
        digests.put(new String(bytes, UTF_8), rest.substring(0, 64));
      }
    }
    return digests;
  }

  private static String unescape(String name) {
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '\\') {
        i++;
        c =
            "\\nr".indexOf(name.charAt(i)) < 0
                ? '?'
                : "\\\n\r".charAt("\\nr".indexOf(name.charAt(i)));
      }
      plain.write(c);
    }
    return plain.toString(ISO_8859_1);
  }

  /** Checks the digest of each line against the file that it names. */
  public static void verify(Map<String, String> manifest) {
    List<String> wrong = new ArrayList<>();
    manifest.forEach(
        (name, digest) -> {
          try {
            if (!sha256(Files.readAllBytes(Path.of(name))).equals(digest)) {
              wrong.add(name);
            }
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    assertTrue(wrong.isEmpty(), "wrong digests: " + wrong);
  }
}
