package io.threadpool.examples.checksum;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class InterruptionTest {
  private final List<Object> events = new CopyOnWriteArrayList<>();
  private final Interruption interruption = Interruption.listen(events::add);

  @Test
  void aRequestAsksThenWaitsThenHaltsWith130() throws InterruptedException {
    interruption.onRequest(() -> events.add("asked"));
    Thread hook = new Thread(interruption::request);
    hook.start();
    await().until(interruption::isRequested);
    await().until(() -> events.equals(List.of("asked")));
    assertFalse(interruption.finish());
    interruption.close();
    hook.join();

    assertEquals(List.of("asked", 130), events);
  }

  @Test
  void aRequestBeforeTheBatchCanEndSoonerIsNotForgotten() throws InterruptedException {
    Thread hook = new Thread(interruption::request);
    hook.start();
    await().until(interruption::isRequested);
    interruption.onRequest(() -> events.add("asked"));
    assertEquals(List.of("asked"), events);
    interruption.close();
    hook.join();

    assertEquals(List.of("asked", 130), events);
  }

  @Test
  void afterTheWorkIsDoneARequestChangesNothing() {
    assertTrue(interruption.finish());
    interruption.request();
    interruption.close();

    assertFalse(interruption.isRequested());
    assertEquals(List.of(), events);
  }
}
