package io.threadpool.examples.cluster;

import com.hazelcast.client.config.ClientConfig;
import com.hazelcast.client.config.ClientConnectionStrategyConfig.ReconnectMode;
import com.hazelcast.config.ClassFilter;
import com.hazelcast.config.Config;
import com.hazelcast.config.ExecutorConfig;
import com.hazelcast.config.JavaSerializationFilterConfig;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.NetworkConfig;
import com.hazelcast.config.SerializationConfig;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;

/**
 * The settings of Hazelcast, of which only placement is used: no data, few threads, no address but
 * the given ones, nothing sent home, and nobody else's class made from bytes.
 */
final class Engine {
  /** The executor that waits for batches. */
  static final String BATCHES = "batches";

  /** The executor that answers pings meanwhile. */
  static final String PINGS = "pings";

  /** The attribute of a member that tells the number of its workers. */
  static final String WORKERS = "workers";

  /** The attribute of a member that tells its {@link Wire#VERSION}. */
  static final String VERSION = "version";

  /** Threads beside the workers, so that the next batch is in the pool's queue when one ends. */
  private static final int AHEAD = 2;

  /** What an exception of Java consists of, and those that the engine meets. */
  private static final List<Class<?>> JAVA_EXCEPTIONS =
      List.of(
          StackTraceElement.class,
          StackTraceElement[].class,
          ArrayList.class,
          Throwable.class,
          Exception.class,
          RuntimeException.class,
          Error.class,
          LinkageError.class,
          NoClassDefFoundError.class,
          ReflectiveOperationException.class,
          ClassNotFoundException.class,
          VirtualMachineError.class,
          OutOfMemoryError.class,
          StackOverflowError.class,
          ClassCastException.class,
          IllegalArgumentException.class,
          IllegalStateException.class,
          IndexOutOfBoundsException.class,
          NullPointerException.class,
          SecurityException.class,
          UnsupportedOperationException.class,
          InterruptedException.class,
          IOException.class,
          EOFException.class,
          CancellationException.class,
          ExecutionException.class,
          RejectedExecutionException.class,
          TimeoutException.class);

  private Engine() {}

  static Config member(MemberOptions options, MemberWork work) {
    Config config = new Config();
    config.setClusterName(options.clusterName());
    config.getMemberAttributeConfig().setAttribute(WORKERS, String.valueOf(options.workers()));
    config.getMemberAttributeConfig().setAttribute(VERSION, options.version());
    config.getUserContext().put(MemberWork.KEY, work);
    config.addExecutorConfig(new ExecutorConfig(BATCHES, options.workers() + AHEAD));
    config.addExecutorConfig(new ExecutorConfig(PINGS, AHEAD));
    config.setSerializationConfig(serialization());
    listen(config, options);
    // What is listened to, and nothing else; the default binds all interfaces.
    config.setProperty("hazelcast.socket.bind.any", "false");
    config.setProperty("hazelcast.phone.home.enabled", "false");
    config.setProperty("hazelcast.logging.type", "slf4j");
    // The program drains first, in a hook of its own.
    config.setProperty("hazelcast.shutdownhook.enabled", "false");
    config.setProperty("hazelcast.graceful.shutdown.max.wait", "10");
    // Nobody is waited for: whoever comes later joins the one who is there.
    config.setProperty("hazelcast.wait.seconds.before.join", "0");
    // No data is kept, so its partitions, and the threads that serve them, only cost.
    config.setProperty("hazelcast.partition.count", "11");
    config.setProperty("hazelcast.operation.thread.count", "2");
    config.setProperty("hazelcast.operation.generic.thread.count", "2");
    config.setProperty("hazelcast.io.thread.count", "1");
    config.setProperty("hazelcast.event.thread.count", "1");
    config.setProperty("hazelcast.health.monitoring.level", "OFF");
    config.getMetricsConfig().setEnabled(false);
    return config;
  }

  private static void listen(Config config, MemberOptions options) {
    String host = options.listen().getAddress().getHostAddress();
    config.setProperty("hazelcast.local.localAddress", host);
    NetworkConfig network = config.getNetworkConfig();
    network.setPort(options.listen().getPort()).setPortAutoIncrement(false);
    JoinConfig join = network.getJoin();
    join.getAutoDetectionConfig().setEnabled(false);
    join.getMulticastConfig().setEnabled(false);
    join.getTcpIpConfig().setEnabled(true).setMembers(Addresses.text(options.join()));
  }

  static ClientConfig client(
      List<InetSocketAddress> addresses, String clusterName, Duration silence) {
    ClientConfig config = new ClientConfig();
    config.setClusterName(clusterName);
    config.setSerializationConfig(serialization());
    config.getNetworkConfig().setAddresses(Addresses.text(addresses));
    config.getNetworkConfig().setConnectionTimeout((int) silence.toMillis());
    config.getConnectionStrategyConfig().setAsyncStart(true).setReconnectMode(ReconnectMode.ASYNC);
    config.getConnectionStrategyConfig().getConnectionRetryConfig().setInitialBackoffMillis(200);
    config.getConnectionStrategyConfig().getConnectionRetryConfig().setMaxBackoffMillis(1000);
    config.getMetricsConfig().setEnabled(false);
    config.setProperty("hazelcast.logging.type", "slf4j");
    config.setProperty("hazelcast.client.heartbeat.interval", "1000");
    config.setProperty("hazelcast.client.heartbeat.timeout", String.valueOf(silence.toMillis()));
    // An invocation that broke is not repeated behind our back for the usual two minutes.
    config.setProperty("hazelcast.client.invocation.timeout.seconds", "1");
    config.setProperty("hazelcast.client.event.thread.count", "1");
    return config;
  }

  /**
   * Our classes are known by number. By name the engine makes its own exceptions and those of Java,
   * which members tell each other of, and nothing else: an answer that cannot be read is an answer
   * that never comes.
   */
  private static SerializationConfig serialization() {
    ClassFilter exceptions = new ClassFilter();
    exceptions.addPackages(
        "com.hazelcast.core", "com.hazelcast.nio.serialization", "com.hazelcast.spi.exception");
    for (Class<?> type : JAVA_EXCEPTIONS) {
      exceptions.addClasses(type.getName());
    }
    exceptions.addClasses(Collections.emptyList().getClass().getName()); // what they suppress
    return new SerializationConfig()
        .addDataSerializableFactory(Wire.FACTORY, new Wire())
        .setJavaSerializationFilterConfig(
            new JavaSerializationFilterConfig().setDefaultsDisabled(true).setWhitelist(exceptions));
  }
}
