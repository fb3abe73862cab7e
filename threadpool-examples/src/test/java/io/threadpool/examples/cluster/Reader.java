package io.threadpool.examples.cluster;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** What a member reads files with, if a test wants to count them, or to hold it. */
final class Reader implements MemberWork.Digests {
  private final MemberWork.Digests files = MemberWork.ofFiles();
  private final CountDownLatch gate;

  /** How often each file was begun, and how often it was hashed. */
  final Map<Path, Integer> begun = new ConcurrentHashMap<>();

  final Map<Path, Integer> hashed = new ConcurrentHashMap<>();
  final AtomicInteger interrupted = new AtomicInteger();

  private Reader(CountDownLatch gate) {
    this.gate = gate;
  }

  static Reader free() {
    return new Reader(new CountDownLatch(0));
  }

  /** Holds each file until the gate opens. */
  static Reader behind(CountDownLatch gate) {
    return new Reader(gate);
  }

  @Override
  public byte[] hash(Path file, BasicFileAttributes seen) throws IOException {
    begun.merge(file, 1, Integer::sum);
    try {
      gate.await();
    } catch (InterruptedException e) {
      interrupted.incrementAndGet();
      Thread.currentThread().interrupt();
      throw new ClosedByInterruptException();
    }
    byte[] digest = files.hash(file, seen);
    hashed.merge(file, 1, Integer::sum);
    return digest;
  }
}
