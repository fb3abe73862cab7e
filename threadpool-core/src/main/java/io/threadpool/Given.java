package io.threadpool;

/** A body that stands for one that the user gave, by whose class it is shown. */
interface Given {

  /** What the user gave. */
  Object given();

  /** What the user gave, where a body is one of these; else the body. */
  static Object of(Object body) {
    return body instanceof Given given ? of(given.given()) : body;
  }
}
