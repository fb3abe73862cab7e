package io.threadpool.examples.checksum;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.examples.SignalListener;
import io.threadpool.examples.checksum.Interruption.Policy;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class InterruptionTest {
  /** What is said has been said, however long its speaker is kept off its processor. */
  private static final Duration TIME_TO_SAY = Duration.ofMinutes(1);

  private final List<Object> events = new CopyOnWriteArrayList<>();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private Interruption interruption = listen(Policy.DRAIN, null);

  private final Interruption.Work work =
      new Interruption.Work() {
        @Override
        public void tell() {
          events.add("told");
        }

        @Override
        public void abort() {
          events.add("aborted");
        }
      };

  private Interruption listen(Policy policy, @Nullable Duration drain) {
    return Interruption.listen(policy, drain, new PrintStream(err, true), events::add, TIME_TO_SAY);
  }

  private void listenInstead(Policy policy, @Nullable Duration drain) {
    interruption.close();
    interruption = listen(policy, drain);
    interruption.attach(work);
  }

  private Thread signal() {
    Thread signal = new Thread(interruption::signal);
    signal.start();
    return signal;
  }

  @AfterEach
  void close() {
    interruption.close();
  }

  @Test
  void aSignalTellsThenWaitsThenHaltsWith130() throws InterruptedException {
    interruption.attach(work);
    Thread first = signal();
    await().until(() -> events.equals(List.of("told")));
    assertTrue(interruption.isRequested());
    assertFalse(interruption.finish());
    interruption.close();
    first.join();

    assertEquals(List.of("told", 130), events);
  }

  @Test
  void aSignalBeforeTheWorkIsKnownIsNotForgotten() throws InterruptedException {
    Thread first = signal();
    await().until(interruption::isRequested);
    interruption.attach(work);
    assertEquals(List.of("told"), events);
    interruption.close();
    first.join();

    assertEquals(List.of("told", 130), events);
  }

  @Test
  void theSecondSignalAbortsAndAThirdChangesNothing() throws InterruptedException {
    interruption.attach(work);
    Thread first = signal();
    await().until(interruption::isRequested);
    signal().join();
    signal().join();
    assertTrue(interruption.isRequested());
    interruption.close();
    first.join();

    assertEquals(List.of("told", "aborted", 130), events);
  }

  @Test
  void whatDoesNotEndThoughAbortedIsHalted() throws InterruptedException {
    interruption.attach(work);
    Thread first = signal();
    await().until(interruption::isRequested);
    signal().join();
    first.join(); // Nobody closes.

    assertEquals(List.of("told", "aborted", 130), events);
    assertEquals(Interruption.INCOMPLETE, err.toString().strip());
  }

  /** As where standard error is a pipe whose reader has stopped. */
  @Test
  void whoCannotBeToldHoldsNothingUp() throws InterruptedException {
    CountDownLatch reading = new CountDownLatch(1);
    interruption.close();
    interruption =
        Interruption.listen(
            Policy.DRAIN, null, new PrintStream(err, true), events::add, Duration.ofMillis(50));
    interruption.attach(
        new Interruption.Work() {
          @Override
          public void tell() {
            try {
              reading.await();
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
          }

          @Override
          public void abort() {
            events.add("aborted");
          }
        });
    Thread first = signal();
    await().until(interruption::isRequested);
    signal().join();
    interruption.close();
    first.join();
    reading.countDown();

    assertEquals(List.of("aborted", 130), events);
  }

  @Test
  void theEndOfTheDrainAborts() throws InterruptedException {
    listenInstead(Policy.DRAIN, Duration.ofMillis(300));
    Thread first = signal();
    await().until(() -> events.contains("aborted"));
    interruption.close();
    first.join();

    assertEquals(List.of("told", "aborted", 130), events);
  }

  @Test
  void underAbortTheFirstSignalDoes() throws InterruptedException {
    listenInstead(Policy.ABORT, null);
    Thread first = signal();
    await().until(() -> events.contains("aborted"));
    interruption.close();
    first.join();

    assertEquals(List.of("aborted", 130), events);
  }

  @Test
  void afterTheWorkIsDoneASignalChangesNothing() {
    interruption.attach(work);
    assertTrue(interruption.finish());
    interruption.signal();
    interruption.signal();

    assertFalse(interruption.isRequested());
    assertEquals(List.of(), events);
  }

  @Test
  void afterTheWorkIsDoneSignalsGoWhereTheyWentBefore() {
    interruption.close();
    List<Integer> before = new CopyOnWriteArrayList<>();
    SignalListener listener = SignalListener.listen(before::add);
    try {
      listenInstead(Policy.DRAIN, null);
      assertTrue(interruption.finish());
      RealSignal.raise("TERM");
      await().until(() -> before.equals(List.of(143)));
      interruption.close();
      RealSignal.raise("TERM"); // INT may be ignored, as of what a shell runs in the background.
      await().until(() -> before.equals(List.of(143, 143)));
      assertEquals(List.of(), events);
    } finally {
      listener.close();
    }
  }
}
