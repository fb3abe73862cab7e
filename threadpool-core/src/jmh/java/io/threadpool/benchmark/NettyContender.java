package io.threadpool.benchmark;

import io.netty.util.concurrent.DefaultEventExecutorGroup;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Netty's group: a thread and a queue each, tasks dealt out in turn. */
final class NettyContender implements Contender {

  private final DefaultEventExecutorGroup group;

  NettyContender(int workers) {
    group = new DefaultEventExecutorGroup(workers);
    // Its threads start with their first task.
    group.forEach(executor -> executor.submit(() -> {}).syncUninterruptibly());
  }

  @Override
  public void execute(Runnable task) {
    group.execute(task);
  }

  @Override
  public <T> Future<T> submit(Callable<T> task) {
    return group.submit(task);
  }

  @Override
  public void close() {
    // Without the quiet period, in which it waits for late tasks.
    group.shutdownGracefully(0, 60, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
