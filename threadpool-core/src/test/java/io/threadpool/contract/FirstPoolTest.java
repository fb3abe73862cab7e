package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.WorkerPool;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the first pool of a JVM brings with it. */
class FirstPoolTest {

  static final class Builds {
    public static void main(String[] args) {
      WorkerPool pool = WorkerPool.fixed(1);
      ChildJvm.say("built");
      pool.close();
    }
  }

  /** A class that is first used by a wait at the end of a stack could not be loaded there. */
  @Test
  void whatAWaitBeginsWithIsLoadedWithTheFirstPool() throws Exception {
    ChildJvm child = ChildJvm.run(Builds.class, List.of("-Xlog:class+load"));
    assertEquals(0, child.status(), child::toString);
    List<String> before = child.out().subList(0, child.out().indexOf("built"));
    assertTrue(before.stream().anyMatch(line -> line.contains("io.threadpool.Waiter ")));
  }
}
