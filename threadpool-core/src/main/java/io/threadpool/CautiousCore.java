package io.threadpool;

import io.threadpool.RejectedTaskException.Reason;
import io.threadpool.internal.StackProbe;
import org.jspecify.annotations.Nullable;

/**
 * A pool that may be built with no worker, or where tasks have to start in time. To have a worker
 * started, or the watch, takes stack, and who submits at the end of one may be the only one who
 * could ask for it. So that is looked for before anything is accepted. A class of its own, since
 * other pools do not pay for it.
 */
final class CautiousCore extends PoolCore {

  CautiousCore(PoolConfig config) {
    super(config);
  }

  @Override
  @Nullable Reason tryAccept(Object entry, long nanos) {
    StackProbe.ensure();
    Reason refused = super.tryAccept(entry, nanos);
    bodies.watch(); // It has to start in time, though nobody may run it.
    return refused;
  }
}
