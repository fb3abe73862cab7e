package io.threadpool.examples.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StopSignalTest {
  private final List<String> events = new ArrayList<>();
  private final StopSignal signal = new StopSignal();

  @Test
  void aSignalBeforeThereIsAnythingToStopIsNotForgotten() {
    signal.signal(143);
    signal.onSignal(() -> events.add("stopped"));

    assertEquals(List.of("stopped"), events);
    assertEquals(143, signal.status());
  }

  @Test
  void theFirstCounts() {
    signal.onSignal(() -> events.add("stopped"));
    assertEquals(0, signal.status());
    signal.signal(130);
    signal.signal(143);

    assertEquals(List.of("stopped"), events);
    assertEquals(130, signal.status());
  }
}
