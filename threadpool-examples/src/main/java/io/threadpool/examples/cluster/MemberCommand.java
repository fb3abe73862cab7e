package io.threadpool.examples.cluster;

import com.hazelcast.core.HazelcastException;
import io.threadpool.ShutdownPolicy;
import io.threadpool.examples.DurationConverter;
import io.threadpool.examples.ExitStatus;
import io.threadpool.examples.UsageException;
import io.threadpool.examples.checksum.ChecksumCommand;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code member}: workers for {@code checksum --cluster}. */
@Command(
    name = "member",
    description = {
      "Hash files for 'checksum --cluster', together with other members, until Ctrl-C or SIGTERM.",
      "",
      "A member reads the files itself: it has to see DIR at the same path as 'checksum' does.",
      "",
    },
    sortOptions = false,
    footer = {
      "",
      "Ctrl-C and SIGTERM drain it: it takes nothing more, finishes and answers what it has, and"
          + " leaves; nothing is lost, and nothing hashed twice. What a member had that is killed is"
          + " hashed again by the others. There is neither encryption nor a password: whoever"
          + " reaches the port can run code here.",
      "",
      "Exit status: 130 or 143 after a signal; 2 it could not start, or its engine has ended.",
    })
public final class MemberCommand implements Callable<Integer> {
  private static final int MOST_WORKERS = 256;

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:5701",
      description =
          "Address to listen on, at which others reach this member; port 0 for any free one."
              + " Default: ${DEFAULT-VALUE}")
  private String listen = "";

  @Option(
      names = "--workers",
      paramLabel = "N",
      description = "Worker threads, 1 to 256. Default: the number of processors")
  private int workers = Math.min(Runtime.getRuntime().availableProcessors(), MOST_WORKERS);

  @Option(
      names = "--join",
      paramLabel = "HOST:PORT,...",
      description = "Addresses of other members, to be one cluster with them. Default: nobody")
  private @Nullable String join;

  @Option(
      names = "--cluster-name",
      paramLabel = "NAME",
      defaultValue = ChecksumCommand.DEFAULT_CLUSTER,
      description =
          "Members of another name are strangers, also at these addresses."
              + " Default: ${DEFAULT-VALUE}")
  private String clusterName = "";

  @Option(
      names = "--drain",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      description =
          "Longest time to go on hashing once told to end (500ms, 30s, 2m, 1h, PT30S); what is not"
              + " done by then is given back. Default: no limit")
  private @Nullable Duration drain;

  @Option(names = "--quiet", description = "Say nothing but what goes wrong.")
  private boolean quiet;

  private final PrintStream out;
  private final PrintStream err;

  /**
   * A command that talks to these streams.
   *
   * @param out for what the member tells
   * @param err for failures
   */
  public MemberCommand(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public Integer call() throws InterruptedException {
    MemberOptions options = checkOptions();
    ClusterMember member;
    try {
      member = ClusterMember.start(options);
    } catch (HazelcastException e) {
      err.println("member: cannot listen on " + listen + ": " + reason(e));
      return ExitStatus.UNUSABLE;
    }
    Thread hook = new Thread(() -> leave(member), "member-leave");
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException toldToEndMeanwhile) {
      leave(member);
    }
    tell(
        "Listening on %s with %d workers, in a cluster of %d."
            .formatted(Addresses.text(member.address()), workers, member.members()));
    member.awaitEnd();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException toldToEnd) {
      return ExitStatus.OK;
    }
    err.println("member: the engine has ended, and nobody told it to");
    member.work.drain(ShutdownPolicy.abort()); // Nobody gets what it would still compute.
    return ExitStatus.UNUSABLE;
  }

  /** What the system said; the engine takes whatever it was for a port in use. */
  private static String reason(HazelcastException failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return String.valueOf(cause.getMessage());
  }

  private void leave(ClusterMember member) {
    tell("Draining.");
    try {
      member.leave(drain == null ? ShutdownPolicy.drain() : ShutdownPolicy.drainFor(drain));
    } catch (InterruptedException nobodyInterruptsHooks) {
      Thread.currentThread().interrupt();
    }
    tell(member.report());
  }

  private void tell(String line) {
    if (!quiet) {
      out.println(line);
      out.flush();
    }
  }

  private MemberOptions checkOptions() {
    if (workers < 1 || workers > MOST_WORKERS) {
      throw new UsageException("--workers must be 1 to " + MOST_WORKERS + ", not " + workers);
    }
    InetSocketAddress address = Addresses.parseOne("--listen", listen);
    if (address.getAddress().isAnyLocalAddress()) {
      throw new UsageException("--listen wants one address that others can reach, not " + listen);
    }
    if (!address.getAddress().isLoopbackAddress()) {
      err.println(
          "member: whoever reaches "
              + listen
              + " can run code in this process: there is neither encryption nor a password");
    }
    List<InetSocketAddress> others = join == null ? List.of() : Addresses.parse("--join", join);
    return new MemberOptions(address, others, workers, clusterName, Wire.VERSION);
  }
}
