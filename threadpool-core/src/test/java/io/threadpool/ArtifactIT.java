package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Requires;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;

/** What is published: the jar as it was packed, and the POM that goes with it. */
class ArtifactIT {

  private static final Path JAR = Path.of(System.getProperty("artifact.jar"));
  private static final Path POM = Path.of(System.getProperty("artifact.pom"));
  private static final String VERSION = System.getProperty("artifact.version");
  private static final Path ROOT = Path.of(System.getProperty("project.root"));

  private static final int MOST_BYTES = 280 * 1_024;

  @Test
  void theJarStaysSmall() throws IOException {
    assertTrue(Files.size(JAR) <= MOST_BYTES, () -> JAR + " has " + JAR.toFile().length());
  }

  @Test
  void theJarHoldsTheClassesAlone() throws IOException {
    List<String> others = new ArrayList<>();
    try (JarFile jar = new JarFile(JAR.toFile())) {
      for (ZipEntry entry : Collections.list(jar.entries())) {
        String name = entry.getName();
        if (!entry.isDirectory()
            && !name.matches("io/threadpool/((internal|micrometer)/)?[^/]+\\.class")) {
          others.add(name);
        }
      }
    }
    assertEquals(
        List.of("META-INF/MANIFEST.MF", "module-info.class"), others.stream().sorted().toList());
  }

  @Test
  void everyEntryHasTheTimeThatMakesTwoBuildsIdentical() throws IOException {
    try (JarFile jar = new JarFile(JAR.toFile())) {
      Set<LocalDateTime> times =
          jar.stream().map(ZipEntry::getTimeLocal).collect(Collectors.toSet());
      assertEquals(Set.of(LocalDateTime.of(2026, 1, 1, 0, 0)), times);
    }
  }

  @Test
  void theJarIsAModule() {
    ModuleDescriptor module =
        ModuleFinder.of(JAR).findAll().iterator().next().descriptor(); // There is one.
    assertFalse(module.isAutomatic());
    assertEquals("io.threadpool@" + VERSION, module.toNameAndVersion());
    assertEquals(
        Set.of("io.threadpool", "io.threadpool.micrometer"),
        module.exports().stream()
            .map(ModuleDescriptor.Exports::source)
            .collect(Collectors.toSet()));
    assertEquals(
        Set.of("java.base", "org.slf4j"),
        module.requires().stream()
            .filter(required -> !required.modifiers().contains(Requires.Modifier.STATIC))
            .map(Requires::name)
            .collect(Collectors.toSet()));
  }

  @Test
  void theJarIsABundle() throws IOException {
    try (JarFile jar = new JarFile(JAR.toFile())) {
      Attributes bundle = jar.getManifest().getMainAttributes();
      assertEquals("2", bundle.getValue("Bundle-ManifestVersion"));
      assertEquals("io.threadpool", bundle.getValue("Bundle-SymbolicName"));
      assertTrue(bundle.getValue("Bundle-License").startsWith("\"Apache-2.0\""));
      assertTrue(bundle.getValue("Export-Package").startsWith("io.threadpool;version="));
      String imports = bundle.getValue("Import-Package");
      assertTrue(imports.contains("org.slf4j;version=\"[2.0,3)\""), imports);
      assertTrue(
          imports.contains("org.jspecify.annotations;resolution:=optional")
              || !imports.contains("org.jspecify"),
          imports);
      for (String optional :
          List.of("io.micrometer.core.instrument", "javax.management", "jdk.jfr")) {
        assertTrue(imports.contains(optional + ";resolution:=optional"), imports);
      }
      assertEquals(
          "osgi.ee;filter:=\"(&(osgi.ee=JavaSE)(version=17))\"",
          bundle.getValue("Require-Capability"));
    }
  }

  @Test
  void itsStackTracesHaveLines() throws Exception {
    assertEquals(
        JAR.toRealPath(),
        Path.of(WorkerPool.class.getProtectionDomain().getCodeSource().getLocation().toURI())
            .toRealPath());
    Throwable refused =
        assertThrows(IllegalArgumentException.class, () -> WorkerPool.builder().size(0));
    for (StackTraceElement frame : refused.getStackTrace()) {
      if (frame.getClassName().equals("io.threadpool.WorkerPoolBuilder")) {
        assertEquals("WorkerPoolBuilder.java", frame.getFileName());
        assertTrue(frame.getLineNumber() > 0, frame::toString);
        return;
      }
    }
    throw new AssertionError(refused);
  }

  @Test
  void thePomStandsAlone() throws IOException {
    String pom = Files.readString(POM);
    assertEquals(
        Set.of(
            "modelVersion",
            "groupId",
            "artifactId",
            "version",
            "name",
            "description",
            "url",
            "licenses",
            "developers",
            "scm",
            "dependencies"),
        Set.copyOf(found("(?m)^  <(\\w+)", pom)));
    assertEquals(VERSION, found("(?m)^  <version>(.*?)<", pom).get(0));
    assertEquals(
        List.of("slf4j-api", "jspecify", "micrometer-core"),
        found("(?m)^      <artifactId>(.*?)<", pom));
    assertEquals(List.of("compile", "provided", "provided"), found("<scope>(.*?)<", pom));
    assertFalse(pom.contains("${"), "an open property");
  }

  @Test
  void theApiIsComparedWithTheLastReleaseOfTheChangelog() throws IOException {
    List<String> versions = new ArrayList<>();
    String released = "none";
    Matcher heading =
        Pattern.compile("(?m)^## (\\S+) - (unreleased|\\d{4}-\\d\\d-\\d\\d)$")
            .matcher(Files.readString(ROOT.resolve("CHANGELOG.md")));
    while (heading.find()) {
      boolean thisOne = heading.group(1).equals(VERSION.replace("-SNAPSHOT", ""));
      if (released.equals("none") && !thisOne && !heading.group(2).equals("unreleased")) {
        released = heading.group(1);
      }
      versions.add(heading.group(1));
    }
    assertEquals(VERSION.replace("-SNAPSHOT", ""), versions.get(0), "the changelog's first");
    String build = Files.readString(ROOT.resolve("threadpool-core/pom.xml"));
    assertEquals(List.of(released), found("<last.release>(.*?)<", build));
    assertEquals(
        List.of(String.valueOf(released.equals("none"))),
        found("<last.release.missing>(.*?)<", build));
  }

  private static List<String> found(String pattern, String text) {
    return Pattern.compile(pattern).matcher(text).results().map(r -> r.group(1)).toList();
  }
}
