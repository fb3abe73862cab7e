package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Method;
import org.junit.jupiter.api.Test;

/** Where a pool was built is told of one that is forgotten: a line of the user's. */
class BuiltAtTest {

  private static String methodOf(PoolConfig config) {
    StackTraceElement line = config.builtAt();
    return line == null ? "none" : line.getClassName() + "." + line.getMethodName();
  }

  @Test
  void itIsTheLineThatCalls() {
    assertEquals(
        BuiltAtTest.class.getName() + ".itIsTheLineThatCalls",
        methodOf(WorkerPool.builder().size(1).config()));
  }

  @Test
  void itIsTheLineThatCallsByReflection() throws Exception {
    Method config = WorkerPoolBuilder.class.getDeclaredMethod("config");
    assertEquals(
        BuiltAtTest.class.getName() + ".itIsTheLineThatCallsByReflection",
        methodOf((PoolConfig) config.invoke(WorkerPool.builder().size(1))));
  }
}
