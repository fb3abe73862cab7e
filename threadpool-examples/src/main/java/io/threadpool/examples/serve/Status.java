package io.threadpool.examples.serve;

/** The statuses that the server answers with. */
enum Status {
  OK(200, "OK"),
  BAD_REQUEST(400, "Bad Request"),
  NOT_FOUND(404, "Not Found"),
  REQUEST_TIMEOUT(408, "Request Timeout"),
  HEAD_TOO_LARGE(431, "Request Header Fields Too Large"),
  UNAVAILABLE(503, "Service Unavailable");

  private final int code;
  private final String reason;

  Status(int code, String reason) {
    this.code = code;
    this.reason = reason;
  }

  int code() {
    return code;
  }

  /** As in the status line, {@code 404 Not Found}. */
  @Override
  public String toString() {
    return code + " " + reason;
  }
}
