package io.threadpool.examples.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** A run without a walk: batches of two files each. */
final class Submission implements AutoCloseable {
  private final ClusterClient client;
  private final List<Job> jobs = new ArrayList<>();
  private volatile boolean stop;

  Submission(TestCluster cluster, Path root) throws IOException {
    client =
        ClusterClient.connect(
            Addresses.parse("--cluster", cluster.text()),
            cluster.name(),
            Folder.of(root),
            TestCluster.PATIENT,
            () -> stop,
            warning -> {});
  }

  void submit(Path root, List<String> names) throws IOException {
    for (int i = 0; i < names.size(); i += 2) {
      List<String> two = names.subList(i, i + 2);
      byte[][] bytes = new byte[2][];
      long[] sizes = new long[2];
      long[] modified = new long[2];
      for (int j = 0; j < 2; j++) {
        BasicFileAttributes seen =
            Files.readAttributes(root.resolve(two.get(j)), BasicFileAttributes.class);
        bytes[j] = two.get(j).getBytes(UTF_8);
        sizes[j] = seen.size();
        modified[j] = seen.lastModifiedTime().to(TimeUnit.NANOSECONDS);
      }
      jobs.add(
          client
              .placement()
              .add(new FileBatch(Folder.of(root).path(), bytes, sizes, modified), () -> {}));
    }
  }

  void stop() {
    stop = true;
  }

  void abort() {
    client.placement().abort(new CancellationException("aborted"));
  }

  /** How many files have an outcome, when all is decided. */
  int outcomes() throws ExecutionException, InterruptedException {
    int outcomes = 0;
    for (Job job : jobs) {
      outcomes += job.outcomes.get().size();
    }
    return outcomes;
  }

  @Override
  public void close() {
    client.close();
  }
}
