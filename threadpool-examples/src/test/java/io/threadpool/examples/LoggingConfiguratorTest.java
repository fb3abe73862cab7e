package io.threadpool.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class LoggingConfiguratorTest {
  @Test
  void theTutorialsWordsWhateverTheLevelAndWithOrWithoutTheName() {
    LoggingConfigurator.showWorkers();
    Logger pool = LoggerFactory.getLogger("io.threadpool.WorkerPool");
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(printed, true, UTF_8));
      pool.trace("Worker {} got a job; executing. [{}]", 98, "serve");
      pool.debug("Worker 99 got a job; executing.");
      pool.debug("Shutting down worker 98 [serve]");
      pool.debug("Worker 98 disconnected; shutting down. [serve]");
      pool.debug("Pool serve terminated");
      pool.trace("Worker 97 got a job; executing. [page]");
      pool.info("Worker 98 is not for the tutorial");
    } finally {
      System.setOut(before);
    }

    String lines = printed.toString(UTF_8);
    assertTrue(
        lines
            .lines()
            .toList()
            .containsAll(
                List.of(
                    "Worker 98 got a job; executing.",
                    "Worker 99 got a job; executing.",
                    "Shutting down worker 98",
                    "Worker 98 disconnected; shutting down.")),
        lines);
    assertFalse(lines.contains("terminated"), lines);
    assertFalse(lines.contains("not for"), lines);
    assertFalse(lines.contains("Worker 97"), lines);
  }
}
