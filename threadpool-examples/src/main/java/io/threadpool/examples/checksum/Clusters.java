package io.threadpool.examples.checksum;

/** Finds somebody else to hash. */
public interface Clusters {
  /**
   * Connects to a cluster.
   *
   * @param addresses some of its members, {@code host:port,host:port}
   * @param name its name
   * @param run what is to be done
   * @return its members
   * @throws UnavailableException if none of them can hash
   */
  Hashing connect(String addresses, String name, Run run) throws UnavailableException;
}
