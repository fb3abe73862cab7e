package io.threadpool.examples.serve;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.SocketChannel;

/**
 * One client, from accepting to closing: the task that a worker runs.
 *
 * <p>Each client gets one whole answer, whatever it sends, unless it goes away first, which
 * concerns nobody else. An interrupt (the pool is aborted at the drain deadline) makes that answer
 * 503.
 */
final class Connection implements Runnable {
  private final SocketChannel channel;
  private final Site site;
  private final Limits limits;
  private final Deadline headDeadline;

  /** Written by the worker. */
  private volatile boolean answered;

  /** A client that has just been accepted: its time for sending a request starts now. */
  Connection(SocketChannel channel, Site site, Limits limits) {
    this.channel = channel;
    this.site = site;
    this.limits = limits;
    this.headDeadline = Deadline.in(limits.head());
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
    boolean withPage = true;
    Response response;
    try {
      Request request = Request.parse(RequestHead.read(client, headDeadline));
      withPage = !request.method().equals("HEAD");
      response = site.answer(request);
    } catch (RequestException e) {
      response = e.response();
    } catch (InterruptedException | InterruptedIOException e) {
      Thread.currentThread().interrupt();
      response = Response.error(Status.UNAVAILABLE, "The server is shutting down.");
    }
    send(client, response, withPage);
  }

  private void send(TimedChannel client, Response response, boolean withPage) throws IOException {
    // A channel closes itself when an interrupted thread uses it.
    boolean interrupted = Thread.interrupted();
    try {
      client.write(response.encode(withPage), Deadline.in(limits.write()));
      answered = true;
      if (!interrupted) {
        client.linger(Limits.LINGER_BYTES, Deadline.in(limits.linger()));
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Whether a whole answer was sent; asked on any thread. */
  boolean isAnswered() {
    return answered;
  }

  /**
   * Ends a connection that no worker will serve any more. Safe on any thread, any number of times.
   */
  void drop() {
    try {
      channel.close();
    } catch (IOException alreadyGone) {
      // That is what was wanted.
    }
  }
}
