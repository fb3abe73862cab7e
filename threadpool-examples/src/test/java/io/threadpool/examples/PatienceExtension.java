package io.threadpool.examples;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.Extension;

/** What a test waits for may be late on a busy machine. Found by JUnit's service loader. */
public final class PatienceExtension implements Extension {
  /** For the service loader, before the first test. */
  public PatienceExtension() {
    Awaitility.setDefaultTimeout(Duration.ofMinutes(1));
  }
}
