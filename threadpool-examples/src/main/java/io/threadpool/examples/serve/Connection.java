package io.threadpool.examples.serve;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * One client, from accepting to closing. The thread that accepts it reads the head of its request,
 * as it comes; the rest is the task that a worker runs.
 *
 * <p>Each client gets one whole answer, whatever it sends, unless it goes away first, which
 * concerns nobody else. An interrupt (the pool is aborted at the drain deadline) makes that answer
 * 503, if it was not under way.
 */
final class Connection implements Runnable {
  /** How a connection ends. */
  enum Outcome {
    /** The client has got a whole answer, as far as the system tells. */
    ANSWERED,
    /** The end of the drain came first. */
    CUT_OFF,
    /** The client went away first. */
    GONE
  }

  private static final Response SHUTTING_DOWN =
      Response.error(Status.UNAVAILABLE, "The server is shutting down.");

  private final long number;
  private final SocketChannel channel;
  private final @Nullable SocketAddress client;
  private final Site site;
  private final Limits limits;
  private final long accepted = System.nanoTime();
  private final Deadline headDeadline;
  private final RequestHead head = new RequestHead();

  /** Written by the worker, or by who ends it in the worker's place. */
  private volatile Outcome outcome = Outcome.GONE;

  private @Nullable Request request;
  private @Nullable Status status;

  /**
   * A client that has just been accepted: its time for sending a request starts now.
   *
   * @param number how many were accepted before
   */
  Connection(long number, SocketChannel channel, Site site, Limits limits) {
    this.number = number;
    this.channel = channel;
    this.client = channel.socket().getRemoteSocketAddress();
    this.site = site;
    this.limits = limits;
    this.headDeadline = Deadline.in(limits.head());
  }

  /** Its place in the order of acceptance. */
  long number() {
    return number;
  }

  /** Until when the head must be there. */
  Deadline headDeadline() {
    return headDeadline;
  }

  /**
   * Reads what has arrived of the head.
   *
   * @return whether a worker can go on
   * @throws IOException if the client went away
   */
  boolean readHead() throws IOException {
    return head.read(channel);
  }

  /** Says that no more time is left for the head. */
  void expire() {
    head.expire();
  }

  @Override
  public void run() {
    try (TimedChannel client = new TimedChannel(channel)) {
      serve(client);
    } catch (IOException theClientWentAway) {
      // Nobody is left to be told.
    }
  }

  private void serve(TimedChannel client) throws IOException {
    Response response;
    try {
      request = Request.parse(head.text());
      response = site.answer(request);
    } catch (RequestException e) {
      response = e.response();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      response = SHUTTING_DOWN;
    }
    send(client, response);
  }

  private void send(TimedChannel client, Response response) throws IOException {
    // A channel closes itself when an interrupted thread uses it.
    boolean interrupted = Thread.interrupted();
    boolean cutOff = response.equals(SHUTTING_DOWN);
    outcome = cutOff ? Outcome.CUT_OFF : Outcome.GONE;
    status = response.status();
    try {
      boolean withPage = request == null || !request.method().equals("HEAD");
      client.write(response.encode(withPage), Deadline.in(limits.write()));
      if (!cutOff) {
        outcome = Outcome.ANSWERED;
      }
      if (!interrupted && !head.isEmpty()) {
        client.linger(Limits.LINGER_BYTES, Deadline.in(limits.linger()));
      }
    } catch (InterruptedIOException e) {
      if (outcome == Outcome.GONE && Thread.currentThread().isInterrupted()) {
        outcome = Outcome.CUT_OFF;
      }
      throw e;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Ends a connection whose head has not come by the end of the drain, saying so if it can. */
  void refuse() {
    outcome = Outcome.CUT_OFF;
    status = Status.UNAVAILABLE;
    try (channel) {
      channel.write(SHUTTING_DOWN.encode(true));
    } catch (IOException goneAnyway) {
      // Nobody is left to be told.
    }
  }

  /** How it has ended. */
  Outcome outcome() {
    return outcome;
  }

  /** Ends a connection that no worker will serve any more, without a word. Safe on any thread. */
  void cutOff() {
    outcome = Outcome.CUT_OFF;
    drop();
  }

  /** Closes it. Safe on any thread, any number of times. */
  void drop() {
    try {
      channel.close();
    } catch (IOException alreadyGone) {
      // That is what was wanted.
    }
  }

  /** Who asked, what for, the status of the answer and how long it took; a dash for what is not. */
  String describe() {
    long millis = (System.nanoTime() - accepted) / 1_000_000;
    String path = request == null ? "-" : request.path();
    String told = status == null ? "-" : String.valueOf(status.code());
    String ip =
        client instanceof InetSocketAddress known ? known.getAddress().getHostAddress() : "-";
    return ip + " " + path + " " + told + " " + millis;
  }
}
