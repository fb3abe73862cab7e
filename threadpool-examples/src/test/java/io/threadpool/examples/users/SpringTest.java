package io.threadpool.examples.users;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.RejectedTaskException;
import io.threadpool.Task;
import io.threadpool.WorkerPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.TaskRejectedException;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.scheduling.concurrent.ConcurrentTaskExecutor;

/** Spring's task executor around a pool, and a pool as a bean behind {@code @Async}. */
@Timeout(120)
class SpringTest {

  @RegisterExtension final UserPools pools = new UserPools();
  private final Held held = new Held();

  @AfterEach
  void release() {
    held.release();
  }

  private static String here() {
    return Thread.currentThread().getName().replaceAll("-\\d+$", "");
  }

  @Test
  void passesHandlesThroughAndTranslatesRefusals() throws Exception {
    WorkerPool pool = pools.build(WorkerPool.builder().size(1).name("spring").queueCapacity(100));
    ConcurrentTaskExecutor executor = new ConcurrentTaskExecutor(pool);
    List<CompletableFuture<String>> answers = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      answers.add(executor.submitCompletable(SpringTest::here));
    }
    for (CompletableFuture<String> answer : answers) {
      assertEquals("spring", answer.join());
    }
    Future<?> submitted = executor.submit(held);
    assertInstanceOf(Task.class, submitted);
    held.awaitStarted(1);
    assertTrue(submitted.cancel(true));
    held.awaitInterrupted();

    pool.close();
    Exception refused = assertThrows(TaskRejectedException.class, () -> executor.execute(() -> {}));
    RejectedTaskException why = assertInstanceOf(RejectedTaskException.class, refused.getCause());
    assertEquals(RejectedTaskException.Reason.SHUTDOWN, why.reason());
  }

  /** So what a handle of ours can do is lost; the builder's decorator keeps it. */
  @Test
  void withADecoratorOfItsOwnItWrapsTasksInFutureTasks() throws Exception {
    WorkerPool pool = pools.fixed(1);
    ConcurrentTaskExecutor executor = new ConcurrentTaskExecutor(pool);
    executor.setTaskDecorator(task -> task);
    Future<String> submitted = executor.submit((Callable<String>) () -> "done");
    assertFalse(submitted instanceof Task);
    assertEquals("done", submitted.get());
    pool.close();
  }

  /** What {@code @Async} runs. */
  public interface Mailer {
    /** Sends one mail. */
    CompletableFuture<String> send(Runnable mail);

    /** Sends one mail that nobody waits for. */
    void post(Runnable mail);
  }

  static class AsyncMailer implements Mailer {
    @Async
    @Override
    public CompletableFuture<String> send(Runnable mail) {
      mail.run();
      return CompletableFuture.completedFuture(here());
    }

    @Async
    @Override
    public void post(Runnable mail) {
      mail.run();
    }
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAsync
  static class Beans {
    @Bean
    WorkerPool taskExecutor(UserPools pools) {
      return pools.build(WorkerPool.builder().size(2).name("async"));
    }

    @Bean
    Mailer mailer() {
      return new AsyncMailer();
    }
  }

  private AnnotationConfigApplicationContext context() {
    AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
    context.registerBean(UserPools.class, () -> pools);
    context.register(Beans.class);
    context.refresh();
    return context;
  }

  @Test
  void aPoolThatIsABeanServesAsyncAndDrainsWhenTheContextCloses() throws Exception {
    AnnotationConfigApplicationContext context = context();
    WorkerPool pool = context.getBean(WorkerPool.class);
    Mailer mailer = context.getBean(Mailer.class);
    assertEquals("async", mailer.send(() -> {}).join());

    List<CompletableFuture<String>> sent = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      sent.add(mailer.send(held));
    }
    held.awaitStarted(2);
    Thread closer = new Thread(context::close, "closer");
    closer.start();
    UserPools.eventually().until(pool::isShutdown);
    assertThrows(TaskRejectedException.class, () -> mailer.send(() -> {}));
    held.release();
    closer.join();

    assertTrue(pool.isTerminated(), "closed by its inferred destroy method");
    for (CompletableFuture<String> answer : sent) {
      assertEquals("async", answer.join());
    }
  }

  /** It is caught on the way, and logged by Spring, so the pool counts the task as completed. */
  @Test
  void whatAnAsyncMethodWithoutAFutureThrowsNeverReachesThePool() throws Exception {
    AnnotationConfigApplicationContext context = context();
    WorkerPool pool = context.getBean(WorkerPool.class);
    try (LogbackLog log = new LogbackLog("org.springframework")) {
      context
          .getBean(Mailer.class)
          .post(
              () -> {
                throw new IllegalStateException("lost mail");
              });
      assertTrue(pool.awaitIdle(Duration.ofSeconds(30)));
      assertEquals(List.of("lost mail"), log.thrown());
    }
    context.close();
    assertEquals(0, pool.report().orElseThrow().failed());
    assertEquals(1, pool.report().orElseThrow().completed());
  }
}
