package io.threadpool.examples.trace;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class PictureTest {
  @Test
  void stepsTooCloseToBeToldApartAreDrawnAsWhatTheyComeTo() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Duration second = Duration.ofSeconds(1);
    try (Picture picture = new Picture(out, Instant.EPOCH)) {
      for (int i = 0; i < 10; i++) { // Ten are queued at once, and a second later begun at once.
        picture.task(
            "mail", "mail-0", Instant.EPOCH.plus(second), second, "Send", second, "COMPLETED");
      }
    }

    String svg = out.toString(UTF_8);
    String full = "V38.0"; // The curve is 56 high, and stands on 94.
    assertTrue(svg.contains("d=\"M120.0 94.0V94.0H120.0" + full + "H535.0V94.0Z\""), svg);
  }
}
