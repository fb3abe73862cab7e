package io.threadpool;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.threadpool.internal.Latches;
import java.util.concurrent.CountDownLatch;
import org.slf4j.LoggerFactory;

/**
 * The log of the library and of an application while its sink takes nothing, as a full pipe: who
 * logs first stands inside the appender and does not heed an interrupt, everybody else at its lock.
 */
final class BlockedLog extends AppenderBase<ILoggingEvent> implements AutoCloseable {

  /** Open when somebody stands inside. */
  final CountDownLatch entered = new CountDownLatch(1);

  private final CountDownLatch released;
  private final Logger application = logger("application");
  private final Logger library = logger("io.threadpool.WorkerPool");
  private final Level levelBefore = library.getLevel();
  private final boolean additiveBefore = library.isAdditive();

  /** Blocks whoever logs until a latch is open. */
  BlockedLog(CountDownLatch released) {
    this.released = released;
    setContext((LoggerContext) LoggerFactory.getILoggerFactory());
    start();
    open(application);
    open(library);
  }

  private static Logger logger(String name) {
    return (Logger) LoggerFactory.getLogger(name);
  }

  private void open(Logger logger) {
    logger.setAdditive(false);
    logger.setLevel(Level.INFO);
    logger.addAppender(this);
  }

  /** Logs a line of the application's. */
  void line() {
    application.info("a line of the application's own");
  }

  /** Has the library say more. */
  void debug() {
    library.setLevel(Level.DEBUG);
  }

  @Override
  protected void append(ILoggingEvent event) {
    entered.countDown();
    Latches.uninterruptibly(released);
  }

  @Override
  public void close() {
    application.detachAppender(this);
    library.detachAppender(this);
    library.setLevel(levelBefore);
    library.setAdditive(additiveBefore);
    stop();
  }
}
