package io.threadpool.examples.cluster;

import java.net.InetSocketAddress;
import java.util.List;

/**
 * What a member is started with.
 *
 * @param listen its one address
 * @param join addresses of others; none to be the first
 * @param workers threads that hash
 * @param clusterName the name that it shares with them
 * @param version see {@link Wire#VERSION}
 */
record MemberOptions(
    InetSocketAddress listen,
    List<InetSocketAddress> join,
    int workers,
    String clusterName,
    String version) {}
