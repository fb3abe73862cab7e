package io.threadpool.examples.page;

import io.threadpool.examples.UsageException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option {@code --page} of a program. */
public final class PageOption {
  @Option(
      names = "--page",
      paramLabel = "PORT",
      description =
          "Show what the pool is doing on a live page, at this port of 127.0.0.1; 0 for any free"
              + " one. Its address is printed. Default: no page")
  private @Nullable Integer port;

  /** Made by the command. */
  public PageOption() {}

  /** {@return whether it was given} */
  public boolean isGiven() {
    return port != null;
  }

  /**
   * Refuses what is no port.
   *
   * @throws UsageException if it is none
   */
  public void check() {
    if (port != null && (port < 0 || port > 65_535)) {
      throw new UsageException("--page must be 0 to 65535, not " + port);
    }
  }

  /**
   * Opens the page, if it is wanted.
   *
   * @param program what the page is of
   * @return the page, or null if none is wanted
   * @throws PageException if the port cannot be had; the message names it
   */
  public @Nullable Page open(String program) throws PageException {
    if (port == null) {
      return null;
    }
    try {
      return Page.open(program, port);
    } catch (IOException e) {
      throw new PageException(
          "cannot show the page on " + Page.HOST + ":" + port + ": " + e.getMessage(), e);
    }
  }
}
