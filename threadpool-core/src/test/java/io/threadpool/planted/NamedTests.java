package io.threadpool.planted;

import java.io.PrintStream;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs the tests that its arguments name, in a JVM of its own, and ends that at the first failure:
 * {@link PlantedBugs} starts it on broken classes. Its last line on the standard output is the
 * answer.
 */
public final class NamedTests {

  /** Begins the answer where a test has failed; the test and its message follow. */
  static final String CAUGHT = "CAUGHT ";

  /** Begins the answer where none has; how many there were follows. */
  static final String PASSED = "PASSED ";

  private static final List<String> PACKAGES =
      List.of("io.threadpool.", "io.threadpool.contract.", "io.threadpool.internal.");

  private static final PrintStream OUT = System.out;

  private NamedTests() {}

  /**
   * Runs.
   *
   * @param names {@code Class#method} or {@code Class}
   */
  public static void main(String[] names) {
    List<DiscoverySelector> selectors = new ArrayList<>();
    for (String name : names) {
      selectors.addAll(selectors(name));
    }
    // On a thread of its own, a test that does not hear its interrupt is told as well.
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(selectors)
            .configurationParameter("junit.jupiter.execution.timeout.default", "60 s")
            .configurationParameter(
                "junit.jupiter.execution.timeout.thread.mode.default", "SEPARATE_THREAD")
            .configurationParameter("jqwik.database", "")
            .configurationParameter("jqwik.reporting.onlyfailures", "true")
            .build();
    int[] passed = new int[1];
    LauncherFactory.create()
        .execute(
            request,
            new TestExecutionListener() {
              @Override
              public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                if (result.getStatus() == TestExecutionResult.Status.FAILED) {
                  caught(nameOf(test), result.getThrowable().orElse(null));
                }
                passed[0] += test.isTest() ? 1 : 0;
              }
            });
    end(PASSED + passed[0], 0);
  }

  /** The tests of a name; fails where there are none, so that a list of tests cannot rot. */
  static List<DiscoverySelector> selectors(String name) {
    String[] parts = name.split("#");
    Class<?> type = classOf(parts[0]);
    if (parts.length == 1) {
      return List.of(DiscoverySelectors.selectClass(type));
    }
    List<DiscoverySelector> found = new ArrayList<>();
    for (Method method : type.getDeclaredMethods()) {
      if (method.getName().equals(parts[1]) && !method.isSynthetic()) {
        found.add(DiscoverySelectors.selectMethod(type, method));
      }
    }
    if (found.isEmpty()) {
      throw new IllegalArgumentException("no test " + name);
    }
    return found;
  }

  private static Class<?> classOf(String name) {
    for (String prefix : PACKAGES) {
      try {
        return Class.forName(prefix + name, false, NamedTests.class.getClassLoader());
      } catch (ClassNotFoundException elsewhere) {
        // In the other package.
      }
    }
    throw new IllegalArgumentException("no test class " + name);
  }

  private static String nameOf(TestIdentifier test) {
    return test.getSource()
        .map(
            source ->
                source instanceof MethodSource method
                    ? simpleName(method.getClassName()) + "#" + method.getMethodName()
                    : test.getDisplayName())
        .orElseGet(test::getDisplayName);
  }

  private static String simpleName(String className) {
    return className.substring(className.lastIndexOf('.') + 1);
  }

  private static void caught(String test, Throwable thrown) {
    if (thrown != null) {
      thrown.printStackTrace();
    }
    String message = String.valueOf(thrown == null ? null : thrown.getMessage());
    String type = thrown == null ? "" : thrown.getClass().getSimpleName() + ": ";
    boolean told = thrown instanceof AssertionError;
    String first = Arrays.stream(message.split("\n")).findFirst().orElse("").strip();
    end(CAUGHT + test + " " + (told ? first : type + first), 1);
  }

  /** Ends the JVM at once: what the fault has left behind may hold it up. */
  private static synchronized void end(String answer, int status) {
    OUT.println(answer);
    OUT.flush();
    Runtime.getRuntime().halt(status);
  }

  /**
   * Ends the JVM when a test throws, before what cleans up after it, which would wait for the
   * broken pool in vain. {@link PlantedBugs} has JUnit find it through the service loader.
   */
  public static final class AtOnce
      implements TestExecutionExceptionHandler, LifecycleMethodExecutionExceptionHandler {

    /** For the service loader. */
    public AtOnce() {}

    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable thrown) {
      caught(nameOf(context), thrown);
    }

    @Override
    public void handleAfterEachMethodExecutionException(ExtensionContext context, Throwable t) {
      caught(nameOf(context), t);
    }

    private static String nameOf(ExtensionContext context) {
      return context.getRequiredTestClass().getSimpleName()
          + "#"
          + context.getRequiredTestMethod().getName();
    }
  }
}
