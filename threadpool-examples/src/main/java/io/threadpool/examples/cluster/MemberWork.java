package io.threadpool.examples.cluster;

import com.hazelcast.core.HazelcastInstance;
import io.threadpool.RejectedTaskException;
import io.threadpool.ShutdownPolicy;
import io.threadpool.Task;
import io.threadpool.WorkerPool;
import io.threadpool.examples.checksum.FileHasher;
import io.threadpool.examples.checksum.FileNames;
import io.threadpool.examples.checksum.Problem;
import io.threadpool.examples.checksum.Tally;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * The work of a member: it hands each batch to its pool and waits there, so that the pool is the
 * bound. The calls find it in the user context of the engine. Thread-safe.
 */
final class MemberWork {
  /** Where it stands in the user context. */
  static final String KEY = "io.threadpool.examples.cluster.work";

  /** Computes the digest of a file, as {@link FileHasher#hash} does. */
  interface Digests {
    byte[] hash(Path file, BasicFileAttributes seen) throws IOException;
  }

  private final WorkerPool pool;
  private final Digests digests;
  private final LongAdder files = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final LongAdder batches = new LongAdder();

  /** The runs whose submitters are connected. */
  private final ConcurrentMap<UUID, MemberRun> runs = new ConcurrentHashMap<>();

  /** Set once, by {@link #drain}; read by each call. */
  private volatile boolean draining;

  MemberWork(WorkerPool pool, Digests digests) {
    this.pool = pool;
    this.digests = digests;
  }

  /** The digests of files; each worker has a hasher of its own. */
  static Digests ofFiles() {
    Tally ignored = new Tally();
    ThreadLocal<FileHasher> hasher = ThreadLocal.withInitial(() -> new FileHasher(ignored));
    return (file, seen) -> hasher.get().hash(file, seen);
  }

  static MemberWork of(HazelcastInstance member) {
    if (member.getUserContext().get(KEY) instanceof MemberWork work) {
      return work;
    }
    throw new IllegalStateException("a member that works on no batches");
  }

  /** A submitter is there. */
  void open(UUID run) {
    runs.computeIfAbsent(run, id -> new MemberRun());
  }

  /** A submitter is not there any more: nobody wants what is computed for it. */
  void close(UUID run) {
    MemberRun closed = runs.remove(run);
    if (closed != null) {
      closed.abort();
    }
  }

  /** Answers a ping; see {@link PingCall} for what the parameters mean. */
  Answer ping(UUID id, boolean stopped, byte[] folder, byte[][] entries) {
    MemberRun run = runs.get(id);
    if (run == null) {
      return Answer.absent();
    }
    if (stopped) {
      run.stop();
    }
    if (draining) {
      run.tellDraining();
      return Answer.draining();
    }
    Path path = FileNames.path(folder);
    if (!Files.isDirectory(path)) {
      return Answer.unfit("it does not see the folder " + path);
    }
    if (!run.isFolderKnown() && !seesOne(folder, entries)) {
      return Answer.unfit("its folder " + path + " is another one");
    }
    run.knowFolder();
    return Answer.here();
  }

  /** Whether one of these is there, or none is asked for. */
  private static boolean seesOne(byte[] folder, byte[][] entries) {
    boolean sees = entries.length == 0;
    for (byte[] entry : entries) {
      sees |= Files.exists(FileNames.path(join(folder, entry)), LinkOption.NOFOLLOW_LINKS);
    }
    return sees;
  }

  /** Hashes a batch on the pool. An interrupt of the waiting thread reaches the worker. */
  Answer hash(UUID id, FileBatch batch) {
    MemberRun run = runs.get(id);
    if (run == null) {
      return Answer.absent();
    }
    Task<Answer> task;
    try {
      task = pool.submit(() -> compute(run, batch));
    } catch (RejectedTaskException e) {
      return Answer.draining();
    }
    run.began(task);
    try {
      return task.get();
    } catch (InterruptedException e) {
      task.cancel(true);
      Thread.currentThread().interrupt();
      return Answer.failed("interrupted");
    } catch (CancellationException e) {
      return draining ? Answer.draining() : Answer.absent();
    } catch (ExecutionException e) {
      boolean interrupted = e.getCause() instanceof ClosedByInterruptException;
      return draining && interrupted ? Answer.draining() : Answer.failed("" + e.getCause());
    } finally {
      run.ended(task);
    }
  }

  private Answer compute(MemberRun run, FileBatch batch) throws ClosedByInterruptException {
    List<Outcome> outcomes = new ArrayList<>(batch.count());
    for (int i = 0; i < batch.count() && !run.isStopped(); i++) {
      Path path = FileNames.path(join(batch.folder(), batch.names()[i]));
      outcomes.add(outcome(path, batch.sizes()[i], batch.modified()[i]));
      files.increment();
      bytes.add(batch.sizes()[i]);
    }
    batches.increment();
    return Answer.done(outcomes);
  }

  /** The identity of a file differs between machines; its size and its time do not. */
  private Outcome outcome(Path path, long size, long modified) throws ClosedByInterruptException {
    try {
      BasicFileAttributes now =
          Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (now.size() != size || now.lastModifiedTime().to(TimeUnit.NANOSECONDS) != modified) {
        throw new Problem.ChangedException();
      }
      return Outcome.hashed(digests.hash(path, now));
    } catch (ClosedByInterruptException e) {
      throw e;
    } catch (IOException e) {
      return Outcome.failed(Problem.of(e));
    }
  }

  /**
   * Takes no more batches and waits for what the pool has.
   *
   * @param policy what to do with that
   */
  void drain(ShutdownPolicy policy) {
    draining = true;
    pool.shutdown(policy);
    pool.close();
  }

  /** Whether no submitter that is connected will send another batch. */
  boolean isKnownToDrain() {
    return runs.values().stream().allMatch(MemberRun::isKnownToDrain);
  }

  /** Has {@link #isKnownToDrain} ask whether the submitters have heard so after this. */
  void sayItAgain() {
    runs.values().forEach(MemberRun::forgetFarewells);
  }

  /** How many of the runs that are connected begin nothing more. */
  long stoppedRuns() {
    return runs.values().stream().filter(MemberRun::isStopped).count();
  }

  /** What was done, in one line. */
  @Override
  public String toString() {
    return "Hashed %d files, %d bytes, in %d batches; the pool: %s"
        .formatted(files.sum(), bytes.sum(), batches.sum(), pool.report().orElse(null));
  }

  /** With one slash between them, also where the folder is the root, which is one. */
  private static byte[] join(byte[] folder, byte[] name) {
    ByteArrayOutputStream path = new ByteArrayOutputStream(folder.length + 1 + name.length);
    path.writeBytes(folder);
    boolean slashed = folder.length > 0 && folder[folder.length - 1] == '/';
    if (!slashed && (name.length == 0 || name[0] != '/')) {
      path.write('/');
    }
    path.writeBytes(name);
    return path.toByteArray();
  }
}
