package io.threadpool.examples;

/** The exit statuses of the programs. */
public final class ExitStatus {
  /** All was done. */
  public static final int OK = 0;

  /** The work was done, but for what standard error lists. */
  public static final int INCOMPLETE = 1;

  /**
   * Nothing useful could be done: a wrong option, a port in use, an output that cannot be written.
   */
  public static final int UNUSABLE = 2;

  /** A defect of the program; standard error has the stack trace. */
  public static final int DEFECT = 70;

  /** A signal ended the batch early. */
  public static final int INTERRUPTED = 130;

  /** The reader of standard output went away, as a shell reports it: 128 + SIGPIPE. */
  public static final int BROKEN_PIPE = 141;

  private ExitStatus() {}
}
