package io.threadpool.examples.checksum;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class FileNamesTest {
  private static boolean isUnix() {
    return File.separatorChar == '/';
  }

  @Property
  void anyBytesSurviveBeingAString(@ForAll @Size(max = 50) byte[] name) {
    Assume.that(isUnix());

    assertArrayEquals(name, FileNames.bytes(FileNames.decode(name)));
  }

  @Property
  void anyNameSurvivesBeingAPath(
      @ForAll @Size(min = 1, max = 50) List<@IntRange(min = 1, max = 255) Integer> characters)
      throws IOException {
    Assume.that(isUnix());
    byte[] name = new byte[characters.size()];
    for (int i = 0; i < name.length; i++) {
      name[i] = (byte) (characters.get(i) == '/' ? 'x' : characters.get(i));
    }
    Path path = FileNames.path(FileNames.decode(name));

    assertArrayEquals(name, FileNames.lastName(path));
    assertArrayEquals(name, FileNames.lastName(Path.of("some", "folder").resolve(path)));
  }

  @Test
  void aRelativeNameWithEscapesStaysRelative() throws IOException {
    if (isUnix()) {
      Path path = FileNames.path("a/../b\uDCFF/c");

      assertEquals(false, path.isAbsolute());
      assertEquals(4, path.getNameCount());
      assertArrayEquals(new byte[] {'b', (byte) 0xFF}, FileNames.lastName(path.getParent()));
    }
  }

  @Test
  void anAbsoluteNameWithEscapesStaysAbsolute() {
    if (isUnix()) {
      assertEquals(true, FileNames.path("/a\uDCFF/").isAbsolute());
    }
  }

  @Test
  void theRootIsOneSlash() throws IOException {
    if (isUnix()) {
      assertArrayEquals(new byte[] {'/'}, FileNames.absolute(Path.of("/")));
      assertEquals(Path.of("/"), FileNames.path(new byte[] {'/'}));
      assertArrayEquals(new byte[] {'/', 'a'}, FileNames.absolute(Path.of("/a")));
    }
  }

  @Test
  void halfOfACharacterIsNoEscape() {
    String card = "\uD83C\uDCA1"; // the ace of spades: its second half looks like an escape

    assertEquals(card, new String(card.getBytes(UTF_8), UTF_8));
    assertEquals(Path.of("x").getFileName(), FileNames.path("x"));
    if (System.getProperty("sun.jnu.encoding", "").equals("UTF-8")) {
      assertArrayEquals(card.getBytes(UTF_8), FileNames.bytes(card));
      assertEquals(card, FileNames.decode(card.getBytes(UTF_8)));
    }
  }
}
