package io.threadpool.examples.cluster;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import java.io.IOException;
import java.util.UUID;

/**
 * Asks a member to hash a batch. Waits, on a thread of the engine, while the member's pool does.
 */
final class HashCall extends MemberCall {
  private FileBatch files = FileBatch.EMPTY;

  /** To be read. */
  HashCall() {
    super(new UUID(0, 0));
  }

  HashCall(UUID run, FileBatch files) {
    super(run);
    this.files = files;
  }

  @Override
  Answer answer(MemberWork work, UUID run) {
    return work.hash(run, files);
  }

  @Override
  public int getClassId() {
    return Wire.HASH_CALL;
  }

  @Override
  public void writeData(ObjectDataOutput out) throws IOException {
    super.writeData(out);
    files.write(out);
  }

  @Override
  public void readData(ObjectDataInput in) throws IOException {
    super.readData(in);
    files = FileBatch.read(in);
  }
}
