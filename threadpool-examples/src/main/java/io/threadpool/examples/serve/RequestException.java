package io.threadpool.examples.serve;

/** A request that cannot be served. */
final class RequestException extends Exception {
  private static final long serialVersionUID = 1;

  private final transient Response response;

  RequestException(Status status, String message) {
    super(message);
    this.response = Response.error(status, message);
  }

  /** What the client is told. */
  Response response() {
    return response;
  }
}
