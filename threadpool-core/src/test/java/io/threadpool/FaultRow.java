package io.threadpool;

import java.util.List;

/**
 * The rows of the fault table: what goes wrong, how it is brought about, how often at full length
 * by us and by the JDK's pool (0: the scenario makes no sense there), and what plays it.
 */
enum FaultRow {
  SOME_CANNOT_START(
      1,
      "thread start fails, some workers alive",
      "impossible stack after k of 4",
      100,
      2,
      StartRows::someCannotStart),
  NONE_CAN_START(
      2, "thread start fails, no worker", "impossible stack", 100, 1, StartRows::noneCanStart),
  BROKEN_LOOPS(
      3,
      "a worker's loop breaks, no new thread can start",
      "thrown in the loop",
      200,
      1,
      StartRows::brokenLoops),
  BAD_FACTORIES(
      4,
      "factory throws, returns null or a started thread",
      "factory",
      200,
      1,
      StartRows::badFactories),
  TASKS_THROW(
      5, "tasks throw anything", "13 kinds of throwable", 1_000_000, 100_000, ThrowRows::tasks),
  USERS_CODE_THROWS(
      6,
      "handler, decorator, dependent stage throw",
      "13 kinds of throwable",
      20,
      0,
      ThrowRows::usersCode),
  STACK_OVERFLOWS(
      7,
      "stack overflow in execute, submit, a settlement",
      "recursion on small stacks",
      1_000,
      1_000,
      StackRow::stackOverflows),
  FULL_HEAP(
      8,
      "heap full while submitting and while running",
      "ballast at -Xmx48m",
      100,
      100,
      HeapRow::fullHeap),
  INTERRUPT_STORMS(
      9,
      "interrupt storm at all workers",
      "interrupt, cancel(true)",
      1_000_000,
      1_000_000,
      InterruptRow::storms),
  INTERRUPTED_CALLER(
      10,
      "caller already interrupted",
      "flag set before each call",
      20_000,
      20_000,
      CallerRows::interruptedCaller),
  SHUTDOWN(11, "submit against shutdown", "race", 100_000, 100_000, ShutdownRows::shutdown),
  SHUTDOWN_NOW(
      12, "submit against shutdownNow", "race", 100_000, 100_000, ShutdownRows::shutdownNow),
  CANCEL(13, "cancel against run", "race", 1_000_000, 1_000_000, CancelRow::races),
  SELF_WAITS(
      14,
      "close interrupted; close, await, awaitIdle from a body",
      "interrupt, self-wait",
      100,
      1,
      CallerRows::selfWaits),
  SIGTERM(
      15, "SIGTERM with 2,000 queued", "signal at a random moment", 50, 10, SignalRows::sigterm),
  STOPPED(16, "stopped for 5 s and continued", "SIGSTOP, SIGCONT", 5, 5, SignalRows::stopped),
  EXIT(17, "System.exit in a task", "exit status 7", 10, 10, SignalRows::exit),
  DURATIONS(
      18,
      "clock jumps, durations without measure",
      "0, 1 ns, 292 years",
      20,
      0,
      CallerRows::durations),
  CHURN(
      19,
      "pools built and closed, built and dropped",
      "garbage collector",
      10_000,
      10_000,
      ChurnRow::pools),
  SOAK(20, "soak: mixed load, cancels, saturation, turnover", "all at once", 0, 0, SoakRow::soak),
  BLOCKED_LOG(
      21, "the log blocks: deadline, abort, close", "a full pipe", 20, 20, BlockedLogRow::logs),
  BLOCKED_INTERRUPT(
      22,
      "an interrupt blocks or throws: deadline, abort, cancel",
      "a channel's close, an overridden method",
      10,
      10,
      BlockedInterruptRow::interrupts),
  BLOCKED_STAGE(
      23,
      "a dependent stage blocks: abort, close, deadline, exit",
      "waits for what never comes",
      20,
      0,
      BlockedStageRow::stages),
  FULL_ABORT(
      24,
      "shutdownNow with 100,000 and 1,000,000 queued",
      "-Xmx64m, -Xmx1g",
      10,
      10,
      FullAbortRow::aborts),
  LACKING_END(
      25,
      "an OutOfMemoryError at each step of the end",
      "thrown at seams: abort, close, deadline",
      10,
      0,
      LackingEndRow::lacks),
  STOOD_STILL(
      26,
      "the machine stood still, with beats and delays due",
      "SIGSTOP for 20 s",
      20,
      20,
      TimeRows::stoodStill),
  NO_TIMER(
      27, "no thread for what is delayed", "the start of it fails", 100, 100, TimeRows::noThread),
  FULL_HEAP_WHEN_DUE(
      28,
      "heap full when tasks fall due, or are late",
      "ballast at -Xmx48m",
      100,
      100,
      TimeRows::fullHeap);

  /** What plays a row: so many times, on a contender, with what it came to. */
  interface Play {
    void run(FaultContender who, FaultFigures figures, int count) throws Exception;
  }

  private final int number;
  private final String fault;
  private final String injection;
  private final int ours;
  private final int theirs;
  private final Play play;

  FaultRow(int number, String fault, String injection, int ours, int theirs, Play play) {
    this.number = number;
    this.fault = fault;
    this.injection = injection;
    this.ours = ours;
    this.theirs = theirs;
    this.play = play;
  }

  int number() {
    return number;
  }

  String fault() {
    return fault;
  }

  String injection() {
    return injection;
  }

  /**
   * How often at full length; in seconds for the soak, whose length {@code -Dsoak.minutes} sets.
   */
  int count(FaultContender who) {
    if (this == SOAK && who.isOurs()) {
      return (int) (60 * Double.parseDouble(System.getProperty("soak.minutes", "2")));
    }
    return who.isOurs() ? ours : theirs;
  }

  /** The options of the JVMs that play it, one after the other, each its share. */
  List<List<String>> jvms() {
    return switch (this) {
      case STACK_OVERFLOWS -> // Thousands of joins, each with the stack trace of its end.
          List.of(
              List.of("-Xmx512m", "-Xint"),
              List.of("-Xmx512m", "-XX:TieredStopAtLevel=1"),
              List.of("-Xmx512m"));
      case FULL_HEAP, FULL_HEAP_WHEN_DUE -> List.of(List.of("-Xmx48m", "-XX:+UseSerialGC"));
      case FULL_ABORT -> List.of(List.of("-Xmx64m"), List.of("-Xmx1g"));
      case SOAK -> List.of(List.of("-Xmx128m", "-XX:+UseSerialGC"));
      default -> List.of(List.of("-Xmx256m"));
    };
  }

  void play(FaultContender who, FaultFigures figures, int times) throws Exception {
    play.run(who, figures, times);
  }
}
