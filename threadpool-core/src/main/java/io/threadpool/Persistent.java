package io.threadpool;

/**
 * A command that, where it repeats, goes on after a run that throws.
 *
 * @param command the user's
 */
record Persistent(Runnable command) implements Runnable {

  @Override
  public void run() {
    command.run();
  }
}
