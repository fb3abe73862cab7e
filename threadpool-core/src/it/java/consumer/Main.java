package consumer;

import io.threadpool.WorkerPool;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

/**
 * Runs the README's samples where the library comes from the place that the argument says: {@code
 * class-path}, {@code module-path} or {@code run-time-image}.
 */
public final class Main {

  private Main() {}

  public static void main(String[] arguments) throws Exception {
    String place = place();
    check(place.equals(arguments[0]), "the library is on the " + place);
    String first =
        printed(
            () -> {
              QuickStart.run();
              return null;
            });
    check(first.contains("42") && first.contains("43"), first);
    String second =
        printed(
            () -> {
              Configured.run();
              return null;
            });
    check(second.contains("accepted=1"), second);
    if (place.equals("run-time-image")) { // Nothing optional has come along.
      Set<String> modules =
          ModuleLayer.boot().modules().stream().map(Module::getName).collect(Collectors.toSet());
      check(
          modules.equals(Set.of("java.base", "org.slf4j", "io.threadpool", "consumer")),
          modules.toString());
    }
    System.out.println(place + ", Java " + Runtime.version() + ":");
    System.out.print(first + second);
  }

  /** Where the library was loaded from. */
  private static String place() {
    Module library = WorkerPool.class.getModule();
    if (!library.isNamed()) {
      return "class-path";
    }
    check(library.getName().equals("io.threadpool"), library.getName());
    check(!library.getDescriptor().isAutomatic(), "the module has no descriptor");
    String protocol = WorkerPool.class.getResource("WorkerPool.class").getProtocol();
    return protocol.equals("jrt") ? "run-time-image" : "module-path";
  }

  private static String printed(Callable<?> sample) throws Exception {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      sample.call();
    } finally {
      System.setOut(before);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalStateException(otherwise);
    }
  }
}
