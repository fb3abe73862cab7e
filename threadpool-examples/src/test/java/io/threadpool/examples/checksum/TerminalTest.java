package io.threadpool.examples.checksum;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TerminalTest {
  @ParameterizedTest
  @CsvSource({
    "/dev/pts/0, true",
    "/dev/tty1, true",
    "/dev/ttyS0, true",
    "/dev/console, true",
    "/dev/null, false",
    "pipe:[123], false",
    "/home/someone/errors.txt, false",
  })
  void knowsATerminalByItsDevice(String device, boolean expected) {
    assertEquals(expected, Terminal.isTerminal(device));
  }

  @ParameterizedTest
  @CsvSource({"24 132, 132", "24 80, 80", "0 0, 80", "'', 80", "stty: no tty, 80"})
  void readsTheWidth(String answer, int expected) {
    assertEquals(expected, Terminal.columns(answer));
  }
}
