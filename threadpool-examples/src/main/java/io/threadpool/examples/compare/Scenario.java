package io.threadpool.examples.compare;

/**
 * A question that is put to every pool.
 *
 * @param id its name on the command line
 * @param phrase what holds where the answer is yes, as the table says it
 * @param probe finds out
 */
record Scenario(String id, String phrase, Probing probe) {

  /** Finds the answer: returns for yes, and throws for anything else. */
  interface Probing {
    /**
     * Asks one pool.
     *
     * @throws NoException if it does not hold; anything else that is thrown says so, too
     * @throws HangsException if somebody waits in vain
     * @throws MissingException if the pool lacks what the question is about
     */
    void run(Trial trial) throws Exception;
  }
}
