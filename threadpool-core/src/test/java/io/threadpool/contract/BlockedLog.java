package io.threadpool.contract;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.LoggerFactory;

/** The library's log, which does something with each event, under a lock or not. */
final class BlockedLog extends UnsynchronizedAppenderBase<ILoggingEvent> implements AutoCloseable {

  private final Logger logger = (Logger) LoggerFactory.getLogger("io.threadpool.WorkerPool");
  private final Level levelBefore = logger.getLevel();
  private final boolean additiveBefore = logger.isAdditive();
  private final ReentrantLock lock = new ReentrantLock();
  private final List<String> messages = new CopyOnWriteArrayList<>();
  private final boolean locked;
  private final Consumer<ILoggingEvent> onEvent;

  private BlockedLog(Level level, boolean locked, Consumer<ILoggingEvent> onEvent) {
    this.locked = locked;
    this.onEvent = onEvent;
    setContext(logger.getLoggerContext());
    start();
    logger.setAdditive(false);
    logger.setLevel(level);
    logger.addAppender(this);
  }

  /** As most appenders are: who logs while another does waits, and hears no interrupt. */
  static BlockedLog locked(Level level, Consumer<ILoggingEvent> onEvent) {
    return new BlockedLog(level, true, onEvent);
  }

  /** Threads log side by side. */
  static BlockedLog unlocked(Level level, Consumer<ILoggingEvent> onEvent) {
    return new BlockedLog(level, false, onEvent);
  }

  @Override
  protected void append(ILoggingEvent event) {
    if (!locked) {
      take(event);
      return;
    }
    lock.lock();
    try {
      take(event);
    } finally {
      lock.unlock();
    }
  }

  private void take(ILoggingEvent event) {
    onEvent.accept(event);
    messages.add(event.getFormattedMessage());
  }

  /** What it has taken. */
  List<String> messages() {
    return messages;
  }

  @Override
  public void close() {
    logger.detachAppender(this);
    logger.setLevel(levelBefore);
    logger.setAdditive(additiveBefore);
    stop();
  }
}
