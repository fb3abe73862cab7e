package io.threadpool.examples.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.threadpool.examples.UsageException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressesTest {
  @Test
  void aListInItsOrderByNumber() {
    assertEquals(
        List.of("127.0.0.1:5701", "127.0.0.1:65535", "[0:0:0:0:0:0:0:1]:0"),
        Addresses.text(Addresses.parse("--join", "127.0.0.1:5701,localhost:65535,[::1]:0")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''",
        "127.0.0.1",
        ":5701",
        "127.0.0.1:",
        "127.0.0.1:65536",
        "127.0.0.1:-1",
        "127.0.0.1:port",
        "::1:5701",
        "[::1]5701",
        "a b:",
      })
  void whatIsNoAddressIsNamed(String text) {
    UsageException e =
        assertThrows(
            UsageException.class, () -> Addresses.parse("--cluster", "127.0.0.1:1," + text));
    assertEquals("--cluster wants host:port, not '" + text + "'", e.getMessage());
  }

  @Test
  void aHostThatIsUnknownIsNamed() {
    String text = "[::x]:1"; // no name server is asked
    UsageException e =
        assertThrows(UsageException.class, () -> Addresses.parseOne("--listen", text));
    assertEquals("--listen: the host is unknown: '" + text + "'", e.getMessage());
  }
}
