package io.threadpool.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The thread that calls factories. */
@Timeout(60)
class StarterTest {

  private static final InheritableThreadLocal<String> LOCAL = new InheritableThreadLocal<>();

  /** What the thread does; as little as that. */
  private abstract static class Work implements Starter.Work {
    @Override
    public void look() {}

    @Override
    public boolean isAwaited() {
      return false;
    }

    @Override
    public void notStarted(Throwable cause) {
      throw new AssertionError(cause);
    }
  }

  /** What the factory sees. */
  private static class Seen extends Work {
    final AtomicReference<String> local = new AtomicReference<>("none");
    final AtomicReference<Thread> thread = new AtomicReference<>();
    volatile ClassLoader loader;
    volatile ThreadGroup group;
    final CountDownLatch seen = new CountDownLatch(1);

    @Override
    public void startOne() {
      Thread current = Thread.currentThread();
      thread.set(current);
      local.set(LOCAL.get());
      loader = current.getContextClassLoader();
      group = current.getThreadGroup();
      seen.countDown();
    }
  }

  @Test
  void itInheritsNothingFromWhoAsks() throws Exception {
    Seen work = new Seen();
    Starter starter = new Starter(work, "starter", false);
    Thread asker =
        new Thread(
            new ThreadGroup("asker's"),
            () -> {
              LOCAL.set("asker's");
              starter.want();
            });
    asker.setDaemon(true);
    asker.setPriority(Thread.MIN_PRIORITY);
    asker.setContextClassLoader(new ClassLoader(null) {});
    asker.start();
    assertTrue(work.seen.await(20, TimeUnit.SECONDS), "nothing was started");
    Thread thread = work.thread.get();
    assertNotSame(asker, thread);
    assertNull(work.local.get());
    assertSame(Thread.currentThread().getContextClassLoader(), work.loader);
    assertSame(Thread.currentThread().getThreadGroup(), work.group);
    assertEquals(Thread.NORM_PRIORITY, thread.getPriority());
    assertFalse(thread.isDaemon());
  }

  /** It has found that it is not awaited, and is about to end. */
  @Test
  void whoIsAttendedAsksOnceMoreWhetherItIsAwaited() throws Exception {
    AtomicReference<Starter> starter = new AtomicReference<>();
    AtomicInteger asked = new AtomicInteger();
    CountDownLatch again = new CountDownLatch(1);
    Seen work =
        new Seen() {
          @Override
          public boolean isAwaited() {
            if (asked.incrementAndGet() == 1) {
              starter.get().attend(); // As a submitter does, right after the answer.
            } else {
              again.countDown();
            }
            return false;
          }
        };
    starter.set(new Starter(work, "starter", false));
    starter.get().want();
    assertTrue(again.await(20, TimeUnit.SECONDS), "it has ended");
  }

  /** Before 19 a group may be destroyed, and takes no thread then. */
  @Test
  @SuppressWarnings("removal") // That is what it is about.
  void aGroupThatIsGoneIsNoHindrance() throws Exception {
    Seen work = new Seen();
    AtomicReference<Starter> made = new AtomicReference<>();
    ThreadGroup gone = new ThreadGroup("gone");
    gone.setDaemon(true);
    Thread maker = new Thread(gone, () -> made.set(new Starter(work, "starter", false)));
    maker.start();
    maker.join();
    Awaitility.await().until(() -> gone.isDestroyed() || Runtime.version().feature() > 18);
    made.get().want();
    assertTrue(work.seen.await(20, TimeUnit.SECONDS), "nothing was started");
  }

  /** It ends when there is nothing to start, and there is another when there is. */
  @Test
  void itExistsWhileThereIsSomethingToStart() {
    AtomicInteger started = new AtomicInteger();
    AtomicReference<Thread> thread = new AtomicReference<>();
    Starter starter =
        new Starter(
            new Work() {
              @Override
              public void startOne() {
                thread.set(Thread.currentThread());
                started.incrementAndGet();
              }
            },
            "starter",
            true);
    for (int i = 1; i <= 3; i++) {
      int number = i;
      starter.want();
      Awaitility.await().until(() -> started.get() == number && !thread.get().isAlive());
    }
  }

  /** Should the work lack memory after all, the next is started nevertheless. */
  @Test
  void whatBreaksOneStartDoesNotBreakTheNext() {
    AtomicInteger started = new AtomicInteger();
    Starter starter =
        new Starter(
            new Work() {
              @Override
              public void startOne() {
                if (started.incrementAndGet() == 1) {
                  throw new OutOfMemoryError("for the test");
                }
              }
            },
            "starter",
            true);
    starter.want();
    Awaitility.await().until(() -> started.get() == 1);
    starter.want();
    Awaitility.await().until(() -> started.get() == 2);
  }
}
