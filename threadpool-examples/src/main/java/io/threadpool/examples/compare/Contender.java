package io.threadpool.examples.compare;

import java.util.List;

/** A kind of pool in the comparison. Stateless. */
interface Contender {

  /** Its name on the command line and at the head of its column. */
  String name();

  /** Its class, and where it comes from. */
  String description();

  /** Whether this JVM has it. */
  default boolean available() {
    return true;
  }

  /** Options of the JVM that its documentation names for what the scenarios ask for. */
  default List<String> jvmOptions() {
    return List.of();
  }

  /**
   * Opens a pool.
   *
   * @param trial what makes its threads, and is told the options that this takes
   * @throws MissingException if there is no such pool of this kind
   */
  OpenPool open(Plan plan, Trial trial);
}
