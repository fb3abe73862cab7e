package io.threadpool.contract;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.LoggerFactory;

/** The library's log events while this is open. */
final class LogCapture extends AppenderBase<ILoggingEvent> implements AutoCloseable {

  private final Logger logger = (Logger) LoggerFactory.getLogger("io.threadpool.WorkerPool");
  private final Level levelBefore = logger.getLevel();
  private final boolean additiveBefore = logger.isAdditive();
  private final List<ILoggingEvent> events = new CopyOnWriteArrayList<>();
  private final Consumer<ILoggingEvent> onEvent;

  private LogCapture(Level level, Consumer<ILoggingEvent> onEvent) {
    this.onEvent = onEvent;
    setContext(logger.getLoggerContext());
    start();
    logger.setAdditive(false);
    logger.setLevel(level);
    logger.addAppender(this);
  }

  static LogCapture at(Level level) {
    return new LogCapture(level, event -> {});
  }

  /** Calls something with each event, on the thread that logs. */
  static LogCapture at(Level level, Consumer<ILoggingEvent> onEvent) {
    return new LogCapture(level, onEvent);
  }

  @Override
  protected void append(ILoggingEvent event) {
    events.add(event);
    onEvent.accept(event);
  }

  List<ILoggingEvent> events() {
    return events;
  }

  List<ILoggingEvent> events(Level level) {
    return events.stream().filter(event -> event.getLevel() == level).toList();
  }

  /** Those that have that text in them. */
  List<String> messages(String text) {
    return messages().stream().filter(message -> message.contains(text)).toList();
  }

  List<String> messages() {
    return events.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  @Override
  public void close() {
    logger.detachAppender(this);
    logger.setLevel(levelBefore);
    logger.setAdditive(additiveBefore);
    stop();
  }
}
