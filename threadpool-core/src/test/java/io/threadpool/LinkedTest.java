package io.threadpool;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnitAccess;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Each access by way of a {@link VarHandle} is linked when the first pool is built, and each class
 * initialised that most pools need. To link one takes memory, and much of the stack; so the first
 * one of a class, where either is at its end, throws: amid a step that must not stop half way, too.
 */
class LinkedTest {

  private static final String LINKS = "resolve_invokehandle ";

  @Test
  void whatAccessesFieldsByHandleIsLinkedWithTheFirstPool() throws Exception {
    Map<String, Long> needed = accesses();
    assertFalse(needed.isEmpty());
    Map<String, Long> linked = linked();
    List<String> missing = new ArrayList<>();
    needed.forEach(
        (access, classes) -> {
          if (linked.getOrDefault(access, 0L) < classes) {
            missing.add(access);
          }
        });
    assertEquals(List.of(), missing);
  }

  /** An initialiser that meets the end of the heap, amid the end of a pool, breaks its class. */
  @Test
  void noClassIsInitialisedAfterTheFirstPoolWasBuilt() throws Exception {
    List<String> initialised = new ArrayList<>();
    for (JavaClass each : library()) {
      if (each.getStaticInitializer().isPresent()) {
        initialised.add(each.getName());
      }
    }
    assertFalse(initialised.isEmpty());
    List<String> lines = printed("-Xlog:class+load=info", "pool");
    assertTrue(lines.contains("ended"), "the pool has not ended");
    List<String> late =
        lines.subList(lines.indexOf("built"), lines.size()).stream()
            .map(line -> line.replaceFirst("\\[.*\\] (\\S+) source: .*", "$1"))
            .filter(initialised::contains)
            .toList();
    assertEquals(List.of(), late);
  }

  /** Each kind of access by handle, and how many classes have it: each class links its own. */
  private static Map<String, Long> accesses() {
    List<String> all = new ArrayList<>();
    for (JavaClass owner : library()) {
      TreeSet<String> own = new TreeSet<>();
      for (JavaCodeUnitAccess<?> access : owner.getCodeUnitAccessesFromSelf()) {
        if (access.getTargetOwner().isEquivalentTo(VarHandle.class)
            && !access.getName().endsWith("Fence")) {
          own.add(access.getName() + " " + descriptor(access));
        }
      }
      all.addAll(own);
    }
    return all.stream().collect(groupingBy(access -> access, TreeMap::new, counting()));
  }

  private static JavaClasses library() {
    return new ClassFileImporter()
        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_JARS)
        .importPackages("io.threadpool");
  }

  private static String descriptor(JavaCodeUnitAccess<?> access) {
    return access.getTarget().getRawParameterTypes().stream()
            .map(type -> type.reflect().descriptorString())
            .collect(joining("", "(", ")"))
        + access.getTarget().getRawReturnType().reflect().descriptorString();
  }

  private static Map<String, Long> linked() throws Exception {
    return printed("-Xlog:methodhandles=info").stream()
        .filter(line -> line.contains(LINKS))
        .map(line -> line.substring(line.indexOf(LINKS) + LINKS.length()))
        .collect(groupingBy(line -> line, counting()));
  }

  private static List<String> printed(String log, String... args) throws Exception {
    List<String> lines = new ArrayList<>();
    try (FaultJvm jvm = FaultJvm.start(LinkedProgram.class, List.of(log), args)) {
      for (String line = jvm.readLine(); line != null; line = jvm.readLine()) {
        lines.add(line);
      }
      jvm.awaitExit(0);
    }
    return lines;
  }
}
