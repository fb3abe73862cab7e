package io.threadpool.examples.checksum;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The work that is interrupted: says which files are waited for, and how not to wait.
 *
 * @param tally knows what is being read
 * @param err is told
 * @param drain how long that may take; null for as long as it takes
 * @param drop drops it
 */
record Interrupted(Tally tally, PrintStream err, @Nullable Duration drain, Runnable drop)
    implements Interruption.Work {
  /** A terminal has room for a few names, and a pool may have 256 workers. */
  private static final int MOST_NAMES = 3;

  @Override
  public void tell() {
    List<Item> files = tally.inHand();
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    if (Terminal.isStandardError()) {
      append(line, Progress.ERASE);
    }
    if (files.isEmpty()) {
      append(line, "checksum: interrupted; finishing the manifest");
    } else {
      append(line, "checksum: interrupted; finishing what is being read: ");
      for (int i = 0; i < Math.min(files.size(), MOST_NAMES); i++) {
        append(line, i == 0 ? "" : ", ");
        ManifestFormat.appendShown(line, files.get(i).name());
      }
      int more = files.size() - MOST_NAMES;
      append(line, more > 0 ? " and " + more + " more" : "");
      append(line, drain == null ? "" : ", for at most " + drain.toMillis() / 1000.0 + " s");
      append(line, "; Ctrl-C again drops it");
    }
    append(line, System.lineSeparator());
    err.writeBytes(line.toByteArray());
    err.flush();
  }

  private static void append(ByteArrayOutputStream line, String text) {
    line.writeBytes(text.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void abort() {
    drop.run();
  }
}
