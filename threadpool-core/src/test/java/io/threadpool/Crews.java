package io.threadpool;

import io.threadpool.internal.Threads;
import java.util.List;
import java.util.concurrent.ThreadFactory;

/** Looks into the crew of a pool on threads. */
final class Crews {

  private Crews() {}

  static Places of(PoolCore core) {
    return ((ThreadCrew) core.crew).places;
  }

  static Carrier carrier(PoolCore core) {
    return ((ThreadCrew) core.crew).carrier;
  }

  static List<Thread> threads(Crew crew) {
    return crew.frames().stream().map(frame -> frame.thread).toList();
  }

  /** Makes daemons for workers. */
  static ThreadFactory daemons(String pool) {
    return worker -> Threads.daemon(pool + "-" + ((Worker) worker).id, worker, null);
  }

  /** How long nothing is started after the last failure. */
  static long pause(PoolCore core) {
    return ((ThreadCrew) core.crew).growth.pause;
  }

  static int missing(PoolCore core) {
    return ((ThreadCrew) core.crew).floor.headcount().awaited();
  }
}
