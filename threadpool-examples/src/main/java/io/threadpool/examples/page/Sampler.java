package io.threadpool.examples.page;

import com.fasterxml.jackson.jr.ob.JSON;
import io.threadpool.PoolView;
import io.threadpool.WorkerPools;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Looks at all pools once a second, keeps what it has seen of the last minutes, and tells the
 * streams. While nobody is there it only counts. Thread-safe.
 */
final class Sampler implements Runnable {
  private static final long PERIOD_MILLIS = 1000;

  /** How many pools it looks at; of more it tells the number. */
  static final int MOST_POOLS = 32;

  /** How many pools that have ended it keeps: the last ones. */
  static final int MOST_ENDED = 8;

  private final String program;
  private final long hidden;
  private final Streams streams;
  private final CountDownLatch end = new CountDownLatch(1);

  /** By their numbers; guarded by this. */
  private final Map<Long, WatchedPool> pools = new TreeMap<>();

  /** Guarded by this. */
  private int unlisted;

  /**
   * A sampler that has not begun.
   *
   * @param program what it looks at the pools of
   * @param hidden the number of the pool that is not shown
   * @param streams is told
   */
  Sampler(String program, long hidden, Streams streams) {
    this.program = program;
    this.hidden = hidden;
    this.streams = streams;
    look();
  }

  /** Looks until the end. */
  @Override
  public void run() {
    try {
      while (!end.await(PERIOD_MILLIS, TimeUnit.MILLISECONDS)) {
        look();
      }
    } catch (InterruptedException closed) {
      // Its pool ends.
    }
  }

  /** Looks for the last time, and ends the streams. */
  synchronized void end() {
    end.countDown();
    look();
    streams.end();
  }

  /** Adds a stream, whose first event is all that is known. */
  synchronized Optional<Streams.Stream> join() {
    var unused = discover(System.currentTimeMillis(), alive()); // Who comes need not wait for them.
    return streams.add(Event.of("history", json(history())));
  }

  synchronized Optional<PoolView> pool(long id) {
    return Optional.ofNullable(pools.get(id)).map(WatchedPool::view);
  }

  /** All that live, but for the page's own. */
  List<PoolView> alive() {
    return WorkerPools.all().stream().filter(view -> view.id() != hidden).toList();
  }

  private synchronized void look() {
    long now = System.currentTimeMillis();
    List<PoolView> alive = alive();
    Set<Long> ids = alive.stream().map(PoolView::id).collect(Collectors.toSet());
    List<WatchedPool> changed =
        new ArrayList<>(pools.values().stream().filter(pool -> !pool.hasEnded()).toList());
    changed.forEach(pool -> pool.look(now, ids.contains(pool.view().id())));
    changed.addAll(discover(now, alive));
    unlisted = (int) alive.stream().filter(view -> !pools.containsKey(view.id())).count();
    forgetOldest();
    if (streams.isAnybodyThere()) {
      streams.send(Event.of("tick", json(tick(changed))));
    }
  }

  /** Begins to watch those that are not watched yet, and returns them. */
  private List<WatchedPool> discover(long now, List<PoolView> alive) {
    List<WatchedPool> discovered = new ArrayList<>();
    for (PoolView view : alive) {
      if (!pools.containsKey(view.id()) && watched() < MOST_POOLS) {
        WatchedPool added = new WatchedPool(view, now);
        pools.put(view.id(), added);
        discovered.add(added);
      }
    }
    return discovered;
  }

  private long watched() {
    return pools.values().stream().filter(pool -> !pool.hasEnded()).count();
  }

  private void forgetOldest() {
    List<WatchedPool> ended = pools.values().stream().filter(WatchedPool::hasEnded).toList();
    ended.stream()
        .limit(Math.max(0, ended.size() - MOST_ENDED))
        .forEach(pool -> pools.remove(pool.view().id()));
  }

  private Map<String, Object> history() {
    Map<String, Object> history = tick(pools.values());
    history.put("program", program);
    history.put("pid", ProcessHandle.current().pid());
    Map<String, Object> samples = new LinkedHashMap<>();
    pools.forEach((id, pool) -> samples.put(id.toString(), pool.history()));
    history.put("samples", samples);
    return history;
  }

  private Map<String, Object> tick(Collection<WatchedPool> changed) {
    Map<String, Object> tick = new LinkedHashMap<>();
    tick.put("time", System.currentTimeMillis());
    tick.put("kept", pools.keySet());
    tick.put("unlisted", unlisted);
    tick.put("pools", changed.stream().map(WatchedPool::state).toList());
    return tick;
  }

  static String json(Object value) {
    try {
      return JSON.std.asString(value);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // To a string nothing fails.
    }
  }
}
