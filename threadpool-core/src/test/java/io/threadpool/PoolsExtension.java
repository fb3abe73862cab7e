package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Checks after every test of the suite that no worker is left alive, and for the pools of a test
 * that takes a {@link Pools} that the conservation law holds. Found by JUnit through the service
 * loader.
 */
public final class PoolsExtension
    implements BeforeEachCallback, AfterEachCallback, ParameterResolver {

  private static final Namespace NAMESPACE = Namespace.create(PoolsExtension.class);
  private static final long LONG_NANOS = 60_000_000_000L;

  // What a test waits for it looks for at once, then often, and long on a busy machine.
  static {
    Awaitility.setDefaultPollDelay(Duration.ZERO);
    Awaitility.setDefaultPollInterval(Duration.ofMillis(1));
    Awaitility.setDefaultTimeout(Duration.ofNanos(LONG_NANOS));
  }

  /** For the service loader. */
  public PoolsExtension() {}

  @Override
  public void beforeEach(ExtensionContext context) {
    pools(context);
  }

  @Override
  public void afterEach(ExtensionContext context) throws Exception {
    pools(context).endAll();
    long start = System.nanoTime();
    List<Thread> left = workerThreads();
    while (!left.isEmpty() && System.nanoTime() - start < LONG_NANOS) {
      left.get(0).join(5); // It is about to end.
      left = workerThreads();
    }
    assertEquals("", left.stream().map(PoolsExtension::text).collect(Collectors.joining()));
  }

  /** The live threads that run a worker of any pool. */
  static List<Thread> workerThreads() {
    return Thread.getAllStackTraces().entrySet().stream()
        .filter(PoolsExtension::runsWorker)
        .map(Map.Entry::getKey)
        .toList();
  }

  private static String text(Thread left) {
    return "left alive: " + left.getName() + Arrays.toString(left.getStackTrace());
  }

  private static boolean runsWorker(Map.Entry<Thread, StackTraceElement[]> entry) {
    return Arrays.stream(entry.getValue())
        .anyMatch(
            line ->
                line.getClassName().equals(Worker.class.getName())
                    && line.getMethodName().equals("run"));
  }

  private static Pools pools(ExtensionContext context) {
    return context
        .getStore(NAMESPACE)
        .getOrComputeIfAbsent("pools", key -> new Pools(), Pools.class);
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Pools.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return pools(context);
  }
}
