package io.threadpool;

import io.threadpool.RejectedTaskException.Reason;
import io.threadpool.internal.StackProbe;
import org.jspecify.annotations.Nullable;

/**
 * A pool that may be built with no worker: to have one started takes stack, and who submits at the
 * end of one may be the only one who could ask for it. So that is looked for before anything is
 * accepted. A class of its own, since a pool that has workers does not pay for it.
 */
final class CautiousCore extends PoolCore {

  CautiousCore(PoolConfig config) {
    super(config);
  }

  @Override
  @Nullable Reason tryAccept(Object entry, long nanos) {
    StackProbe.ensure();
    return super.tryAccept(entry, nanos);
  }
}
