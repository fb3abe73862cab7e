/**
 * A pool of worker threads that takes tasks, runs each once, in the order they were accepted, and
 * shuts down without losing or hanging anything.
 *
 * <p>Begin at {@link io.threadpool.WorkerPool}: {@code WorkerPool.fixed(4)}, or {@link
 * io.threadpool.WorkerPool#builder()} for all that can be chosen. {@link io.threadpool.Task} is
 * what {@code submit} returns, {@link io.threadpool.ScheduledTask} what {@code schedule} does.
 * {@link io.threadpool.TaskGroup} has tasks that end with a block of code, {@link
 * io.threadpool.Batch} those for the items of a source of any length.
 *
 * <h2 id="contract">The contract</h2>
 *
 * <ol>
 *   <li><b>Accepted or rejected.</b> An accepted task ends in exactly one outcome: completed,
 *       failed, cancelled or aborted; one that repeats is one task. Of a rejected one nothing is
 *       kept, and the {@link io.threadpool.RejectedTaskException} says why.
 *   <li><b>In order.</b> Workers take tasks in the order of acceptance; exceptions are the tasks
 *       run inline by the body that joins them (on virtual threads: beside it), and by their
 *       submitters under {@link io.threadpool.SaturationPolicy#callerRuns() callerRuns}. What is
 *       scheduled takes its place when it falls due, in a line beside the queue.
 *   <li><b>Nothing hangs.</b> A task that will never run is settled before the call that decided so
 *       returns. A body may not wait for its own pool's end or idleness, nor for itself or a task
 *       below it on its stack: {@link java.lang.IllegalStateException}. A body that joins a task
 *       that has not started runs it, or, on virtual threads, has it run in its place. A task that
 *       ignores its interrupt beyond the abort grace is reported with its worker and its stack, and
 *       its handle is settled. Out of reach is a step that a {@code CompletableFuture} has handed
 *       to the pool: aborted or discarded unstarted, it leaves its stage open.
 *   <li><b>Nothing is swallowed.</b> What a command without a handle throws reaches one handler
 *       once, also where the log is missing or fails; so does what ends a task that repeats. A
 *       worker survives every {@code Throwable}.
 *   <li><b>Nothing leaks to the next task</b>: no interrupt, no thread name, no context class
 *       loader, no priority.
 *   <li><b>User code runs under no lock of the library's, nor between a decision and its
 *       consequences</b>, and what it throws, or that it does not come back, breaks nothing for
 *       others.
 *   <li><b>A {@code ScheduledExecutorService}</b>, on each JDK alike, with the deviations that
 *       {@link io.threadpool.WorkerPool} names.
 * </ol>
 *
 * <h2 id="memory">What happens before what</h2>
 *
 * <table class="striped">
 *   <caption>Actions on the left happen before those on the right, in the sense of the Java Language
 *   Specification, 17.4.5.</caption>
 *   <thead>
 *     <tr><th scope="col">what a thread did</th><th scope="col">happens before</th></tr>
 *   </thead>
 *   <tbody>
 *     <tr><td>before it submitted a task</td><td>the task's body, on whatever thread</td></tr>
 *     <tr><td>in a body</td><td>the return of {@code get} or {@code join} on its handle, and {@code
 *         isDone} that is true for its result</td></tr>
 *     <tr><td>in a body</td><td>the handle's dependent stages</td></tr>
 *     <tr><td>in a run of a task that repeats</td><td>the next run of it</td></tr>
 *     <tr><td>in a body, to its last instruction</td><td>a true return of {@link
 *         io.threadpool.Task#awaitStopped awaitStopped}</td></tr>
 *     <tr><td>in all bodies that have ended</td><td>a true return of {@link
 *         io.threadpool.WorkerPool#awaitIdle awaitIdle} and {@code awaitTermination}, {@code
 *         isTerminated} that is true, and the return of {@code close} where nothing is stuck</td></tr>
 *     <tr><td>in the bodies of a {@link io.threadpool.TaskGroup} or of {@link
 *         io.threadpool.BatchResults}</td><td>the return of their {@code close}</td></tr>
 *     <tr><td>before it called {@code complete}, {@code cancel} or the like on a handle</td><td>the
 *         return of {@code get} or {@code join} that sees it</td></tr>
 *     <tr><td>before the builder's {@code build}</td><td>every use of the pool by who obtains it</td></tr>
 *   </tbody>
 * </table>
 *
 * <p>Nothing is promised between the bodies of two tasks, even of one worker, or in the order of
 * acceptance: a pool of one worker orders them in fact, and so does a stage.
 *
 * <h2 id="threads">Which thread calls back</h2>
 *
 * <table class="striped">
 *   <caption>Where the user's code runs.</caption>
 *   <thead>
 *     <tr><th scope="col">what</th><th scope="col">on</th></tr>
 *   </thead>
 *   <tbody>
 *     <tr><td>a task's body</td><td>a worker; the joiner, if it is a body of the same pool and comes
 *         first, or, on virtual threads, one that is started for it; the submitter, under {@code callerRuns}; who calls {@code run()}</td></tr>
 *     <tr><td>the decorator ({@link io.threadpool.WorkerPoolBuilder#taskDecorator taskDecorator})</td>
 *         <td>the submitter; what it returns, as the body</td></tr>
 *     <tr><td>the handler of uncaught exceptions</td><td>the thread of the command that threw; a daemon
 *         thread of the pool's, of one that a limit has ended</td></tr>
 *     <tr><td>a stage without {@code Async}</td><td>who settles the task: its worker, the canceller, the
 *         submitter that discards it; a daemon thread of the pool's, if it is aborted or another stage
 *         holds up who was to run it; or who adds the stage, if the task is settled</td></tr>
 *     <tr><td>a stage with {@code Async}</td><td>a worker of the pool, or the executor given</td></tr>
 *     <tr><td>the thread factory</td><td>the thread that builds the pool, for the workers that are
 *         there from the first; for later ones a thread of the pool's that exists only while there is
 *         something to start</td></tr>
 *     <tr><td>the log</td><td>who does what is logged; what a shutdown tells, a daemon thread of the
 *         pool's that exists only while there is something to tell</td></tr>
 *   </tbody>
 * </table>
 *
 * <h2 id="recipes">Recipes</h2>
 *
 * <p><b>A batch with backpressure.</b> The submitter waits while 100 are queued.
 *
 * <pre>{@code
 * WorkerPool pool =
 *     WorkerPool.builder()
 *         .size(8)
 *         .queueCapacity(100)
 *         .saturationPolicy(SaturationPolicy.block())
 *         .build();
 * try (pool) {
 *   for (Path file : files) {
 *     pool.execute(() -> index(file));
 *   }
 * }
 * System.out.println(pool.report().orElseThrow());
 * }</pre>
 *
 * <p><b>Tasks that submit tasks.</b> A body cannot wait for room in the queue of its own pool, so
 * with a capacity every policy but this one refuses or drops the surplus; here the body runs it.
 *
 * <pre>{@code
 * WorkerPool pool =
 *     WorkerPool.builder()
 *         .size(8)
 *         .queueCapacity(1_000)
 *         .saturationPolicy(SaturationPolicy.callerRuns())
 *         .build();
 * }</pre>
 *
 * <p><b>Stop what takes too long.</b> {@code orTimeout} on the task itself would settle it and
 * leave its body running.
 *
 * <pre>{@code
 * Task<String> task = pool.submit(() -> fetch(address));
 * CompletableFuture<String> page =
 *     task.copy()
 *         .orTimeout(200, TimeUnit.MILLISECONDS)
 *         .exceptionally(
 *             late -> {
 *               task.cancel(true);
 *               return "no answer";
 *             });
 * }</pre>
 *
 * <p><b>End with the JVM,</b> within what a container gives it: the time to drain and the abort
 * grace together.
 *
 * <pre>{@code
 * WorkerPool pool =
 *     WorkerPool.builder()
 *         .size(8)
 *         .abortGrace(Duration.ofSeconds(2))
 *         .onJvmExit(ShutdownPolicy.drainFor(Duration.ofSeconds(6)))
 *         .build();
 * }</pre>
 *
 * <p><b>What the submitter's thread has, for the body:</b> what the decorator returns may never
 * run, so it must not be what gives something back.
 *
 * <pre>{@code
 * UnaryOperator<Runnable> withMdc =
 *     task -> {
 *       Map<String, String> submitters = MDC.getCopyOfContextMap();
 *       return () -> {
 *         Map<String, String> before = MDC.getCopyOfContextMap();
 *         MDC.setContextMap(submitters == null ? Map.of() : submitters);
 *         try {
 *           task.run();
 *         } finally {
 *           MDC.setContextMap(before == null ? Map.of() : before);
 *         }
 *       };
 *     };
 * WorkerPool pool = WorkerPool.builder().size(4).taskDecorator(withMdc).build();
 * }</pre>
 *
 * <p>A web server, Spring and Micrometer are in the project's README.
 */
@NullMarked
package io.threadpool;

import org.jspecify.annotations.NullMarked;
