/**
 * A reusable pool of worker threads in which every accepted task ends in exactly one known outcome.
 *
 * <p>Begin at {@link io.threadpool.WorkerPool}. The page of the package has the <a
 * href="io/threadpool/package-summary.html#contract">contract</a>, <a
 * href="io/threadpool/package-summary.html#memory">what happens before what</a>, <a
 * href="io/threadpool/package-summary.html#threads">which thread calls back</a>, and <a
 * href="io/threadpool/package-summary.html#recipes">recipes</a>.
 */
module io.threadpool {
  requires org.slf4j;
  requires static org.jspecify;

  exports io.threadpool;
}
