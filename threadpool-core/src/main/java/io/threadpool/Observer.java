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

  /**
   * Asked by {@link Admission}: whether nothing is to be told as the next says, as long as the size
   * of the crew is not changed.
   */
  boolean isComplete();

  /** Of who has submitted, found more, or waits: something is queued, and nobody to be woken. */
  void onNobodyAwake();

  /**
   * The same, of a run that has just begun and found more than it takes, or leaves its place and
   * some behind.
   */
  void onMoreFound();

  /** Of who runs a body, or has submitted one: nobody looks how long it takes. */
  void onUnwatched();

  /** Of a worker: it is on its way out of the loop. */
  void onLeaving();

  /** Of a crew: a run that was counted in does not begin; the end may have waited for it. */
  void onNotBegun();

  /**
   * Of a worker: its run is over, and is not counted any more.
   *
   * @param ended whether because the pool ends
   */
  void onLeft(int worker, boolean ended);

  /** Of a worker: its thread has come to it. */
  void onCome();

  /** Of whoever has counted a run out on a thread, however that has ended: there may be room. */
  void onCountedOut();

  /** Of the delays: nothing is accepted beside the queue that is not over. */
  void onNothingBeside();

  /** Of the watch, once for those: workers were counted out, and others may be started. */
  void onRoom();

  /** Of the watch: no worker is left whose thread is alive, and something is queued. */
  void onNobodyLeft();

  /** Of the abort: an errand has nothing left to tell or to interrupt. */
  void onErrandOver();

  /** Of who was about to run a command: it was given up, and has not begun. */
  void onGivenUp(Object command);

  /** Of the life cycle: the pool accepts nothing any more; called once. */
  void onShutdown();

  /** Of the life cycle: the last body is out; called again where it throws. */
  void onTerminated();
}
