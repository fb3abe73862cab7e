package io.threadpool.internal;

/**
 * The space before what must not share a cache line, or the line that is prefetched with it, with
 * anything else; the library's one padding idiom. A class's fields are laid out after its
 * superclass's, so the fields go into a class that extends this one, and as much space after them
 * into a class that extends that.
 */
public abstract class PaddingBefore {
  long b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15;
}
