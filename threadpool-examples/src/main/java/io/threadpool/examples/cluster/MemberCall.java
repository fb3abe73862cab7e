package io.threadpool.examples.cluster;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceAware;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import java.io.IOException;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** Something that a submitter asks of a member, for a run: the engine's id of that client. */
abstract class MemberCall
    implements Callable<Answer>, IdentifiedDataSerializable, HazelcastInstanceAware {
  private UUID run;
  private @Nullable HazelcastInstance member;

  MemberCall(UUID run) {
    this.run = run;
  }

  /** Answers it, on the member. */
  abstract Answer answer(MemberWork work, UUID of);

  @Override
  public final Answer call() {
    if (member == null) {
      throw new IllegalStateException("not on a member");
    }
    MemberWork work = MemberWork.of(member);
    work.open(run);
    if (!isSubmitterThere(member)) { // It left in the meantime, or the call came by another member.
      work.close(run);
      return Answer.absent();
    }
    return answer(work, run);
  }

  private boolean isSubmitterThere(HazelcastInstance instance) {
    return instance.getClientService().getConnectedClients().stream()
        .anyMatch(client -> client.getUuid().equals(run));
  }

  @Override
  public final void setHazelcastInstance(HazelcastInstance instance) {
    member = instance;
  }

  @Override
  public final int getFactoryId() {
    return Wire.FACTORY;
  }

  @Override
  public void writeData(ObjectDataOutput out) throws IOException {
    out.writeLong(run.getMostSignificantBits());
    out.writeLong(run.getLeastSignificantBits());
  }

  @Override
  public void readData(ObjectDataInput in) throws IOException {
    run = new UUID(in.readLong(), in.readLong());
  }
}
