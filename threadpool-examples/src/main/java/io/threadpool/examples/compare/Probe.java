package io.threadpool.examples.compare;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The JVM in which the scenarios meet one kind of pool. It is told their names on standard input,
 * one a line, and answers each with a line on standard output. What they leave behind, stuck
 * threads above all, ends with it.
 *
 * <p>Its own lines begin with {@link #PREFIX}: the JVM has warnings and logs of its own there.
 */
final class Probe {
  /** What each of its lines begins with. */
  static final String PREFIX = "probe: ";

  /** Its first line. */
  static final String READY = "ready";

  private final Contender contender;
  private final Duration limit;
  private final Sightings sightings;
  private final PrintStream answers;

  private Probe(Contender contender, Duration limit, Sightings sightings, PrintStream answers) {
    this.contender = contender;
    this.limit = limit;
    this.sightings = sightings;
    this.answers = answers;
  }

  /**
   * Answers until standard input ends.
   *
   * @param args the name of the pool, and the time limit of each wait
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    // Unbuffered, so that each line is written in one piece.
    PrintStream answers =
        new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
    System.setOut(System.err);
    say(answers, READY);
    Sightings sightings = Sightings.install();
    Contender contender = Contenders.named(args[0]);
    Probe probe = new Probe(contender, Duration.parse(args[1]), sightings, answers);
    BufferedReader names =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String id = names.readLine(); id != null; id = names.readLine()) {
      probe.answer(probe.ask(Scenarios.named(id)));
    }
    Runtime.getRuntime().halt(0); // Nobody is waited for.
  }

  private synchronized void answer(Cell cell) {
    say(answers, cell.encode());
  }

  /** On a line of its own, also where the JVM has not ended its last one. */
  private static void say(PrintStream answers, String line) {
    answers.writeBytes(("\n" + PREFIX + line + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /** Runs a scenario on a thread of its own, which may be given up. */
  private Cell ask(Scenario scenario) throws InterruptedException {
    Trial trial = new Trial(contender, limit, sightings, this::answer);
    CompletableFuture<Cell> asking = trial.start(() -> trial.run(scenario));
    try {
      return asking.get(4 * limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return Cell.of(Verdict.HANGS, "the scenario itself");
    } catch (ExecutionException e) {
      return Cell.of(Verdict.NO, String.valueOf(e.getCause()));
    }
  }
}
