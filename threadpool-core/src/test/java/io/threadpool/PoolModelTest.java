package io.threadpool;

import io.threadpool.ModelPool.Config;
import io.threadpool.ModelPool.Crew;
import io.threadpool.ModelPool.Kind;
import io.threadpool.ModelPool.Timing;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.state.Action;
import net.jqwik.api.state.ActionChain;
import net.jqwik.api.state.Transformer;

/**
 * Random commands to a pool and to a sequential model of it, which have to agree after each: on the
 * outcome of every task, on the order in which bodies started, on every count. The normal suite
 * tries few; {@code -Dmodel.tries=N} tries N more.
 */
class PoolModelTest {

  private static final int TRIES = 300;
  private static final int COMMANDS = 40;

  private final Deque<ModelPool> open = new ArrayDeque<>();

  @Property(tries = TRIES, shrinking = ShrinkingMode.BOUNDED)
  void followsTheModel(@ForAll("chains") ActionChain<ModelPool> chain) {
    chain.run();
  }

  /** As many tries as were asked for; none in the normal suite. */
  @Example
  void followsTheModelForLong() {
    int tries = Integer.getInteger("model.tries", 0);
    chains()
        .sampleStream()
        .limit(tries)
        .forEach(
            chain -> {
              chain.run();
              closePools();
            });
    if (tries > 0) {
      System.out.println(tries + " sequences of up to " + COMMANDS + " commands, 0 violations");
    }
  }

  @AfterTry
  void closePools() {
    while (!open.isEmpty()) {
      open.removeFirst().close();
    }
  }

  @Provide
  Arbitrary<ActionChain<ModelPool>> chains() {
    return configs()
        .flatMap(
            config ->
                ActionChain.startWith(() -> open(config))
                    .withAction(12, submits())
                    .withAction(4, timed())
                    .withAction(4, just("pass", ModelPool::pass))
                    .withAction(1, just("stand still", ModelPool::standStill))
                    .withAction(6, chosen("release", ModelPool::release))
                    .withAction(2, chosen("cancel(true)", (p, i) -> p.cancel(i, true)))
                    .withAction(2, chosen("cancel(false)", (p, i) -> p.cancel(i, false)))
                    .withAction(1, chosen("complete", (p, i) -> p.complete(i, false)))
                    .withAction(1, chosen("completeExceptionally", (p, i) -> p.complete(i, true)))
                    .withAction(1, chosen("run", ModelPool::runByHand))
                    .withAction(2, chosen("join", ModelPool::join))
                    .withAction(1, chosen("resize", (p, i) -> p.resize(1 + i % 3)))
                    .withAction(2, ends())
                    .withMaxTransformations(COMMANDS));
  }

  private ModelPool open(Config config) {
    ModelPool pool = new ModelPool(config);
    open.add(pool);
    return pool;
  }

  private static Arbitrary<Config> configs() {
    return Combinators.combine(
            crews(),
            Arbitraries.integers().between(1, 2),
            Arbitraries.integers().between(0, 3),
            Arbitraries.of(
                SaturationPolicy.reject(),
                SaturationPolicy.block(Duration.ofNanos(100_000)),
                SaturationPolicy.callerRuns(),
                SaturationPolicy.discardOldest()))
        .as(Config::new);
  }

  private static Arbitrary<Crew> crews() {
    return Runtime.version().feature() < 21
        ? Arbitraries.of(Crew.FIXED, Crew.ELASTIC)
        : Arbitraries.of(Crew.class);
  }

  private static Action.Independent<ModelPool> submits() {
    return () ->
        Combinators.combine(
                Arbitraries.frequencyOf(
                    Tuple.of(4, Arbitraries.just(Kind.GATE)),
                    Tuple.of(1, Arbitraries.just(Kind.THROWER)),
                    Tuple.of(4, Arbitraries.just(Kind.JOINER))),
                Arbitraries.of(false, false, true))
            .as(
                (kind, raw) ->
                    command(
                        (raw ? "execute " : "submit ") + kind,
                        pool -> pool.submit(kind, raw, Timing.AT_ONCE, 0)));
  }

  /** What is delayed, repeats, or has a limit. */
  private static Action.Independent<ModelPool> timed() {
    return () ->
        Combinators.combine(
                Arbitraries.of(Kind.GATE, Kind.GATE, Kind.THROWER),
                Arbitraries.of(false, false, true),
                Arbitraries.of(Timing.values()),
                Arbitraries.integers().between(0, 3))
            .as(
                (kind, raw, timing, units) ->
                    command(
                        timing + " " + units + (raw ? " execute " : " submit ") + kind,
                        pool -> pool.submit(kind, raw, timing, units)));
  }

  private static Action.Independent<ModelPool> just(String name, Consumer<ModelPool> action) {
    return () -> Arbitraries.just(command(name, action));
  }

  private interface Chosen {
    void run(ModelPool pool, int choice);
  }

  private static Action.Independent<ModelPool> chosen(String name, Chosen action) {
    return () ->
        Arbitraries.integers()
            .between(0, 40)
            .map(choice -> command(name + " " + choice, pool -> action.run(pool, choice)));
  }

  private static Action.Independent<ModelPool> ends() {
    return () ->
        Arbitraries.of(
            command("shutdown", ModelPool::shutdown),
            command("drainFor a long time", ModelPool::drainForLong),
            command("shutdownNow", pool -> pool.shutdownNow(false)),
            command("shutdown(abort)", pool -> pool.shutdownNow(true)));
  }

  private static Transformer<ModelPool> command(String name, Consumer<ModelPool> action) {
    return Transformer.mutate(name, action);
  }
}
