/**
 * The batch task on more machines than one: {@code checksum --cluster} sends its batches to
 * processes that were started by {@code member}, each with a worker pool of its own.
 *
 * <pre>
 *  submitter                                    member
 *  ClusterClient --- HashCall, PingCall --->  MemberWork --> (pool: FileHasher)
 *      |         <--------- Answer ---------      |
 *  Placement: Job, Seat                          MemberRun
 * </pre>
 *
 * Hazelcast carries calls and answers and tells who is there. Which batch is where, and which is
 * hashed again, is decided by {@link io.threadpool.examples.cluster.Placement} alone.
 */
@NullMarked
package io.threadpool.examples.cluster;

import org.jspecify.annotations.NullMarked;
