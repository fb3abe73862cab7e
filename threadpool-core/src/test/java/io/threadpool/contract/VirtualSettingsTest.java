package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.WorkerPool;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What does not go with virtual threads, or without them. */
class VirtualSettingsTest {

  @Test
  @EnabledForJreRange(max = JRE.JAVA_20)
  void thisJavaHasNone() {
    String message =
        assertThrows(IllegalStateException.class, () -> WorkerPool.virtual(2)).getMessage();
    assertTrue(message.contains("virtualThreads needs Java 21 or later"), message);
    assertTrue(message.contains(String.valueOf(Runtime.version().feature())), message);
  }

  @Test
  void allConflictsAreNamed() {
    String message =
        assertThrows(
                IllegalStateException.class,
                () ->
                    WorkerPool.builder()
                        .size(1, 4)
                        .virtualThreads()
                        .daemon(true)
                        .keepAlive(Duration.ofSeconds(3))
                        .threadFactory(Thread::new)
                        .build())
            .getMessage();
    assertTrue(message.contains("size (1, 4) does not go with virtualThreads"), message);
    assertTrue(message.contains("daemon (true) does not go with virtualThreads"), message);
    assertTrue(message.contains("keepAlive (PT3S) does not go with virtualThreads"), message);
    assertTrue(message.contains("threadFactory does not go with virtualThreads"), message);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 1_048_576})
  void aSizeOutOfRange(int max) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> WorkerPool.virtual(max)).getMessage();
    assertEquals("max must be from 1 to 1048575, but was " + max, message);
  }
}
