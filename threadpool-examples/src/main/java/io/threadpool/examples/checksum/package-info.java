/**
 * The batch task: a SHA-256 manifest of a tree, computed by a pool with a bounded number of files
 * in flight and written in the order of the walk.
 *
 * <pre>
 *  ChecksumCommand --> ChecksumRun --> TreeWalk --> Batch --(pool: FileHasher)--> Window --> Manifest
 *                           |                                                        |
 *                      Interruption                                               Problems
 * </pre>
 */
@NullMarked
package io.threadpool.examples.checksum;

import org.jspecify.annotations.NullMarked;
