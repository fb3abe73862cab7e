package io.threadpool.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** Handles to fields, for the classes that have the fields. */
public final class Handles {

  private Handles() {}

  /** That of a field of the caller, whose look-up it is. */
  public static VarHandle field(MethodHandles.Lookup own, String name, Class<?> type) {
    try {
      return own.findVarHandle(own.lookupClass(), name, type);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }
}
