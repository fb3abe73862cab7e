package io.threadpool;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The pools of this virtual machine, as far as they were built by this class loader's library.
 *
 * <p>Thread-safe. Holds the pools weakly, so none is kept by being listed here.
 *
 * <pre>{@code
 * for (PoolView pool : WorkerPools.all()) {
 *   System.out.println(pool);
 *   pool.runningTasks().forEach(System.out::println);
 * }
 * }</pre>
 */
public final class WorkerPools {

  private static final AtomicLong BUILT = new AtomicLong();

  /**
   * By their numbers, those that have not terminated; and those whose threads are gone without
   * that, until somebody asks. A view is kept by its pool.
   */
  static final Map<Long, WeakReference<PoolView>> LIVE = new ConcurrentHashMap<>();

  static {
    Events.SIGHT.watch(
        new Runnable() { // No lambda: the first ones of a JVM take a millisecond each.
          @Override
          public void run() {
            all().forEach(view -> Events.SIGHT.stats(view.name(), view.id(), view.stats()));
          }
        });
  }

  private WorkerPools() {}

  /**
   * Returns the pools that were built and have not terminated, in the order of their building.
   *
   * @return a view of each
   */
  public static List<PoolView> all() {
    List<PoolView> views = new ArrayList<>();
    LIVE.forEach(
        (id, reference) -> {
          PoolView view = reference.get();
          if (view == null) {
            LIVE.remove(id);
          } else if (!view.isTerminated()) {
            views.add(view);
          }
        });
    views.sort(Comparator.comparingLong(PoolView::id));
    return views;
  }

  /** Lists a pool; who gets the view has to keep it for as long as the pool lives. */
  static PoolView add(PoolCore core) {
    PoolView view = new PoolView(BUILT.incrementAndGet(), core);
    LIVE.put(view.id(), new WeakReference<>(view));
    try {
      if (core.config().jmx()) {
        PoolBean.register(view);
      }
    } catch (Throwable refused) {
      LIVE.remove(view.id()); // There will be no such pool.
      throw refused;
    }
    return view;
  }

  /** Lists a pool no more, which has terminated. */
  static void remove(PoolView view, EndedPool remains) {
    LIVE.remove(view.id());
    view.ended(remains);
    if (LIVE.isEmpty() && Events.SIGHT.isWatching()) {
      remains
          .errands()
          .post(
              () -> {
                if (LIVE.isEmpty()) { // Else another was built meanwhile.
                  Events.SIGHT.unwatch();
                }
              });
    }
  }
}
