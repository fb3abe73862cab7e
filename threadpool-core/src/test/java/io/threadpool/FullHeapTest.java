package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is done without memory: to say that something cannot be told, which is thrown at nobody who
 * cancels, nor into a worker; and to ask whether the abort has told all, which nobody asks again
 * where there was nothing to tell. And a shutdown begins, though it lacks what it would do next;
 * what the timer and errands are asked for is done later; and what is found to be late is told
 * later.
 */
class FullHeapTest {

  @ParameterizedTest
  @ValueSource(strings = {"tell", "end", "shutdown", "post", "late", "interrupt"})
  void throwsNothing(String thing) throws Exception {
    List<String> options = List.of("-Xmx16m", "-XX:+UseSerialGC", "-Xint");
    try (FaultJvm jvm = FaultJvm.start(FullHeapProgram.class, options, thing)) {
      assertEquals("null", jvm.awaitLine("escaped "));
      jvm.awaitExit(0);
    }
  }
}
