/**
 * The batch task: a SHA-256 manifest of a tree, computed by a pool with a bounded number of files
 * in flight and written in the order of the walk.
 *
 * <pre>
 *  ChecksumCommand --> ChecksumRun --> TreeWalk --> Batch --(Hashing)--> Window --> Manifest
 *                           |                                               |
 *                      Interruption                                      Problems
 * </pre>
 *
 * Who hashes a batch is behind {@link io.threadpool.examples.checksum.Hashing}: the workers of a
 * pool here, {@link io.threadpool.examples.checksum.PoolHashing}, or members of a cluster.
 */
@NullMarked
package io.threadpool.examples.checksum;

import org.jspecify.annotations.NullMarked;
