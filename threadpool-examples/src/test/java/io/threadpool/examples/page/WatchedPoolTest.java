package io.threadpool.examples.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.threadpool.WorkerPool;
import io.threadpool.WorkerPools;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WatchedPoolTest {

  /** The page tells the verdict of a report once, by the outcomes beside it. */
  @Test
  void aReportIsToldWithItsOwnCounts() {
    WorkerPool pool = WorkerPool.builder().size(1).name("watched").build();
    var view =
        WorkerPools.all().stream()
            .filter(each -> each.name().equals("watched"))
            .findFirst()
            .orElseThrow();
    WatchedPool watched = new WatchedPool(view, 0);
    pool.submit(() -> {}).join();
    pool.close();
    assertFalse(watched.state().containsKey("report"), "beside what was seen before it");
    watched.look(1_000_000_000, true);
    assertEquals(1L, ((Map<?, ?>) watched.state().get("report")).get("accepted"));
    assertEquals(1L, ((Map<?, ?>) watched.state().get("outcomes")).get("completed"));
  }
}
