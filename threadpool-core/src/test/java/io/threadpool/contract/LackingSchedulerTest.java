package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

/** A virtual thread waits for a pool, and cannot be told that it need not any more. */
@EnabledForJreRange(min = JRE.JAVA_21)
class LackingSchedulerTest {

  @Test
  void whatIsWaitedForIsDoneAllTheSame() throws Exception {
    ChildJvm child =
        ChildJvm.run(
            LackingSchedulerProgram.class, List.of("--add-opens=java.base/java.lang=ALL-UNNAMED"));
    assertEquals(0, child.status(), child::err);
    assertEquals(List.of("cancelled true", "ended null", "counted 1"), child.out());
  }
}
