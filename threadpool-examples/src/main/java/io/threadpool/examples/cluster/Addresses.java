package io.threadpool.examples.cluster;

import io.threadpool.examples.UsageException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Lists of addresses on the command line: {@code host:port,host:port}, IPv6 in brackets. */
final class Addresses {
  private static final Pattern ADDRESS = Pattern.compile("(\\[[^\\]]+]|[^:\\[\\]]+):(\\d{1,5})");
  private static final int MOST_PORT = 65_535;

  private Addresses() {}

  /**
   * Reads a list.
   *
   * @param option the option that has it, for the error
   * @throws UsageException if an element is no address, or its host is unknown
   */
  static List<InetSocketAddress> parse(String option, String list) {
    List<InetSocketAddress> addresses = new ArrayList<>();
    for (String element : list.split(",", -1)) {
      addresses.add(parseOne(option, element));
    }
    return addresses;
  }

  static InetSocketAddress parseOne(String option, String text) {
    Matcher matcher = ADDRESS.matcher(text);
    if (!matcher.matches() || Integer.parseInt(matcher.group(2)) > MOST_PORT) {
      throw new UsageException(option + " wants host:port, not '" + text + "'");
    }
    try {
      InetAddress host = InetAddress.getByName(matcher.group(1));
      return new InetSocketAddress(host, Integer.parseInt(matcher.group(2)));
    } catch (UnknownHostException e) {
      throw new UsageException(option + ": the host is unknown: '" + text + "'");
    }
  }

  /** By number, so that what one process has resolved another need not. */
  static String text(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }

  static List<String> text(List<InetSocketAddress> addresses) {
    return addresses.stream().map(Addresses::text).toList();
  }
}
