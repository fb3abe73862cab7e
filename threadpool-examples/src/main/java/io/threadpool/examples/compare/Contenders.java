package io.threadpool.examples.compare;

import java.util.List;

/** All pools of the comparison, in the order of the columns. */
final class Contenders {
  private static final List<Contender> ALL =
      List.of(
          new OwnContender(),
          new JdkContender(),
          new ForkJoinContender(),
          new VirtualContender(),
          new JbossContender(),
          new JettyContender(),
          new TomcatContender(),
          new NettyContender());

  private Contenders() {}

  static List<Contender> all() {
    return ALL;
  }

  static Contender named(String name) {
    return ALL.stream().filter(one -> one.name().equals(name)).findFirst().orElseThrow();
  }
}
