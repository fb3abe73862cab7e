package io.threadpool.examples.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.hazelcast.internal.serialization.Data;
import com.hazelcast.internal.serialization.InternalSerializationService;
import com.hazelcast.internal.serialization.impl.DefaultSerializationServiceBuilder;
import io.threadpool.examples.checksum.Problem;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What travels arrives as it was, and is not too large. */
class WireTest {
  private static final int MOST_FILES = 256;
  private static final int ONE_MB = 1_000_000;

  private final InternalSerializationService engine =
      new DefaultSerializationServiceBuilder()
          .addDataSerializableFactory(Wire.FACTORY, new Wire())
          .build();

  private Data data(Answer answer) {
    return engine.toData(answer);
  }

  private Answer travel(Answer answer) {
    return engine.toObject(data(answer));
  }

  @Test
  void outcomesArriveInTheirOrder() {
    byte[] digest = new byte[32];
    digest[5] = 7;
    Answer answer =
        travel(
            Answer.done(
                List.of(
                    Outcome.hashed(digest),
                    Outcome.failed(new Problem(Problem.Kind.VANISHED, "vanished \u00e9")))));

    assertEquals(Answer.Kind.DONE, answer.kind());
    assertArrayEquals(digest, answer.outcomes().get(0).digest());
    Outcome second = answer.outcomes().get(1);
    assertNull(second.digest());
    assertEquals(Problem.Kind.VANISHED, second.kind());
    assertEquals("vanished \u00e9", second.reason());
  }

  @Test
  void whatIsSaidArrives() {
    for (Answer said :
        List.of(
            Answer.here(),
            Answer.draining(),
            Answer.absent(),
            Answer.unfit("no folder"),
            Answer.failed("no memory"))) {
      assertEquals(said.kind(), travel(said).kind());
      assertEquals(said.message(), travel(said).message());
    }
  }

  /** The engine hangs on a result that does not fit its heap. */
  @Test
  void theLongestAnswerIsBelowOneMegabyte() {
    String longest = "\u20ac".repeat(1_000_000);
    Outcome outcome = Outcome.failed(new Problem(Problem.Kind.UNREADABLE, longest));

    int done = data(Answer.done(Collections.nCopies(MOST_FILES, outcome))).dataSize();
    assertTrue(done > MOST_FILES * 1_000, "not the longest: " + done);
    assertTrue(done < ONE_MB, done + " bytes");
    assertTrue(data(Answer.failed(longest)).dataSize() < ONE_MB);
    assertTrue(data(Answer.unfit(longest)).dataSize() < ONE_MB);
  }
}
