package io.threadpool.examples.trace;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import io.threadpool.examples.checksum.FileNames;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Recording;
import jdk.jfr.Timespan;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import picocli.CommandLine;

/** With events of the test's own, which are as those of the library. */
@Timeout(120)
class TraceCommandTest {
  private static final Set<String> OURS = Set.of("mail", "other");

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @TempDir Path folder;

  @Name("io.threadpool.Task")
  static class TaskEvent extends Event {
    String pool;
    String name;
    @Timespan long waited;
    String outcome;
  }

  @Name("io.threadpool.Pool")
  static class PoolEvent extends Event {
    String pool;
    long queued;
    int running;
  }

  @Name("io.threadpool.Shutdown")
  @Label("Shutdown")
  static class ShutdownEvent extends Event {
    String pool;
  }

  private int run(Object... args) {
    TraceCommand command =
        new TraceCommand(new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8));
    String[] words = List.of(args).stream().map(Object::toString).toArray(String[]::new);
    return new CommandLine(command).execute(words);
  }

  private static void task(String pool, String name, long waited) {
    TaskEvent task = new TaskEvent();
    task.begin();
    task.end();
    task.pool = pool;
    task.name = name;
    task.waited = waited;
    task.outcome = "COMPLETED";
    task.commit();
  }

  private Path recording(Runnable recorded) throws IOException {
    Path file = folder.resolve("recording.jfr");
    try (Recording recording = new Recording()) {
      recording.enable(TaskEvent.class).withoutThreshold();
      recording.enable(PoolEvent.class);
      recording.enable(ShutdownEvent.class);
      recording.start();
      recorded.run();
      recording.stop();
      recording.dump(file);
    }
    return file;
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> events(Path trace) throws IOException {
    Map<String, Object> whole = JSON.std.mapFrom(Files.readString(trace));
    assertEquals("ms", whole.get("displayTimeUnit"));
    List<Map<String, Object>> events = (List<Map<String, Object>>) whole.get("traceEvents");
    Set<Object> ours = // Another test may have left a pool, which is in the recording, too.
        events.stream()
            .filter(event -> event.get("name").equals("process_name"))
            .filter(event -> OURS.contains(((Map<?, ?>) event.get("args")).get("name")))
            .map(event -> event.get("pid"))
            .collect(Collectors.toSet());
    return events.stream().filter(event -> ours.contains(event.get("pid"))).toList();
  }

  private static Map<String, Object> one(List<Map<String, Object>> events, String name) {
    List<Map<String, Object>> named =
        events.stream().filter(event -> event.get("name").equals(name)).toList();
    assertEquals(1, named.size(), name);
    return named.get(0);
  }

  @Test
  void eachPoolIsAProcessWithItsWorkersTasksAndCounters() throws Exception {
    Path recording =
        recording(
            () -> {
              Thread worker = new Thread(() -> task("mail", "Send \"it\"", 1_500_000), "mail-0");
              worker.start();
              try {
                worker.join();
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
              task("other", "Elsewhere", 0);
              task("other", null, 0);
              PoolEvent pool = new PoolEvent();
              pool.pool = "mail";
              pool.queued = 7;
              pool.running = 2;
              pool.commit();
              ShutdownEvent shutdown = new ShutdownEvent();
              shutdown.pool = "mail";
              shutdown.commit();
            });
    Path trace = folder.resolve("trace.json");

    assertEquals(0, run(recording, "-o", trace));
    String said = out.toString(UTF_8);
    assertTrue(said.matches("Wrote [0-9]+ tasks to \\Q" + trace + "\\E\\R"), said);
    List<Map<String, Object>> events = events(trace);
    assertEquals("X", one(events, "(lost)").get("ph"));
    Map<String, Object> task = one(events, "Send \"it\"");
    assertEquals("X", task.get("ph"));
    assertTrue(((Number) task.get("ts")).doubleValue() >= 0, task::toString);
    assertTrue(((Number) task.get("dur")).doubleValue() >= 0, task::toString);
    Map<?, ?> args = (Map<?, ?>) task.get("args");
    assertEquals(1.5, ((Number) args.get("waited (ms)")).doubleValue());
    assertEquals("COMPLETED", args.get("outcome"));
    assertEquals(Map.of("queued", 7), one(events, "queued").get("args"));
    assertEquals(Map.of("running", 2), one(events, "running").get("args"));
    assertEquals("i", one(events, "Shutdown").get("ph"));
    List<?> workers =
        events.stream()
            .filter(event -> event.get("name").equals("thread_name"))
            .filter(event -> event.get("pid").equals(task.get("pid")))
            .map(event -> ((Map<?, ?>) event.get("args")).get("name"))
            .toList();
    assertEquals(List.of("mail-0"), workers);
    assertEquals(
        2, events.stream().filter(event -> event.get("name").equals("process_name")).count());
    // A slice names its thread after that has been named.
    for (Map<String, Object> event : events) {
      if (event.get("ph").equals("X")) {
        assertTrue(
            events.stream()
                .takeWhile(earlier -> earlier != event)
                .anyMatch(
                    earlier ->
                        earlier.get("name").equals("thread_name")
                            && earlier.get("pid").equals(event.get("pid"))
                            && earlier.get("tid").equals(event.get("tid"))));
      }
    }
  }

  @Test
  void whatHasNoTaskLeavesWhatWasThere() throws Exception {
    Path recording = recording(() -> {});
    Path trace = Files.writeString(folder.resolve("trace.json"), "before");

    assertEquals(2, run(recording, "-o", trace));
    String message = err.toString(UTF_8);
    assertTrue(message.startsWith("trace: " + recording + " has no task of a pool: "), message);
    assertEquals(1, message.lines().count(), message);
    assertEquals("before", Files.readString(trace));
    assertFalse(Files.exists(folder.resolve("trace.json.part")));
  }

  @Test
  void whatIsNoRecordingIsNamed() throws Exception {
    Path text = Files.writeString(folder.resolve("text.jfr"), "no recording");
    assertEquals(2, run(text, "-o", folder.resolve("trace.json")));
    String message = err.toString(UTF_8);
    assertTrue(message.startsWith("trace: cannot read " + text + ": "), message);
    assertEquals(1, message.lines().count(), message);
  }

  @Test
  void aMissingRecordingIsNamed() {
    Path missing = folder.resolve("missing.jfr");
    assertEquals(2, run(missing, "-o", folder.resolve("trace.json")));
    assertEquals(
        "trace: cannot read " + missing + ": no such file or folder\n", err.toString(UTF_8));
  }

  @Test
  void aPlaceThatCannotBeWrittenIsNamed() throws Exception {
    Path recording = recording(() -> task("mail", "Send", 1));
    Path nowhere = folder.resolve("no/such/trace.json");
    assertEquals(2, run(recording, "-o", nowhere));
    String message = err.toString(UTF_8);
    assertTrue(message.startsWith("trace: cannot write " + nowhere + ": "), message);
    assertEquals(1, message.lines().count(), message);
  }

  @Test
  void aPictureHasARowForEachWorkerAndACurveForEachQueue() throws Exception {
    Path recording =
        recording(
            () -> {
              for (int i = 0; i < 1_000; i++) {
                task("<mail>", "Send", 3_600_000_000_000L); // longer than it takes to record
              }
            });
    Path picture = folder.resolve("trace.svg");
    assertEquals(0, run(recording, "-o", picture, "--quiet"));
    assertEquals("", out.toString(UTF_8));
    Document svg =
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(picture.toFile());
    assertEquals("svg", svg.getDocumentElement().getTagName());
    assertTrue(svg.getElementsByTagName("path").getLength() >= 1);
    int bars = svg.getElementsByTagName("rect").getLength();
    assertTrue(bars > 0 && bars <= 1_000, bars + " bars");
    String texts = svg.getDocumentElement().getTextContent();
    assertTrue(texts.contains(Thread.currentThread().getName()), texts);
    assertTrue(texts.contains("<mail> queue"), texts);
    assertTrue(texts.contains("at most 1000"), texts);
  }

  @Test
  void aNameThatIsNotOfTheLocaleIsTaken() throws Exception {
    assumeTrue(File.separatorChar == '/', "these names are about Unix");
    Path recording = recording(() -> task("mail", "Send", 1));
    String name = folder + "/caf\uDCE9.svg"; // a byte of Latin-1, as the program gets it
    try {
      Files.createFile(FileNames.path(name));
    } catch (IOException e) {
      assumeTrue(false, "a file system that knows better");
    }

    assertEquals(0, run(recording, "-o", name), err.toString(UTF_8));
    assertTrue(Files.readString(FileNames.path(name)).contains("mail queue"));
  }

  @Test
  void anEmptyFolderIsNotReplaced() throws Exception {
    Path recording = recording(() -> task("mail", "Send", 1));
    Path sub = Files.createDirectory(folder.resolve("sub"));

    assertEquals(2, run(recording, "-o", sub));
    assertEquals("trace: cannot write " + sub + ": is a folder\n", err.toString(UTF_8));
    assertTrue(Files.isDirectory(sub));
  }

  @Test
  void theRecordingIsNotReplaced() throws Exception {
    Path recording = recording(() -> task("mail", "Send", 1));
    byte[] before = Files.readAllBytes(recording);
    Path same = folder.resolve("./recording.jfr");

    assertEquals(2, run(recording, "-o", same));
    assertEquals("trace: cannot write " + same + ": is the recording\n", err.toString(UTF_8));
    assertArrayEquals(before, Files.readAllBytes(recording));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aLinkStaysOneAndWhatItStandsForIsWritten(boolean exists) throws Exception {
    assumeTrue(File.separatorChar == '/', "links are about Unix");
    Path recording = recording(() -> task("mail", "Send", 1));
    Path file = folder.resolve("file");
    if (exists) {
      Files.writeString(file, "before");
    }
    Path link = Files.createSymbolicLink(folder.resolve("trace.json"), file);

    assertEquals(0, run(recording, "-o", link), err.toString(UTF_8));
    assertTrue(Files.isSymbolicLink(link));
    assertEquals("X", one(events(file), "Send").get("ph"));
  }

  @Test
  void aPipeStaysOneAndIsWrittenTo() throws Exception {
    assumeTrue(File.separatorChar == '/', "these pipes are about Unix");
    Path recording = recording(() -> task("mail", "Send", 1));
    Path pipe = folder.resolve("pipe.svg");
    assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
    FutureTask<String> reader = new FutureTask<>(() -> Files.readString(pipe));
    Thread reading = new Thread(reader);
    reading.setDaemon(true);
    reading.start();

    assertEquals(0, run(recording, "-o", pipe), err.toString(UTF_8));
    assertFalse(Files.isRegularFile(pipe));
    assertTrue(reader.get().contains("mail queue"));
  }

  @Test
  void nothingElseInTheFolderIsTouchedAndTheTraceIsAFileAsAnyOther() throws Exception {
    Path recording = recording(() -> task("mail", "Send", 1));
    Path other = Files.writeString(folder.resolve("trace.json.part"), "somebody's own");
    Path trace = folder.resolve("trace.json");

    assertEquals(0, run(recording, "-o", trace), err.toString(UTF_8));
    assertEquals("somebody's own", Files.readString(other));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(Set.of(recording, other, trace), files.collect(Collectors.toSet()));
    }
    if (File.separatorChar == '/') {
      assertEquals(Files.getPosixFilePermissions(other), Files.getPosixFilePermissions(trace));
    }
  }
}
