package io.threadpool.examples.cluster;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import io.threadpool.examples.checksum.Problem;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What became of one file of a batch.
 *
 * @param digest its SHA-256; null if there is a problem
 * @param kind the kind of problem
 * @param reason what is told of the problem; empty if there is none
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Outcome(byte @Nullable [] digest, Problem.Kind kind, String reason) {
  /** So that an answer stays far below what it may have; see {@link Answer}. */
  private static final int MOST_CHARS = 500;

  static Outcome hashed(byte[] digest) {
    return new Outcome(digest, Problem.Kind.UNREADABLE, "");
  }

  static Outcome failed(Problem problem) {
    return new Outcome(null, problem.kind(), cut(problem.reason()));
  }

  /** A text for people, as long as it may travel. */
  static String cut(String text) {
    return text.length() <= MOST_CHARS ? text : text.substring(0, MOST_CHARS) + "...";
  }

  void write(ObjectDataOutput out) throws IOException {
    out.writeByteArray(digest);
    if (digest == null) {
      out.writeString(kind.name());
      out.writeString(reason);
    }
  }

  static Outcome read(ObjectDataInput in) throws IOException {
    byte[] digest = in.readByteArray();
    return digest != null
        ? hashed(digest)
        : new Outcome(null, Problem.Kind.valueOf(Wire.readString(in)), Wire.readString(in));
  }
}
