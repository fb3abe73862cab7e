package io.threadpool.examples.compare;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a scenario wants of the pool that it opens. A {@link Contender} that cannot give it throws a
 * {@link MissingException}. To be set by the chained methods, then only read.
 */
final class Plan {

  /** What is to happen to a submission that finds the queue full. */
  enum Saturation {
    REFUSE,
    BLOCK,
    CALLER_RUNS,
    DISCARD_OLDEST,
  }

  /** What goes wrong with the threads. */
  enum StartFault {
    NONE,
    /** Starting the second throws what the JVM throws when the system has no more. */
    SECOND_FAILS,
    /** The factory returns null, which its contract allows. */
    NO_THREADS,
  }

  final int size;
  int capacity;
  Saturation saturation = Saturation.REFUSE;
  @Nullable Duration patience;
  StartFault fault = StartFault.NONE;
  Thread.@Nullable UncaughtExceptionHandler handler;
  boolean queued;
  boolean ordered;
  boolean lastInFirstOut;
  boolean elastic;
  boolean crowd;
  boolean freshLocals;
  boolean endsWhenDropped;
  boolean mdc;
  boolean telling;
  boolean priorities;
  boolean delays;
  boolean counted;
  boolean drainsAtExit;

  private Plan(int size) {
    this.size = size;
  }

  /** A pool of so many threads. */
  static Plan threads(int size) {
    return new Plan(size);
  }

  /** More tasks than threads wait in a queue. */
  Plan queued() {
    queued = true;
    return this;
  }

  /** So many tasks may wait, and no more. */
  Plan capacity(int capacity) {
    this.capacity = capacity;
    return queued();
  }

  Plan whenFull(Saturation saturation) {
    this.saturation = saturation;
    return this;
  }

  /** A submission waits for room: so long, or, for null, as long as it takes. */
  Plan blocking(@Nullable Duration patience) {
    this.patience = patience;
    return whenFull(Saturation.BLOCK);
  }

  Plan fault(StartFault fault) {
    this.fault = fault;
    return this;
  }

  /** What tasks without a handle throw goes here. */
  Plan handler(Thread.UncaughtExceptionHandler handler) {
    this.handler = handler;
    return this;
  }

  /** Tasks run in the order in which they were handed over, also those handed over by a task. */
  Plan ordered() {
    ordered = true;
    return queued();
  }

  /** A task's own submissions run the latest first. */
  Plan lastInFirstOut() {
    lastInFirstOut = true;
    return queued();
  }

  /** Threads that have been idle for a tenth of a second end. */
  Plan elastic() {
    elastic = true;
    return this;
  }

  /** So many threads need not be threads of the system. */
  Plan crowd() {
    crowd = true;
    return this;
  }

  /** No task finds thread locals of another. */
  Plan freshLocals() {
    freshLocals = true;
    return this;
  }

  /** Whether a thread of its own for each task, a virtual one, gives what is wanted. */
  boolean virtual() {
    return crowd || freshLocals;
  }

  /** The threads end, sooner or later, when nobody has the pool any more. */
  Plan endsWhenDropped() {
    endsWhenDropped = true;
    return this;
  }

  /** Tasks have the logging context of who submitted them. */
  Plan mdc() {
    mdc = true;
    return this;
  }

  /** What a submitted task throws is told, whether or not somebody asks for its result. */
  Plan telling() {
    telling = true;
    return this;
  }

  /** Of the tasks that wait, the least, as {@link Comparable}, runs first. */
  Plan priorities() {
    priorities = true;
    return queued();
  }

  /** It counts the tasks that have ended. */
  Plan counted() {
    counted = true;
    return this;
  }

  /** When the JVM exits, all that was accepted is run first. */
  Plan drainsAtExit() {
    drainsAtExit = true;
    return this;
  }

  /** Tasks can be handed over to be run later. */
  Plan delays() {
    delays = true;
    return this;
  }
}
