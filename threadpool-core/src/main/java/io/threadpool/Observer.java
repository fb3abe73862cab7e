package io.threadpool;

/**
 * What the parts of a pool tell, and ask, the one that has built them and knows them all. One type
 * for all of them, since each class more is loaded before the first pool of a JVM is open.
 */
interface Observer {

  /** Of the {@link BodyCount}: the last one is out. */
  void onLastOut();

  /** Asked by {@link Quiescence}: whether no frame shows a body. */
  boolean nothingRuns();

  /** Asked by {@link Quiescence}, as is the one before. */
  boolean isTerminated();

  /** Of the admission: a submission has found nobody to wake, and not all workers run yet. */
  void onNobodyAwake();

  /** Of a worker: it is on its way out of the loop. */
  void onLeaving();

  /** Of a worker: it has left, and is not counted any more. */
  void onLeft(int worker);

  /** Of the watch: no worker is left whose thread is alive, and something is queued. */
  void onNobodyLeft();

  /** Of the abort: an errand has nothing left to tell or to interrupt. */
  void onErrandOver();

  /** Of the life cycle: the pool accepts nothing any more; called once. */
  void onShutdown();

  /** Of the life cycle: the last body is out; called again where it throws. */
  void onTerminated();
}
