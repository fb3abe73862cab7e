package io.threadpool.examples;

import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;

/** A task that a member of a cluster was not written for. */
public final class Stranger implements Callable<Integer>, Serializable {
  private static final long serialVersionUID = 1;

  /** How many were made from bytes, or run. */
  public static final AtomicInteger MADE = new AtomicInteger();

  private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
    MADE.incrementAndGet();
    in.defaultReadObject();
  }

  @Override
  public Integer call() {
    return MADE.incrementAndGet();
  }
}
