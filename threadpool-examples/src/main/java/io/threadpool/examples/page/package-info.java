/**
 * The live page of the programs: what each pool of this process is doing, in a browser.
 *
 * <p>{@link io.threadpool.examples.page.Page} serves it on loopback. A {@code Sampler} looks at the
 * pools once a second and keeps what it saw of the last minutes; {@code Streams} sends that to each
 * browser that is there, as server-sent events. The page itself is in the resources of this
 * package.
 */
@NullMarked
package io.threadpool.examples.page;

import org.jspecify.annotations.NullMarked;
