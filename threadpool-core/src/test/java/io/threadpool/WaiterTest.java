package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.threadpool.internal.Spinner;
import io.threadpool.internal.TaskQueue;
import io.threadpool.internal.Yielder;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class WaiterTest {

  private final CompletableFuture<String> handle = new CompletableFuture<>();
  private final Spinner spinner = new Spinner();
  private int yields;

  private Yielder yielder(boolean cheap, int endsAfter) {
    return new Yielder(new TaskQueue(1, 1)) {
      @Override
      public boolean letRun() {
        if (++yields == endsAfter) {
          handle.complete("done");
        }
        return cheap;
      }
    };
  }

  @Test
  void whoWaitsYieldsAFewTimes() {
    Waiter.letRun(handle, spinner, yielder(true, Integer.MAX_VALUE));
    assertEquals(Waiter.YIELDS, yields);
  }

  @Test
  void whoWaitsYieldsNoMoreWhereThatIsDear() {
    Waiter.letRun(handle, spinner, yielder(false, Integer.MAX_VALUE));
    assertEquals(1, yields);
  }

  @Test
  void whoWaitsYieldsNoMoreThanUntilTheHandleIsDone() {
    Waiter.letRun(handle, spinner, yielder(true, 3));
    assertEquals(3, yields);
    Waiter.letRun(handle, spinner, yielder(true, 3));
    assertEquals(3, yields);
  }
}
