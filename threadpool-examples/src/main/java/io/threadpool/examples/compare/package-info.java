/**
 * The comparison: the same questions of robustness put to the worker pool and to its peers, and the
 * answers as a table.
 *
 * <pre>
 *  CompareCommand --> Comparison --(a JVM for each pool)--> Probe --> Scenario --> Trial
 *        |                 |                                                         |
 *      Table <--- Cell, Verdict                    OpenPool <--(opens, by a Plan)-- Contender
 * </pre>
 *
 * <p>A {@code Scenario} is a question and the code that answers it, the same for every pool. It
 * sees a pool only as an {@code OpenPool}. What a pool needs beyond that to pass, and documents, is
 * set by its {@code Contender}, which leaves a note that becomes a footnote of the table.
 */
@NullMarked
package io.threadpool.examples.compare;

import org.jspecify.annotations.NullMarked;
