package io.threadpool;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.MethodCallTarget;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.lang.invoke.VarHandle;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Date;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Keeps the picture of who depends on whom: arrows point downwards only, and no two classes know
 * each other in a circle, but for the user's front.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS) // The classes are read once.
class ArchitectureTest {

  private static final String ROOT = "io.threadpool";
  private static final String INTERNAL = ROOT + ".internal";

  /** From the top down; a class may know those of its own layer and of the ones below. */
  private static final Map<String, Set<String>> LAYERS = layers();

  /** What a pool is built by, and what it is to its user, and what they alone use. */
  private static final Set<String> FRONT =
      Set.of("WorkerPool", "WorkerPoolBuilder", "DefaultWorkerPool", "BulkCall", "Rehearsal");

  private static Map<String, Set<String>> layers() {
    Map<String, Set<String>> layers = new LinkedHashMap<>();
    layers.put(
        "layers", Set.of("TaskGroup", "Batch", "BatchResults", "Leaving", "WorkerPoolMetrics"));
    layers.put(
        "front",
        Set.of(
            "WorkerPool",
            "WorkerPoolBuilder",
            "DefaultWorkerPool",
            "BulkCall",
            "ExitHook",
            "Rehearsal",
            "WorkerPools",
            "WorkerPoolMXBean",
            "PoolBean",
            "PoolView"));
    layers.put(
        "wiring", Set.of("PoolCore", "PoolParts", "CautiousCore", "EndedPool", "PoolEngine"));
    layers.put("ending", Set.of("Lifecycle", "Abort"));
    layers.put(
        "crew",
        Set.of(
            "Crew",
            "Floor",
            "ThreadCrew",
            "VirtualCrew",
            "Places",
            "Carrier",
            "Growth",
            "Worker",
            "WorkerState",
            "Rest",
            "Crowding",
            "Watch",
            "TaskWatch"));
    layers.put("backlog", Set.of("Admission", "Backlog", "Delays"));
    layers.put("bodies", Set.of("Guests", "Bodies", "Frame", "RunningTask"));
    layers.put(
        "task",
        Set.of(
            "Task",
            "TaskState",
            "Stage",
            "Waiter",
            "DecoratedBody",
            "ScheduledTask",
            "Delay",
            "DelayHost",
            "Persistent",
            "Wrapped",
            "PoolHandle",
            "Terms",
            "Limit",
            "Untold",
            "TaskHost"));
    layers.put(
        "books",
        Set.of(
            "Ledger",
            "Quiescence",
            "BodyCount",
            "AbortSignal",
            "Observer",
            "Events",
            "Sight",
            "FlightEvents"));
    layers.put(
        "values",
        Set.of(
            "ShutdownPolicy",
            "SaturationPolicy",
            "RejectedTaskException",
            "TaskAbortedException",
            "PoolConfig",
            "Patience",
            "TaskOptions",
            "PoolStats",
            "Latencies",
            "TerminationReport",
            "StuckTask",
            "Counts",
            "Outcome",
            "Failures",
            "Checks"));
    layers.put(
        "mechanisms",
        Set.of(
            "TailLine",
            "TailWords",
            "TaskQueue",
            "Segment",
            "HeldSlot",
            "Histogram",
            "IdleWorkers",
            "Parker",
            "Headcount",
            "Notice",
            "Registry",
            "Starter",
            "Permits",
            "Yielder",
            "Pace",
            "Errands",
            "Timers",
            "DueHeap",
            "Beside",
            "Threads",
            "Handles",
            "Gate",
            "Spinner",
            "StackProbe",
            "PaddedLong",
            "PaddedValue",
            "PaddingBefore"));
    return layers;
  }

  private final JavaClasses core =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  /** Each class with those of ours that it knows; a nested one counts as the one around it. */
  private final SortedMap<String, SortedSet<String>> knows = knows();

  private SortedMap<String, SortedSet<String>> knows() {
    SortedMap<String, SortedSet<String>> all = new TreeMap<>();
    for (JavaClass type : core) {
      String name = topLevelName(type);
      if (!name.endsWith("-info")) {
        SortedSet<String> known = all.computeIfAbsent(name, unused -> new TreeSet<>());
        type.getDirectDependenciesFromSelf().stream()
            .map(dependency -> dependency.getTargetClass().getBaseComponentType())
            .filter(target -> target.getPackageName().startsWith(ROOT))
            .map(ArchitectureTest::topLevelName)
            .filter(target -> !target.equals(name))
            .forEach(known::add);
      }
    }
    return all;
  }

  private static int layerOf(String name) {
    int layer = 0;
    for (Set<String> members : LAYERS.values()) {
      if (members.contains(name)) {
        return layer;
      }
      layer++;
    }
    throw new AssertionError("not in the picture: " + name);
  }

  @Test
  void eachClassHasItsPlaceInThePicture() {
    Set<String> placed =
        LAYERS.values().stream()
            .flatMap(Set::stream)
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(placed, new TreeSet<>(knows.keySet()));
  }

  @Test
  void arrowsPointDownwards() {
    List<String> upwards = new ArrayList<>();
    knows.forEach(
        (name, known) ->
            known.stream()
                .filter(target -> layerOf(target) < layerOf(name))
                .forEach(target -> upwards.add(name + " -> " + target)));
    assertEquals(List.of(), upwards);
  }

  @Test
  void noClassesKnowEachOtherInACircleButForTheFront() {
    Set<Set<String>> circles = new LinkedHashSet<>();
    for (String name : knows.keySet()) {
      Set<String> circle =
          reachable(name).stream()
              .filter(other -> reachable(other).contains(name))
              .collect(Collectors.toCollection(TreeSet::new));
      if (!circle.isEmpty() && !FRONT.containsAll(circle)) {
        circles.add(circle);
      }
    }
    assertEquals(Set.of(), circles);
  }

  private Set<String> reachable(String from) {
    Set<String> seen = new TreeSet<>();
    Deque<String> open = new ArrayDeque<>(knows.get(from));
    while (!open.isEmpty()) {
      String next = open.pop();
      if (seen.add(next)) {
        open.addAll(knows.get(next));
      }
    }
    return seen;
  }

  /** Prints it: each layer, and whom each class in it knows. */
  @Test
  void thePicture() {
    StringBuilder picture = new StringBuilder();
    LAYERS.forEach(
        (layer, members) -> {
          picture.append(layer).append('\n');
          for (String name : new TreeSet<>(members)) {
            String known = String.join(" ", knows.get(name));
            picture.append("  ").append(name).append(" -> ").append(known).append('\n');
          }
        });
    System.out.println(picture);
    for (String layer : LAYERS.keySet()) {
      assertTrue(picture.indexOf(layer) >= 0, layer);
    }
  }

  @Test
  void theMechanismsAreInThePackageThatIsNotExported() {
    Set<String> mechanisms =
        core.stream()
            .filter(type -> type.getPackageName().equals(INTERNAL))
            .map(ArchitectureTest::topLevelName)
            .filter(name -> !name.endsWith("-info"))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(new TreeSet<>(LAYERS.get("mechanisms")), mechanisms);
    classes()
        .that()
        .resideInAPackage(INTERNAL)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(INTERNAL, "java..", "org.jspecify..")
        .check(core);
  }

  /** A cast decides what a handle's call returns; without it a number is boxed, which may fail. */
  @Test
  void noAtomicUpdateIsBoxed() {
    Set<String> updates = new TreeSet<>();
    for (JavaClass type : core) {
      for (JavaMethodCall call : type.getMethodCallsFromSelf()) {
        MethodCallTarget target = call.getTarget();
        if (target.getOwner().isEquivalentTo(VarHandle.class)
            && target.getName().matches("getAnd(Add|Bitwise).*")) {
          updates.add(target.getFullName());
          assertFalse(target.getRawReturnType().isEquivalentTo(Object.class), call::getDescription);
        }
      }
    }
    assertTrue(updates.size() > 1, updates::toString);
  }

  @Test
  void publicTypesAreFinalOrInterfacesAndExposeOnlyPublicTypes() {
    classes()
        .that()
        .arePublic()
        .and()
        .resideInAPackage(ROOT)
        .should(
            new ArchCondition<>("be final, an interface or an enum") {
              @Override
              public void check(JavaClass item, ConditionEvents events) {
                boolean closed =
                    item.isInterface()
                        || item.isEnum()
                        || item.getModifiers().contains(JavaModifier.FINAL);
                events.add(new SimpleConditionEvent(item, closed, item.getName()));
              }
            })
        .check(core);
    methods()
        .that()
        .arePublic()
        .and()
        .areDeclaredInClassesThat()
        .arePublic()
        .and()
        .areDeclaredInClassesThat()
        .resideInAPackage(ROOT)
        .should(
            new ArchCondition<>("mention only public types of ours") {
              @Override
              public void check(JavaMethod item, ConditionEvents events) {
                boolean open =
                    item.getAllInvolvedRawTypes().stream()
                        .filter(type -> type.getPackageName().startsWith(ROOT))
                        .allMatch(ArchitectureTest::isExported);
                events.add(new SimpleConditionEvent(item, open, item.getFullName()));
              }
            })
        .check(core);
  }

  @Test
  void theCoreNeedsNothingButTheJdkAndSlf4j() {
    classes()
        .that(are(not(optional())))
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("io.threadpool..", "java..", "org.slf4j..", "org.jspecify..")
        .check(core);
  }

  /** What may use a module that need not be there. */
  private static DescribedPredicate<JavaClass> optional() {
    return DescribedPredicate.describe(
        "optional",
        type ->
            Set.of("FlightEvents", "PoolBean", "WorkerPoolMetrics").contains(topLevelName(type)));
  }

  /** So that it may jump. */
  @Test
  void nothingReadsTheWallClock() {
    noClasses()
        .that()
        .resideInAPackage("io.threadpool..")
        .should()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(LockSupport.class, "parkUntil", Object.class, long.class)
        .orShould()
        .callMethod(LockSupport.class, "parkUntil", long.class)
        .orShould()
        .dependOnClassesThat()
        .belongToAnyOf(Instant.class, Clock.class, Date.class)
        .check(core);
  }

  private static boolean isExported(JavaClass type) {
    return type.getPackageName().equals(ROOT) && type.getModifiers().contains(JavaModifier.PUBLIC);
  }

  /** They ask nothing of a pool but what any user may. */
  @Test
  void theLayersCallThePublicApi() {
    List<String> calls = new ArrayList<>();
    Set<String> own = new TreeSet<>(LAYERS.get("layers"));
    own.add("Checks");
    for (JavaClass type : core) {
      if (LAYERS.get("layers").contains(topLevelName(type))) {
        for (JavaMethodCall call : type.getMethodCallsFromSelf()) {
          JavaClass owner = call.getTargetOwner();
          boolean ours = owner.getPackageName().startsWith(ROOT) && !owner.isArray();
          if (ours && !own.contains(topLevelName(owner))) {
            calls.add(call.getDescription());
            assertTrue(isExported(owner) && isPublic(call), call::getDescription);
          }
        }
      }
    }
    assertTrue(calls.size() > 5, () -> "only " + calls);
  }

  /** What is not found among our classes is inherited from the JDK's. */
  private static boolean isPublic(JavaMethodCall call) {
    return call.getTarget()
        .resolveMember()
        .map(method -> method.getModifiers().contains(JavaModifier.PUBLIC))
        .orElse(true);
  }

  private static String topLevelName(JavaClass type) {
    String simple = type.getName().substring(type.getPackageName().length() + 1);
    int nested = simple.indexOf('$');
    return nested < 0 ? simple : simple.substring(0, nested);
  }
}
