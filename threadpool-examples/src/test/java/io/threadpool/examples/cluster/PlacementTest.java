package io.threadpool.examples.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.examples.checksum.Problem;
import io.threadpool.examples.checksum.UnavailableException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each transition of {@link Job} and {@link Seat}, and that no order of them loses a batch. */
@Timeout(60)
class PlacementTest {
  private static final int PATIENCE = 3;
  private static final Outcome HASHED = Outcome.hashed(new byte[32]);

  private final List<String> warnings = new ArrayList<>();
  private final Placement placement = new Placement(PATIENCE, warnings::add);

  /** A member that does nothing by itself. */
  private final class Fake implements Seat.Line {
    final List<Job> sent = new ArrayList<>();
    final List<Boolean> pings = new ArrayList<>();
    final Seat seat;

    Fake(String name, int credits) {
      seat = new Seat(name, credits, this);
      placement.joined(seat);
    }

    @Override
    public void send(Seat to, Job job) {
      sent.add(job);
    }

    @Override
    public void ping(Seat to, boolean stopped) {
      pings.add(stopped);
    }

    Fake fit() {
      placement.pinged(seat, Answer.here());
      return this;
    }

    Job take() {
      return sent.remove(0);
    }

    void done(Job job) {
      placement.answered(seat, job, all(HASHED, job));
    }
  }

  private static Answer all(Outcome outcome, Job job) {
    return Answer.done(Collections.nCopies(job.files.count(), outcome));
  }

  private Job add() {
    return placement.add(
        new FileBatch(new byte[0], new byte[][] {{'a'}, {'b'}}, new long[2], new long[2]),
        () -> {});
  }

  private void silence() {
    for (int i = 0; i <= PATIENCE; i++) {
      placement.tick();
    }
  }

  @Test
  void aBatchWaitsUntilAMemberIsFit() throws Exception {
    Job job = add();
    Fake member = new Fake("a", 2);
    assertEquals(List.of(false), member.pings);
    assertTrue(member.sent.isEmpty());
    assertFalse(placement.begun().isDone());

    member.fit();

    assertTrue(placement.begun().isDone());
    assertEquals(List.of(job), member.sent);
    member.done(job);
    assertEquals(List.of(HASHED, HASHED), job.outcomes.get());
  }

  @Test
  void nobodyIsGivenMoreThanItsCreditsAndTheFreestIsGivenFirst() {
    Fake small = new Fake("small", 1).fit();
    Fake large = new Fake("large", 2).fit();
    List<Job> jobs = List.of(add(), add(), add(), add());

    assertEquals(List.of(jobs.get(0), jobs.get(2)), large.sent);
    assertEquals(List.of(jobs.get(1)), small.sent);
    large.done(jobs.get(0));
    assertEquals(jobs.get(3), large.sent.get(2));
    assertEquals(3, placement.credits());
  }

  @Test
  void whatAMemberGivesBackGoesToAnotherAsOftenAsItTakes() {
    Job job = add();
    for (int i = 0; i < 5; i++) {
      Fake leaving = new Fake("leaving " + i, 1).fit();
      assertEquals(job, leaving.take());
      placement.answered(leaving.seat, job, Answer.draining());
      placement.left(leaving.seat);
    }
    Fake last = new Fake("last", 1).fit();
    last.done(last.take());

    assertEquals(List.of(HASHED, HASHED), job.outcomes.join());
  }

  @Test
  void aDrainingMemberIsGivenNothingAndWhatItHasIsAwaited() {
    Fake leaving = new Fake("leaving", 2).fit();
    Job had = add();
    placement.pinged(leaving.seat, Answer.draining());
    Job later = add();

    assertEquals(List.of(had), leaving.sent);
    leaving.done(had);
    assertTrue(had.outcomes.isDone());
    assertFalse(later.outcomes.isDone());
  }

  @Test
  void whatIsLostGoesToAnotherAndTheThirdTimeItsFilesAreProblems() {
    Job job = add();
    for (int i = 0; i < 3; i++) {
      assertFalse(job.outcomes.isDone());
      Fake dying = new Fake("dying " + i, 1).fit();
      placement.broke(dying.seat, dying.take(), new IllegalStateException("died"));
      placement.left(dying.seat);
    }

    List<Outcome> outcomes = job.outcomes.join();
    assertEquals(2, outcomes.size());
    assertEquals(
        "not hashed, its batch was lost 3 times; at last: java.lang.IllegalStateException: died",
        outcomes.get(0).reason());
    Fake survivor = new Fake("survivor", 1).fit();
    assertTrue(survivor.sent.isEmpty());
  }

  /** As when the submitter was held up itself: it finds each of its connections broken. */
  @Test
  void whatIsLostAtTheSameMembersAgainAndAgainIsNotGivenUp() {
    Fake one = new Fake("one", 1);
    Fake two = new Fake("two", 1);
    Job job = add();
    for (int i = 0; i < 5; i++) {
      for (Fake member : List.of(one, two)) {
        member.fit();
        placement.broke(member.seat, member.take(), new IllegalStateException("reset"));
        assertFalse(job.outcomes.isDone());
      }
    }
    one.fit();
    one.done(one.take());

    assertEquals(List.of(HASHED, HASHED), job.outcomes.join());
  }

  /** It is the same one, also where it was silent until its call broke. */
  @Test
  void whatASilentMemberHadIsLostThereOnce() {
    Fake frozen = new Fake("frozen", 1);
    Job job = add();
    for (int i = 0; i < 5; i++) {
      frozen.fit();
      silence();
      placement.broke(frozen.seat, frozen.take(), new IllegalStateException("reset"));
    }
    assertFalse(job.outcomes.isDone());
    frozen.fit();
    frozen.done(frozen.take());

    assertEquals(List.of(HASHED, HASHED), job.outcomes.join());
  }

  @Test
  void aBatchThatBreaksEachConnectionIsGivenUpInTheEnd() {
    Fake member = new Fake("a", 1);
    Job job = add();
    int lost = 0;
    while (!job.outcomes.isDone()) {
      member.fit();
      placement.broke(member.seat, member.take(), new IllegalStateException("cannot be written"));
      lost++;
    }

    assertEquals(30, lost);
    assertEquals(
        "not hashed, its batch was lost 30 times; at last: java.lang.IllegalStateException: cannot"
            + " be written",
        job.outcomes.join().get(0).reason());
  }

  @Test
  void aFailureIsALossButTheMemberStaysFit() {
    Fake member = new Fake("a", 1).fit();
    Job job = add();
    for (int i = 0; i < 3; i++) {
      placement.answered(member.seat, member.take(), Answer.failed("no memory"));
    }

    assertTrue(job.outcomes.join().get(1).reason().endsWith("at last: no memory"));
    Job next = add();
    assertEquals(next, member.take());
  }

  @Test
  void aBrokenCallStopsBatchesUntilTheNextPingIsAnswered() {
    Fake member = new Fake("a", 2).fit();
    Job first = add();
    Job second = add();
    placement.broke(member.seat, first, new IllegalStateException("reset"));
    assertEquals(List.of(first, second), member.sent);

    member.fit();
    assertEquals(List.of(first, second, first), member.sent);
  }

  @Test
  void anAnswerToAPingOfBeforeACallBrokeIsNoSignOfLife() {
    Fake dying = new Fake("a", 1).fit();
    Job job = add();
    placement.tick(); // sends a ping
    placement.broke(dying.seat, job, new IllegalStateException("died"));
    dying.fit();
    assertEquals(List.of(job), dying.sent);

    placement.tick();
    dying.fit();
    assertEquals(List.of(job, job), dying.sent);
  }

  @Test
  void anAnswerThatTheConnectionWasLostIsABrokenCall() {
    Fake member = new Fake("a", 1).fit();
    Job job = add();
    placement.answered(member.seat, job, Answer.absent());
    assertEquals(Seat.State.SILENT, member.seat.state);

    placement.pinged(member.seat, Answer.absent());
    assertEquals(List.of(job), member.sent);
    member.fit();
    assertEquals(List.of(job, job), member.sent);
  }

  @Test
  void whatASilentMemberHadGoesToAnotherAndTheFirstOutcomeCounts() {
    Fake frozen = new Fake("frozen", 1).fit();
    Job job = add();
    Fake other = new Fake("other", 1).fit();
    for (int i = 0; i < PATIENCE; i++) {
      placement.tick();
      other.fit();
    }
    assertTrue(other.sent.isEmpty());
    placement.tick();

    assertEquals(List.of(job), other.sent);
    assertEquals(Seat.State.SILENT, frozen.seat.state);
    placement.answered(frozen.seat, job, all(HASHED, job)); // thawed
    assertEquals(List.of(HASHED, HASHED), job.outcomes.join());
    placement.answered(
        other.seat, job, all(Outcome.failed(new Problem(Problem.Kind.CHANGED, "late")), job));
    assertEquals(List.of(HASHED, HASHED), job.outcomes.join());
    Job next = add();
    assertEquals(next, other.sent.get(1));
  }

  @Test
  void aThawedMemberIsUsedAgainButForWhatItStillOwes() {
    Fake frozen = new Fake("frozen", 2).fit();
    Job job = add();
    silence();
    frozen.fit();
    Job next = add();

    assertEquals(List.of(job, next), frozen.sent);
    assertEquals(0, frozen.seat.free());
    frozen.done(job);
    assertTrue(job.outcomes.isDone());
    assertEquals(1, frozen.seat.free());
  }

  @Test
  void ofAMemberThatLeftNothingIsPlacedAnewBeforeItsCallBreaks() {
    Fake gone = new Fake("gone", 1).fit();
    Job job = add();
    placement.left(gone.seat);
    Fake other = new Fake("other", 1).fit();
    assertTrue(other.sent.isEmpty());

    gone.done(job); // the outcome was on its way
    assertTrue(job.outcomes.isDone());
  }

  @Test
  void ofAMemberThatLeftWithoutAWordItIsPlacedAnewWhenItIsSilent() {
    Fake gone = new Fake("gone", 1).fit();
    Job job = add();
    placement.left(gone.seat);
    for (int i = 0; i <= PATIENCE; i++) {
      placement.tick();
    }
    Fake other = new Fake("other", 1).fit();

    assertEquals(List.of(job), other.sent);
  }

  @Test
  void whoHasNotAnsweredYetIsGreetedAgainWhenItsPingBroke() {
    Fake member = new Fake("a", 1);
    placement.greet();
    assertEquals(1, member.pings.size());
    placement.pingBroke(member.seat, new IllegalStateException("not connected yet"));
    placement.greet();
    assertEquals(2, member.pings.size());

    member.fit();
    placement.greet();
    assertEquals(2, member.pings.size());
  }

  @Test
  void aPingThatIsLostIsFollowedByAnother() {
    Fake member = new Fake("a", 1);
    silence();
    silence();

    assertEquals(3, member.pings.size());
  }

  @Test
  void whoIsUnfitIsLeftOutWithAWarningUntilItIsFit() {
    Fake member = new Fake("1.2.3.4:5", 1);
    placement.pinged(member.seat, Answer.unfit("it does not see the folder /data"));
    placement.pinged(member.seat, Answer.unfit("it does not see the folder /data"));
    Job job = add();

    assertEquals(
        List.of("member 1.2.3.4:5 is left out: it does not see the folder /data"), warnings);
    assertTrue(member.sent.isEmpty());
    member.fit();
    assertEquals(List.of(job), member.sent);
  }

  @Test
  void withoutAnyMemberTheRunIsOver() {
    Fake member = new Fake("a", 1).fit();
    Job had = add();
    Job waits = add();
    placement.left(member.seat);
    placement.broke(member.seat, had, new IllegalStateException("died"));
    silence();

    for (Job job : List.of(had, waits, add())) {
      ExecutionException e = assertThrows(ExecutionException.class, job.outcomes::get);
      assertInstanceOf(UnavailableException.class, e.getCause());
    }
  }

  /** The only one that was reached so far dies, and of the others the first does not answer. */
  @Test
  void aRunIsNotOverBeforeEachMemberHadTheTimeToAnswer() {
    Fake dies = new Fake("dies", 1).fit();
    Job job = add();
    new Fake("frozen", 1);
    Fake reachedLast = new Fake("reached last", 1);
    placement.broke(dies.seat, job, new IllegalStateException("died"));
    for (int i = 0; i < 3 * PATIENCE; i++) {
      placement.tick();
    }
    reachedLast.fit();
    reachedLast.done(reachedLast.take());

    assertEquals(List.of(HASHED, HASHED), job.outcomes.join());
  }

  @Test
  void withoutAnyMemberThatAnswersTheRunIsOver() {
    Fake dies = new Fake("dies", 1).fit();
    Job job = add();
    new Fake("frozen", 1);
    placement.broke(dies.seat, job, new IllegalStateException("died"));
    for (int i = 0; i <= 2 * PATIENCE; i++) {
      placement.tick();
    }

    assertTrue(job.outcomes.isCompletedExceptionally());
  }

  @Test
  void aRunIsNotOverWhileALeavingMemberIsBusy() {
    Fake leaving = new Fake("leaving", 1).fit();
    Job had = add();
    placement.pinged(leaving.seat, Answer.draining());
    for (int i = 0; i < 3 * PATIENCE; i++) {
      placement.tick();
      placement.pinged(leaving.seat, Answer.draining());
    }
    leaving.done(had);

    assertEquals(List.of(HASHED, HASHED), had.outcomes.join());
  }

  @Test
  void aStoppedRunTellsItsMembersAndAwaitsOnlyWhatIsInWork() {
    Fake member = new Fake("a", 1).fit();
    Job inWork = add();
    Job waits = add();
    placement.stop();

    assertEquals(List.of(false, true), member.pings);
    assertEquals(List.of(), waits.outcomes.join());
    assertEquals(List.of(), add().outcomes.join());
    assertFalse(inWork.outcomes.isDone());
    placement.answered(member.seat, inWork, Answer.done(List.of(HASHED)));
    assertEquals(List.of(HASHED), inWork.outcomes.join());
  }

  @Test
  void whatAStoppedRunLosesIsNotHashedAgain() {
    Fake member = new Fake("a", 1).fit();
    Job inWork = add();
    placement.stop();
    placement.broke(member.seat, inWork, new IllegalStateException("died"));

    assertEquals(List.of(), inWork.outcomes.join());
    assertEquals(List.of(inWork), member.sent);
  }

  @Test
  void anUnfinishedBatchOfARunThatGoesOnIsALoss() {
    Fake member = new Fake("a", 1).fit();
    Job job = add();
    placement.answered(member.seat, job, Answer.done(List.of(HASHED)));

    assertFalse(job.outcomes.isDone());
    assertEquals(List.of(job, job), member.sent);
  }

  @Test
  void anAbortedRunEndsAtOnce() {
    Fake member = new Fake("a", 1).fit();
    Job inWork = add();
    Job waits = add();
    placement.abort(new CancellationException("aborted"));

    for (Job job : List.of(inWork, waits, add())) {
      assertThrows(CancellationException.class, job.outcomes::get);
    }
    member.done(inWork);
    assertTrue(inWork.outcomes.isCompletedExceptionally());
  }

  /** Whatever happens in whatever order: each batch is settled, with an outcome for each file. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
  void noOrderOfEventsLosesABatch(long seed) {
    Random random = new Random(seed);
    List<Fake> members = new ArrayList<>();
    List<Job> jobs = new ArrayList<>();
    Fake stays = new Fake("stays", 3).fit();
    members.add(stays);
    for (int i = 0; i < 2_000; i++) {
      Fake member = members.get(random.nextInt(members.size()));
      Job job = member.sent.isEmpty() ? null : member.sent.get(0);
      switch (random.nextInt(12)) {
        case 0, 1, 2 -> jobs.add(add());
        case 3, 4 -> member.fit();
        case 5 -> {
          placement.tick();
          stays.fit();
        }
        case 6 -> {
          if (job != null) {
            placement.broke(member.seat, member.take(), new IllegalStateException("broke"));
          }
        }
        case 7 -> placement.pinged(member.seat, Answer.draining());
        case 8 -> {
          if (job != null) {
            placement.answered(member.seat, member.take(), Answer.draining());
          }
        }
        case 9 -> {
          if (member != stays) {
            placement.left(member.seat);
          }
          members.add(new Fake("member " + i, 1 + random.nextInt(4)));
        }
        default -> {
          if (job != null) {
            member.done(member.take());
          }
        }
      }
    }
    Fake last = new Fake("last", 10_000).fit();
    members.forEach(member -> placement.left(member.seat));
    for (int i = 0; i <= 2 * PATIENCE; i++) {
      placement.tick();
      last.fit();
    }
    while (!last.sent.isEmpty()) {
      last.done(last.take());
    }

    assertFalse(jobs.isEmpty());
    for (Job job : jobs) {
      assertTrue(job.outcomes.isDone(), "lost: " + job);
      assertEquals(2, job.outcomes.join().size());
    }
  }
}
