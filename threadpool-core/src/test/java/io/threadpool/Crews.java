package io.threadpool;

import java.util.List;

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

  static int missing(PoolCore core) {
    return ((ThreadCrew) core.crew).floor.headcount().awaited();
  }
}
