package io.threadpool.examples.cluster;

import io.threadpool.examples.checksum.FileToHash;
import io.threadpool.examples.checksum.Hashing;
import io.threadpool.examples.checksum.Portion;
import io.threadpool.examples.checksum.Problem;
import io.threadpool.examples.checksum.Reason;
import io.threadpool.examples.checksum.Run;
import io.threadpool.examples.checksum.Tally;
import io.threadpool.examples.checksum.UnavailableException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Lets the members of a cluster hash. */
public final class ClusterHashing implements Hashing {
  /** Some 10 ms of work, so that carrying a batch costs little beside it. */
  private static final int MOST_ITEMS = 256;

  private static final long MOST_CONTENT = 8 * 1024 * 1024;
  private static final int MOST_NAMES = 32 * 1024;

  /** A batch takes some 100 KiB at most; twice what the members take keeps them all busy. */
  private static final int FEWEST_BATCHES = 64;

  private static final int MOST_BATCHES = 1024;

  private final ClusterClient client;
  private final byte[] folder;
  private final int rootLength;
  private final Tally tally;

  ClusterHashing(ClusterClient client, byte[] folder, Run run) {
    this.client = client;
    this.folder = folder;
    this.rootLength = run.name().length;
    this.tally = run.tally();
  }

  /**
   * Connects to a cluster.
   *
   * @param addresses some of its members, {@code host:port,host:port}
   * @param name its name
   * @param run what is to be done
   * @return its members
   * @throws UnavailableException if none of them can hash
   */
  public static Hashing connect(String addresses, String name, Run run)
      throws UnavailableException {
    return connect(addresses, name, run, Patience.DEFAULT);
  }

  static Hashing connect(String addresses, String name, Run run, Patience patience)
      throws UnavailableException {
    List<InetSocketAddress> members = Addresses.parse("--cluster", addresses);
    try {
      Folder folder = Folder.of(run.root());
      ClusterClient client =
          ClusterClient.connect(members, name, folder, patience, run.stop(), run.warnings());
      return new ClusterHashing(client, folder.path(), run);
    } catch (IOException e) {
      throw e instanceof UnavailableException nobody
          ? nobody
          : new UnavailableException("cannot list DIR: " + Reason.of(e));
    }
  }

  @Override
  public Portion newPortion() {
    return new Portion(MOST_ITEMS, MOST_CONTENT, MOST_NAMES);
  }

  @Override
  public Iterator<Portion> hash(Iterator<Portion> found) {
    Queue<CompletableFuture<Portion>> inFlight = new ArrayDeque<>();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        CompletableFuture<Portion> first = inFlight.peek();
        while ((first == null || !first.isDone())
            && inFlight.size() < window()
            && found.hasNext()) {
          inFlight.add(submit(found.next()));
          first = inFlight.element();
        }
        return first != null;
      }

      @Override
      public Portion next() {
        return inFlight.remove().join();
      }
    };
  }

  /** How many may be in flight; more when members have come. */
  private int window() {
    int wanted = 2 * client.placement().credits();
    return Math.min(Math.max(wanted, FEWEST_BATCHES), MOST_BATCHES);
  }

  private CompletableFuture<Portion> submit(Portion portion) {
    List<FileToHash> files = portion.files();
    if (files.isEmpty()) {
      return CompletableFuture.completedFuture(portion);
    }
    Job job = client.placement().add(travelling(files), () -> portion.begin(tally));
    return job.outcomes
        .thenApply(outcomes -> settle(portion, files, outcomes))
        .whenComplete((settled, failure) -> portion.end(tally));
  }

  private FileBatch travelling(List<FileToHash> files) {
    int count = files.size();
    byte[][] names = new byte[count][];
    long[] sizes = new long[count];
    long[] modified = new long[count];
    for (int i = 0; i < count; i++) {
      FileToHash file = files.get(i);
      names[i] = Arrays.copyOfRange(file.name(), rootLength, file.name().length);
      sizes[i] = file.seen().size();
      modified[i] = file.seen().lastModifiedTime().to(TimeUnit.NANOSECONDS);
    }
    return new FileBatch(folder, names, sizes, modified);
  }

  private Portion settle(Portion portion, List<FileToHash> files, List<Outcome> outcomes) {
    for (int i = 0; i < outcomes.size(); i++) {
      FileToHash file = files.get(i);
      Outcome outcome = outcomes.get(i);
      byte[] digest = outcome.digest();
      if (digest == null) {
        file.failed(new Problem(outcome.kind(), outcome.reason()));
      } else {
        file.hashed(digest);
        tally.addBytes(file.seen().size());
      }
      tally.addFile();
    }
    return portion;
  }

  @Override
  public void abort() {
    client.placement().abort(new CancellationException("the run was aborted"));
  }

  @Override
  public void close() {
    client.close();
  }
}
