package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What cannot be told for want of memory reaches nobody else: not who cancels, nor a worker. */
class FullLogTest {

  @Test
  void whatCannotBeToldIsThrownToNobody() throws Exception {
    List<String> options = List.of("-Xmx16m", "-XX:+UseSerialGC", "-Xint");
    try (FaultJvm jvm = FaultJvm.start(FullLogProgram.class, options)) {
      assertEquals("null", jvm.awaitLine("escaped "));
      jvm.awaitExit(0);
    }
  }
}
