/**
 * The command line of the example programs: subcommands, their exit statuses and their logging.
 *
 * <p>Each program has a package of its own below this one.
 */
@NullMarked
package io.threadpool.examples;

import org.jspecify.annotations.NullMarked;
