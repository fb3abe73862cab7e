package io.threadpool.examples.checksum;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManifestFormatTest {
  private static final byte[] DIGEST = new byte[32];

  private static byte[] line(String name) {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    ManifestFormat.appendLine(line, DIGEST, name.getBytes(UTF_8));
    return line.toByteArray();
  }

  @Test
  void aPlainLine() {
    assertEquals(
        "0".repeat(64) + "  dir/name with space\n", new String(line("dir/name with space"), UTF_8));
  }

  /** What coreutils 9.1 prints for these names. */
  @ParameterizedTest
  @CsvSource({"'a\\b', 'a\\\\b'", "'a\nb', 'a\\nb'", "'a\rb', 'a\\rb'", "'\\n', '\\\\n'"})
  void aNameThatNeedsEscapes(String name, String escaped) {
    assertEquals("\\" + "0".repeat(64) + "  " + escaped + "\n", new String(line(name), UTF_8));
  }

  @Test
  void digitsAreLowerCaseWithLeadingZeros() {
    byte[] digest = new byte[32];
    digest[0] = 0x0A;
    digest[31] = (byte) 0xF5;
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    ManifestFormat.appendLine(line, digest, new byte[] {'x'});

    assertEquals("0a" + "00".repeat(30) + "f5  x\n", line.toString(UTF_8));
  }

  @Property
  void everyNameCanBeReadBack(
      @ForAll @StringLength(min = 1, max = 30) @Chars({'a', '\\', '\n', '\r', 'n', ' ', '\u00E9'})
          String name) {
    assertEquals(Map.of(name, "0".repeat(64)), Tree.parse(line(name)));
  }

  @Test
  void aNameForATerminalHasNothingThatItWouldObey() {
    ByteArrayOutputStream shown = new ByteArrayOutputStream();
    byte[] name = "\u001B[2J\t\u007F\n\\ caf\u00E9".getBytes(UTF_8);
    ManifestFormat.appendShown(shown, name);
    assertEquals("\\x1b[2J\\x09\\x7f\\n\\\\ caf\u00E9", shown.toString(UTF_8));

    byte[] line = line(new String(name, UTF_8));
    assertTrue(new String(line, UTF_8).contains("\u001B[2J\t\u007F"), "the manifest has it all");
  }
}
