package io.threadpool.examples.page;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StreamsTest {
  private final Streams streams = new Streams();
  private final ByteArrayOutputStream browser = new ByteArrayOutputStream();

  @Test
  void whatIsSentIsWrittenInOrderUntilTheEnd() throws Exception {
    try (Streams.Stream stream = streams.add(Event.of("first", "1")).orElseThrow()) {
      assertTrue(streams.isAnybodyThere());
      streams.send(Event.of("second", "2"));
      streams.end();
      stream.run(browser);
    }
    assertEquals(
        "retry: 2000\n\nevent: first\ndata: 1\n\nevent: second\ndata: 2\n\nevent: end\ndata: {}\n\n",
        browser.toString(UTF_8));
    assertFalse(streams.isAnybodyThere());
    streams.awaitEnd(Duration.ofDays(1));
    assertTrue(streams.add(Event.of("late", "")).isEmpty());
  }

  @Test
  void aBrowserThatFallsBehindIsDropped() throws Exception {
    try (Streams.Stream stream = streams.add(Event.of("first", "1")).orElseThrow()) {
      for (int i = 0; i < 1000; i++) {
        streams.send(Event.of("more", "2"));
      }
      stream.run(browser);
    }
    assertEquals(
        "retry: 2000\n\nevent: first\ndata: 1\n\n", browser.toString(UTF_8), "it starts anew");
  }

  @Test
  void whoDoesNotGoIsNotWaitedForForEver() {
    assertTrue(streams.add(Event.of("first", "1")).isPresent());
    streams.end();
    streams.awaitEnd(Duration.ofMillis(1));
    assertTrue(streams.isAnybodyThere());
  }
}
