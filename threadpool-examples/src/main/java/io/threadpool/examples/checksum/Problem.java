package io.threadpool.examples.checksum;

import java.io.IOException;
import java.nio.file.NoSuchFileException;

/**
 * Why something that the walk has found is not in the manifest.
 *
 * @param kind what it is counted as
 * @param reason what is told of it, in a few words
 */
public record Problem(Kind kind, String reason) {
  /** What a problem is counted as. */
  public enum Kind {
    /** It could not be read. */
    UNREADABLE("could not be read"),
    /** It is no longer what the walk has seen. */
    CHANGED("changed on the way"),
    /** It is no longer there. */
    VANISHED("vanished on the way");

    private final String words;

    Kind(String words) {
      this.words = words;
    }

    @Override
    public String toString() {
      return words;
    }
  }

  /** The file is no longer what the walk has seen. */
  public static final class ChangedException extends IOException {
    private static final long serialVersionUID = 1;

    /** It has changed. */
    public ChangedException() {
      super(Kind.CHANGED.toString());
    }
  }

  /**
   * What an exception of a walk or of reading amounts to.
   *
   * @param failure what was thrown
   * @return the problem
   */
  public static Problem of(IOException failure) {
    if (failure instanceof ChangedException) {
      return new Problem(Kind.CHANGED, Kind.CHANGED.toString());
    }
    if (failure instanceof NoSuchFileException) {
      return new Problem(Kind.VANISHED, Kind.VANISHED.toString());
    }
    return new Problem(Kind.UNREADABLE, Reason.of(failure));
  }
}
