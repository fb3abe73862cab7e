package io.threadpool.examples.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.threadpool.examples.compare.Scenario.Probing;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

class TrialTest {
  private static Verdict verdict(Probing probe) {
    Trial trial = new Trial(new JdkContender(), Duration.ofMillis(50), new Sightings(), cell -> {});
    return trial.run(new Scenario("test", "it holds", probe)).verdict();
  }

  @Test
  void whatAScenarioThrowsIsItsAnswer() {
    assertEquals(Verdict.YES, verdict(trial -> {}));
    assertEquals(Verdict.NO, verdict(trial -> Trial.require(false, "it does not")));
    assertEquals(
        Verdict.NO,
        verdict(
            trial -> {
              throw new ExecutionException(new Error());
            }));
    assertEquals(
        Verdict.NO,
        verdict(
            trial -> {
              throw new StackOverflowError();
            }));
    assertEquals(
        Verdict.NOT_APPLICABLE,
        verdict(
            trial -> {
              throw new MissingException("a feature");
            }));
  }

  @Test
  void aWaitInVainIsAHang() {
    assertEquals(Verdict.HANGS, verdict(trial -> trial.await("who", new CountDownLatch(1))));
    assertEquals(Verdict.HANGS, verdict(trial -> trial.finish("who", new CompletableFuture<>())));
    assertEquals(Verdict.HANGS, verdict(trial -> trial.settle("who", new CompletableFuture<>())));
    assertEquals(
        Verdict.NO, verdict(trial -> Trial.require(trial.eventually(() -> false), "never")));
  }

  @Test
  void everyScenarioHasANameAndAPhraseOfItsOwn() {
    Set<String> seen = new HashSet<>();
    for (Scenario scenario : Scenarios.all()) {
      seen.add(scenario.id());
      seen.add(scenario.phrase());
      assertEquals(scenario, Scenarios.named(scenario.id()));
    }
    assertEquals(2 * Scenarios.all().size(), seen.size());
  }
}
