package io.threadpool.examples.cluster;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import java.io.IOException;
import java.util.UUID;

/**
 * Asks a member whether it is there and can work on this run, and tells it whether the run goes on.
 * Goes through an executor of its own, so that it does not wait behind batches.
 */
final class PingCall extends MemberCall {
  private boolean stopped;
  private byte[] folder = {};
  private byte[][] entries = {};

  /** To be read. */
  PingCall() {
    super(new UUID(0, 0));
  }

  /**
   * A ping.
   *
   * @param run the run
   * @param stopped whether no further file of it is to be begun
   * @param folder the absolute path of the folder that the member has to see
   * @param entries names in that folder, of which it has to see one, unless there are none
   */
  PingCall(UUID run, boolean stopped, byte[] folder, byte[][] entries) {
    super(run);
    this.stopped = stopped;
    this.folder = folder;
    this.entries = entries;
  }

  @Override
  Answer answer(MemberWork work, UUID run) {
    return work.ping(run, stopped, folder, entries);
  }

  @Override
  public int getClassId() {
    return Wire.PING_CALL;
  }

  @Override
  public void writeData(ObjectDataOutput out) throws IOException {
    super.writeData(out);
    out.writeBoolean(stopped);
    out.writeByteArray(folder);
    Wire.writeAll(out, entries);
  }

  @Override
  public void readData(ObjectDataInput in) throws IOException {
    super.readData(in);
    stopped = in.readBoolean();
    folder = Wire.readBytes(in);
    entries = Wire.readAll(in);
  }
}
