package io.threadpool.examples;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.filter.ThresholdFilter;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.ContextAwareBase;
import ch.qos.logback.core.spi.FilterReply;
import io.threadpool.examples.page.Page;
import org.slf4j.LoggerFactory;

/**
 * Logging of the programs: warnings on standard error, and on demand the life of a pool's workers
 * on standard output.
 *
 * <p>Found by logback as a service. In Java and not in XML, since reading XML would cost the batch
 * a tenth of a second at each start. {@code -Dlogback.configurationFile=...} takes precedence.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_HIGH_PRIORITY)
public final class LoggingConfigurator extends ContextAwareBase implements Configurator {
  private static final String POOL = "io.threadpool";
  private static final String ENGINE = "com.hazelcast";

  /**
   * The library ends each line with the pool's name, and here there is one pool beside the page's.
   */
  private static final String WITHOUT_NAME = "%replace(%msg){' \\[serve\\]$', ''}%n";

  /** Made by logback. */
  public LoggingConfigurator() {}

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    if (System.getProperty("logback.configurationFile") != null) {
      return ExecutionStatus.INVOKE_NEXT_IF_ANY;
    }
    ThresholdFilter warnings = new ThresholdFilter();
    warnings.setLevel(Level.WARN.toString());
    Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.WARN);
    // Of what the cluster engine meets the programs tell what matters, in a line and not a page.
    context.getLogger(ENGINE).setLevel(Level.OFF);
    root.addAppender(console(context, "System.err", "%level %msg%n", warnings));
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  /** Lets the workers of a pool tell their life on standard output, as plain lines. */
  public static void showWorkers() {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      Logger pool = context.getLogger(POOL);
      if (pool.getAppender("System.out") == null) {
        pool.setLevel(Level.TRACE);
        pool.addAppender(console(context, "System.out", WITHOUT_NAME, new WorkerLines()));
      }
    }
  }

  private static ConsoleAppender<ILoggingEvent> console(
      LoggerContext context, String target, String pattern, Filter<ILoggingEvent> filter) {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern(pattern);
    encoder.start();
    filter.setContext(context);
    filter.start();
    ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
    appender.setContext(context);
    appender.setName(target);
    appender.setTarget(target);
    appender.setEncoder(encoder);
    appender.addFilter(filter);
    appender.start();
    return appender;
  }

  /** Lets through what the tutorial prints: the life of the workers. */
  private static final class WorkerLines extends Filter<ILoggingEvent> {
    @Override
    public FilterReply decide(ILoggingEvent event) {
      String message = event.getFormattedMessage();
      boolean ofWorker =
          message.startsWith("Worker ") || message.startsWith("Shutting down worker ");
      boolean ofPage = message.endsWith(" [" + Page.POOL + "]");
      return ofWorker && !ofPage && !event.getLevel().isGreaterOrEqual(Level.INFO)
          ? FilterReply.NEUTRAL
          : FilterReply.DENY;
    }
  }
}
