package io.threadpool;

/** Does what comes before the first pool, and nothing else. */
final class LinkedProgram {

  private LinkedProgram() {}

  public static void main(String[] args) {
    Rehearsal.once();
  }
}
