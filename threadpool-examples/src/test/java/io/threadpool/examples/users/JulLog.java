package io.threadpool.examples.users;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** What is logged through {@code java.util.logging}, from warnings on, instead of its printing. */
public final class JulLog extends Handler implements BeforeEachCallback, AfterEachCallback {
  private final Logger logger;
  private final List<LogRecord> records = new CopyOnWriteArrayList<>();

  /** A log of what loggers log whose names begin so. */
  public JulLog(String name) {
    logger = Logger.getLogger(name);
    setLevel(Level.WARNING);
  }

  public List<String> messages() {
    return records.stream().map(LogRecord::getMessage).toList();
  }

  List<Throwable> thrown() {
    return records.stream().map(LogRecord::getThrown).toList();
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    logger.setUseParentHandlers(false);
    logger.addHandler(this);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    logger.removeHandler(this);
    logger.setUseParentHandlers(true);
  }

  @Override
  public void publish(LogRecord logged) {
    // That a slow machine took long to seed its random numbers is not what a test is about.
    boolean isSlowStart = String.valueOf(logged.getLoggerName()).contains("SessionIdGenerator");
    if (isLoggable(logged) && !isSlowStart) {
      records.add(logged);
    }
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
