package io.threadpool.examples.compare;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import org.slf4j.LoggerFactory;

/**
 * Everything that an operator would see: what is logged through SLF4J or {@code java.util.logging},
 * uncaught exceptions, and standard error. Thread-safe.
 */
final class Sightings {
  private static final int MOST_CHARS = 4_000_000;

  /** Under its own lock. */
  private final StringBuilder seen = new StringBuilder();

  /** Looks everywhere, from now on, for the whole JVM. */
  static Sightings install() {
    Sightings sightings = new Sightings();
    System.setErr(new PrintStream(sightings.stream(), true, StandardCharsets.UTF_8));
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, thrown) -> sightings.add(thread.getName() + " " + text(thrown)));
    LogManager.getLogManager().getLogger("").addHandler(sightings.handler());
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      AppenderBase<ILoggingEvent> appender = sightings.appender();
      appender.setContext(context);
      appender.start();
      context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(appender);
    }
    return sightings;
  }

  /** All of it since the last {@link #forget}. */
  String text() {
    synchronized (seen) {
      return seen.toString();
    }
  }

  void forget() {
    synchronized (seen) {
      seen.setLength(0);
    }
  }

  private void add(String text) {
    synchronized (seen) {
      if (seen.length() < MOST_CHARS) {
        seen.append(text);
      }
    }
  }

  private static String text(Throwable thrown) {
    StringWriter writer = new StringWriter();
    thrown.printStackTrace(new PrintWriter(writer));
    return writer.toString();
  }

  private OutputStream stream() {
    return new OutputStream() {
      @Override
      public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int from, int length) {
        add(new String(bytes, from, length, StandardCharsets.UTF_8));
      }
    };
  }

  private Handler handler() {
    return new Handler() {
      @Override
      public void publish(LogRecord event) {
        Throwable thrown = event.getThrown();
        add(event.getMessage() + " " + (thrown == null ? "" : text(thrown)));
      }

      @Override
      public void flush() {}

      @Override
      public void close() {}
    };
  }

  private AppenderBase<ILoggingEvent> appender() {
    return new AppenderBase<>() {
      @Override
      protected void append(ILoggingEvent event) {
        String thrown =
            event.getThrowableProxy() == null
                ? ""
                : ThrowableProxyUtil.asString(event.getThrowableProxy());
        add(event.getFormattedMessage() + " " + thrown);
      }
    };
  }
}
