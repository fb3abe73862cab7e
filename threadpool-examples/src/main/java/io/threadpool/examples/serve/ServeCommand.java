package io.threadpool.examples.serve;

import io.threadpool.examples.DurationConverter;
import io.threadpool.examples.ExitStatus;
import io.threadpool.examples.LoggingConfigurator;
import io.threadpool.examples.SignalListener;
import io.threadpool.examples.UsageException;
import io.threadpool.examples.page.Page;
import io.threadpool.examples.page.PageException;
import io.threadpool.examples.page.PageOption;
import java.io.IOException;
import java.io.PrintStream;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code serve}: the web server of the tutorial. */
@Command(
    name = "serve",
    description = {
      "Serve two web pages, each request on a worker of a pool.",
      "",
      "GET / answers a page at once, GET /sleep answers it after 5 seconds, anything else is 404."
          + " After the last of the connections that --requests allows, the server refuses more,"
          + " answers those it has, and ends.",
      "",
    },
    sortOptions = false,
    footer = {
      "",
      "Ctrl-C and SIGTERM close the listener and answer every connection that was accepted before"
          + " the program ends; with --requests 0 it says how many those were in all, and how many"
          + " were answered: the rest was cut off by --drain, or went away first. A second Ctrl-C"
          + " changes nothing: what one connection may take is limited (10 s for the request, 5 s"
          + " for /sleep, 10 s for the answer). SIGKILL ends it at once.",
      "",
      "Exit status: 0 all accepted connections were answered; 1 --drain cut some off; 2 it could not"
          + " start; 130 or 143 as 0, after Ctrl-C or SIGTERM.",
    })
public final class ServeCommand implements Callable<Integer> {
  private static final int MOST_WORKERS = 32_767;

  /**
   * Connections that wait for a worker, or for their request; more wait in the system's backlog,
   * unaccepted.
   */
  private static final int WAITING = 256;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "7878",
      description = "Port to listen on; 0 for any free one. Default: ${DEFAULT-VALUE}")
  private int port;

  @Option(
      names = "--host",
      paramLabel = "HOST",
      defaultValue = "127.0.0.1",
      description = "Address or host name to listen on. Default: ${DEFAULT-VALUE}")
  private String host = "";

  @Option(
      names = "--workers",
      paramLabel = "N",
      defaultValue = "4",
      description = "Worker threads, 1 to 32767. Default: ${DEFAULT-VALUE}")
  private int workers;

  @Option(
      names = "--requests",
      paramLabel = "N",
      defaultValue = "2",
      description =
          "Connections to accept before shutting down; 0 for any number, until Ctrl-C."
              + " Default: ${DEFAULT-VALUE}")
  private int requests;

  @Option(
      names = "--drain",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      description =
          "Longest time to go on answering once shutting down (500ms, 30s, 2m, 1h, PT30S); what is"
              + " not answered by then is cut off. Default: no limit")
  private @Nullable Duration drain;

  @Option(
      names = "--pool",
      paramLabel = "POOL",
      defaultValue = "worker-pool",
      converter = PoolChoice.Converter.class,
      description =
          "Whose threads answer: worker-pool (this library's), jdk (ThreadPoolExecutor), jboss"
              + " (EnhancedQueueExecutor) or virtual (a virtual thread for each connection, --workers"
              + " of them at once; Java 21 or later). Default: ${DEFAULT-VALUE}")
  private PoolChoice pool = PoolChoice.WORKER_POOL;

  @Option(
      names = "--log",
      description =
          "Print a line for each connection that has ended: time, client, path, status, and the"
              + " milliseconds since it was accepted.")
  private boolean log;

  @Option(names = "--quiet", description = "Print nothing else but errors.")
  private boolean quiet;

  @Mixin private final PageOption page = new PageOption();

  private final PrintStream out;
  private final PrintStream err;
  private final Limits limits;

  /**
   * A command that talks to these streams.
   *
   * @param out for what the server tells
   * @param err for failures
   */
  public ServeCommand(PrintStream out, PrintStream err) {
    this(out, err, Limits.DEFAULT);
  }

  ServeCommand(PrintStream out, PrintStream err, Limits limits) {
    this.out = out;
    this.err = err;
    this.limits = limits;
  }

  @Override
  @SuppressWarnings("try") // the listener is there to be closed
  public Integer call() throws IOException {
    InetSocketAddress address = checkOptions();
    if (!quiet) {
      LoggingConfigurator.showWorkers();
    }
    StopSignal signal = new StopSignal();
    try (SignalListener listener = SignalListener.listen(signal::signal)) {
      return listen(address, signal);
    }
  }

  private int listen(InetSocketAddress address, StopSignal signal) throws IOException {
    Consumer<Connection> ended = log ? new AccessLog(out) : connection -> {};
    WebServer server;
    try {
      server = WebServer.listen(address, limits, workers + WAITING, err, ended);
    } catch (IOException e) {
      err.println("serve: cannot listen on " + host + ":" + port + ": " + e.getMessage());
      return ExitStatus.UNUSABLE;
    }
    try (server;
        Page shown = page.open("serve")) {
      signal.onSignal(server::stop);
      if (shown != null) {
        say("Page on " + shown.address());
      }
      ServerPool answering = open();
      if (answering == null) {
        return ExitStatus.UNUSABLE;
      }
      serve(server, answering);
      long cutOff = server.cutOff();
      if (cutOff > 0) {
        err.println("serve: connections cut off at the end of --drain: " + cutOff);
        return ExitStatus.INCOMPLETE;
      }
      return signal.status();
    } catch (PageException e) {
      err.println("serve: " + e.getMessage());
      return ExitStatus.UNUSABLE;
    }
  }

  /** The workers; null where the system has not so many threads, which it says. */
  private @Nullable ServerPool open() {
    try {
      return pool.open(workers, WAITING);
    } catch (OutOfMemoryError e) {
      err.println("serve: cannot start " + workers + " workers: " + e.getMessage());
      return null;
    }
  }

  private void serve(WebServer server, ServerPool answering) throws IOException {
    Deadline end = null;
    try {
      say("Listening on " + url(server.address()));
      server.accept(answering, requests);
      say("Shutting down.");
      end = drain == null ? null : Deadline.in(drain);
      server.finishHeads(answering, end);
    } finally {
      answering.close(end == null ? drain : end.left());
    }
    if (requests == 0) {
      say("Accepted " + server.accepted() + " connections and answered " + server.answered() + ".");
    }
  }

  private void say(String line) {
    if (!quiet) {
      out.println(line);
      out.flush();
    }
  }

  private InetSocketAddress checkOptions() {
    check(port >= 0 && port <= 65_535, "--port must be 0 to 65535, not " + port);
    check(
        workers >= 1 && workers <= MOST_WORKERS,
        "--workers must be 1 to " + MOST_WORKERS + ", not " + workers);
    pool.checkAvailable();
    page.check();
    check(
        !page.isGiven() || pool == PoolChoice.WORKER_POOL,
        "--page shows pools of this library, and --pool " + pool + " has none");
    check(requests >= 0, "--requests must be 0 or more, not " + requests);
    check(!host.isBlank(), "--host is '" + host + "': an address or a name is needed");
    try {
      return new InetSocketAddress(InetAddress.getByName(host), port);
    } catch (UnknownHostException e) {
      throw new UsageException("--host is unknown: " + host);
    }
  }

  private static void check(boolean holds, String message) {
    if (!holds) {
      throw new UsageException(message);
    }
  }

  /** The address as a browser takes it: IPv6 in brackets, its first run of zeros left out. */
  static String url(InetSocketAddress address) {
    String ip = address.getAddress().getHostAddress();
    if (address.getAddress() instanceof Inet6Address) {
      String shortened = ip.replaceFirst("(^|:)(0(:|$|(?=%))){2,}", "::").replace("%", "%25");
      ip = "[" + shortened + "]";
    }
    return "http://" + ip + ":" + address.getPort();
  }
}
