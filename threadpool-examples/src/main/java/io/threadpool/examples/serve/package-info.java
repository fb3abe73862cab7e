/**
 * The web server of the tutorial: it accepts a number of connections, answers each on a worker of a
 * pool, and shuts down without leaving a client half an answer.
 *
 * <pre>
 *  ServeCommand --> WebServer --(reads the head; hands over)--> ServerPool --(runs)--> Connection
 *                                                            |                      |
 *                       OwnServerPool, JdkServerPool, JbossServerPool,     RequestHead, Site
 *                       VirtualServerPool: the same on each --pool                  |
 *                                                              TimedChannel (every wait has a Deadline)
 * </pre>
 */
@NullMarked
package io.threadpool.examples.serve;

import org.jspecify.annotations.NullMarked;
