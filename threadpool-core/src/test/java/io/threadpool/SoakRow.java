package io.threadpool;

import io.threadpool.internal.RaceTeam;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * Row 20: for minutes, bursts that saturate a pool, tasks that throw, sleep and join each other,
 * and cancels at random, while other pools are built, raced against their shutdown and dropped.
 *
 * <p>The time is cut into windows. At the end of each all is quiet: the books are settled, the heap
 * is collected and measured. A probe measures how long a task waits for its start, beside a control
 * on a {@code ThreadPoolExecutor} that does nothing else, which tells what the machine does.
 */
final class SoakRow {

  private static final int CAPACITY = 128;
  private static final int PROBES_A_SECOND = 200;

  /** Fewer windows than this have no trend. */
  private static final int LEAST_WINDOWS = 12;

  private static final double KILO = 1_000.0;

  private final FaultFigures figures;
  private final WorkerPool pool;
  private final FaultBooks books;
  private final ExecutorService control;
  private final List<Window> windows = new ArrayList<>();

  /** What one window came to: times in microseconds, the heap in kilobytes. */
  private record Window(double median, double tail, double controlTail, double heap) {}

  private SoakRow(FaultFigures figures) {
    this.figures = figures;
    pool =
        WorkerPool.builder()
            .size(3)
            .queueCapacity(CAPACITY)
            .saturationPolicy(SaturationPolicy.block(Duration.ofMillis(2)))
            .uncaughtHandler((thread, thrown) -> {})
            .build();
    books = new FaultBooks(pool, figures);
    control = FaultContender.THREAD_POOL_EXECUTOR.fixed(1);
  }

  /** The row, for so many seconds. */
  static void soak(FaultContender who, FaultFigures figures, int seconds) throws Exception {
    SoakRow soak = new SoakRow(figures);
    int each = Math.max(1, Math.min(10, seconds / 30));
    for (int passed = 0; passed < seconds && figures.holds(); passed += each) {
      soak.window(Duration.ofSeconds(each));
    }
    soak.books.end();
    soak.control.shutdown();
    soak.judge();
  }

  private void window(Duration length) throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    Queue<FaultTask> entered = new ConcurrentLinkedQueue<>();
    Probe probe = new Probe(length);
    List<Thread> threads =
        List.of(
            thread(() -> new Load(entered).runUntil(over)),
            thread(() -> new Load(entered).runUntil(over)),
            thread(() -> turnOver(over)),
            thread(() -> probe.runUntil(over, entered)));
    threads.forEach(Thread::start);
    threads.get(0).join(length.toMillis());
    over.set(true);
    for (Thread thread : threads) {
      thread.join(60_000);
      figures.require(!thread.isAlive(), "a submitter hangs");
    }
    figures.require(pool.awaitIdle(Duration.ofSeconds(20)), "never idle: " + pool);
    books.enterAll(new ArrayList<>(entered));
    books.settle();
    entered.clear();
    windows.add(probe.window());
  }

  private Thread thread(RaceTeam.Action action) {
    return new Thread(
        () -> {
          try {
            action.run();
          } catch (Throwable thrown) {
            figures.violate("a submitter failed: " + thrown);
          }
        });
  }

  /** A submitter: bursts, now and then one that fills the queue, and cancels. */
  private final class Load {
    private final Queue<FaultTask> entered;
    private final Future<?>[] recent = new Future<?>[64];

    Load(Queue<FaultTask> entered) {
      this.entered = entered;
    }

    void runUntil(AtomicBoolean over) {
      ThreadLocalRandom random = ThreadLocalRandom.current();
      while (!over.get()) {
        int burst = random.nextInt(100) == 0 ? 2 * CAPACITY : 1 + random.nextInt(8);
        for (int i = 0; i < burst; i++) {
          boolean raw = random.nextBoolean();
          FaultTask task = hand(body(random.nextInt(100), raw), raw);
          if (task.handle() != null) {
            recent[random.nextInt(recent.length)] = task.handle();
          }
          Future<?> some = recent[random.nextInt(recent.length)];
          if (some != null && random.nextInt(4) == 0) {
            some.cancel(random.nextBoolean());
          }
        }
        LockSupport.parkNanos(200_000 + random.nextInt(1_000_000));
      }
    }

    private FaultTask hand(FaultTask.Body body, boolean raw) {
      FaultTask task = new FaultTask(body);
      entered.add(task);
      task.handTo(pool, raw);
      return task;
    }

    private FaultTask.Body body(int kind, boolean raw) {
      if (kind < 60) {
        return () -> {
          figures.require(!raw || !Thread.currentThread().isInterrupted(), "a stray interrupt");
          RaceTeam.jitter(10_000);
        };
      }
      if (kind < 75) {
        return () -> {
          throw FaultKinds.values()[kind % FaultKinds.values().length].make();
        };
      }
      return kind < 85
          ? () -> LockSupport.parkNanos(100_000)
          : () -> joinQuietly(hand(() -> RaceTeam.jitter(5_000), false).handle());
    }

    private void joinQuietly(Future<?> handle) {
      try {
        if (handle instanceof Task<?> task) {
          task.join();
        }
      } catch (CancellationException | CompletionException settled) {
        // By whom is in the books.
      }
    }
  }

  /** Pools that live for a moment, each ended in another way amid submissions and cancels. */
  private void turnOver(AtomicBoolean over) throws Exception {
    try (RaceTeam team = new RaceTeam(2)) {
      for (int round = 0; !over.get(); round++) {
        turnOver(team, round);
        LockSupport.parkNanos(2_000_000);
      }
    }
  }

  private void turnOver(RaceTeam team, int round) throws Exception {
    RaceConfigs config = RaceConfigs.of(round);
    WorkerPool brief =
        config.builder().size(1 + round % 3).threadFactory(FaultThreads.good()).build();
    FaultBooks own = new FaultBooks(brief, figures);
    List<FaultTask> tasks = new ArrayList<>();
    List<Runnable> returned = new ArrayList<>();
    team.race(
        () -> {
          for (int i = 0; i < 40; i++) {
            FaultTask task = new FaultTask(() -> RaceTeam.jitter(5_000));
            tasks.add(task);
            task.handTo(brief, i % 2 == 0);
            if (i % 8 == 1 && task.handle() != null) {
              task.handle().cancel(true);
            }
          }
        },
        () -> {
          RaceTeam.jitter(200_000);
          switch (round % 3) {
            case 0 -> brief.close();
            case 1 -> returned.addAll(brief.shutdownNow());
            default -> brief.shutdown(ShutdownPolicy.drainFor(Duration.ofNanos(50_000)));
          }
        });
    figures.require(brief.awaitTermination(Duration.ofSeconds(20)), "never ends: " + brief);
    own.enterAll(tasks);
    own.returned(returned);
    own.settle(round % 3 == 2 || config == RaceConfigs.DISCARD_OLDEST);
  }

  /** Measures how long tasks wait for their start, in the pool under load and in the control. */
  private final class Probe {
    private final long[] waits;
    private final long[] controls;
    private volatile int count;

    Probe(Duration length) {
      waits = new long[(int) (length.toSeconds() * PROBES_A_SECOND)];
      controls = new long[waits.length];
    }

    void runUntil(AtomicBoolean over, Queue<FaultTask> entered) throws Exception {
      for (int next = 0; next < waits.length && !over.get(); ) {
        int at = next;
        long start = System.nanoTime();
        FaultTask task = new FaultTask(() -> waits[at] = System.nanoTime() - start);
        entered.add(task);
        task.handTo(pool, false);
        if (task.handle() != null) {
          task.handle().get(20, TimeUnit.SECONDS);
          long again = System.nanoTime();
          control.submit(() -> controls[at] = System.nanoTime() - again).get();
          next++;
        }
        count = next;
        LockSupport.parkNanos(1_000_000_000 / PROBES_A_SECOND);
      }
    }

    Window window() {
      return new Window(
          quantile(waits, 0.5), quantile(waits, 0.99), quantile(controls, 0.99), usedHeap());
    }

    private double quantile(long[] values, double part) {
      long[] sorted = Arrays.copyOf(values, Math.max(1, count));
      Arrays.sort(sorted);
      return sorted[(int) (part * (sorted.length - 1))] / KILO;
    }
  }

  /** In kilobytes, after a collection. */
  private static double usedHeap() {
    System.gc();
    return (Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory()) / KILO;
  }

  /** The heap is flat and the tail has no trend; the first windows are warm-up. */
  private void judge() {
    List<Window> later = windows.subList(Math.min(2, windows.size() - 1), windows.size());
    double heapFirst = third(later, false).stream().mapToDouble(Window::heap).max().orElse(0);
    double heapLast = third(later, true).stream().mapToDouble(Window::heap).max().orElse(0);
    figures.require(heapLast < heapFirst * 1.1 + 512, "the heap grows: " + heaps(later));
    double first = median(third(later, false).stream().mapToDouble(Window::tail).toArray());
    double last = median(third(later, true).stream().mapToDouble(Window::tail).toArray());
    double machine =
        median(third(later, true).stream().mapToDouble(Window::controlTail).toArray())
            / median(third(later, false).stream().mapToDouble(Window::controlTail).toArray());
    double[] tails = later.stream().mapToDouble(Window::tail).toArray();
    boolean trend = tails.length >= LEAST_WINDOWS && kendall(tails) > 3;
    figures.require(
        !trend || last < 2 * first * Math.max(1, machine),
        "the tail grows: " + Arrays.toString(tails));
    figures.note(
        String.format(
            "%d windows; heap %.1f to %.1f MB; wait p50 %.0f us, p99 %.0f to %.0f us (trend z %.1f)",
            windows.size(),
            heapFirst / KILO,
            heapLast / KILO,
            median(later.stream().mapToDouble(Window::median).toArray()),
            first,
            last,
            kendall(tails)));
  }

  private static String heaps(List<Window> windows) {
    return windows.stream().map(window -> String.format("%.0f", window.heap())).toList() + " kB";
  }

  private static List<Window> third(List<Window> all, boolean last) {
    int length = Math.max(1, all.size() / 3);
    return last ? all.subList(all.size() - length, all.size()) : all.subList(0, length);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  /** Mann and Kendall's test: how many standard deviations the order is from no trend. */
  private static double kendall(double[] values) {
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      for (int j = i + 1; j < values.length; j++) {
        sum += Math.signum(values[j] - values[i]);
      }
    }
    double n = values.length;
    return sum / Math.sqrt(Math.max(1, n * (n - 1) * (2 * n + 5) / 18));
  }
}
