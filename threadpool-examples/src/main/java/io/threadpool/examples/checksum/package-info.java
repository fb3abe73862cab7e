/**
 * The batch task: a SHA-256 manifest of a tree, computed by a pool with a bounded number of files
 * in flight and written in the order of the walk.
 *
 * <pre>
 *  ChecksumCommand --> ChecksumRun --> TreeWalk --> Portion --(Hashing)--> Manifest
 *                           |                                                 |
 *                      Interruption                                       Problems
 * </pre>
 *
 * Who hashes a portion is behind {@link io.threadpool.examples.checksum.Hashing}: the workers of a
 * pool here, with the library's {@link io.threadpool.Batch} around them, or members of a cluster.
 */
@NullMarked
package io.threadpool.examples.checksum;

import org.jspecify.annotations.NullMarked;
