/**
 * A reusable pool of worker threads in which every accepted task ends in exactly one known outcome.
 */
module io.threadpool {
  requires org.slf4j;
  requires static org.jspecify;

  exports io.threadpool;
}
