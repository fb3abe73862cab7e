/**
 * The timeline of a recording: what each worker of each pool did, and when.
 *
 * <p>{@link io.threadpool.examples.trace.TraceCommand} reads what the Java Flight Recorder has of
 * the pools and writes it as Perfetto and Chrome read it; {@link
 * io.threadpool.examples.trace.TracedRun} records a program's own run.
 */
@NullMarked
package io.threadpool.examples.trace;

import org.jspecify.annotations.NullMarked;
