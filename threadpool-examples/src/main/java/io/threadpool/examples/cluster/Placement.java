package io.threadpool.examples.cluster;

import io.threadpool.examples.checksum.Problem;
import io.threadpool.examples.checksum.UnavailableException;
import io.threadpool.examples.cluster.Answer.Kind;
import io.threadpool.examples.cluster.Seat.State;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides which batch is at which member, and which is to be hashed again. Nothing else does: the
 * engine carries calls and answers, and says who is there.
 *
 * <p>Invariants, whenever the lock is free: a batch that is not settled either waits, or is placed
 * at exactly one seat; no batch waits while a fit seat has a credit that it could take; a batch is
 * settled once. A batch is placed again only after its member gave it back, broke the call or was
 * silent, and each of these is logged with its cause.
 *
 * <p>No invariant: that an answer comes. One that the engine loses while its member answers pings
 * is waited for; therefore {@link Engine} lets in what answers may consist of.
 *
 * <p>Liveness is told by pings and not by the time that a batch takes, since a huge file has no
 * fair time. Silence is counted in ticks and not on a clock, so that a submitter that was itself
 * held up does not take the others for dead.
 *
 * <p>Thread-safe; each method decides under the lock, and sends and completes after it.
 */
final class Placement {
  private static final Logger LOG = LoggerFactory.getLogger(Placement.class);

  /** A batch may end the JVM of whoever takes it: after so many it is not given to another. */
  private static final int MOST_LOSSES = 3;

  /** It may also break each connection and end nobody: there is an end to that, too. */
  private static final int MOST_BREAKS = 30;

  private final int patience;
  private final Consumer<String> warnings;
  private final List<Seat> seats = new ArrayList<>();
  private final TreeSet<Job> waiting = new TreeSet<>(Comparator.comparingLong(job -> job.number));
  private final CompletableFuture<Void> begun = new CompletableFuture<>();

  /** What is to be done after the lock. Guarded by this. */
  private List<Runnable> effects = new ArrayList<>();

  private long lastNumber;
  private boolean stopped;
  private int lonely;
  private @Nullable Exception end;

  /**
   * A placement without members.
   *
   * @param patience the number of ticks after which who does not answer is silent; a run that has
   *     begun and has no fit member any more is over after so many for each that is known
   * @param warnings gets one line about each member that is left out
   */
  Placement(int patience, Consumer<String> warnings) {
    this.patience = patience;
    this.warnings = warnings;
  }

  /** Done when the first member is fit; without end if there is none. */
  CompletableFuture<Void> begun() {
    return begun;
  }

  /**
   * Takes a batch.
   *
   * @param files the batch
   * @param sent run each time that it is sent to a member, before
   */
  Job add(FileBatch files, Runnable sent) {
    Job[] added = new Job[1];
    decide(
        () -> {
          added[0] = new Job(++lastNumber, files, sent);
          await(added[0]);
        });
    return added[0];
  }

  /** A member is there. */
  void joined(Seat seat) {
    decide(
        () -> {
          seats.add(seat);
          ping(seat);
        });
  }

  /** A member is not there any more. Its calls break, each by itself, or it will be silent. */
  void left(Seat seat) {
    decide(
        () -> {
          seat.state = State.LEFT;
          forgetIfEmpty(seat);
        });
  }

  /** A ping has been answered. */
  void pinged(Seat seat, Answer answer) {
    decide(
        () -> {
          seat.pinging = false;
          if (seat.stale) {
            seat.stale = false;
            return;
          }
          switch (answer.kind()) {
            case HERE -> become(seat, State.FIT, "");
            case DRAINING -> become(seat, State.DRAINING, "");
            case UNFIT -> become(seat, State.UNFIT, answer.message());
            default -> {
              return; // It may be there, but no batch would get to it.
            }
          }
          seat.missed = 0;
        });
  }

  /** A ping has come to nothing. */
  void pingBroke(Seat seat, Throwable cause) {
    LOG.debug("a ping to {} broke", seat, cause);
    decide(
        () -> {
          seat.pinging = false;
          seat.stale = false;
        });
  }

  /** A batch has been answered. */
  void answered(Seat seat, Job job, Answer answer) {
    if (answer.kind() == Kind.ABSENT) {
      broke(seat, job, new IOException("the connection was lost"));
      return;
    }
    decide(
        () -> {
          boolean placed = seat.placed.remove(job);
          seat.owed.remove(job);
          if (answer.kind() == Kind.DRAINING) {
            become(seat, State.DRAINING, "");
          }
          if (isOutcome(job, answer)) {
            settle(job, answer.outcomes());
          } else if (placed && answer.kind() == Kind.DRAINING) {
            LOG.info("{} was given back by {}, which leaves", job, seat);
            await(job);
          } else if (placed) {
            job.losses++;
            retry(seat, job, answer.kind() == Kind.FAILED ? answer.message() : "not finished");
          }
          forgetIfEmpty(seat);
        });
  }

  /** A call with a batch has come to nothing: the member may be lost. */
  void broke(Seat seat, Job job, Throwable cause) {
    decide(
        () -> {
          seat.owed.remove(job);
          if (seat.state == State.FIT) {
            become(seat, State.SILENT, "");
            seat.stale = seat.pinging;
          }
          if (seat.placed.remove(job)) {
            lose(seat, job, cause.toString());
          }
          forgetIfEmpty(seat);
        });
  }

  /** No further file is begun; what is not settled then is settled with fewer outcomes. */
  void stop() {
    decide(
        () -> {
          if (!stopped) {
            stopped = true;
            for (Seat seat : seats) {
              effects.add(() -> seat.line.ping(seat, true));
            }
          }
        });
  }

  /** Ends it at once: nobody wants the outcomes. */
  void abort(Exception why) {
    decide(() -> end(why));
  }

  /** To be called at a steady pace: looks who is silent, and sends the pings. */
  void tick() {
    decide(
        () -> {
          for (Seat seat : List.copyOf(seats)) {
            look(seat);
          }
          boolean alone = begun.isDone() && seats.stream().noneMatch(Placement::isOfUse);
          lonely = alone ? lonely + 1 : 0;
          // An engine without any connection tries one member after the other, each for so long.
          if (lonely > patience * Math.max(1, seats.size())) {
            end(new UnavailableException("no member is left that could hash"));
          }
        });
  }

  /** Sends a ping to who has not answered yet: it may have been sent before it could arrive. */
  void greet() {
    decide(
        () ->
            seats.stream()
                .filter(seat -> seat.state == State.NEW && !seat.pinging)
                .forEach(this::ping));
  }

  /** How many batches the fit members take together. */
  synchronized int credits() {
    return seats.stream().filter(seat -> seat.state == State.FIT).mapToInt(s -> s.credits).sum();
  }

  private void look(Seat seat) {
    seat.missed++;
    if (seat.missed > patience) {
      if (seat.state == State.FIT) {
        become(seat, State.SILENT, "");
      }
      for (Job job : List.copyOf(seat.placed)) {
        seat.placed.remove(job);
        seat.owed.add(job);
        lose(seat, job, "the member does not answer");
      }
      if (seat.state == State.LEFT) {
        seats.remove(seat);
        return;
      }
    }
    // One that does not come back may have been lost: the next is not put off for ever.
    if (!seat.pinging || seat.missed % (patience + 1) == 0) {
      ping(seat);
    }
  }

  /** Fit, or busy with something that may still come. */
  private static boolean isOfUse(Seat seat) {
    return seat.state == State.FIT || !seat.placed.isEmpty();
  }

  private void ping(Seat seat) {
    seat.pinging = true;
    boolean told = stopped;
    effects.add(() -> seat.line.ping(seat, told));
  }

  private void become(Seat seat, State state, String why) {
    if (seat.state == state || seat.state == State.LEFT) {
      return;
    }
    LOG.info("{} was {}, is {}", seat, seat.state, state);
    seat.state = state;
    if (state == State.UNFIT) {
      effects.add(() -> warnings.accept("member " + seat + " is left out: " + why));
    } else if (state == State.FIT) {
      effects.add(() -> begun.complete(null));
    }
  }

  private void forgetIfEmpty(Seat seat) {
    if (seat.state == State.LEFT && seat.placed.isEmpty()) {
      seats.remove(seat);
    }
  }

  private boolean isOutcome(Job job, Answer answer) {
    return answer.kind() == Kind.DONE && (stopped || answer.outcomes().size() == job.files.count());
  }

  private void await(Job job) {
    if (!job.settled) {
      waiting.add(job);
    }
  }

  /**
   * A member that died comes back as another, if at all. The same one, lost again, was out of reach
   * for a while, or its submitter was, which says nothing about the batch.
   */
  private void lose(Seat seat, Job job, String cause) {
    job.breaks++;
    if (job.lostAt.add(seat)) {
      job.losses++;
    }
    retry(seat, job, cause);
  }

  private void retry(Seat seat, Job job, String cause) {
    if (job.settled) {
      return;
    }
    if (job.losses < MOST_LOSSES && job.breaks < MOST_BREAKS) {
      LOG.warn("{} was lost at member {} and is hashed again: {}", job, seat, cause);
      await(job);
      return;
    }
    LOG.warn("{} was lost at member {} and is given up: {}", job, seat, cause);
    int times = job.losses < MOST_LOSSES ? job.breaks : job.losses;
    String problem = "not hashed, its batch was lost " + times + " times; at last: " + cause;
    settle(
        job,
        Collections.nCopies(
            job.files.count(), Outcome.failed(new Problem(Problem.Kind.UNREADABLE, problem))));
  }

  private void settle(Job job, List<Outcome> outcomes) {
    if (!job.settled) {
      job.settled = true;
      waiting.remove(job);
      effects.add(() -> job.outcomes.complete(outcomes));
    }
  }

  private void end(Exception why) {
    if (end == null) {
      end = why;
      effects.add(() -> begun.completeExceptionally(why));
      for (Seat seat : seats) {
        waiting.addAll(seat.placed);
        seat.placed.clear();
      }
    }
  }

  /** Gives the oldest batches to the members with the most free credits. */
  private void place() {
    if (end != null) {
      Exception why = end;
      for (Job job : waiting) {
        job.settled = true;
        effects.add(() -> job.outcomes.completeExceptionally(why));
      }
      waiting.clear();
    } else if (stopped) {
      List.copyOf(waiting).forEach(job -> settle(job, List.of()));
    } else {
      int free = seats.stream().mapToInt(Seat::free).sum();
      Iterator<Job> oldest = waiting.iterator();
      while (free > 0 && oldest.hasNext()) {
        Job job = oldest.next();
        Seat seat = freest(job);
        if (seat != null) {
          free--;
          oldest.remove();
          seat.placed.add(job);
          effects.add(job.sent);
          effects.add(() -> seat.line.send(seat, job));
        }
      }
    }
  }

  private @Nullable Seat freest(Job job) {
    return seats.stream()
        .filter(seat -> seat.free() > 0 && !seat.owed.contains(job))
        .max(Comparator.comparingInt(Seat::free))
        .orElse(null);
  }

  private void decide(Runnable decision) {
    List<Runnable> then;
    synchronized (this) {
      decision.run();
      place();
      then = effects;
      effects = new ArrayList<>();
    }
    then.forEach(Runnable::run);
  }
}
