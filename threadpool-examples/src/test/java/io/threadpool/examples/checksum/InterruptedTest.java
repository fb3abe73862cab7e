package io.threadpool.examples.checksum;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class InterruptedTest {
  private final Tally tally = new Tally();

  private void begin(String name) {
    tally.begin(new Item.Unreadable(name.getBytes(UTF_8), new Problem(Problem.Kind.CHANGED, "")));
  }

  private String told(@Nullable Duration drain) {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    new Interrupted(tally, new PrintStream(err), drain, () -> {}).tell();
    return err.toString(UTF_8).replace(Progress.ERASE, "").strip();
  }

  @Test
  void aFileThatIsBeingReadIsNamed() {
    begin("tree/large\n");
    assertEquals(
        "checksum: interrupted; finishing what is being read: tree/large\\n; Ctrl-C again drops it",
        told(null));
    assertEquals(
        "checksum: interrupted; finishing what is being read: tree/large\\n, for at most 1.5 s;"
            + " Ctrl-C again drops it",
        told(Duration.ofMillis(1500)));
  }

  @Test
  void threeOfManyAreNamed() {
    for (int i = 0; i < 256; i++) {
      begin("f" + i);
    }
    String told = told(null);
    assertTrue(told.matches(".*: f\\d+, f\\d+, f\\d+ and 253 more; .*"), told);
  }

  @Test
  void whereNothingIsReadTheManifestIsWaitedFor() {
    assertEquals("checksum: interrupted; finishing the manifest", told(null));
  }

  @Test
  void aNameDoesNotControlTheTerminal() {
    begin("a\u001B[2Jb");
    assertEquals(
        "checksum: interrupted; finishing what is being read: a\\x1b[2Jb; Ctrl-C again drops it",
        told(null));
  }
}
