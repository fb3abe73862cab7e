package io.threadpool.examples.cluster;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a member says to a call. Also failures and "I am draining" are values: an exception may be
 * taken by the engine for one of its own, and then it runs the call again.
 *
 * <p>At most 1 MB, since the engine hangs on a result that does not fit its heap: a batch has 256
 * files, an {@link Outcome} at most some 1,600 bytes.
 */
final class Answer implements IdentifiedDataSerializable {
  /** What is said. */
  enum Kind {
    /** To a ping: the member can be given batches. */
    HERE,
    /** The member is about to leave; what it has not begun is given back. */
    DRAINING,
    /** To a ping: the member cannot work on this run, and why. */
    UNFIT,
    /** The submitter is not connected to this member, or not any more. */
    ABSENT,
    /**
     * To a batch: the outcomes of its files, in order; of the first ones if the run was stopped.
     */
    DONE,
    /** To a batch: hashing it failed, and why; this is no matter of one file. */
    FAILED
  }

  private Kind kind = Kind.FAILED;
  private String message = "";
  private List<Outcome> outcomes = List.of();

  /** To be read. */
  Answer() {}

  private Answer(Kind kind, String message, List<Outcome> outcomes) {
    this.kind = kind;
    this.message = message;
    this.outcomes = outcomes;
  }

  static Answer here() {
    return new Answer(Kind.HERE, "", List.of());
  }

  static Answer draining() {
    return new Answer(Kind.DRAINING, "", List.of());
  }

  static Answer unfit(String why) {
    return new Answer(Kind.UNFIT, Outcome.cut(why), List.of());
  }

  static Answer absent() {
    return new Answer(Kind.ABSENT, "", List.of());
  }

  static Answer done(List<Outcome> outcomes) {
    return new Answer(Kind.DONE, "", outcomes);
  }

  static Answer failed(String why) {
    return new Answer(Kind.FAILED, Outcome.cut(why), List.of());
  }

  Kind kind() {
    return kind;
  }

  /** Why, of {@code UNFIT} and {@code FAILED}; else empty. */
  String message() {
    return message;
  }

  List<Outcome> outcomes() {
    return outcomes;
  }

  @Override
  public int getFactoryId() {
    return Wire.FACTORY;
  }

  @Override
  public int getClassId() {
    return Wire.ANSWER;
  }

  @Override
  public void writeData(ObjectDataOutput out) throws IOException {
    out.writeString(kind.name());
    out.writeString(message);
    out.writeInt(outcomes.size());
    for (Outcome outcome : outcomes) {
      outcome.write(out);
    }
  }

  @Override
  public void readData(ObjectDataInput in) throws IOException {
    kind = Kind.valueOf(Wire.readString(in));
    message = Wire.readString(in);
    int count = in.readInt();
    List<Outcome> read = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      read.add(Outcome.read(in));
    }
    outcomes = read;
  }

  @Override
  public String toString() {
    return kind + (message.isEmpty() ? "" : ": " + message);
  }
}
