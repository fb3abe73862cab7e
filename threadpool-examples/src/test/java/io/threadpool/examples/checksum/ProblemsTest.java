package io.threadpool.examples.checksum;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.examples.checksum.Problem.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProblemsTest {
  private static final Problem GONE = new Problem(Kind.VANISHED, "gone");

  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final PrintStream stream = new PrintStream(err, true, UTF_8);

  private List<String> told() {
    return err.toString(UTF_8).lines().toList();
  }

  @Test
  void noProblemIsNotTold() throws IOException {
    try (Problems problems = new Problems(stream, 100)) {
      assertTrue(problems.isEmpty());
      problems.tell();
    }
    assertEquals(List.of(), told());
  }

  @Test
  void aNameStaysOnItsLine() throws IOException {
    try (Problems problems = new Problems(stream, 100)) {
      problems.add("a\nb".getBytes(UTF_8), GONE);
      problems.tell();
    }
    assertEquals(List.of("a\\nb: gone", "checksum: vanished on the way: 1 entry"), told());
  }

  @Test
  void eachKindIsCounted() throws IOException {
    try (Problems problems = new Problems(stream, 100)) {
      problems.add("a".getBytes(UTF_8), new Problem(Kind.CHANGED, "changed"));
      problems.add("b".getBytes(UTF_8), new Problem(Kind.UNREADABLE, "no"));
      problems.add("c".getBytes(UTF_8), GONE);
      problems.add("d".getBytes(UTF_8), new Problem(Kind.CHANGED, "changed"));
      problems.tell();
    }
    assertEquals(
        List.of(
            "checksum: could not be read: 1 entry",
            "checksum: changed on the way: 2 entries",
            "checksum: vanished on the way: 1 entry"),
        told().subList(4, 7));
  }

  /** All in memory; the last ones in memory; all on disk. */
  @ParameterizedTest
  @ValueSource(ints = {1_000_000, 1_000, 1})
  void allAreToldInTheirOrderAtTheEnd(int mostBytes) throws IOException {
    try (Problems problems = new Problems(stream, mostBytes)) {
      for (int i = 0; i < 500; i++) {
        problems.add(("file" + i).getBytes(UTF_8), GONE);
      }
      assertEquals(List.of(), told());
      problems.tell();
    }
    List<String> expected =
        Stream.concat(
                IntStream.range(0, 500).mapToObj(i -> "file" + i + ": gone"),
                Stream.of("checksum: vanished on the way: 500 entries"))
            .toList();
    assertEquals(expected, told());
  }

  @Test
  void aNameDoesNotControlTheTerminal() throws IOException {
    try (Problems problems = new Problems(stream, 100)) {
      problems.add("a\u001B[2Jb".getBytes(UTF_8), GONE);
      problems.tell();
    }
    assertEquals("a\\x1b[2Jb: gone", told().get(0));
  }

  /** A disk with room for the first piece, and half of the second. */
  @Test
  void whatADiskTakesInPartIsToldOnce(@TempDir Path folder) throws IOException {
    SeekableByteChannel file =
        Files.newByteChannel(
            folder.resolve("list"),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    AtomicInteger writes = new AtomicInteger();
    InvocationHandler filling =
        (proxy, method, args) -> {
          if (method.getName().equals("write") && writes.incrementAndGet() > 1) {
            ByteBuffer bytes = (ByteBuffer) args[0];
            file.write(bytes.slice().limit(bytes.remaining() / 2));
            throw new IOException("No space left on device");
          }
          return method.invoke(file, args);
        };
    SeekableByteChannel full =
        (SeekableByteChannel)
            Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {SeekableByteChannel.class}, filling);
    try (Problems problems = new Problems(stream, 1, () -> full)) {
      problems.add("a".getBytes(UTF_8), GONE);
      problems.add("b".getBytes(UTF_8), GONE);
      assertEquals(List.of("b: gone"), told());
      problems.tell();
    }
    assertEquals(List.of("b: gone", "a: gone", "checksum: vanished on the way: 2 entries"), told());
  }
}
