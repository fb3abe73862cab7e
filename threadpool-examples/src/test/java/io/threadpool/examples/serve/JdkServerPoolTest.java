package io.threadpool.examples.serve;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.helpers.NOPLogger;

class JdkServerPoolTest {

  /** As where the system has no more of them. */
  private static final class FewThreads extends NumberedThreads {
    private final List<Thread> made = new ArrayList<>();

    FewThreads() {
      super(NOPLogger.NOP_LOGGER);
    }

    @Override
    public Thread newThread(Runnable worker) {
      if (made.size() == 2) {
        throw new OutOfMemoryError("no third");
      }
      Thread thread = super.newThread(worker);
      thread.setDaemon(true); // Should they stay, this JVM need not.
      made.add(thread);
      return thread;
    }
  }

  @Test
  @Timeout(60)
  void whereNotAllWorkersCanBeStartedNoneIsLeft() throws Exception {
    FewThreads threads = new FewThreads();

    assertThrows(OutOfMemoryError.class, () -> new JdkServerPool(3, 1, threads));
    for (Thread thread : threads.made) {
      thread.join();
    }
  }
}
