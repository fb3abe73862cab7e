/** Pools as Micrometer sees them; needs {@code micrometer-core}, which the rest does not. */
@NullMarked
package io.threadpool.micrometer;

import org.jspecify.annotations.NullMarked;
