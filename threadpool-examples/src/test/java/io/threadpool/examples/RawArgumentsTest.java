package io.threadpool.examples;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.Test;

class RawArgumentsTest {
  @Test
  void aLostByteIsPutBackAsAnEscape() {
    String[] args = {"checksum", "caf\uFFFD"};
    byte[] commandLine = "java\0-jar\0x.jar\0checksum\0caf\u00FF\0".getBytes(ISO_8859_1);

    assertArrayEquals(
        new String[] {"checksum", "caf\uDCFF"}, RawArguments.recover(args, commandLine));
  }

  @Test
  void argumentsWithoutLossStayAsTheyAre() {
    String[] args = {"checksum", "plain", "\u00E9"};

    assertSame(args, RawArguments.recover(args));
  }

  @Test
  void aCommandLineThatIsTooShortIsNotBelieved() {
    String[] args = {"checksum", "\uFFFD"};

    assertSame(args, RawArguments.recover(args, "x\0".getBytes(ISO_8859_1)));
  }
}
