package io.threadpool.planted;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The list of planted bugs does not rot: each still fits the sources, and its tests are there.
 * Whether they catch it takes minutes, and is shown by {@link PlantedBugs}.
 */
class PlantedBugsTest {

  private static final Path SOURCES = Path.of("src/main/java/io/threadpool");
  private static final Path PATCHES = Path.of("src/planted");

  @TempDir private Path sources;

  @Test
  void eachFitsTheSourcesAndNamesItsTests() throws IOException {
    List<PlantedBug> bugs = PlantedBug.all(PATCHES);
    assertTrue(bugs.size() >= 14, () -> "only " + bugs.size());
    Set<String> numbers = new HashSet<>();
    for (PlantedBug bug : bugs) {
      assertTrue(numbers.add(bug.name().split("-")[0]), () -> "two of one number: " + bug.name());
      for (Map.Entry<String, String> broken : bug.apply(SOURCES).entrySet()) {
        String sound = Files.readString(SOURCES.resolve(broken.getKey()));
        assertFalse(broken.getValue().equals(sound), () -> bug.name() + " changes nothing");
      }
      for (String test : bug.tests()) {
        assertFalse(NamedTests.selectors(test).isEmpty(), test);
      }
    }
  }

  @Test
  void aPatchFitsWhereverItsLinesStandAndNowhereElse() throws IOException {
    PlantedBug bug =
        PlantedBug.parse(
            "00-example",
            List.of(
                "What it is,",
                "in two lines.",
                "Caught by: SomeTest#some, OtherTest",
                "--- Some.java",
                " one",
                "-two",
                "+three",
                "@@",
                "-four"));
    assertEquals("What it is, in two lines.", bug.fault());
    assertEquals(List.of("SomeTest#some", "OtherTest"), bug.tests());
    Path file = sources.resolve("Some.java");
    Files.write(file, List.of("two", "  one", "    two", "four"));
    assertEquals(Map.of("Some.java", "two\none\nthree\n"), bug.apply(sources));
    Files.write(file, List.of("one", "two", "one", "two", "four"));
    assertThrows(IllegalStateException.class, () -> bug.apply(sources));
    Files.write(file, List.of("one", "two"));
    assertThrows(IllegalStateException.class, () -> bug.apply(sources));
  }

  @Test
  void aPatchThatSaysTooLittleIsRefused() {
    for (List<String> lines :
        List.of(
            List.of("Caught by: SomeTest", "--- Some.java", "-one"),
            List.of("What it is.", "--- Some.java", "-one"),
            List.of("What it is.", "Caught by: SomeTest"),
            List.of("What it is.", "Caught by: SomeTest", "--- Some.java", "one"))) {
      assertThrows(IllegalArgumentException.class, () -> PlantedBug.parse("00-example", lines));
    }
  }
}
