package io.threadpool.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String... args) {
    return Main.run(
        args, out, new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "                             | Missing required subcommand",
        "nonsense                     | nonsense",
        "serve --port abc             | --port",
        "serve --port -1              | --port must be 0 to 65535",
        "serve --port 65536           | --port must be 0 to 65535",
        "serve --workers 0            | --workers must be 1 to 32767",
        "serve --workers 32768        | --workers must be 1 to 32767",
        "serve --workers many         | --workers",
        "serve --requests -1          | --requests must be 0 or more",
        "serve --drain 0s             | --drain",
        "serve --drain -1s            | --drain",
        "serve --drain soon           | --drain",
        "serve --host [nonsense       | --host is unknown: [nonsense",
        "serve --pool fork-join       | 'fork-join' is not one of worker-pool, jdk, jboss, virtual",
        "serve --page abc             | --page",
        "serve --page -1              | --page must be 0 to 65535, not -1",
        "serve --page 65536           | --page must be 0 to 65535, not 65536",
        "serve --page 0 --pool jdk    | --page shows pools of this library, and --pool jdk has none",
        "serve more                   | more",
        "compare --scenario nonsense  | --scenario must be one of nested-join, ",
        "compare --pool nonsense      | --pool must be one of worker-pool, jdk, fork-join, ",
        "compare more                 | more",
        "checksum                     | DIR",
        "checksum /no/such            | /no/such: no such folder",
        "checksum . --workers 0       | --workers must be 1 to 256",
        "checksum . --workers 257     | --workers must be 1 to 256",
        "checksum . --on-interrupt x  | neither drain nor abort",
        "checksum . --drain 0s        | --drain",
        "checksum . --drain soon      | 'soon' is not a duration",
        "checksum . --drain 1s --on-interrupt abort | --drain makes no sense with --on-interrupt abort",
        "checksum . -o /no/such/file  | cannot write /no/such/file: no such file or folder",
        "checksum . -o .              | cannot write .",
        "checksum . --cluster 1:x     | --cluster wants host:port, not '1:x'",
        "checksum . --cluster 127.0.0.1:1, | --cluster wants host:port, not ''",
        "checksum . --cluster 127.0.0.1:1 --workers 2 | --workers makes no sense with --cluster",
        "checksum . --cluster-name x  | --cluster-name makes no sense without --cluster",
        "checksum . --page 65536      | --page must be 0 to 65535, not 65536",
        "checksum . --page 0 --cluster 127.0.0.1:1 | --page makes no sense with --cluster",
        "checksum . --trace x.json --cluster 127.0.0.1:1 | --trace makes no sense with --cluster",
        "checksum . --trace x.json -o ./x.json | --trace must not be the file of -o: x.json",
        "checksum . --trace /no/such/x.json | cannot write /no/such/x.json: no such file or folder",
        "member --listen 127.0.0.1    | --listen wants host:port, not '127.0.0.1'",
        "member --listen 0.0.0.0:5701 | --listen wants one address that others can reach, not 0.0.0.0",
        "member --join 5701           | --join wants host:port, not '5701'",
        "member --workers 0           | --workers must be 1 to 256, not 0",
        "member --drain soon          | --drain",
        "member more                  | more",
        "trace                        | RECORDING",
        "trace x.jfr                  | --output=FILE",
        "trace /no/such.jfr -o x.json | cannot read /no/such.jfr: no such file or folder",
      })
  void whatMakesNoSenseIsOneLineAndStatus2(String line, String expected) {
    int status = run(line == null ? new String[0] : line.split(" +"));

    assertEquals(2, status);
    assertEquals("", out.toString(UTF_8));
    String message = err.toString(UTF_8);
    assertTrue(message.contains(expected), message);
    assertEquals(1, message.lines().count(), message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--help",
        "serve --help",
        "checksum -h",
        "member --help",
        "trace --help",
        "compare --help"
      })
  void helpGoesToStandardOutput(String line) {
    int status = run(line.split(" "));

    assertEquals(0, status);
    assertTrue(out.toString(UTF_8).startsWith("Usage: threadpool-examples"), out.toString(UTF_8));
    assertEquals("", err.toString(UTF_8));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--version",
        "-V",
        "serve --version",
        "checksum -V",
        "member -V",
        "trace -V",
        "compare --version"
      })
  void theVersionGoesToStandardOutput(String line) {
    assertEquals(0, run(line.split(" ")));
    String version = System.getProperty("project.version");
    assertEquals(
        "threadpool-examples " + version + ", Java " + Runtime.version(),
        out.toString(UTF_8).strip());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " "})
  void anEmptyHostIsNoHost(String host) {
    assertEquals(2, run("serve", "--host", host));
    assertEquals(
        "serve: --host is '" + host + "': an address or a name is needed (see serve --help)",
        err.toString(UTF_8).strip());
  }

  @Test
  void anEmptyDirIsNotTheCurrentFolder() {
    assertEquals(2, run("checksum", ""));
    assertEquals("checksum: DIR is empty: no such folder", err.toString(UTF_8).strip());
  }

  @Test
  void aNameThatBeginsWithAnAtSignIsNoFileOfArguments(@TempDir Path folder) throws IOException {
    Path sibling = Files.writeString(folder.resolve("d"), "--help");

    assertEquals(2, run("checksum", "@" + sibling));
    assertEquals("checksum: @" + sibling + ": no such folder", err.toString(UTF_8).strip());
  }

  @ParameterizedTest
  @ValueSource(strings = {"checksum . -o", "checksum . --trace", "trace x.jfr -o", "trace -o x"})
  void whatNoFileCanBeCalledIsOneLine(String line) {
    String name = "no\u0000name";
    assertEquals(2, run((line + " " + name).split(" ")));
    String message = err.toString(UTF_8);
    assertTrue(message.contains("'" + name + "' cannot be the name of a file"), message);
    assertEquals(1, message.lines().count(), message);
  }

  @ParameterizedTest
  @CsvSource({
    "checksum . -o, --output",
    "checksum . --trace, --trace",
    "trace x.jfr -o, --output",
    "trace -o x, RECORDING"
  })
  void anEmptyNameOfAFileIsNone(String line, String named) {
    assertEquals(2, run((line + " ").split(" ", -1)));
    String message = err.toString(UTF_8);
    assertTrue(message.contains(named), message);
    assertTrue(message.contains("'' is no name of a file: it is empty"), message);
    assertEquals(1, message.lines().count(), message);
  }

  @Test
  void aTraceDoesNotReplaceTheManifestByAnotherName(@TempDir Path folder) throws IOException {
    assumeTrue(File.separatorChar == '/');
    Path manifest = Files.writeString(folder.resolve("manifest"), "of yesterday");
    Path link = Files.createSymbolicLink(folder.resolve("link"), manifest);

    assertEquals(
        2,
        run("checksum", folder.toString(), "-o", manifest.toString(), "--trace", link.toString()));
    String message = err.toString(UTF_8);
    assertTrue(message.contains("--trace must not be the file of -o: " + link), message);
    assertEquals("of yesterday", Files.readString(manifest));
  }
}
