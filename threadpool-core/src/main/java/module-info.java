/**
 * A reusable pool of worker threads in which every accepted task ends in exactly one known outcome.
 *
 * <p>Begin at {@link io.threadpool.WorkerPool}. The page of the package has the <a
 * href="io/threadpool/package-summary.html#contract">contract</a>, <a
 * href="io/threadpool/package-summary.html#memory">what happens before what</a>, <a
 * href="io/threadpool/package-summary.html#threads">which thread calls back</a>, and <a
 * href="io/threadpool/package-summary.html#recipes">recipes</a>.
 */
@SuppressWarnings("requires-automatic") // Micrometer is no other.
module io.threadpool {
  requires org.slf4j;
  requires static java.management;
  requires static jdk.jfr;
  requires static micrometer.core;
  requires static org.jspecify;

  exports io.threadpool;
  exports io.threadpool.micrometer;
}
